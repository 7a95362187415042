package coretest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Options are those of terraform plan and apply.
type Options struct {
	NoRefresh bool
	Replace   []string          // addresses
	Target    []string          // addresses; none: everything
	Moved     map[string]string // moved blocks, from and to
}

// Plan is a plan of everything.
type Plan struct {
	blocks  map[string]*Block
	prior   State // refreshed
	steps   []*Step
	Options Options
	Diags   Diagnostics
	Serial  State // which the plan was made from
}

// Step is the plan for one object.
type Step struct {
	Address string
	Object  *Instance // in the prior state
	deposed bool
	block   *Block // nil: not in the configuration
	config  Config
	Change  Change
	read    bool
	done    bool
	failed  bool
}

// failedWith adds an error in the place of the provider.
func failedWith(summary string) Diagnostics {
	return Diagnostics{{Severity: tfprotov6.DiagnosticSeverityError, Summary: summary}}
}

// Plan is terraform plan. The state stays as it is.
func (w *Workspace) Plan(ctx context.Context, blocks []*Block, o Options) *Plan {
	w.T.Helper()
	made := &Plan{blocks: map[string]*Block{}, prior: w.State.Copied(), Serial: w.State.Copied(), Options: o}
	for _, b := range blocks {
		made.blocks[b.Address] = b
		made.prior.at(w.Core, b.Address)
	}
	for _, from := range slices.Sorted(maps.Keys(o.Moved)) {
		made.prior.move(w.Core, from, o.Moved[from])
	}
	made.steps = w.stepsOf(made, o)
	c := w.BeginWalk()
	w.Monitor.planning()
	for {
		var ready []*Step
		for _, s := range made.steps {
			if !s.done && made.ready(s) {
				ready = append(ready, s)
			}
		}
		if len(ready) == 0 {
			return made
		}
		w.advance(ctx, c, made, ready[w.pick(len(ready))], o)
	}
}

// stepsOf are the objects that a plan walk visits: those of the configuration
// and, unless they are left out by a target, those in the state alone.
func (w *Workspace) stepsOf(made *Plan, o Options) (all []*Step) {
	wanted := func(address string) bool {
		return len(o.Target) == 0 || slices.ContainsFunc(o.Target, func(one string) bool {
			return one == address || slices.Contains(closure(made.blocks, one), address)
		})
	}
	for _, address := range slices.Sorted(maps.Keys(made.prior)) {
		held := made.prior[address]
		if !wanted(address) {
			continue
		}
		if b := made.blocks[address]; b != nil || held.Exists() {
			all = append(all, &Step{Address: address, Object: held.Instance, block: b, read: o.NoRefresh || !held.Exists()})
		}
		for _, old := range held.Deposed {
			all = append(all, &Step{Address: address, Object: old, deposed: true, read: o.NoRefresh})
		}
	}
	return all
}

// ready reports whether a step may be taken: what a block refers to is planned
// before it is refreshed.
func (made *Plan) ready(s *Step) bool {
	return s.deposed || s.block == nil || !slices.ContainsFunc(made.steps, func(other *Step) bool {
		return !other.done && !other.deposed && slices.Contains(s.block.Needs, other.Address)
	})
}

func (made *Plan) Step(address string) *Step {
	for _, s := range made.steps {
		if s.Address == address && !s.deposed {
			return s
		}
	}
	return nil
}

// advance refreshes an object, or plans it if that is done.
func (w *Workspace) advance(ctx context.Context, c *Core, made *Plan, s *Step, o Options) {
	w.T.Helper()
	needs := closure(made.blocks, s.Address)
	if ctx.Err() != nil || s.block != nil && slices.ContainsFunc(needs, func(need string) bool {
		other := made.Step(need)
		return other != nil && other.failed
	}) {
		s.done, s.failed = true, true
		if ctx.Err() != nil {
			made.Diags = append(made.Diags, failedWith("execution halted")...)
		}
		return
	}
	if !s.read {
		s.read = true
		diags := c.Read(ctx, s.Object)
		made.Diags = append(made.Diags, diags...)
		s.failed = diags.Errors() != ""
		s.done = s.failed || s.block == nil && !s.Object.Exists()
		if held := made.prior[s.Address]; s.deposed && !s.Object.Exists() {
			held.Deposed = slices.DeleteFunc(held.Deposed, func(one *Instance) bool { return one == s.Object })
		}
		if s.block != nil && !s.deposed {
			s.Object.needs = Union(needs, s.Object.needs)
		}
		return
	}
	s.done = true
	how := Lifecycle{Replace: slices.Contains(o.Replace, s.Address), CreateFirst: inherited(made.blocks, s.Address)}
	if s.block != nil && !s.deposed {
		s.config = c.without(s.Object.TypeName, s.block.Config(made.lookup))
		s.Object.createFirst = how.CreateFirst
	}
	s.Change = c.PlanOne(ctx, s.Object, s.config, how)
	made.Diags = append(made.Diags, s.Change.Diags...)
	s.failed = s.Change.Diags.Errors() != ""
}

// lookup tells planned values, which may be unknown.
func (made *Plan) lookup(address, attribute string) any {
	if s := made.Step(address); s != nil && s.Change.Planned.Type() != nil {
		return Fields(s.Change.Planned)[attribute]
	}
	return made.prior.Lookup(address, attribute)
}

func (s State) Lookup(address, attribute string) any {
	if s[address] == nil || !s[address].Exists() {
		return Unknown{}
	}
	return Fields(s[address].Value)[attribute]
}

func Union(a, b []string) []string {
	all := slices.Clone(a)
	for _, one := range b {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

// PlanDestroy is terraform plan -destroy: a normal plan, for its refresh, whose
// errors fail it, and then a walk that plans the destroys.
func (w *Workspace) PlanDestroy(ctx context.Context, blocks []*Block, o Options) *Plan {
	w.T.Helper()
	made := &Plan{blocks: map[string]*Block{}, prior: w.State.Copied(), Serial: w.State.Copied(), Options: o}
	if !o.NoRefresh {
		first := w.Plan(ctx, blocks, o)
		if first.Diags.Errors() != "" {
			return first
		}
		made.prior = first.prior
	}
	for _, address := range made.prior.Addresses() {
		held := made.prior[address]
		if held.Exists() {
			made.steps = append(made.steps, &Step{Address: address, Object: held.Instance})
		}
		for _, old := range held.Deposed {
			made.steps = append(made.steps, &Step{Address: address, Object: old, deposed: true})
		}
	}
	c := w.BeginWalk()
	for _, s := range w.dependantsFirst(made.steps) {
		s.done, s.Change = true, c.PlanOne(ctx, s.Object, nil, Lifecycle{})
		made.Diags = append(made.Diags, s.Change.Diags...)
	}
	return made
}

// dependantsFirst orders destroys: what needs another object goes before it.
func (w *Workspace) dependantsFirst(steps []*Step) (ordered []*Step) {
	left := slices.Clone(steps)
	for len(left) > 0 {
		var ready []int
		for n, s := range left {
			if !slices.ContainsFunc(left, func(other *Step) bool { return slices.Contains(other.Object.needs, s.Address) }) {
				ready = append(ready, n)
			}
		}
		n := ready[w.pick(len(ready))]
		ordered = append(ordered, left[n])
		left = slices.Delete(left, n, n+1)
	}
	return ordered
}

// Open are the steps that would change something.
func (made *Plan) Open() (all []*Step) {
	for _, s := range made.steps {
		if s.Change.Action != NoAction {
			all = append(all, s)
		}
	}
	return all
}

func (o Options) String() string {
	var text strings.Builder
	if o.NoRefresh {
		text.WriteString(" -refresh=false")
	}
	for _, one := range o.Replace {
		text.WriteString(" -replace=" + one)
	}
	for _, one := range o.Target {
		text.WriteString(" -target=" + one)
	}
	if len(o.Moved) > 0 {
		fmt.Fprintf(&text, " moved %v", o.Moved)
	}
	return text.String()
}

func (made *Plan) String() string {
	var all []string
	for _, s := range made.Open() {
		deposed := ""
		if s.deposed {
			deposed = " (deposed)"
		}
		all = append(all, fmt.Sprintf("%s %s%s", s.Change.Action, s.Address, deposed))
	}
	return "[" + strings.Join(all, ", ") + "]"
}
