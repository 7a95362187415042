package provider_test

import (
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// lookBack insists on the invariants after an apply. A set that grows without a
// refresh compares nothing: that is documented. Reads that answer
// nothing, or fail, compare nothing either.
func (l *life) lookBack(diags diagnostics, o options) {
	l.t.Helper()
	if diags.errors() != "" {
		return
	}
	said := diags.warnings()
	l.markLoose()
	for _, task := range l.want.tasks {
		id := l.taskID(task)
		started := slices.Contains(l.watch.started, id) && task.expect < 0
		grown := slices.Contains(l.watch.joins, id) && !o.noRefresh && !l.blind
		if !grown && !started {
			continue
		}
		for _, device := range l.active(id) {
			if !slices.Contains(task.listed(), device) && !l.loose[device] && !strings.Contains(said, device) {
				l.t.Errorf("after the apply device %s is active in task %d, which no set of %s lists, and no warning names it",
					device, id, task.address())
			}
		}
	}
}

// markLoose notes the devices that a set has left in its task, as its on_remove says.
func (l *life) markLoose() {
	keeps := map[string]bool{}
	l.want.parts(func(_ *taskPart, set *setPart) { keeps[set.address()] = set.keep })
	l.applied.parts(func(_ *taskPart, set *setPart) {
		if set.keep || keeps[set.address()] {
			for _, device := range set.devices {
				l.loose[device] = true
			}
		}
	})
}

// starts insists that a start upgrades nothing that is not listed.
func (l *life) starts(task int64) {
	for _, part := range l.want.tasks {
		if l.taskID(part) != task || part.expect >= 0 {
			continue
		}
		for _, device := range l.active(task) {
			if !slices.Contains(part.listed(), device) {
				l.t.Errorf("task %d is started with device %s, which no set of %s lists", task, device, part.address())
			}
		}
	}
}

// end insists on a good end.
func (l *life) end() {
	l.note("the end")
	l.calm(func() {})
	l.options = options{moved: l.options.moved}
	time.Sleep(15 * time.Minute)
	applies, before := 0, ""
	for range 12 {
		time.Sleep(2 * time.Minute)
		l.regroup()
		made := l.workspace.plan(l.ctx, l.want.blocks(), l.options)
		said := made.diags.errors()
		l.note("plan %s: %s", made, brief(said))
		switch {
		case said != "" && l.wayOut(said):
			applies = 0
			continue
		case said != "" && said == before:
			l.t.Errorf("a dead end: %s", said)
			return
		case said != "":
			before = said
			l.revert()
			continue
		case len(made.open()) == 0 && len(l.options.moved) == 0, applies > 1 && l.onlyMissing(made):
			l.settled()
			return
		}
		if applies++; applies > 2 {
			l.t.Errorf("after two applies there is still to do: %s", l.differences(made))
			return
		}
		failure := l.finish(l.ctx, made, l.options).errors()
		switch {
		case failure == "":
		case l.giveUp() || l.wayOut(failure):
			applies = 0
		case applies > 1:
			l.t.Errorf("the second apply fails: %s", failure)
			return
		}
		time.Sleep(time.Minute)
	}
	l.t.Errorf("no end of ways out")
}

// giveUp takes devices out of sets that could not be created because the platform takes
// none of their devices, and reports whether there were any.
func (l *life) giveUp() (changed bool) {
	for _, task := range l.want.tasks {
		id := l.taskID(task)
		task.sets = slices.DeleteFunc(task.sets, func(set *setPart) bool {
			if id == 0 || l.at(set.address()).exists() {
				return false
			}
			for _, device := range set.devices {
				if l.joins(id, device) {
					return false
				}
			}
			l.note("gives up %s", set.address())
			changed = true
			return true
		})
	}
	return changed
}

func (l *life) differences(made *planned) string {
	var all []string
	for _, s := range made.open() {
		all = append(all, s.difference())
	}
	return strings.Join(all, "\n")
}

// onlyMissing reports whether nothing is left to do but to attach devices that
// the platform does not take.
func (l *life) onlyMissing(made *planned) bool {
	onlyUpdates := !slices.ContainsFunc(made.open(), func(s *step) bool {
		return s.object.typeName != "aep_upgrade_devices" || s.change.action != updateIt
	})
	if !onlyUpdates {
		return false
	}
	for _, s := range made.open() {
		task := number(s.object, "task_id")
		for _, device := range l.listed(s.address) {
			if !slices.Contains(l.active(task), device) && !l.over(task, device) && l.joins(task, device) {
				l.t.Errorf("device %s is missing in task %d, and the platform takes it", device, task)
			}
		}
	}
	return true
}

// joins reports whether a device is active in a task, or the platform lets it join.
func (l *life) joins(task int64, device string) bool {
	_ = l.p.Join(task, device) // it may be skipped without an error
	return slices.Contains(l.active(task), device)
}

// over reports whether a device has ended in a task.
func (l *life) over(task int64, device string) bool {
	return slices.ContainsFunc(l.p.Subtasks(task), func(s simulator.Subtask) bool { return s.DeviceID == device && !isActive(s) })
}

// settled compares the platform with the configuration, and takes all down.
func (l *life) settled() {
	for _, address := range l.state.addresses() {
		if held := l.state[address]; held.tainted || len(held.deposed) > 0 {
			l.t.Errorf("%s is tainted: %t; it has %d deposed objects", address, held.tainted, len(held.deposed))
		}
	}
	for _, part := range l.want.tasks {
		l.compare(part)
	}
	for _, id := range l.ids {
		if n := l.p.Upgrades(id); n > l.flashes[id] {
			l.t.Errorf("device %s was upgraded %d times, want %d at most", id, n, l.flashes[id])
		}
	}
	l.takeDown()
}

func (l *life) compare(part *taskPart) {
	id := l.taskID(part)
	task, there := l.p.Task(id)
	if !there {
		if !strings.Contains(l.at(part.address()).get("status"), "finished") {
			l.t.Errorf("%s is task %d, which does not exist", part.address(), id)
		}
		return
	}
	if task.Status == simulator.Pending && (task.Name != part.name || task.Description != part.about) {
		l.t.Errorf("task %d is %q, %q on the platform, want %q, %q", id, task.Name, task.Description, part.name, part.about)
	}
	if task.FirmwareID != l.want.firmware(part) {
		l.t.Errorf("task %d has firmware %d, want %d", id, task.FirmwareID, l.want.firmware(part))
	}
	if task.Status == simulator.Finished {
		return
	}
	for _, device := range part.listed() {
		if !slices.Contains(l.active(id), device) && !l.over(id, device) && l.joins(id, device) {
			l.t.Errorf("device %s is listed for task %d and could join, but has not", device, id)
		}
	}
}

// takeDown insists that everything can be destroyed.
func (l *life) takeDown() {
	l.allTasks(func(t *taskPart) *bool { return &t.force })
	l.want.parts(func(_ *taskPart, s *setPart) { s.force = true })
	var said string
	for range 3 {
		time.Sleep(time.Hour)
		l.workspace.apply(l.ctx, l.want.blocks(), l.options)
		l.options = options{}
		said = l.destroyNow().errors()
		if l.note("destroy: %s", brief(said)); said == "" {
			break
		}
		l.wayOut(said)
	}
	if left := l.state.addresses(); said != "" || len(left) > 0 {
		l.t.Errorf("the destroy leaves %v: %s", left, said)
	}
}

func (l *life) destroyNow() diagnostics {
	return l.workspace.destroy(l.ctx, l.want.blocks(), options{})
}
