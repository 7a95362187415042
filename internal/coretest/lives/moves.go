package lives

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// move is one event in the life of a campaign.
type move struct {
	kind string
	seed uint64 // of its random choices
}

func (m move) String() string { return fmt.Sprintf("%s/%x", m.kind, m.seed) }

// moveKinds are the events by name, with their weight: changes of the configuration,
// runs of Terraform, actions at the console, and faults.
var moveKinds = map[string]struct {
	weight int
	happen func(*life)
}{
	"apply": {30, func(l *life) { l.run() }},
	"plan": {4, func(l *life) {
		l.regroup()
		made := l.Workspace.Plan(l.Ctx, l.want.blocks(), l.options)
		l.note("plan %s: %s", made, brief(made.Diags.Errors()))
	}},
	"destroy":         {3, (*life).destroyAll},
	"rename task":     {4, func(l *life) { l.onTask(func(t *taskPart) { t.name = l.name("task") }) }},
	"describe":        {4, func(l *life) { l.onTask(func(t *taskPart) { t.about = []string{"", "described"}[l.random.IntN(2)] }) }},
	"settings":        {3, func(l *life) { l.onTask(func(t *taskPart) { t.tries = l.random.IntN(3) }) }},
	"newer firmware":  {3, func(l *life) { l.onTask(func(t *taskPart) { t.newer = !t.newer; l.again() }) }},
	"start":           {12, func(l *life) { l.onTask(func(t *taskPart) { t.start = true }) }},
	"drop rollout":    {2, func(l *life) { l.onTask(func(t *taskPart) { t.start = false }) }},
	"rollout cancels": {3, func(l *life) { l.onTask(func(t *taskPart) { t.cancels = !t.cancels }) }},
	"force task":      {3, func(l *life) { l.onTask(func(t *taskPart) { t.force = !t.force }) }},
	"add device":      {8, func(l *life) { l.onSet(func(_ *taskPart, s *setPart) { l.addDevice(s) }) }},
	"remove device":   {8, func(l *life) { l.onSet(func(_ *taskPart, s *setPart) { l.removeDevice(s) }) }},
	"move device":     {6, (*life).moveDevice},
	"index shift":     {3, (*life).shiftIndexes},
	"add set":         {4, (*life).oneMoreSet},
	"remove set":      {4, (*life).removeSet},
	"rename set":      {5, func(l *life) { l.onSet(func(_ *taskPart, s *setPart) { s.name = l.name("set") }) }},
	"relabel set":     {5, func(l *life) { l.onSet(func(_ *taskPart, s *setPart) { s.label = "x" + s.label }) }},
	"relabel, moved":  {5, (*life).relabelMoved},
	"relabel task":    {2, (*life).relabelTask},
	"exclusive":       {3, func(l *life) { l.onSet(func(_ *taskPart, s *setPart) { s.exclusive = !s.exclusive }) }},
	"keep":            {3, func(l *life) { l.onSet(func(_ *taskPart, s *setPart) { s.keep = !s.keep }) }},
	"force set":       {3, func(l *life) { l.onSet(func(_ *taskPart, s *setPart) { s.force = !s.force }) }},
	"other source": {3, func(l *life) {
		l.onSet(func(_ *taskPart, s *setPart) { s.source = source(l.random.IntN(int(sources))) })
	}},
	"versions":         {5, func(l *life) { l.onSet(func(_ *taskPart, s *setPart) { s.versions = drawVersions(l.random) }) }},
	"console versions": {5, (*life).consoleVersions},
	"create first":     {4, (*life).createFirst},
	"replace":          {6, (*life).replace},
	"taint":            {4, (*life).taint},
	"untaint":          {2, func(l *life) { l.untaintAll() }},
	"no refresh":       {6, func(l *life) { l.options.NoRefresh = true }},
	"target":           {3, (*life).target},
	"save plan":        {3, (*life).savePlan},
	"apply saved plan": {4, (*life).applySaved},
	"state rm":         {2, (*life).stateRm},
	"import":           {3, (*life).importAgain},
	"console joins":    {4, (*life).consoleJoins},
	"console cancels":  {4, (*life).consoleCancels},
	"console retries":  {3, (*life).consoleRetries},
	"console deletes":  {3, (*life).consoleDeletes},
	"console renames": {3, func(l *life) {
		l.onRealTask(func(id int64) { _ = l.Platform.ModifyTask(id, func(t *simulator.Task) { t.Name = "renamed" }) })
	}},
	"console starts": {1, func(l *life) { l.onRealTask(func(id int64) { _ = l.Platform.Start(id) }) }},
	"time passes":    {8, func(l *life) { time.Sleep(time.Duration(1+l.random.IntN(4000)) * time.Minute) }},
	"clock jumps":    {2, func(l *life) { l.Platform.SetClockOffset(time.Duration(l.random.IntN(40)-20) * time.Minute) }},
	"fault":          {14, (*life).fault},
	"odd answer":     {6, (*life).oddResponse},
	"outage":         {4, (*life).outage},
	"reads answer nothing": {3, func(l *life) {
		l.atRequest(l.random.IntN(60), func() { l.broken, l.blind = true, true; l.Platform.SetNullOutage(true) })
	}},
	"ctrl-c":    {5, func(l *life) { l.atRequest(l.random.IntN(60), func() { l.broken = true; l.ctrlC() }) }},
	"kill":      {6, (*life).kill},
	"rival run": {3, (*life).rival},
}

var moveNames = slices.Sorted(maps.Keys(moveKinds))

// drawMoves draws the moves of a life.
func drawMoves(draw *rand.Rand, n int) (all []move) {
	sum := 0
	for _, kind := range moveNames {
		sum += moveKinds[kind].weight
	}
	for range n {
		at := draw.IntN(sum)
		for _, kind := range moveNames {
			if at -= moveKinds[kind].weight; at < 0 {
				all = append(all, move{kind, draw.Uint64() >> 32})
				break
			}
		}
	}
	return all
}

func (l *life) happen(m move) {
	l.random = rand.New(rand.NewPCG(m.seed, 7))
	l.note("%s", m)
	moveKinds[m.kind].happen(l)
}

// removeDevice removes one device, but not the last: a set without devices is invalid.
func (l *life) removeDevice(s *setPart) {
	if len(s.devices) > 1 {
		n := l.random.IntN(len(s.devices))
		if s.keep {
			l.loose[s.devices[n]] = true
		}
		s.devices = slices.Delete(slices.Clone(s.devices), n, n+1)
	}
}

func (l *life) moveDevice() {
	l.onTask(func(t *taskPart) {
		if len(t.sets) < 2 || len(t.sets[0].devices) < 2 {
			return
		}
		other := t.sets[1+l.random.IntN(len(t.sets)-1)]
		other.devices = append(slices.Clone(other.devices), t.sets[0].devices[0])
		t.sets[0].devices = slices.Clone(t.sets[0].devices[1:])
	})
}

// shiftIndexes exchanges the labels of sets, as a removal does with count.
func (l *life) shiftIndexes() {
	l.onTask(func(t *taskPart) {
		if n := len(t.sets); n > 1 {
			for i := range n - 1 {
				t.sets[i].label, t.sets[i+1].label = t.sets[i+1].label, t.sets[i].label
			}
		}
	})
}

func (l *life) oneMoreSet() {
	l.onTask(func(t *taskPart) {
		if len(t.sets) < 4 {
			l.addSet(t, 10+l.names, 1+l.random.IntN(3))
		}
	})
}

func (l *life) removeSet() {
	l.onTask(func(t *taskPart) {
		if n := len(t.sets); n > 0 {
			if t.sets[n-1].keep {
				for _, id := range t.sets[n-1].devices {
					l.loose[id] = true
				}
			}
			t.sets = t.sets[:n-1]
		}
	})
}

// relabelMoved changes a label, and writes the moved block.
func (l *life) relabelMoved() {
	l.onSet(func(_ *taskPart, s *setPart) {
		from := s.address()
		s.label = "x" + s.label
		if l.options.Moved == nil {
			l.options.Moved = map[string]string{}
		}
		for before, to := range l.options.Moved {
			if to == from {
				delete(l.options.Moved, before)
				from = before
			}
		}
		l.options.Moved[from] = s.address()
	})
}

// relabelTask changes the label of a task, so that it is destroyed and created.
func (l *life) relabelTask() {
	l.onTask(func(t *taskPart) { t.label = "x" + t.label })
	l.again()
}

func (l *life) createFirst() {
	l.onTask(func(t *taskPart) {
		switch {
		case l.random.IntN(3) == 0:
			t.createFirst = !t.createFirst
		case l.random.IntN(2) == 0:
			t.startFirst = !t.startFirst
		case len(t.sets) > 0:
			t.sets[0].createFirst = !t.sets[0].createFirst
		}
	})
}

func (l *life) taint() {
	l.onHeld(func(address string, s *coretest.Slot) {
		s.Tainted = true
		if coretest.TypeOf(address) == "aep_upgrade_task" {
			l.again()
		}
	})
}

func (l *life) replace() {
	l.onHeld(func(address string, _ *coretest.Slot) {
		l.options.Replace = []string{address}
		if coretest.TypeOf(address) == "aep_upgrade_task" {
			l.again()
		}
	})
	l.run()
}

func (l *life) target() {
	blocks := l.want.blocks()
	if len(blocks) > 0 {
		l.options.Target = []string{blocks[l.random.IntN(len(blocks))].Address}
		l.run()
	}
}

func (l *life) savePlan() {
	l.regroup()
	l.planned = l.want.copied()
	made := l.Workspace.Plan(l.Ctx, l.planned.blocks(), l.options)
	l.note("saved plan %s: %s", made, brief(made.Diags.Errors()))
	if l.saved = made; made.Diags.Errors() != "" {
		l.saved = nil
	}
}

// applySaved applies a saved plan, unless the state has changed since. It uses the
// configuration of the plan, not the current one.
func (l *life) applySaved() {
	made := l.saved
	if l.saved = nil; made == nil || !sameState(made.Serial, l.State) || fmt.Sprint(made.Options) != fmt.Sprint(l.options) {
		return
	}
	time.Sleep(time.Minute)
	written := l.want
	l.want = l.planned
	l.finish(l.Ctx, made, made.Options)
	l.want = written
}

func sameState(a, b coretest.State) bool {
	return slices.Equal(a.Addresses(), b.Addresses()) && !slices.ContainsFunc(a.Addresses(), func(address string) bool {
		return !coretest.SameInstance(*a[address].Instance, *b[address].Instance)
	})
}

func (l *life) stateRm() {
	l.onHeld(func(address string, _ *coretest.Slot) {
		l.Forget(address)
		l.again()
	})
}

// importAgain forgets an object and imports it.
func (l *life) importAgain() {
	l.onHeld(func(address string, held *coretest.Slot) {
		id := held.Get("id")
		if len(held.Deposed) > 0 || !slices.ContainsFunc(l.want.blocks(), func(b *coretest.Block) bool { return b.Address == address }) {
			return
		}
		kept := *held.Instance
		l.Forget(address)
		l.again() // an imported set asks for devices that were cancelled
		time.Sleep(time.Minute)
		diags := l.Import(l.Ctx, address, id)
		l.note("  import %s: %s", id, brief(diags.Errors()))
		if !held.Exists() {
			*held.Instance = kept
		}
	})
}
