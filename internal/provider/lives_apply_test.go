package provider_test

import (
	"context"
	"slices"
)

// node is one node of the graph of an apply walk.
type node struct {
	*step
	destroys bool
	after    []*node
	done     bool
	failed   bool
}

// graph orders the steps of a plan as core's DestroyEdgeTransformer and
// CBDEdgeTransformer do.
func (made *planned) graph() (all []*node) {
	for _, s := range made.steps {
		if s.block != nil && !s.deposed && s.change.action != deleteIt {
			all = append(all, &node{step: s})
		}
		if s.deposed || s.change.action == deleteIt || s.change.action.replaces() {
			all = append(all, &node{step: s, destroys: true})
		}
	}
	for _, a := range all {
		for _, b := range all {
			if a != b && made.follows(a, b) {
				a.after = append(a.after, b)
			}
		}
	}
	return all
}

// follows reports whether a has to wait for b.
func (made *planned) follows(a, b *node) bool {
	stored := func(of, on *node) bool { return slices.Contains(of.object.needs, on.address) }
	around := func(creates, destroys *node) bool {
		return creates.address == destroys.address ||
			creates.change.action != noAction && (stored(creates, destroys) || stored(destroys, creates))
	}
	switch {
	case !a.destroys && !b.destroys: // as the configuration refers
		return slices.Contains(a.block.needs, b.address)
	case !a.destroys:
		return !b.createsFirst() && around(a, b)
	case !b.destroys:
		return a.createsFirst() && around(b, a)
	}
	return a.address != b.address && stored(b, a) // the dependant is destroyed first
}

// createsFirst reports whether a destroy waits for the creates around it.
func (n *node) createsFirst() bool {
	return n.deposed || n.change.action == createThenDelete || n.change.action == deleteIt && n.object.createFirst
}

// applyPlan is terraform apply of a plan. A plan is stale once the state has changed.
func (w *workspace) applyPlan(ctx context.Context, made *planned) (diags diagnostics) {
	w.t.Helper()
	w.save(made.prior)
	w.watch.applying(made)
	c := w.walk()
	// From here on the objects of the plan are those of the state.
	for _, s := range made.steps {
		if !s.deposed {
			s.object = w.state[s.address].instance
		}
	}
	nodes := made.graph()
	if cyclic(nodes) {
		return failedWith("Cycle")
	}
	for {
		var ready []*node
		for _, n := range nodes {
			if !n.done && !slices.ContainsFunc(n.after, func(one *node) bool { return !one.done }) {
				ready = append(ready, n)
			}
		}
		if len(ready) == 0 {
			break
		}
		n := ready[w.pick(len(ready))]
		n.done = true
		if slices.ContainsFunc(n.after, func(one *node) bool { return one.failed }) {
			n.failed = true
			continue
		}
		if ctx.Err() != nil || w.lost {
			n.failed = true
			diags = append(diags, failedWith("execution halted")...)
			continue
		}
		said := w.visit(ctx, c, made, n)
		n.failed = said.errors() != ""
		diags = append(diags, said...)
	}
	return diags
}

// cyclic reports whether nodes wait for each other, which Terraform refuses. A
// label and create_before_destroy of a dependant that change together can do that.
func cyclic(nodes []*node) bool {
	left := slices.Clone(nodes)
	for {
		waiting := slices.DeleteFunc(slices.Clone(left), func(n *node) bool {
			return !slices.ContainsFunc(n.after, func(one *node) bool { return slices.Contains(left, one) })
		})
		if len(waiting) == len(left) {
			return len(left) > 0
		}
		left = waiting
	}
}

// visit lets core do one node. Where the provider was killed meanwhile, nothing
// of what it has done is recorded.
func (w *workspace) visit(ctx context.Context, c *core, made *planned, n *node) (diags diagnostics) {
	w.t.Helper()
	held := w.state[n.address]
	before := state{n.address: held}.copied()[n.address]
	defer func() {
		if w.lost {
			*held.instance, held.deposed = *before.instance, before.deposed
			diags = append(diags, failedWith("Plugin did not respond")...)
		}
	}()
	if n.destroys {
		return w.destroyNode(ctx, c, held, n)
	}
	if n.change.action == noAction {
		held.needs = closure(made.blocks, n.address)
		return nil
	}
	config := c.without(held.typeName, n.block.config(w.state.lookup))
	var deposed *instance
	if n.change.action == createThenDelete {
		deposed = &instance{}
		diags = c.createFirst(ctx, held.instance, deposed, config, n.change)
		if deposed.exists() {
			n.object = deposed
			held.deposed = append(held.deposed, deposed)
		}
	} else {
		diags = c.put(ctx, held.instance, config, n.change)
	}
	if held.exists() {
		held.needs, held.createFirst = closure(made.blocks, n.address), inherited(made.blocks, n.address)
	}
	return diags
}

// destroyNode destroys a deposed object, which is planned anew, or the current one.
func (w *workspace) destroyNode(ctx context.Context, c *core, held *slot, n *node) diagnostics {
	w.t.Helper()
	if n.deposed || n.change.action == createThenDelete {
		diags := c.removeDeposed(ctx, n.object)
		held.deposed = slices.DeleteFunc(held.deposed, func(one *instance) bool { return !one.exists() })
		return diags
	}
	return c.remove(ctx, held.instance, n.change)
}

// apply is terraform apply.
func (w *workspace) apply(ctx context.Context, blocks []*block, o options) diagnostics {
	w.t.Helper()
	return w.carryOut(ctx, w.plan(ctx, blocks, o))
}

// destroy is terraform destroy.
func (w *workspace) destroy(ctx context.Context, blocks []*block, o options) diagnostics {
	w.t.Helper()
	return w.carryOut(ctx, w.planDestroy(ctx, blocks, o))
}

// carryOut applies a plan unless it failed.
func (w *workspace) carryOut(ctx context.Context, made *planned) diagnostics {
	w.t.Helper()
	diags := made.diags
	if diags.errors() == "" {
		diags = append(slices.Clone(diags), w.applyPlan(ctx, made)...)
	}
	w.told = append(w.told, diags...)
	return diags
}
