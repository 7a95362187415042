package provider_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// life is a campaign in which things happen.
type life struct {
	*workspace
	random  *rand.Rand     // of the move at hand
	want    *configuration // what is written
	applied *configuration // what was applied last
	options options        // of the next run
	ids     []string
	next    int            // of ids, the first that no set has listed
	flashes map[string]int // how often a device may be upgraded
	loose   map[string]bool
	ctrlC   context.CancelFunc
	broken  bool // something went wrong with the platform or the provider in this run
	saved   *planned
	names   int
	trace   []string
}

// note adds a line to what a failure prints.
func (l *life) note(format string, args ...any) {
	l.trace = append(l.trace, time.Now().Format("01-02 15:04:05 ")+fmt.Sprintf(format, args...))
}

// newLife begins with a configuration that nothing has been applied of.
func newLife(t testing.TB, p *simulator.Platform, like *core, product int64, folder string, draw *rand.Rand) *life {
	t.Helper()
	l := &life{
		workspace: newWorkspace(t, p, like), random: draw, ids: p.DeviceIDs(product), flashes: map[string]int{}, loose: map[string]bool{},
		want: &configuration{product: product, folder: folder},
	}
	l.choose = func(n int) int { return l.random.IntN(n) }
	l.watch.lists, l.watch.starts = l.listed, l.starts
	key := map[int64]string{lwm2mProduct: simulator.LwM2MMasterKey, tLinkProduct: simulator.TLinkMasterKey}[product]
	l.arguments = object{"master_key": key}
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
	set := &setPart{label: fmt.Sprintf("%s_sets[%q]", task.label, fmt.Sprint(index)), name: l.name("set"), source: source(max(0, l.random.IntN(2*int(sources))-int(sources)))}
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
		_ = l.p.SetDeviceGroup(l.want.product, set.group(), set.devices...)
	})
	for _, id := range l.ids {
		if d, ok := l.p.Device(l.want.product, id); ok && d.GroupID != "" && !grouped[id] {
			_ = l.p.SetDeviceGroup(l.want.product, "", id)
		}
	}
}

// run is one terraform apply of what is written.
func (l *life) run() diagnostics {
	l.t.Helper()
	time.Sleep(time.Minute + time.Duration(l.random.IntN(3600))*time.Second)
	l.regroup()
	ctx, cancel := context.WithCancel(l.ctx)
	l.ctrlC = cancel
	defer l.calm(cancel)
	o := l.options
	l.options = options{moved: o.moved}
	made := l.plan(ctx, l.want.blocks(), o)
	if made.diags.errors() != "" {
		l.note("plan%s fails: %s", o, brief(made.diags.errors()))
		if !l.broken {
			l.refused(made.diags.errors())
		}
		return made.diags
	}
	return l.finish(ctx, made, o)
}

// finish applies a plan, and looks at what has come of it.
func (l *life) finish(ctx context.Context, made *planned, o options) diagnostics {
	l.t.Helper()
	diags := append(slices.Clone(made.diags), l.applyPlan(ctx, made)...)
	l.note("apply%s %s: %s", o, made, brief(diags.errors()))
	l.options.moved = nil
	l.lookBack(diags)
	if strings.HasPrefix(diags.errors(), "Cycle") {
		l.revert()
	}
	if diags.errors() == "" && len(o.target) == 0 {
		l.applied = l.want.copied()
	}
	return diags
}

// calm ends what was to go wrong in a run.
func (l *life) calm(cancel context.CancelFunc) {
	cancel()
	l.p.ClearFaults()
	l.p.Outage(false)
	l.p.OutageRefused(false)
	l.p.NullOutage(false)
	l.core.wire.cut.Store(false)
	l.lost, l.ctrlC, l.broken = false, nil, false
}

func (o options) String() string {
	var text strings.Builder
	if o.noRefresh {
		text.WriteString(" -refresh=false")
	}
	for _, one := range o.replace {
		text.WriteString(" -replace=" + one)
	}
	for _, one := range o.target {
		text.WriteString(" -target=" + one)
	}
	if len(o.moved) > 0 {
		fmt.Fprintf(&text, " moved %v", o.moved)
	}
	return text.String()
}

func (made *planned) String() string {
	var all []string
	for _, s := range made.open() {
		deposed := ""
		if s.deposed {
			deposed = " (deposed)"
		}
		all = append(all, fmt.Sprintf("%s %s%s", s.change.action, s.address, deposed))
	}
	return "[" + strings.Join(all, ", ") + "]"
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
	l.want, l.options.moved = l.applied.copied(), nil
}

// wayOut follows what a message names, and reports whether it names anything.
func (l *life) wayOut(said string) (followed bool) {
	follow := func(phrase string, do func() bool) {
		if strings.Contains(said, phrase) && do() {
			l.note("way out: %s", phrase)
			followed = true
		}
	}
	follow("untaint", l.untaintAll)
	follow("moved {", l.addMoved)
	follow("on_remove = \"keep\"", func() bool { return l.first(func(s *setPart) *bool { return &s.keep }) })
	follow("force_destroy", func() bool { return l.first(func(s *setPart) *bool { return &s.force }) })
	follow("allow_recreate", func() bool {
		l.again()
		return l.allTasks(func(t *taskPart) *bool { return &t.recreate })
	})
	follow("adopt_existing", func() bool { return l.allTasks(func(t *taskPart) *bool { return &t.adopt }) })
	follow("expected_device_count", l.expectAsIs)
	return followed
}

func (l *life) untaintAll() (changed bool) {
	for _, address := range l.state.addresses() {
		changed = changed || l.state[address].tainted
		l.state[address].tainted = false
	}
	return changed
}

// addMoved writes moved blocks from addresses that are no longer written to
// those of the same set of devices.
func (l *life) addMoved() (changed bool) {
	written := l.want.blocks()
	for _, from := range l.state.addresses() {
		if slices.ContainsFunc(written, func(b *block) bool { return b.address == from }) {
			continue
		}
		for _, b := range written {
			same := typeOf(from) == typeOf(b.address) && !l.at(b.address).exists() && l.relabelled(from) == b.address
			if same {
				if l.options.moved == nil {
					l.options.moved = map[string]string{}
				}
				changed = changed || l.options.moved[from] != b.address
				l.options.moved[from] = b.address
			}
		}
	}
	return changed
}

// relabelled is where an address went: labels get one more letter with each change.
func (l *life) relabelled(from string) string {
	for n := range 8 {
		to := strings.Replace(from, ".", "."+strings.Repeat("x", n+1), 1)
		if slices.ContainsFunc(l.want.blocks(), func(b *block) bool { return b.address == to }) {
			return to
		}
	}
	return ""
}

// first applies an argument of all sets and tasks to what was applied before,
// and keeps it in what is written.
func (l *life) first(of func(*setPart) *bool) (changed bool) {
	set := func(c *configuration) {
		c.parts(func(task *taskPart, s *setPart) {
			changed = changed || !*of(s)
			*of(s) = true
			if s.force {
				task.force = true
			}
		})
		for _, task := range c.tasks {
			if len(task.sets) == 0 {
				changed = changed || !task.force
				task.force = true
			}
		}
	}
	set(l.applied)
	set(l.want)
	if !changed || len(l.applied.tasks) == 0 {
		return changed
	}
	wanted, moved := l.want, l.options.moved
	l.want, l.options = l.applied.copied(), options{}
	l.note("applies it first")
	l.run()
	l.want, l.options.moved = wanted, moved
	return true
}

func (l *life) allTasks(of func(*taskPart) *bool) (changed bool) {
	for _, task := range l.want.tasks {
		changed = changed || !*of(task)
		*of(task) = true
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

// taskID is the task of a part; 0 if there is none.
func (l *life) taskID(task *taskPart) int64 { return number(l.at(task.address()).instance, "task_id") }

// active are the devices of a task that are not final.
func (l *life) active(task int64) (all []string) {
	for _, s := range l.p.Subtasks(task) {
		if isActive(s) {
			all = append(all, s.DeviceID)
		}
	}
	return all
}
