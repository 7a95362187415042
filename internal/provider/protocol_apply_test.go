package provider_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// perform applies the plan of one instance in the walk at hand. Where the new
// object comes first, see createFirst.
func (c *core) perform(ctx context.Context, i *instance, config object, made change) diagnostics {
	c.t.Helper()
	switch made.action {
	case noAction:
		return nil
	case deleteIt:
		return c.remove(ctx, i, made)
	case replaceIt:
		if diags := c.remove(ctx, i, made); diags.errors() != "" {
			return diags
		}
	}
	return c.put(ctx, i, config, made)
}

// createFirst creates the successor of an instance, which becomes its deposed
// object. If there is no successor the deposed object is the current one again.
func (c *core) createFirst(ctx context.Context, i, deposed *instance, config object, made change) diagnostics {
	c.t.Helper()
	*deposed, *i = *i, *c.absent(i.typeName)
	diags := c.put(ctx, i, config, made)
	if diags.errors() != "" && !i.exists() {
		*i, *deposed = *deposed, *c.absent(i.typeName)
	}
	return diags
}

// removeDeposed destroys a deposed object. Core plans that anew in the apply
// walk, with the private data of the object.
func (c *core) removeDeposed(ctx context.Context, deposed *instance) diagnostics {
	c.t.Helper()
	made := c.planOne(ctx, deposed, nil, lifecycle{})
	if made.diags.errors() != "" {
		return made.diags
	}
	return append(made.diags, c.remove(ctx, deposed, made)...)
}

// remove destroys an instance as planned. The private data of a replacement,
// or of a tainted instance, are those of the planning without a state.
func (c *core) remove(ctx context.Context, i *instance, made change) diagnostics {
	c.t.Helper()
	gone := change{action: deleteIt, planned: tftypes.NewValue(i.value.Type(), nil), private: made.private, identity: i.identity}
	return c.send(ctx, i, nil, gone)
}

// put creates or updates an instance. Core plans it anew just before, with the
// private data of the state.
func (c *core) put(ctx context.Context, i *instance, config object, made change) diagnostics {
	c.t.Helper()
	again := c.planOne(ctx, i, config, lifecycle{})
	if again.diags.errors() != "" {
		return again.diags
	}
	if made.action.replaces() && again.action == createIt {
		again.action = made.action
	}
	if diags := c.finalPlanAgrees(made, again); diags.errors() != "" {
		return diags
	}
	if again.action == noAction {
		return again.diags
	}
	return append(again.diags, c.send(ctx, i, config, again)...)
}

// send calls ApplyResourceChange and records what core would.
func (c *core) send(ctx context.Context, i *instance, config object, made change) diagnostics {
	c.t.Helper()
	s := c.schema(i.typeName)
	written := c.typed(s.ValueType(), nil)
	if config != nil {
		written = c.typed(s.ValueType(), config)
	}
	resp, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: i.typeName, PriorState: c.pack(i.value), PlannedState: c.pack(made.planned), Config: c.pack(written),
		PlannedPrivate: made.private, PlannedIdentity: made.identity,
	})
	c.must(err)
	value, failed := c.unpack(resp.NewState, s.ValueType()), diagnostics(resp.Diagnostics).errors() != ""
	switch {
	case failed && value.IsNull(): // the prior state is kept
	case failed:
		i.tainted = i.tainted || made.action == createIt || made.action.replaces()
		i.value, i.private, i.identity = value, resp.Private, resp.NewIdentity
	default:
		i.value, i.private, i.identity, i.tainted = value, resp.Private, resp.NewIdentity, false
		c.stateAgrees(made.planned, i.value)
	}
	return resp.Diagnostics
}

func (c *core) stateAgrees(planned, state tftypes.Value) {
	c.t.Helper()
	if planned.IsNull() != state.IsNull() {
		c.t.Errorf("the plan is null: %t; the new state is null: %t", planned.IsNull(), state.IsNull())
	}
	got := fields(state)
	for name, wanted := range fields(planned) {
		if wanted.IsFullyKnown() && !wanted.Equal(got[name]) {
			c.t.Errorf("the new state has %s = %s, the plan %s", name, text(got[name]), text(wanted))
		}
		if !got[name].IsFullyKnown() {
			c.t.Errorf("the new state does not know %s", name)
		}
	}
}
