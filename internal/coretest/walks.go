package coretest

import "context"

// Plan validates a configuration and plans it, in a walk of its own. A nil
// configuration plans a destroy.
func (c *Core) Plan(ctx context.Context, i *Instance, config Config) Change {
	c.T.Helper()
	c.BeginWalk()
	return c.PlanOne(ctx, i, config, Lifecycle{})
}

// RefreshAndPlan reads an instance and plans it, in one walk.
func (c *Core) RefreshAndPlan(i *Instance, config Config) Change {
	c.T.Helper()
	c.BeginWalk()
	read := c.Read(c.T.Context(), i)
	made := c.PlanOne(c.T.Context(), i, config, Lifecycle{})
	made.Diags = append(read, made.Diags...)
	return made
}

// Apply plans and applies a configuration. A nil configuration destroys. A tainted
// instance is replaced, and so is one whose plan requires it. The instance is left
// as core would record it, also after an error.
func (c *Core) Apply(ctx context.Context, i *Instance, config Config) Diagnostics {
	c.T.Helper()
	made := c.Plan(ctx, i, config)
	if made.Diags.Errors() != "" {
		return made.Diags
	}
	return append(made.Diags, c.ApplyPlan(ctx, i, config, made)...)
}

// MustApply is Apply without errors. It returns the warnings.
func (c *Core) MustApply(ctx context.Context, i *Instance, config Config) (warnings string) {
	c.T.Helper()
	diags := c.Apply(ctx, i, config)
	c.NoErrors(diags)
	return diags.Warnings()
}

// ApplyPlan applies a plan in a walk of its own.
func (c *Core) ApplyPlan(ctx context.Context, i *Instance, config Config, made Change) Diagnostics {
	c.T.Helper()
	c.BeginWalk()
	return c.Perform(ctx, i, config, made)
}

// Refresh reads an instance in a walk of its own.
func (c *Core) Refresh(ctx context.Context, i *Instance) Diagnostics {
	c.T.Helper()
	c.BeginWalk()
	return c.Read(ctx, i)
}

// MustRefresh is Refresh without errors. It returns the warnings.
func (c *Core) MustRefresh(ctx context.Context, i *Instance) (warnings string) {
	c.T.Helper()
	diags := c.Refresh(ctx, i)
	c.NoErrors(diags)
	return diags.Warnings()
}

// WantSettled fails the test if a refresh changes anything, or the plan is not empty.
func (c *Core) WantSettled(ctx context.Context, i *Instance, config Config) {
	c.T.Helper()
	before := i.Value
	if diags := c.Refresh(ctx, i); diags.Errors() != "" {
		c.T.Error(diags.Errors())
	}
	if difference, err := before.Diff(i.Value); err != nil || len(difference) > 0 {
		c.T.Errorf("a refresh changes %v %v", difference, err)
	}
	c.wantEmpty(i, c.PlanOne(ctx, i, config, Lifecycle{}))
}

// WantEmpty fails the test if the plan is not empty.
func (c *Core) WantEmpty(ctx context.Context, i *Instance, config Config) {
	c.T.Helper()
	c.wantEmpty(i, c.Plan(ctx, i, config))
}

func (c *Core) wantEmpty(i *Instance, made Change) {
	c.T.Helper()
	if made.Diags.Errors() != "" {
		c.T.Fatal(made.Diags.Errors())
	}
	if difference, err := i.Value.Diff(made.Planned); err != nil || len(difference) > 0 {
		c.T.Errorf("the plan is not empty: %v %v", difference, err)
	}
}
