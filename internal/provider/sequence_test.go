package provider_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"pgregory.net/rapid"
)

// A move is something that happens in the life of a campaign.
type move struct {
	kind  string
	which int // task, device or fault
	at    int // request
}

func (m move) String() string { return fmt.Sprintf("%s %d at %d", m.kind, m.which, m.at) }

var moveKinds = []string{
	"rename", "describe", "add", "add", "remove", "start",
	"fault", "fault", "outage", "interrupt", "crash", "console renames", "console deletes", "plan", "apply",
}

// drawMoves makes up a life; every apply in it may go wrong.
func drawMoves(rt *rapid.T) []move {
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) move {
		return move{
			kind:  rapid.SampledFrom(moveKinds).Draw(rt, "kind"),
			which: rapid.IntRange(0, len(matrixFaults)-1).Draw(rt, "which"),
			at:    rapid.IntRange(0, 40).Draw(rt, "at"),
		}
	}), 1, 10).Draw(rt, "moves")
}

// TestRandomSequences plays random lives of a campaign: changes, drift, faults,
// interruptions and crashes. Whatever happened, two applies without faults at
// most bring the platform to what is wanted.
func TestRandomSequences(t *testing.T) {
	t.Parallel()
	const lives = 64 / thinning
	like := newCore(t, newPlatform(t), nil)
	for seed := range uint64(lives) {
		live(t, like, noise(seed))
	}
}

// noise is enough for rapid to make up a life of any length, the same for every seed.
func noise(seed uint64) []byte {
	data := make([]byte, 0, 1<<12)
	source := rand.New(rand.NewPCG(seed, 1))
	for len(data) < cap(data) {
		data = binary.LittleEndian.AppendUint64(data, source.Uint64())
	}
	return data
}

func FuzzSequences(f *testing.F) {
	like := newCore(f, simulator.New(simulator.Options{}), nil)
	for seed := range uint64(8) {
		f.Add(noise(1000 + seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { live(t, like, data) })
}

func live(t *testing.T, like *core, data []byte) {
	rapid.MakeFuzz(func(rt *rapid.T) {
		product := rapid.SampledFrom([]int64{lwm2mProduct, tLinkProduct}).Draw(rt, "product")
		moves := drawMoves(rt)
		if failure := play(t, like, product, moves); failure != "" {
			rt.Fatalf("product %d, %v: %s", product, moves, failure)
		}
	})(t, data)
}

// recorder is a testing.TB that keeps failures for the caller to report.
type recorder struct {
	testing.TB
	failures []string
}

type fatal struct{}

func (r *recorder) Helper()                           {}
func (r *recorder) Error(args ...any)                 { r.failures = append(r.failures, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }
func (r *recorder) Fatal(args ...any)                 { r.Error(args...); panic(fatal{}) }
func (r *recorder) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

// play lets moves happen and says what is wrong in the end, "" if nothing.
func play(t *testing.T, like *core, product int64, moves []move) (failure string) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{TB: t}
		defer func() {
			if p := recover(); p != nil && p != any(fatal{}) {
				panic(p)
			}
			failure = strings.Join(r.failures, "\n")
		}()
		e := newMatrixEstate(t, product, like)
		e.t, e.adopt = r, true
		l := &life{estate: e, ids: e.p.DeviceIDs(product), made: len(e.tasks)}
		l.want = wish{names: [2]string{"north", "south"}, devices: [2][]string{l.ids[:4], l.ids[4:6]}}
		l.next = 6
		for _, m := range moves {
			l.happen(m)
		}
		l.end()
	})
	return failure
}

// life is a campaign in which things happen.
type life struct {
	*estate
	want wish
	ids  []string
	next int // of ids, the first that has not been used
	made int // how many tasks must have been made, or more: see deleted
}

func (l *life) happen(m move) {
	n := m.which % 2
	switch m.kind {
	case "rename":
		// Its name is the only trace of a task that was made in a run which did not
		// live to record it: an apply has to find it before it gets another.
		if !l.tasks[n].exists() {
			return
		}
		l.want.names[n] = fmt.Sprintf("%s, %d", []string{"north", "south"}[n], m.at)
	case "describe":
		l.want.about[n] = []string{"", "described", "once more"}[m.at%3]
	case "add":
		if l.next < len(l.ids) {
			l.want.devices[n] = append(slices.Clone(l.want.devices[n]), l.ids[l.next])
			l.next++
		}
	case "remove":
		// As for the name: what a set that was not recorded has attached is known
		// from the list alone.
		if len(l.want.devices[n]) > 2 && l.sets[n].exists() {
			l.want.devices[n] = slices.Clone(l.want.devices[n][1:])
		}
	case "start":
		l.want.start = true
	case "fault":
		fault := matrixFaults[m.which].fault
		fault.Skip = m.at
		l.p.Inject(fault)
	case "outage":
		time.AfterFunc(time.Duration(m.at)*time.Minute/4, func() { l.p.Outage(false) })
		l.p.Outage(true)
		l.apply(l.ctx, l.want)
	case "interrupt":
		l.interrupted(m.at)
	case "crash":
		l.crash(m.at)
	case "console renames":
		if id := number(l.tasks[n], "task_id"); id != 0 {
			_ = l.p.ModifyTask(id, func(task *simulator.Task) { task.Name = "renamed in the console" })
		}
	case "console deletes":
		l.consoleDeletes(n)
	case "plan":
		l.plan(l.ctx, l.want)
	case "apply":
		l.apply(l.ctx, l.want)
	}
}

// consoleDeletes deletes a task that the state holds.
func (l *life) consoleDeletes(n int) {
	if id := number(l.tasks[n], "task_id"); id != 0 && l.p.DeleteTask(id) == nil {
		l.made++
	}
}

// interrupted presses Ctrl-C while a request is on its way.
func (l *life) interrupted(at int) {
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	seen := 0
	done := false
	l.p.BeforeRequest(func(simulator.Request) {
		if seen++; seen == at && !done {
			cancel()
		}
	})
	l.apply(ctx, l.want)
	done = true
}

// crash loses what an apply would have recorded of one resource and of those
// that depend on it, as if the provider had died in it; the rest stands.
func (l *life) crash(at int) {
	blocks := l.blocks(l.want)
	victim := blocks[at%len(blocks)].instance
	before, lost := l.copied(), map[*instance]bool{victim: true}
	want := l.want
	want.start = l.want.start && (l.rollout.exists() || victim == l.rollout)
	l.apply(l.ctx, want)
	for n, b := range blocks {
		if lost[b.instance] || slices.ContainsFunc(b.parents, func(i *instance) bool { return lost[i] }) {
			lost[b.instance] = true
			*b.instance = before[n]
		}
	}
}

// end insists on a good end.
func (l *life) end() {
	l.p.ClearFaults()
	l.rest()
	l.converge(stage{want: &l.want})
	for n := range l.tasks {
		l.checkTask(number(l.tasks[n], "task_id"), n, l.want)
	}
	if got := l.p.TasksEverCreated(); got > l.made || len(l.p.Tasks(l.product)) != len(l.tasks) {
		l.t.Errorf("%d tasks were made, want %d at most; %d stand there", got, l.made, len(l.p.Tasks(l.product)))
	}
	l.force = true
	l.converge(stage{want: &l.want})
	if diags := l.destroy(l.ctx); diags.errors() != "" || len(l.p.Tasks(l.product)) != 0 {
		l.t.Errorf("the destroy leaves %d tasks: %s", len(l.p.Tasks(l.product)), diags.errors())
	}
}
