package provider_test

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// options are those of terraform plan and apply.
type options struct {
	noRefresh bool
	replace   []string          // addresses
	target    []string          // addresses; none: everything
	moved     map[string]string // moved blocks, from and to
}

// planned is a plan of everything.
type planned struct {
	blocks  map[string]*block
	prior   state // refreshed
	steps   []*step
	options options
	diags   diagnostics
	serial  state // which the plan was made from
}

// step is the plan for one object.
type step struct {
	address string
	object  *instance // in the prior state
	deposed bool
	block   *block // nil: not in the configuration
	config  object
	change  change
	read    bool
	done    bool
	failed  bool
}

// failedWith adds an error in the place of the provider.
func failedWith(summary string) diagnostics {
	return diagnostics{{Severity: tfprotov6.DiagnosticSeverityError, Summary: summary}}
}

// plan is terraform plan. The state stays as it is.
func (w *workspace) plan(ctx context.Context, blocks []*block, o options) *planned {
	w.t.Helper()
	made := &planned{blocks: map[string]*block{}, prior: w.state.copied(), serial: w.state.copied(), options: o}
	for _, b := range blocks {
		made.blocks[b.address] = b
		made.prior.at(w.core, b.address)
	}
	for _, from := range slices.Sorted(maps.Keys(o.moved)) {
		made.prior.move(w.core, from, o.moved[from])
	}
	made.steps = w.stepsOf(made, o)
	c := w.walk()
	w.watch.planning()
	for {
		var ready []*step
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
func (w *workspace) stepsOf(made *planned, o options) (all []*step) {
	wanted := func(address string) bool {
		return len(o.target) == 0 || slices.ContainsFunc(o.target, func(one string) bool {
			return one == address || slices.Contains(closure(made.blocks, one), address)
		})
	}
	for _, address := range slices.Sorted(maps.Keys(made.prior)) {
		held := made.prior[address]
		if !wanted(address) {
			continue
		}
		if b := made.blocks[address]; b != nil || held.exists() {
			all = append(all, &step{address: address, object: held.instance, block: b, read: o.noRefresh || !held.exists()})
		}
		for _, old := range held.deposed {
			all = append(all, &step{address: address, object: old, deposed: true, read: o.noRefresh})
		}
	}
	return all
}

// ready reports whether a step may be taken: what a block refers to is planned
// before it is refreshed.
func (made *planned) ready(s *step) bool {
	return s.deposed || s.block == nil || !slices.ContainsFunc(made.steps, func(other *step) bool {
		return !other.done && !other.deposed && slices.Contains(s.block.needs, other.address)
	})
}

func (made *planned) of(address string) *step {
	for _, s := range made.steps {
		if s.address == address && !s.deposed {
			return s
		}
	}
	return nil
}

// advance refreshes an object, or plans it if that is done.
func (w *workspace) advance(ctx context.Context, c *core, made *planned, s *step, o options) {
	w.t.Helper()
	needs := closure(made.blocks, s.address)
	if ctx.Err() != nil || s.block != nil && slices.ContainsFunc(needs, func(need string) bool {
		other := made.of(need)
		return other != nil && other.failed
	}) {
		s.done, s.failed = true, true
		if ctx.Err() != nil {
			made.diags = append(made.diags, failedWith("execution halted")...)
		}
		return
	}
	if !s.read {
		s.read = true
		diags := c.read(ctx, s.object)
		made.diags = append(made.diags, diags...)
		s.failed = diags.errors() != ""
		s.done = s.failed || s.block == nil && !s.object.exists()
		if held := made.prior[s.address]; s.deposed && !s.object.exists() {
			held.deposed = slices.DeleteFunc(held.deposed, func(one *instance) bool { return one == s.object })
		}
		if s.block != nil && !s.deposed {
			s.object.needs = union(needs, s.object.needs)
		}
		return
	}
	s.done = true
	how := lifecycle{replace: slices.Contains(o.replace, s.address), createFirst: inherited(made.blocks, s.address)}
	if s.block != nil && !s.deposed {
		s.config = c.without(s.object.typeName, s.block.config(made.lookup))
		s.object.createFirst = how.createFirst
	}
	s.change = c.planOne(ctx, s.object, s.config, how)
	made.diags = append(made.diags, s.change.diags...)
	s.failed = s.change.diags.errors() != ""
}

// lookup tells planned values, which may be unknown.
func (made *planned) lookup(address, attribute string) any {
	if s := made.of(address); s != nil && s.change.planned.Type() != nil {
		return fields(s.change.planned)[attribute]
	}
	return made.prior.lookup(address, attribute)
}

func (s state) lookup(address, attribute string) any {
	if s[address] == nil || !s[address].exists() {
		return unknown{}
	}
	return fields(s[address].value)[attribute]
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, one := range b {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

// planDestroy is terraform plan -destroy: a normal plan, for its refresh, whose
// errors fail it, and then a walk that plans the destroys.
func (w *workspace) planDestroy(ctx context.Context, blocks []*block, o options) *planned {
	w.t.Helper()
	made := &planned{blocks: map[string]*block{}, prior: w.state.copied(), serial: w.state.copied(), options: o}
	if !o.noRefresh {
		first := w.plan(ctx, blocks, o)
		if first.diags.errors() != "" {
			return first
		}
		made.prior = first.prior
	}
	for _, address := range made.prior.addresses() {
		held := made.prior[address]
		if held.exists() {
			made.steps = append(made.steps, &step{address: address, object: held.instance})
		}
		for _, old := range held.deposed {
			made.steps = append(made.steps, &step{address: address, object: old, deposed: true})
		}
	}
	c := w.walk()
	for _, s := range w.dependantsFirst(made.steps) {
		s.done, s.change = true, c.planOne(ctx, s.object, nil, lifecycle{})
		made.diags = append(made.diags, s.change.diags...)
	}
	return made
}

// dependantsFirst orders destroys: what needs another object goes before it.
func (w *workspace) dependantsFirst(steps []*step) (ordered []*step) {
	left := slices.Clone(steps)
	for len(left) > 0 {
		var ready []int
		for n, s := range left {
			if !slices.ContainsFunc(left, func(other *step) bool { return slices.Contains(other.object.needs, s.address) }) {
				ready = append(ready, n)
			}
		}
		n := ready[w.pick(len(ready))]
		ordered = append(ordered, left[n])
		left = slices.Delete(left, n, n+1)
	}
	return ordered
}

// open are the steps that would change something.
func (made *planned) open() (all []*step) {
	for _, s := range made.steps {
		if s.change.action != noAction {
			all = append(all, s)
		}
	}
	return all
}
