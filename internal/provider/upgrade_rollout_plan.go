package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *upgradeRolloutResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	p := &rolloutPlanning{connection: &r.connection, prior: req.Private, private: resp.Private, diags: &resp.Diagnostics}
	destroy := req.Plan.Raw.IsNull()
	if !req.State.Raw.IsNull() {
		p.state = new(upgradeRolloutModel)
		resp.Diagnostics.Append(req.State.Get(ctx, p.state)...)
	}
	if !destroy {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	}
	if resp.Diagnostics.HasError() || r.session == nil {
		return
	}
	if p.state != nil {
		r.session.rollouts.planned(p.state.key())
	}
	// The second planning of a replacement has no state, but the private data of the first.
	mark, diags := req.Private.GetKey(ctx, cancelAnnouncedKey)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(setCancelAnnounced(ctx, resp.Private, false)...)
	switch {
	case !destroy:
		p.planObject(ctx, p.state == nil && len(mark) > 0, resp)
	case p.state != nil:
		p.planEnd(ctx)
	}
}

// planObject plans a rollout that is created, changed or replaced.
func (p *rolloutPlanning) planObject(ctx context.Context, replaces bool, resp *resource.ModifyPlanResponse) {
	p.plan = p.plan.identified()
	if p.state == nil {
		p.planComing(ctx, replaces)
	} else if p.plan.ID.Equal(p.state.ID) && !p.plan.acts(*p.state) {
		p.plan.rolloutCounts = p.state.rolloutCounts
	}
	p.diags.Append(resp.Plan.Set(ctx, p.plan)...)
	if !p.ready() {
		if !replaces && p.plan.mayStart(p.state) {
			p.diags.Append(startNotCompared(p.plan.key()))
		}
		return
	}
	if runner := p.openRunner(p.diags); runner != nil {
		p.check(ctx, runner, resp)
	}
}

// planComing plans a rollout that is created. It compares it with rollouts that the same walk destroys or has
// found without a task. A replacement whose task is unknown is not compared.
func (p *rolloutPlanning) planComing(ctx context.Context, replaces bool) {
	if !replaces {
		p.diags.Append(p.checkMasterKey(p.plan.ProductID)...)
	}
	coming := p.plan.coming()
	if !replaces || coming.taskKnown() {
		for _, old := range p.session.rollouts.comes(coming) {
			p.checkPair(ctx, old, coming)
		}
	}
	if key, found := p.session.rollouts.orphan(coming); found && !coming.recreates {
		p.diags.Append(recreatedRollout(key))
	}
}

// mayStart reports whether m starts a task that is known. A rollout in the state has started its task, unless
// the task is pending.
func (m upgradeRolloutModel) mayStart(state *upgradeRolloutModel) bool {
	if m.ID.IsUnknown() || m.ExpectedDeviceCount.Equal(types.Int64Value(0)) {
		return false
	}
	return state == nil || !m.ID.Equal(state.ID) || m.acts(*state) && state.Status.ValueString() == aep.TaskPending.String()
}

// check refuses a plan that would start another task after the task of the state has gone. It plans a
// replacement for a task that ends, and announces a start.
func (p *rolloutPlanning) check(ctx context.Context, runner *campaign.Runner, resp *resource.ModifyPlanResponse) {
	state := p.state
	starts := state == nil || p.plan.acts(*state)
	switch {
	case state == nil:
		p.inherit(ctx)
	case !p.plan.taskKnown() && !runner.IsLeaving(state.key()) && runner.IsComing(state.ProductID.ValueInt64()):
		p.diags.Append(rolloutMayMove(state.key()))
		return
	case !p.plan.ProductID.Equal(state.ProductID) || !p.plan.TaskID.Equal(state.TaskID):
		leaves := runner.IsLeaving(state.key())
		starts = starts || leaves || !p.plan.ID.IsUnknown() && !p.plan.ID.Equal(state.ID)
		if leaves {
			resp.RequiresReplace.Append(path.Root("task_id"))
		}
		p.checkRebound(ctx, runner)
	case state.Status.ValueString() == aep.TaskRunning.String():
		p.checkSurplus(ctx, runner)
	}
	if starts && !p.diags.HasError() {
		p.announceStart(ctx, runner, p.owner(ctx))
	}
}
