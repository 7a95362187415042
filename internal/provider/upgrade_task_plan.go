package provider

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

func (r *upgradeTaskResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var (
		plan, state upgradeTaskModel
		leaving     leavingTask
	)
	exists, destroy := !req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !destroy {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if exists {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		leaving = state.leaving(plan)
		resp.Diagnostics.Append(setMark(ctx, resp.Private, leaving)...)
		resp.Diagnostics.Append(r.planManaged(state.key())...)
	}
	switch {
	case resp.Diagnostics.HasError():
		return
	case destroy:
		resp.Diagnostics.Append(planTaskEnd(ctx, &r.connection, leaving, nil)...)
		return
	}
	plan.Protocol = plan.plannedProtocol()
	if exists {
		r.planChange(ctx, &plan, state, resp)
	} else {
		resp.Diagnostics.Append(r.planNew(ctx, plan, req.Private)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// leaving returns the mark of a plan for the task of m.
func (m upgradeTaskModel) leaving(plan upgradeTaskModel) leavingTask {
	return leavingTask{
		ProductID: m.ProductID.ValueInt64(), TaskID: m.TaskID.ValueInt64(),
		Force: m.ForceDestroy.ValueBool() || plan.ForceDestroy.ValueBool(),
		Name:  m.Name.ValueString(), FirmwareID: m.FirmwareID.ValueInt64(),
	}
}

// planManaged records that the task has a resource. It refuses a plan in which another resource would adopt
// the task.
func (r *upgradeTaskResource) planManaged(key aep.TaskKey) (diags diag.Diagnostics) {
	if runner := r.openIfKnown(&diags); runner != nil && runner.Manage(key) {
		diags.Append(contestedTask(key))
	}
	return diags
}

// planNew plans a task that is not in the state. It may be the second planning of a replacement.
func (r *upgradeTaskResource) planNew(ctx context.Context, plan upgradeTaskModel, prior privateReader) (diags diag.Diagnostics) {
	var replaced leavingTask
	if readMark(ctx, prior, &replaced) {
		diags.Append(planTaskEnd(ctx, &r.connection, replaced, &plan)...)
		if plan.AdoptExisting.ValueBool() && plan.Name.ValueString() == replaced.Name && plan.FirmwareID.ValueInt64() == replaced.FirmwareID {
			diags.Append(adoptsItself(replaced))
		}
	} else {
		diags.Append(r.checkMasterKey(plan.ProductID)...)
	}
	diags.Append(r.planComing(plan)...)
	diags.Append(planAdoption(ctx, &r.connection, plan, replaced.key())...)
	return diags
}

// planComing records that the plan creates a task. It refuses to create a task that the same plan destroys.
func (r *upgradeTaskResource) planComing(plan upgradeTaskModel) (diags diag.Diagnostics) {
	if runner := r.openIfKnown(&diags); runner != nil {
		runner.MarkComing(plan.ProductID.ValueInt64())
	}
	if r.session == nil || plan.AllowRecreate.ValueBool() {
		return diags
	}
	if end, again := r.session.tasks.comes(plan.likeness()); again {
		diags.Append(createdAgain(end, plan.likeness()))
	}
	return diags
}

// planChange plans a task that exists: a replacement, or a change in place.
func (r *upgradeTaskResource) planChange(ctx context.Context, plan *upgradeTaskModel, state upgradeTaskModel,
	resp *resource.ModifyPlanResponse,
) {
	if !plan.Protocol.IsUnknown() && !plan.Protocol.Equal(state.Protocol) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("protocol"))
	}
	if plan.replaces(state) {
		// Terraform shows only the errors of the second planning.
		resp.Diagnostics.Append(planTaskEnd(ctx, &r.connection, state.leaving(*plan), plan)...)
		return
	}
	if runner := r.openIfKnown(&resp.Diagnostics); runner != nil {
		runner.MarkStaying(state.key())
		if !plan.Name.Equal(state.Name) {
			resp.Diagnostics.Append(r.planRename(ctx, runner, state)...)
		}
	}
	switch {
	case plan.sameSettings(state):
		plan.Status = state.Status
	case state.Status.ValueString() == aep.TaskRunning.String():
		resp.Diagnostics.Append(modifiesRunning(state.key()))
	}
}

// planRename refuses to create a task under the name that a started task gives up, as when an index of count
// shifts.
func (r *upgradeTaskResource) planRename(ctx context.Context, runner *campaign.Runner, state upgradeTaskModel) (diags diag.Diagnostics) {
	task, err := runner.Task(ctx, state.key())
	switch {
	case isGone(err): // the change reports it
		return nil
	case err != nil:
		diags.Append(unable("read", "upgrade task", err))
		return diags
	case task.Status == aep.TaskPending:
		return nil
	}
	end := taskEnd{key: state.key(), like: state.likeness(), evidence: taskRenamed}
	if like, again := r.session.tasks.ends(end); again {
		diags.Append(createdAgain(end, like))
	}
	return diags
}

// planAdoption warns which task a create will adopt. own is the task that the new task replaces, if any: it
// may be gone by then.
func planAdoption(ctx context.Context, c *connection, plan upgradeTaskModel, own aep.TaskKey) (diags diag.Diagnostics) {
	if !plan.AdoptExisting.ValueBool() {
		return nil
	}
	if plan.ProductID.IsUnknown() || plan.FirmwareID.IsUnknown() || plan.Name.IsUnknown() {
		diags.Append(adoptionNotKnown())
		return diags
	}
	runner := c.openIfKnown(&diags)
	if runner == nil {
		return diags
	}
	twin, err := runner.PlanAdoption(ctx, plan.createRequest(), own)
	if managed, ok := errors.AsType[*campaign.ManagedTaskError](err); ok {
		diags.Append(contestedTask(managed.Key))
		return diags
	}
	switch {
	case err != nil:
		diags.Append(createFailure(err, plan))
	case twin != nil:
		diags.Append(adopts(plan, *twin))
	}
	return diags
}

// planTaskEnd plans the end of a task; successor is the task that replaces it, nil if the task is destroyed.
// It reads the platform: the task may have been started since the state was written. A pending task may still
// hold devices, because its sets are destroyed first.
func planTaskEnd(ctx context.Context, c *connection, t leavingTask, successor *upgradeTaskModel) (diags diag.Diagnostics) {
	verb := "replace"
	if successor == nil {
		verb = "destroy"
	}
	if !c.ready() {
		return recordEnd(c.session, t, successor, taskNotRead)
	}
	runner := c.openIfKnown(&diags)
	if runner == nil {
		return diags
	}
	runner.MarkLeaving(t.key())
	task, err := runner.Task(ctx, t.key())
	switch {
	case isGone(err):
		return recordEnd(c.session, t, successor, taskGone)
	case err != nil:
		diags.Append(unable(verb, "upgrade task", err))
		return diags
	case task.Status == aep.TaskPending:
		return diags
	}
	diags.Append(recordEnd(c.session, t, successor, seenStarted)...)
	if task.Status == aep.TaskFinished {
		return diags
	}
	now, err := runner.Observe(ctx, t.key())
	switch {
	case err != nil:
		diags.Append(unable(verb, "upgrade task", err))
	case now.Histogram.MaybeActive() == 0:
	case t.Force:
		diags.Append(cancelsTask(now, verb))
	default:
		diags.Append(runningTask(now, verb))
	}
	return diags
}

// recordEnd records that the plan destroys a task that may have been started. It refuses to create a like
// task in the same plan. A replacement by a like task is not recorded: -replace asks for that.
func recordEnd(s *session, t leavingTask, successor *upgradeTaskModel, evidence startEvidence) (diags diag.Diagnostics) {
	if s == nil || successor != nil && t.likeness().mayBe(successor.likeness()) {
		return nil
	}
	end := taskEnd{key: t.key(), like: t.likeness(), evidence: evidence}
	if like, again := s.tasks.ends(end); again {
		diags.Append(createdAgain(end, like))
		return diags
	}
	return checkUpgradedAgain(s)
}

// checkUpgradedAgain refuses a plan that destroys a started task with its sets, and lists their devices for a
// new task of the same firmware. Each planning of a task or a set calls it, because Terraform plans them in
// any order.
func checkUpgradedAgain(s *session) (diags diag.Diagnostics) {
	for _, key := range s.tasks.repeats() {
		if devices := s.claims.ListedAnew(key); len(devices) > 0 {
			diags.Append(devicesUpgradedAgain(key, devices))
		}
	}
	return diags
}
