package lives

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// life is a campaign with the events that happen to it.
type life struct {
	*coretest.Workspace
	random  *rand.Rand       // of the move at hand
	want    *configuration   // what is written
	applied *configuration   // what was applied last
	options coretest.Options // of the next run
	ids     []string
	next    int            // of ids, the first that no set has listed
	flashes map[string]int // how often a device may be upgraded
	loose   map[string]bool
	out     map[string]bool // devices that a set may have left out by version
	sure    map[string]bool // devices whose version is certain at the beginning of a run
	hidden  func(device string) bool
	ctrlC   context.CancelFunc
	broken  bool // something went wrong with the platform or the provider in this run
	blind   bool // the reads of this run return nothing, or fail
	saved   *coretest.Plan
	planned *configuration // that the saved plan was made from
	names   int
	waited  bool
	trace   []string
}

// note adds a line to the trace, which a failure prints.
func (l *life) note(format string, args ...any) {
	l.trace = append(l.trace, time.Now().Format("01-02 15:04:05 ")+fmt.Sprintf(format, args...))
}

// name returns an unused name.
func (l *life) name(kind string) string {
	l.names++
	return fmt.Sprintf("%s %d", kind, l.names)
}

func (l *life) addSet(task *taskPart, index, size int) {
	set := &setPart{label: fmt.Sprintf("%s_sets[%q]", task.label, fmt.Sprint(index)), name: l.name("set")}
	set.source = source(max(0, l.random.IntN(2*int(sources))-int(sources)))
	for range size {
		l.addDevice(set)
	}
	set.versions = drawVersions(l.random)
	task.sets = append(task.sets, set)
}

// addDevice lists one more device, which may be upgraded once.
func (l *life) addDevice(set *setPart) {
	if l.next == len(l.ids) {
		return
	}
	set.devices = append(set.devices, l.ids[l.next])
	l.flashes[l.ids[l.next]]++
	l.next++
}

// again permits one more upgrade of every device: the practitioner, or a user of the
// console, has asked for it explicitly.
func (l *life) again() {
	for _, id := range l.ids {
		l.flashes[id]++
	}
}

// listed returns the devices that the configuration of a set lists, from any source.
func (l *life) listed(address string) (all []string) {
	l.want.parts(func(_ *taskPart, set *setPart) {
		if set.address() == address {
			all = set.devices
		}
	})
	return all
}

// regroup puts the devices of sets with device_group_id into their groups.
func (l *life) regroup() {
	grouped := map[string]bool{}
	l.want.parts(func(_ *taskPart, set *setPart) {
		if set.source != byGroup {
			return
		}
		for _, id := range set.devices {
			grouped[id] = true
		}
		_ = l.Platform.SetDeviceGroup(l.want.product, set.group(), set.devices...)
	})
	for _, id := range l.ids {
		if d, ok := l.Platform.Device(l.want.product, id); ok && d.GroupID != "" && !grouped[id] {
			_ = l.Platform.SetDeviceGroup(l.want.product, "", id)
		}
	}
}

// brief returns the beginning of the errors, in one line.
func brief(text string) string {
	const most = 400
	text = strings.Join(strings.Fields(text), " ")
	return text[:min(len(text), most)]
}

// taskID returns the id of a task, 0 if it does not exist.
func (l *life) taskID(task *taskPart) int64 {
	return coretest.Number(l.At(task.address()).Instance, "task_id")
}

// active returns the devices of a task that are not final.
func (l *life) active(task int64) (all []string) {
	for _, s := range l.Platform.Subtasks(task) {
		if coretest.IsActive(s) {
			all = append(all, s.DeviceID)
		}
	}
	return all
}

func (l *life) onTask(do func(*taskPart)) {
	if n := len(l.want.tasks); n > 0 {
		do(l.want.tasks[l.random.IntN(n)])
	}
}

func (l *life) onSet(do func(*taskPart, *setPart)) {
	l.onTask(func(t *taskPart) {
		if n := len(t.sets); n > 0 {
			do(t, t.sets[l.random.IntN(n)])
		}
	})
}

// onRealTask chooses a task that the platform has.
func (l *life) onRealTask(do func(id int64)) {
	if tasks := l.Platform.Tasks(l.want.product); len(tasks) > 0 {
		do(tasks[l.random.IntN(len(tasks))].ID)
	}
}

// onHeld chooses an object in the state.
func (l *life) onHeld(do func(string, *coretest.Slot)) {
	var all []string
	for _, address := range l.State.Addresses() {
		if l.State[address].Exists() {
			all = append(all, address)
		}
	}
	if len(all) > 0 {
		address := all[l.random.IntN(len(all))]
		l.note("  %s", address)
		do(address, l.State[address])
	}
}

// atRequest calls do when the request with an index arrives in the next run.
func (l *life) atRequest(index int, do func()) {
	ofRun := func(r simulator.Request) bool { return l.ctrlC != nil && l.Core.Wire.Sent(r) }
	l.Platform.BeforeRequest(coretest.Once(index+1, ofRun, do))
}

func (l *life) destroyNow() coretest.Diagnostics {
	return l.Workspace.Destroy(l.Ctx, l.want.blocks(), coretest.Options{})
}

// calm ends the faults of a run. A request that was interrupted may still meet a hook, which uses l.
func (l *life) calm(cancel context.CancelFunc) {
	cancel()
	synctest.Wait()
	l.Platform.ClearFaults()
	l.Platform.SetOutage(false)
	l.Platform.SetOutageRefused(false)
	l.Platform.SetNullOutage(false)
	l.Core.Wire.Cut.Store(false)
	l.Lost, l.ctrlC, l.broken, l.blind, l.Monitor.Rivals = false, nil, false, false, false
}

func (l *life) allTasks(of func(*taskPart) *bool) (changed bool) {
	for _, task := range l.want.tasks {
		changed = changed || !*of(task)
		*of(task) = true
	}
	return changed
}

// joins joins a device to a task, and reports whether it is active in the task then.
func (l *life) joins(task int64, device string) bool {
	_ = l.Platform.Join(task, device) // it may be skipped without an error
	return slices.Contains(l.active(task), device)
}

// over reports whether a device has ended in a task.
func (l *life) over(task int64, device string) bool {
	return slices.ContainsFunc(l.Platform.Subtasks(task), func(s simulator.Subtask) bool {
		return s.DeviceID == device && !coretest.IsActive(s)
	})
}
