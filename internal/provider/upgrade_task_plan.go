package provider

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// leavingTask is the mark in the planned private data of a task, under leavesKey.
// Terraform plans a replacement twice, the second time without the state.
type leavingTask struct {
	ProductID int64 `json:"product_id"`
	TaskID    int64 `json:"task_id"`
	Force     bool  `json:"force"` // force_destroy, of the state or of the configuration

	// A task of this name and firmware may be adopted instead of created.
	Name       string `json:"name"`
	FirmwareID int64  `json:"firmware_id"`
}

func (l leavingTask) key() aep.TaskKey { return aep.TaskKey{ProductID: l.ProductID, TaskID: l.TaskID} }

func (r *upgradeTaskResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var (
		plan, state upgradeTaskModel
		leaving     leavingTask
	)
	exists := !req.State.Raw.IsNull()
	if exists {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		leaving = leavingTask{
			ProductID: state.ProductID.ValueInt64(), TaskID: state.TaskID.ValueInt64(), Force: state.ForceDestroy.ValueBool(),
			Name: state.Name.ValueString(), FirmwareID: state.FirmwareID.ValueInt64(),
		}
		resp.Diagnostics.Append(r.planManaged(state.key())...)
	}
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
		leaving.Force = leaving.Force || plan.ForceDestroy.ValueBool()
	}
	if exists {
		resp.Diagnostics.Append(setMark(ctx, resp.Private, leavesKey, leaving)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planLeaving(ctx, leaving, nil)...)
		return
	}
	plan.Protocol = plan.plannedProtocol()
	switch {
	case exists:
		r.planChange(ctx, &plan, state, leaving, resp)
	case mark(ctx, req.Private, leavesKey, &leaving):
		resp.Diagnostics.Append(r.planLeaving(ctx, leaving, &plan)...)
		if plan.AdoptExisting.ValueBool() && plan.Name.ValueString() == leaving.Name && plan.FirmwareID.ValueInt64() == leaving.FirmwareID {
			resp.Diagnostics.Append(adoptsItself(leaving))
		}
	}
	if !exists {
		resp.Diagnostics.Append(r.planComing(plan)...)
		resp.Diagnostics.Append(r.planAdoption(ctx, plan, leaving.key())...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// plannedProtocol is the protocol that the settings are for, unknown while one
// of them is.
func (m upgradeTaskModel) plannedProtocol() types.String {
	if m.RetryTimes.IsUnknown() || m.TimeoutHours.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(m.wantedProtocol().String())
}

// replaces reports whether m needs another task than state. What is not known
// yet may turn out to be the same.
func (m upgradeTaskModel) replaces(state upgradeTaskModel) bool {
	return !m.Protocol.IsUnknown() && !m.Protocol.Equal(state.Protocol) ||
		!m.ProductID.IsUnknown() && !m.ProductID.Equal(state.ProductID) ||
		!m.FirmwareID.IsUnknown() && !m.FirmwareID.Equal(state.FirmwareID)
}

// planChange adds to the plan of an existing task what the attributes by
// themselves can't say.
func (r *upgradeTaskResource) planChange(ctx context.Context, plan *upgradeTaskModel, state upgradeTaskModel, leaving leavingTask,
	resp *resource.ModifyPlanResponse,
) {
	if !plan.Protocol.IsUnknown() && !plan.Protocol.Equal(state.Protocol) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("protocol"))
	}
	if plan.replaces(state) {
		// Of the second planning Terraform shows errors only.
		resp.Diagnostics.Append(r.planLeaving(ctx, leaving, plan)...)
		return
	}
	if runner := r.opened(&resp.Diagnostics); runner != nil {
		runner.MarkStaying(state.key())
		if !plan.Name.Equal(state.Name) {
			resp.Diagnostics.Append(r.planRename(ctx, runner, state)...)
		}
	}
	switch {
	case plan.sameSettings(state):
		plan.Status = state.Status
	case state.Status.ValueString() == aep.TaskRunning.String():
		resp.Diagnostics.Append(modifiesRunning(state))
	}
}

// planRename refuses to create a task under the name that a started task gives up: an
// index of count has shifted.
func (r *upgradeTaskResource) planRename(ctx context.Context, runner *campaign.Runner, state upgradeTaskModel) (diags diag.Diagnostics) {
	task, err := runner.Task(ctx, state.key())
	if err != nil || task.Status == aep.TaskPending {
		return nil // what is wrong with the task is reported where it is changed
	}
	end := taskEnd{key: state.key(), like: state.likeness(), evidence: taskRenamed}
	if like, again := r.session.tasks.ends(end); again {
		diags.Append(createdAgain(end, like))
	}
	return diags
}

// planManaged records that the task has a resource. It refuses a plan in which
// another resource would adopt the task.
func (r *upgradeTaskResource) planManaged(key aep.TaskKey) (diags diag.Diagnostics) {
	if runner := r.opened(&diags); runner != nil && runner.Manage(key) {
		diags.Append(contestedTask(key))
	}
	return diags
}

// planComing records that the plan creates a task. It refuses to create one that the
// same plan destroys.
func (r *upgradeTaskResource) planComing(plan upgradeTaskModel) (diags diag.Diagnostics) {
	if runner := r.opened(&diags); runner != nil {
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

func (m upgradeTaskModel) likeness() taskLikeness {
	return taskLikeness{productID: m.ProductID, firmwareID: m.FirmwareID, name: m.Name}
}

// planEnd records that the plan destroys a task that may have been started. It refuses
// to create its like in the same plan. A task that is replaced by its like has not ended:
// -replace asks for that.
func (r *upgradeTaskResource) planEnd(t leavingTask, successor *upgradeTaskModel, evidence startEvidence) (diags diag.Diagnostics) {
	if r.session == nil || successor != nil && t.likeness().mayBe(successor.likeness()) {
		return nil
	}
	end := taskEnd{key: t.key(), like: t.likeness(), evidence: evidence}
	if like, again := r.session.tasks.ends(end); again {
		diags.Append(createdAgain(end, like))
		return diags
	}
	return r.session.upgradedAgain()
}

// upgradedAgain refuses a plan that destroys a started task with its sets, and lists
// their devices for a new task of the same firmware. Whatever is planned last asks.
func (s *session) upgradedAgain() (diags diag.Diagnostics) {
	for _, key := range s.tasks.repeats() {
		if devices := s.claims.ListedAnew(key); len(devices) > 0 {
			diags.Append(devicesUpgradedAgain(key, devices))
		}
	}
	return diags
}

func (l leavingTask) likeness() taskLikeness {
	return taskLikeness{
		productID: types.Int64Value(l.ProductID), firmwareID: types.Int64Value(l.FirmwareID), name: types.StringValue(l.Name),
	}
}

// planLeaving plans the end of a task. It reads the platform, because the state
// may be older than the start of the task. A task that is pending may still hold
// devices: its sets are destroyed before it. A task that is not replaced has no successor.
func (r *upgradeTaskResource) planLeaving(ctx context.Context, t leavingTask, successor *upgradeTaskModel) (diags diag.Diagnostics) {
	verb := "replace"
	if successor == nil {
		verb = "destroy"
	}
	if !r.ready() {
		return r.planEnd(t, successor, taskNotRead)
	}
	runner := r.opened(&diags)
	if runner == nil {
		return diags
	}
	key := t.key()
	runner.MarkLeaving(key)
	task, err := runner.Task(ctx, key)
	if _, gone := errors.AsType[*campaign.GoneError](err); gone {
		return r.planEnd(t, successor, taskGone)
	}
	if err != nil {
		diags.Append(unable(verb, "upgrade task", err))
		return diags
	}
	if task.Status == aep.TaskPending {
		return diags
	}
	diags.Append(r.planEnd(t, successor, seenStarted)...)
	if task.Status == aep.TaskFinished {
		return diags
	}
	now, err := runner.Observe(ctx, key)
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
