package coretest

import (
	"context"
	"maps"
	"slices"
)

// Plan carries out terraform plan. The state does not change.
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

// stepsOf returns a step for each object that a plan walk visits. These are the objects of the
// configuration, and the objects that are only in the state. A target leaves out others.
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
			all = append(all, &Step{
				Address: address, Object: held.Instance, block: b,
				read: o.NoRefresh || !held.Exists() || b == nil && o.MinimalRefresh,
			})
		}
		for _, old := range held.Deposed {
			all = append(all, &Step{Address: address, Object: old, deposed: true, read: o.NoRefresh || o.MinimalRefresh})
		}
	}
	return all
}

// advance refreshes an object. If it is refreshed, advance plans it.
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
	if !s.read && !s.asked && o.MinimalRefresh {
		s.asked = true
		if w.plan(ctx, c, made, s, o); s.failed || s.Change.Action == NoAction {
			return
		}
		s.done = false
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
	w.plan(ctx, c, made, s, o)
}

// plan plans an object. Core shows nothing of a plan before the refresh unless it is the only one.
func (w *Workspace) plan(ctx context.Context, c *Core, made *Plan, s *Step, o Options) {
	w.T.Helper()
	s.done = true
	how := Lifecycle{Replace: slices.Contains(o.Replace, s.Address), CreateFirst: inherited(made.blocks, s.Address)}
	if s.block != nil && !s.deposed {
		s.config = c.without(s.Object.TypeName, s.block.Config(made.lookup))
		s.Object.createFirst = how.CreateFirst
	}
	s.Change = c.PlanOne(ctx, s.Object, s.config, how)
	s.failed = s.Change.Diags.Errors() != ""
	if s.read || s.failed || s.Change.Action == NoAction {
		made.Diags = append(made.Diags, s.Change.Diags...)
	}
}

// PlanDestroy carries out terraform plan -destroy. Terraform first makes a normal plan,
// for its refresh. An error of that plan ends it. Then a walk plans the destroys.
func (w *Workspace) PlanDestroy(ctx context.Context, blocks []*Block, o Options) *Plan {
	w.T.Helper()
	made := &Plan{blocks: map[string]*Block{}, prior: w.State.Copied(), Serial: w.State.Copied(), Options: o}
	if !o.NoRefresh && !o.MinimalRefresh {
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

// dependantsFirst returns the order of destroys: an object goes before what it needs.
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
