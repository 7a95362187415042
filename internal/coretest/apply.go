package coretest

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Perform applies the plan of one instance in the current walk. It destroys before it
// creates; CreateFirst is the other order.
func (c *Core) Perform(ctx context.Context, i *Instance, config Config, made Change) Diagnostics {
	c.T.Helper()
	switch made.Action {
	case NoAction:
		return nil
	case DeleteIt:
		return c.remove(ctx, i, made)
	case ReplaceIt:
		if diags := c.remove(ctx, i, made); diags.Errors() != "" {
			return diags
		}
	}
	return c.Put(ctx, i, config, made)
}

// CreateFirst creates the successor of an instance. The instance before becomes
// deposed. If the create leaves no successor, that instance is the current one again.
func (c *Core) CreateFirst(ctx context.Context, i, deposed *Instance, config Config, made Change) Diagnostics {
	c.T.Helper()
	*deposed, *i = *i, *c.Absent(i.TypeName)
	diags := c.Put(ctx, i, config, made)
	if diags.Errors() != "" && !i.Exists() {
		*i, *deposed = *deposed, *c.Absent(i.TypeName)
	}
	return diags
}

// RemoveDeposed destroys a deposed object. Core plans that destroy again in the apply
// walk, with the private data of the object.
func (c *Core) RemoveDeposed(ctx context.Context, deposed *Instance) Diagnostics {
	c.T.Helper()
	made := c.PlanOne(ctx, deposed, nil, Lifecycle{})
	if made.Diags.Errors() != "" {
		return made.Diags
	}
	return append(made.Diags, c.remove(ctx, deposed, made)...)
}

// remove destroys an instance as planned. For a replacement, and for a tainted
// instance, the private data is that of the planning without a state.
func (c *Core) remove(ctx context.Context, i *Instance, made Change) Diagnostics {
	c.T.Helper()
	gone := Change{Action: DeleteIt, Planned: tftypes.NewValue(i.Value.Type(), nil), private: made.private, identity: i.identity}
	return c.Send(ctx, i, nil, gone)
}

// Put creates or updates an instance. Core plans it again just before, with the
// private data of the state.
func (c *Core) Put(ctx context.Context, i *Instance, config Config, made Change) Diagnostics {
	c.T.Helper()
	again := c.PlanOne(ctx, i, config, Lifecycle{})
	if again.Diags.Errors() != "" {
		return again.Diags
	}
	if made.Action.Replaces() && again.Action == CreateIt {
		again.Action = made.Action
	}
	if diags := c.finalPlanAgrees(made, again); diags.Errors() != "" {
		return diags
	}
	if again.Action == NoAction {
		return again.Diags
	}
	return append(again.Diags, c.Send(ctx, i, config, again)...)
}

// Send calls ApplyResourceChange and records its result as core does.
func (c *Core) Send(ctx context.Context, i *Instance, config Config, made Change) Diagnostics {
	c.T.Helper()
	s := c.Schema(i.TypeName)
	written := c.Typed(s.ValueType(), nil)
	if config != nil {
		written = c.Typed(s.ValueType(), config)
	}
	resp, err := c.Server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: i.TypeName, PriorState: c.Pack(i.Value), PlannedState: c.Pack(made.Planned), Config: c.Pack(written),
		PlannedPrivate: made.private, PlannedIdentity: made.identity,
	})
	c.Must(err)
	value, failed := c.Unpack(resp.NewState, s.ValueType()), Diagnostics(resp.Diagnostics).Errors() != ""
	switch {
	case failed && value.IsNull(): // the prior state is kept
	case failed:
		i.Tainted = i.Tainted || made.Action == CreateIt || made.Action.Replaces()
		i.Value, i.Private, i.identity = value, resp.Private, resp.NewIdentity
	default:
		i.Value, i.Private, i.identity, i.Tainted = value, resp.Private, resp.NewIdentity, false
		c.stateAgrees(made.Planned, i.Value)
	}
	return resp.Diagnostics
}

func (c *Core) stateAgrees(planned, state tftypes.Value) {
	c.T.Helper()
	if planned.IsNull() != state.IsNull() {
		c.T.Errorf("the plan is null: %t; the new state is null: %t", planned.IsNull(), state.IsNull())
	}
	got := Fields(state)
	for name, wanted := range Fields(planned) {
		if wanted.IsFullyKnown() && !wanted.Equal(got[name]) {
			c.T.Errorf("the new state has %s = %s, the plan %s", name, Text(got[name]), Text(wanted))
		}
		if !got[name].IsFullyKnown() {
			c.T.Errorf("the new state does not know %s", name)
		}
	}
}
