package lives

import (
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// end fails the test unless the campaign comes to a good end: after at most two applies
// without faults, nothing is left to do.
func (l *life) end() {
	l.rest()
	applies, before := 0, ""
	for range 12 {
		time.Sleep(2 * time.Minute)
		l.regroup()
		made := l.Workspace.Plan(l.Ctx, l.want.blocks(), l.options)
		said := made.Diags.Errors()
		l.note("plan %s: %s", made, brief(said))
		switch {
		case said != "" && l.wayOut(said):
			applies = 0
			continue
		case said != "" && said == before:
			l.T.Errorf("a dead end: %s", said)
			return
		case said != "":
			before = said
			l.revert()
			continue
		case len(made.Open()) == 0 && len(l.options.Moved) == 0, applies > 1 && l.onlyMissing(made):
			l.settled()
			return
		}
		if applies++; applies > 2 {
			l.T.Errorf("after two applies there is still to do: %s", l.differences(made))
			return
		}
		if failure := l.finish(l.Ctx, made, l.options).Errors(); failure != "" {
			if l.giveUp() || l.wayOut(failure) {
				applies = 0
			} else if applies > 1 {
				l.T.Errorf("the second apply fails: %s", failure)
				return
			}
		}
		time.Sleep(time.Minute)
	}
	l.T.Errorf("no end of ways out")
}

// rest ends all faults, and waits until the platform shows every write.
func (l *life) rest() {
	l.note("the end")
	l.calm(func() {})
	l.options = coretest.Options{Moved: l.options.Moved}
	time.Sleep(15 * time.Minute)
}

// giveUp removes sets that could not be created because the platform accepts none of
// their devices. It reports whether there were any.
func (l *life) giveUp() (changed bool) {
	for _, task := range l.want.tasks {
		id := l.taskID(task)
		task.sets = slices.DeleteFunc(task.sets, func(set *setPart) bool {
			if id == 0 || l.At(set.address()).Exists() {
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

func (l *life) differences(made *coretest.Plan) string {
	var all []string
	for _, s := range made.Open() {
		all = append(all, s.Difference())
	}
	return strings.Join(all, "\n")
}

// onlyMissing reports whether the plan only attaches devices that the platform does
// not accept. The rollout may expect as many as are attached then.
func (l *life) onlyMissing(made *coretest.Plan) bool {
	onlyUpdates := !slices.ContainsFunc(made.Open(), func(s *coretest.Step) bool {
		return s.Object.TypeName == "aep_upgrade_task" || s.Change.Action != coretest.UpdateIt
	})
	if !onlyUpdates {
		return false
	}
	for _, s := range made.Open() {
		task := coretest.Number(s.Object, "task_id")
		for _, device := range l.listed(s.Address) {
			if !slices.Contains(l.active(task), device) && !l.over(task, device) && !l.mayBeOut(device) && l.joins(task, device) {
				l.T.Errorf("device %s is missing in task %d, and the platform takes it", device, task)
			}
		}
	}
	return true
}

// settled compares the platform with the configuration, and destroys everything.
func (l *life) settled() {
	for _, address := range l.State.Addresses() {
		if held := l.State[address]; held.Tainted || len(held.Deposed) > 0 {
			l.T.Errorf("%s is tainted: %t; it has %d deposed objects", address, held.Tainted, len(held.Deposed))
		}
	}
	for _, part := range l.want.tasks {
		l.compare(part)
	}
	for _, id := range l.ids {
		if n := l.Platform.Upgrades(id); n > l.flashes[id] {
			l.T.Errorf("device %s was upgraded %d times, want %d at most", id, n, l.flashes[id])
		}
	}
	l.takeDown()
}

func (l *life) compare(part *taskPart) {
	id := l.taskID(part)
	task, there := l.Platform.Task(id)
	if !there {
		if !strings.Contains(l.At(part.address()).Get("status"), "finished") {
			l.T.Errorf("%s is task %d, which does not exist", part.address(), id)
		}
		return
	}
	if task.Status == simulator.Pending && (task.Name != part.name || task.Description != part.about) {
		l.T.Errorf("task %d is %q, %q on the platform, want %q, %q", id, task.Name, task.Description, part.name, part.about)
	}
	if task.FirmwareID != l.want.firmware(part) {
		l.T.Errorf("task %d has firmware %d, want %d", id, task.FirmwareID, l.want.firmware(part))
	}
	if task.Status == simulator.Finished {
		return
	}
	for _, device := range part.listed() {
		if !slices.Contains(l.active(id), device) && !l.over(id, device) && !l.mayBeOut(device) && l.joins(id, device) {
			l.T.Errorf("device %s is listed for task %d and could join, but has not", device, id)
		}
	}
}

// takeDown fails the test unless everything can be destroyed.
func (l *life) takeDown() {
	l.allTasks(func(t *taskPart) *bool { return &t.force })
	l.want.parts(func(_ *taskPart, s *setPart) { s.force = true })
	var said string
	for range 3 {
		time.Sleep(time.Hour)
		l.Workspace.Apply(l.Ctx, l.want.blocks(), l.options)
		l.options = coretest.Options{}
		said = l.destroyNow().Errors()
		if l.note("destroy: %s", brief(said)); said == "" {
			break
		}
		l.wayOut(said)
	}
	if left := l.State.Addresses(); said != "" || len(left) > 0 {
		l.T.Errorf("the destroy leaves %v: %s", left, said)
	}
}
