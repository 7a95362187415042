package provider

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

func (r *upgradeDevicesResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	p := &setPlanning{connection: &r.connection, prior: req.Private, diags: &resp.Diagnostics}
	exists, destroy := !req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	var leaving leavingSet
	replaces := !exists && readMark(ctx, req.Private, &leaving)
	if exists {
		resp.Diagnostics.Append(req.State.Get(ctx, &p.state)...)
	}
	if exists || replaces {
		p.ledger, _ = readLedger(ctx, req.Private, p.diags)
	}
	if !resp.Diagnostics.HasError() && !destroy {
		p.readPlan(ctx, req, exists)
	}
	if exists {
		p.force = p.state.ForceDestroy.ValueBool() || p.plan.ForceDestroy.ValueBool()
		leaving = leavingSet{Task: p.state.key().String(), Force: p.force, Ends: !destroy && p.taskLeaves()}
		resp.Diagnostics.Append(setMark(ctx, resp.Private, leaving)...)
	}
	switch {
	case resp.Diagnostics.HasError():
		return
	case destroy:
		p.planEnd(ctx, "destroy")
		return
	case !exists:
		p.planNew(ctx, leaving.Task)
	case p.moves():
		if !p.plan.taskKnown() {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("task_id"))
		}
		p.planEnd(ctx, "replace")
		p.checkCreateTime(ctx, 0) // Terraform shows no warnings of the planning that follows
		p.plan = p.plan.undecided()
	default:
		p.planUpdate(ctx)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, p.plan)...)
}

// planNew plans a set that does not exist. replaced is the task of the set that it replaces, "" if it
// replaces none.
func (p *setPlanning) planNew(ctx context.Context, replaced string) {
	taskKnown := p.plan.taskKnown()
	if taskKnown && replaced == p.plan.key().String() {
		p.diags.Append(sameTaskReplaced(p.plan))
		return
	}
	if replaced == "" {
		p.diags.Append(p.checkMasterKey(p.plan.ProductID)...)
	}
	p.plan = p.plan.identified()
	p.checkExclusive(taskKnown)
	c := p.claimOf("", nil)
	c.MayLeaveOut = p.plan.mayLeaveOut()
	if replaced != "" {
		c.Owner = p.ledger.owner
	}
	if taskKnown {
		c.CancelsUnlisted = p.unlisted(ctx, p.plan.key())
	}
	if runner := p.runner(); !taskKnown && p.taskComes() && runner != nil {
		c.MayBeNew, c.Candidates = true, runner.Staying(p.plan.ProductID.ValueInt64())
	}
	p.claim(ctx, c)
	if !p.known {
		p.plan = p.plan.undecided()
		return
	}
	if len(p.want.source) == 0 {
		p.diags.Append(emptyAtCreation(p.plan))
	}
	// If the number differs in the second planning, Terraform ends the apply.
	p.plan = p.plan.withDesired(p.want.set).withChange(len(p.want.set), len(c.CancelsUnlisted))
	p.reserve(cmp.Or(p.plan.ID.ValueString(), p.plan.DeviceIDsSHA256.ValueString()), len(p.want.set))
	p.preflight(ctx, p.want.set)
	p.checkCreateTime(ctx, len(c.CancelsUnlisted))
}
