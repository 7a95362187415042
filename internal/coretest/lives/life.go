package lives

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// life is a campaign in which things happen.
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
	ctrlC   context.CancelFunc
	broken  bool // something went wrong with the platform or the provider in this run
	blind   bool // the reads of this run answer nothing, or fail
	saved   *coretest.Plan
	planned *configuration // that the saved plan was made from
	names   int
	waited  bool
	trace   []string
}

// note adds a line to what a failure prints.
func (l *life) note(format string, args ...any) {
	l.trace = append(l.trace, time.Now().Format("01-02 15:04:05 ")+fmt.Sprintf(format, args...))
}

// newLife begins with a configuration that nothing has been applied of.
func newLife(t testing.TB, p *simulator.Platform, like *coretest.Core, product int64, folder string, draw *rand.Rand) *life {
	t.Helper()
	l := &life{
		Workspace: coretest.NewWorkspace(t, p, like), random: draw, ids: p.DeviceIDs(product), flashes: map[string]int{}, loose: map[string]bool{},
		want: &configuration{product: product, folder: folder},
	}
	l.Choose = func(n int) int { return l.random.IntN(n) }
	l.Monitor.Lists, l.Monitor.Starts = l.listed, l.starts
	l.Arguments = coretest.Config{"master_key": coretest.MasterKeys[product]}
	for n := range 1 + draw.IntN(2) {
		task := &taskPart{label: fmt.Sprintf("t%d", n), name: l.name("task"), expect: -1, tries: draw.IntN(3)}
		for m := range 1 + draw.IntN(3) {
			l.addSet(task, m, 1+draw.IntN(4))
		}
		l.want.tasks = append(l.want.tasks, task)
	}
	l.applied = &configuration{product: product, folder: folder}
	return l
}

// name is one that was not used before.
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

// again lets every device be upgraded once more: the practitioner, or somebody
// at the console, has asked for it in so many words.
func (l *life) again() {
	for _, id := range l.ids {
		l.flashes[id]++
	}
}

// listed are the devices that the configuration of a set lists, whatever its source.
func (l *life) listed(address string) (all []string) {
	l.want.parts(func(_ *taskPart, set *setPart) {
		if set.address() == address {
			all = set.devices
		}
	})
	return all
}

// regroup puts the devices of sets by group into their groups.
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

// run is one terraform apply of what is written.
func (l *life) run() coretest.Diagnostics {
	l.T.Helper()
	time.Sleep(time.Minute + time.Duration(l.random.IntN(3600))*time.Second)
	l.regroup()
	ctx, cancel := context.WithCancel(l.Ctx)
	l.ctrlC = cancel
	defer l.calm(cancel)
	o := l.options
	l.options = coretest.Options{Moved: o.Moved}
	made := l.Plan(ctx, l.want.blocks(), o)
	if made.Diags.Errors() != "" {
		l.note("plan%s fails: %s", o, brief(made.Diags.Errors()))
		if !l.broken {
			l.refused(made.Diags.Errors())
		}
		return made.Diags
	}
	return l.finish(ctx, made, o)
}

// finish applies a plan, and looks at what has come of it.
func (l *life) finish(ctx context.Context, made *coretest.Plan, o coretest.Options) coretest.Diagnostics {
	l.T.Helper()
	diags := append(slices.Clone(made.Diags), l.ApplyPlan(ctx, made)...)
	l.note("apply%s %s: %s", o, made, brief(diags.Errors()))
	l.options.Moved = nil
	if ctx.Err() == nil { // else Terraform says itself that the apply was interrupted
		l.lookBack(diags, o)
	}
	if strings.HasPrefix(diags.Errors(), "Cycle") {
		l.revert()
	}
	if diags.Errors() == "" && len(o.Target) == 0 {
		l.applied = l.want.copied()
	}
	return diags
}

// calm ends what was to go wrong in a run.
func (l *life) calm(cancel context.CancelFunc) {
	cancel()
	l.Platform.ClearFaults()
	l.Platform.Outage(false)
	l.Platform.OutageRefused(false)
	l.Platform.NullOutage(false)
	l.Core.Wire.Cut.Store(false)
	l.Lost, l.ctrlC, l.broken, l.blind, l.Monitor.Rivals = false, nil, false, false, false
}

// brief is the beginning of each error.
func brief(text string) string {
	const most = 400
	text = strings.Join(strings.Fields(text), " ")
	return text[:min(len(text), most)]
}

// refused reacts to a plan that the provider refuses, as a practitioner would:
// by the way out that the message names, or by going back to what was applied.
func (l *life) refused(said string) {
	if l.random.IntN(2) == 0 && l.wayOut(said) {
		return
	}
	l.revert()
}

// revert writes again what was applied last.
func (l *life) revert() {
	l.note("reverts")
	l.want, l.options.Moved = l.applied.copied(), nil
}

// taskID is the task of a part; 0 if there is none.
func (l *life) taskID(task *taskPart) int64 {
	return coretest.Number(l.At(task.address()).Instance, "task_id")
}

// active are the devices of a task that are not final.
func (l *life) active(task int64) (all []string) {
	for _, s := range l.Platform.Subtasks(task) {
		if coretest.IsActive(s) {
			all = append(all, s.DeviceID)
		}
	}
	return all
}
