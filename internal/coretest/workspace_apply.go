package coretest

import (
	"context"
	"slices"
)

// node is one node of the graph of an apply walk.
type node struct {
	*Step
	destroys bool
	after    []*node
	done     bool
	failed   bool
}

// graph returns the nodes of an apply walk with their order, which is that of core's
// DestroyEdgeTransformer and CBDEdgeTransformer.
func (made *Plan) graph() (all []*node) {
	for _, s := range made.steps {
		if s.block != nil && !s.deposed && s.Change.Action != DeleteIt {
			all = append(all, &node{Step: s})
		}
		if s.deposed || s.Change.Action == DeleteIt || s.Change.Action.Replaces() {
			all = append(all, &node{Step: s, destroys: true})
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

// follows reports whether a waits for b.
func (made *Plan) follows(a, b *node) bool {
	stored := func(of, on *node) bool { return slices.Contains(of.Object.needs, on.Address) }
	around := func(creates, destroys *node) bool {
		return creates.Address == destroys.Address ||
			creates.Change.Action != NoAction && (stored(creates, destroys) || stored(destroys, creates))
	}
	switch {
	case !a.destroys && !b.destroys: // as the configuration refers
		return slices.Contains(a.block.Needs, b.Address)
	case !a.destroys:
		return !b.createsFirst() && around(a, b)
	case !b.destroys:
		return a.createsFirst() && around(b, a)
	}
	return a.Address != b.Address && stored(b, a) // the dependant is destroyed first
}

// createsFirst reports whether a destroy waits for the creates around it.
func (n *node) createsFirst() bool {
	return n.deposed || n.Change.Action == CreateThenDelete || n.Change.Action == DeleteIt && n.Object.createFirst
}

// ApplyPlan carries out terraform apply of a plan. The state must be as it was when the
// plan was made.
func (w *Workspace) ApplyPlan(ctx context.Context, made *Plan) (diags Diagnostics) {
	w.T.Helper()
	w.save(made.prior)
	w.Monitor.applying(made)
	c := w.BeginWalk()
	// From here on the objects of the plan are those of the state.
	for _, s := range made.steps {
		if !s.deposed {
			s.Object = w.State[s.Address].Instance
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
		if ctx.Err() != nil || w.Lost {
			n.failed = true
			diags = append(diags, failedWith("execution halted")...)
			continue
		}
		said := w.visit(ctx, c, made, n)
		n.failed = said.Errors() != ""
		diags = append(diags, said...)
	}
	return diags
}

// cyclic reports whether nodes wait for each other, which Terraform refuses. A new label
// together with a new create_before_destroy of a dependant leads to such a graph.
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

// visit carries out one node. If the provider was killed meanwhile, the state stays as
// it was before the node.
func (w *Workspace) visit(ctx context.Context, c *Core, made *Plan, n *node) (diags Diagnostics) {
	w.T.Helper()
	held := w.State[n.Address]
	before := State{n.Address: held}.Copied()[n.Address]
	defer func() {
		if w.Lost {
			*held.Instance, held.Deposed = *before.Instance, before.Deposed
			diags = append(diags, failedWith("Plugin did not respond")...)
		}
	}()
	if n.destroys {
		return w.destroyNode(ctx, c, held, n)
	}
	if n.Change.Action == NoAction {
		held.needs = closure(made.blocks, n.Address)
		return nil
	}
	config := c.without(held.TypeName, n.block.Config(w.State.Lookup))
	var deposed *Instance
	if n.Change.Action == CreateThenDelete {
		deposed = &Instance{}
		diags = c.CreateFirst(ctx, held.Instance, deposed, config, n.Change)
		if deposed.Exists() {
			n.Object = deposed
			held.Deposed = append(held.Deposed, deposed)
		}
	} else {
		diags = c.Put(ctx, held.Instance, config, n.Change)
	}
	if held.Exists() {
		held.needs, held.createFirst = closure(made.blocks, n.Address), inherited(made.blocks, n.Address)
	}
	return diags
}

// destroyNode destroys a deposed object, which is planned again, or the current object.
func (w *Workspace) destroyNode(ctx context.Context, c *Core, held *Slot, n *node) Diagnostics {
	w.T.Helper()
	if n.deposed || n.Change.Action == CreateThenDelete {
		diags := c.RemoveDeposed(ctx, n.Object)
		held.Deposed = slices.DeleteFunc(held.Deposed, func(one *Instance) bool { return !one.Exists() })
		return diags
	}
	return c.remove(ctx, held.Instance, n.Change)
}

// Apply carries out terraform apply.
func (w *Workspace) Apply(ctx context.Context, blocks []*Block, o Options) Diagnostics {
	w.T.Helper()
	return w.ApplyPlanned(ctx, w.Plan(ctx, blocks, o))
}

// Destroy carries out terraform destroy.
func (w *Workspace) Destroy(ctx context.Context, blocks []*Block, o Options) Diagnostics {
	w.T.Helper()
	return w.ApplyPlanned(ctx, w.PlanDestroy(ctx, blocks, o))
}

// ApplyPlanned applies a plan that has no errors. It returns the diagnostics of both.
func (w *Workspace) ApplyPlanned(ctx context.Context, made *Plan) Diagnostics {
	w.T.Helper()
	diags := made.Diags
	if diags.Errors() == "" {
		diags = append(slices.Clone(diags), w.ApplyPlan(ctx, made)...)
	}
	w.shown = append(w.shown, diags...)
	return diags
}
