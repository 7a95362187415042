package lives

import (
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
)

// lookBack checks the invariants after an apply. A set that grows without a refresh
// compares nothing, as documented. Nothing is compared either if reads fail or are
// empty.
func (l *life) lookBack(diags coretest.Diagnostics, o coretest.Options) {
	l.T.Helper()
	if diags.Errors() != "" {
		return
	}
	said := diags.Warnings()
	l.markLoose()
	l.addUp()
	for _, task := range l.want.tasks {
		id := l.taskID(task)
		started := slices.Contains(l.Monitor.Started, id) && task.expect < 0
		grown := slices.Contains(l.Monitor.Joins, id) && !o.NoRefresh && !l.blind
		if !grown && !started {
			continue
		}
		for _, device := range l.active(id) {
			if !slices.Contains(task.listed(), device) && !l.loose[device] && !strings.Contains(said, device) {
				l.T.Errorf("after the apply device %s is active in task %d, which no set of %s lists, and no warning names it",
					device, id, task.address())
			}
		}
	}
}

// markLoose records the devices that on_remove = "keep" has left in their task.
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

// starts fails the test if a start upgrades a device that is not listed.
func (l *life) starts(task int64) {
	for _, part := range l.want.tasks {
		if l.taskID(part) != task || part.expect >= 0 {
			continue
		}
		for _, device := range l.active(task) {
			if !slices.Contains(part.listed(), device) {
				l.T.Errorf("task %d is started with device %s, which no set of %s lists", task, device, part.address())
			}
		}
	}
}
