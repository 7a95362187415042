package lives

import (
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func (l *life) untaintAll() (changed bool) {
	for _, address := range l.State.Addresses() {
		changed = changed || l.State[address].Tainted
		l.State[address].Tainted = false
	}
	return changed
}

func (l *life) renameTasks() bool {
	for _, task := range l.want.tasks {
		task.name = l.name("task")
	}
	return true
}

// forgetUnwritten carries out a removed block for each set that has left the configuration.
func (l *life) forgetUnwritten() (changed bool) {
	for _, address := range l.State.Addresses() {
		held := l.At(address)
		if coretest.TypeOf(address) != "aep_upgrade_devices" || !held.Exists() ||
			slices.ContainsFunc(l.want.blocks(), func(b *coretest.Block) bool { return b.Address == address }) {
			continue
		}
		for _, device := range l.active(coretest.Number(held.Instance, "task_id")) {
			l.loose[device] = true
		}
		l.Forget(address)
		changed = true
	}
	return changed
}

// leaveSettings sets the settings of started tasks to those of the platform.
func (l *life) leaveSettings() (changed bool) {
	for _, part := range l.want.tasks {
		task, there := l.Platform.Task(l.taskID(part))
		if !there || task.Status == simulator.Pending {
			continue
		}
		tries := task.RetryTimes
		if l.want.product == coretest.TLinkProduct {
			tries = task.TimeoutHours - 24
		}
		changed = changed || part.name != task.Name || part.about != task.Description || part.tries != tries
		part.name, part.about, part.tries = task.Name, task.Description, tries
	}
	return changed
}

// startNothing removes the rollouts that have not been created.
func (l *life) startNothing() (changed bool) {
	for _, task := range l.want.tasks {
		if task.start && !l.At(task.rollout()).Exists() {
			task.start, changed = false, true
		}
	}
	return changed
}

// wait sleeps until every device has ended. It reports whether this is the first wait.
func (l *life) wait() (changed bool) {
	const longest = 1200 * time.Hour
	changed = !l.waited
	l.waited = true
	time.Sleep(longest)
	return changed
}

// destroyFirst removes create_before_destroy.
func (l *life) destroyFirst() (changed bool) {
	for _, task := range l.want.tasks {
		changed = changed || task.createFirst || task.startFirst
		task.createFirst, task.startFirst = false, false
		for _, set := range task.sets {
			changed = changed || set.createFirst
			set.createFirst = false
		}
	}
	return changed
}

// expectAsIs expects as many devices as the task holds.
func (l *life) expectAsIs() (changed bool) {
	for _, task := range l.want.tasks {
		active := len(l.active(l.taskID(task)))
		changed = changed || task.start && task.expect != active
		task.expect = active
	}
	return changed
}
