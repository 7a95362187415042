package provider

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Keys of the private state of a rollout.
const (
	// cancelAnnouncedKey says that the plan of a destroy has announced a cancel. Only
	// then Delete may cancel devices: it is called for replacements too, with the
	// private state of their planning.
	cancelAnnouncedKey = "cancel_announced"
	// beforeKey holds the devices that took no part in the start.
	beforeKey = "before_start"
	// startedKey says that the start of the task may have arrived. A failed update
	// leaves the counts of before in the state.
	startedKey = "started"
	// ownerKey names the rollout across the two plannings of a replacement.
	ownerKey = "owner"
)

func (r *upgradeRolloutResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan upgradeRolloutModel
	destroy := req.Plan.Raw.IsNull()
	state, diags := priorRollout(ctx, req)
	resp.Diagnostics.Append(diags...)
	if !destroy {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if resp.Diagnostics.HasError() || r.session == nil {
		return
	}
	if state != nil {
		r.session.rollouts.planned(state.key())
	}
	// A replacement is planned a second time without the state, with the private data of the first.
	mark, diags := req.Private.GetKey(ctx, cancelAnnouncedKey)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, cancelAnnouncedKey, []byte("false"))...)
	if destroy {
		if state != nil {
			r.planLeaving(ctx, *state, req, resp)
		}
		return
	}
	plan, replaces := plan.identified(), state == nil && len(mark) > 0
	if state == nil {
		resp.Diagnostics.Append(r.planComing(ctx, plan, replaces)...)
	}
	if state != nil && plan.ID.Equal(state.ID) && !plan.acts(*state) {
		plan.rolloutCounts = state.rolloutCounts
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	if !r.ready() {
		if !replaces && plan.mayStart(state) {
			resp.Diagnostics.Append(startNotCompared(plan.key()))
		}
		return
	}
	if runner := r.open(&resp.Diagnostics); runner != nil {
		r.checkPlan(ctx, runner, plan, state, req, resp)
	}
}

// mayStart reports whether m starts a task that is known. A rollout in the state has
// started its task, unless that is pending.
func (m upgradeRolloutModel) mayStart(state *upgradeRolloutModel) bool {
	if m.ID.IsUnknown() || m.ExpectedDeviceCount.Equal(types.Int64Value(0)) {
		return false
	}
	return state == nil || !m.ID.Equal(state.ID) || m.acts(*state) && state.Status.ValueString() == aep.TaskPending.String()
}

// startNotCompared refuses a start whose task may hold devices that no set lists.
func startNotCompared(key aep.TaskKey) diag.Diagnostic {
	return failure("Start of an upgrade task can't be checked",
		"Task %s: this plan would start it, and the provider configuration is known only after apply. "+
			"So the plan can't compare the devices of the task with the sets, nor say what would be upgraded. Nothing was changed.\n\n"+
			"Apply what the provider block depends on first (-target), and then this. To destroy everything, run terraform destroy -refresh=false.", key)
}

// checkPlan refuses a plan that would start another task after that of the state
// has gone, plans a replacement for a task that leaves, and announces a start.
func (r *upgradeRolloutResource) checkPlan(ctx context.Context, runner *campaign.Runner, plan upgradeRolloutModel,
	state *upgradeRolloutModel, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	starts := state == nil || plan.acts(*state)
	switch {
	case state == nil:
		resp.Diagnostics.Append(r.inherited(ctx, plan, req, resp)...)
	case (plan.ProductID.IsUnknown() || plan.TaskID.IsUnknown()) && !runner.IsLeaving(state.key()) && runner.IsComing(state.ProductID.ValueInt64()):
		resp.Diagnostics.Append(rolloutMayMove(*state))
		return
	case !plan.ProductID.Equal(state.ProductID) || !plan.TaskID.Equal(state.TaskID):
		starts = starts || runner.IsLeaving(state.key()) || !plan.ID.IsUnknown() && !plan.ID.Equal(state.ID)
		if runner.IsLeaving(state.key()) {
			resp.RequiresReplace.Append(path.Root("task_id"))
		}
		resp.Diagnostics.Append(r.rebindable(ctx, runner, plan, *state, req.Private)...)
	case state.Status.ValueString() == aep.TaskRunning.String():
		resp.Diagnostics.Append(surplusDevices(ctx, runner, plan, *state)...)
	}
	if starts && !resp.Diagnostics.HasError() {
		owner, diags := rolloutOwner(ctx, plan, state, req, resp)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(announceStart(ctx, runner, plan, owner)...)
	}
}

// rolloutMayMove refuses a plan that keeps the task of a rollout and creates another,
// to which the rollout may belong once task_id is known.
func rolloutMayMove(state upgradeRolloutModel) diag.Diagnostic {
	return diag.WithPath(path.Root("task_id"), failure("Task of an upgrade rollout is not known yet",
		"The rollout belongs to task %d of product %d, and this plan keeps that task. The plan also creates a task. "+
			"task_id is known only after apply, so the rollout might have to leave its task. Nothing was changed.\n\n"+
			"If the task's resource has a new address, add a moved block. If it was removed from the state, import it. "+
			"If it is tainted, run terraform untaint, or plan with a refresh. If the rollout shall go to the new task, apply that task first (-target).",
		state.key().TaskID, state.key().ProductID))
}

// priorRollout returns the state, nil if there is none.
func priorRollout(ctx context.Context, req resource.ModifyPlanRequest) (*upgradeRolloutModel, diag.Diagnostics) {
	if req.State.Raw.IsNull() {
		return nil, nil
	}
	var state upgradeRolloutModel
	diags := req.State.Get(ctx, &state)
	return &state, diags
}

// rebindable refuses to bind a rollout to another task after its own has gone.
func (r *upgradeRolloutResource) rebindable(ctx context.Context, runner *campaign.Runner, plan, state upgradeRolloutModel, private privateReader,
) diag.Diagnostics {
	started, diags := wasStarted(ctx, state, private)
	if plan.AllowRecreate.ValueBool() || !started {
		return diags
	}
	if r.isGone(ctx, runner, state.key(), &diags) {
		diags.AddAttributeError(path.Root("task_id"), "Upgrade task of the rollout is gone", fmt.Sprintf(
			"Task %d of product %d, which this rollout has started, does not exist any more. This plan would bind the rollout to another task "+
				"and start that one: devices that were upgraded would be upgraded again.\n\nTo do so, set allow_recreate = true on the rollout. "+
				"Otherwise remove the resources of this campaign from the configuration, or destroy them with terraform destroy -refresh=false.",
			state.key().TaskID, state.key().ProductID))
	}
	return diags
}

// isGone reports whether the task of a rollout does not exist.
func (r *upgradeRolloutResource) isGone(ctx context.Context, runner *campaign.Runner, key aep.TaskKey, diags *diag.Diagnostics) bool {
	if r.session.rollouts.isGone(key) {
		return true
	}
	_, err := runner.SharedDetail(ctx, key)
	_, gone := errors.AsType[*campaign.GoneError](err)
	if err != nil && !gone {
		diags.Append(unable("read", "the task of an upgrade rollout", err))
	}
	return gone
}

// surplusDevices names the devices of a running task that no set lists. A run that
// was killed while it attached them has left them in no state.
func surplusDevices(ctx context.Context, runner *campaign.Runner, plan, state upgradeRolloutModel) (diags diag.Diagnostics) {
	if plan.ExpectedDeviceCount.IsUnknown() {
		return nil
	}
	devices, err := runner.UnlistedAfterStart(ctx, state.key(), plan.ExpectedDeviceCount.ValueInt64(), state.TotalCount.ValueInt64())
	switch {
	case err != nil:
		diags.Append(unable("list", "the devices of an upgrade task", err))
	case len(devices) > 0:
		diags.AddWarning("Task holds other devices", fmt.Sprintf("Task %d of product %d is running. It also holds %s that no set of this run lists: %s.\n\n"+
			"They are upgraded with the task. List them in a set, or cancel them with the action aep_upgrade_cancel.",
			state.key().TaskID, state.key().ProductID, countedDevices(len(devices), "active"), someIDs(devices)))
	}
	return diags
}

// inherited gives the private data of a tainted rollout to its planning, which looks
// like a create. With them its Delete leaves them to the Create that follows.
func (r *upgradeRolloutResource) inherited(ctx context.Context, plan upgradeRolloutModel, req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) diag.Diagnostics {
	kept, diags := req.Private.GetKey(ctx, beforeKey)
	if len(kept) > 0 || plan.ID.IsUnknown() {
		return diags
	}
	return append(diags, keepBefore(ctx, resp.Private, r.session.rollouts.keptBefore(plan.key()))...)
}

// rolloutOwner returns a name for the rollout that stays the same when a
// replacement is planned a second time, "" if there is none.
func rolloutOwner(ctx context.Context, plan upgradeRolloutModel, state *upgradeRolloutModel,
	req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) (string, diag.Diagnostics) {
	if state != nil {
		owner := state.ID.ValueString()
		return owner, resp.Private.SetKey(ctx, ownerKey, []byte(strconv.Quote(owner)))
	}
	kept, diags := req.Private.GetKey(ctx, ownerKey)
	if owner, err := strconv.Unquote(string(kept)); err == nil {
		return owner, diags
	}
	if plan.ID.IsUnknown() {
		return "", diags
	}
	return plan.ID.ValueString(), diags
}

// announceStart warns of the devices that will be flashed, as far as they are
// known, and refuses more than one run may start.
func announceStart(ctx context.Context, runner *campaign.Runner, plan upgradeRolloutModel, owner string) diag.Diagnostics {
	var diags diag.Diagnostics
	count := plan.ExpectedDeviceCount
	if !count.IsUnknown() && count.ValueInt64() == 0 {
		return diags
	}
	on := "a number of devices that is known after apply"
	if !count.IsUnknown() {
		on = countedDevices(count.ValueInt64(), "")
	}
	if plan.TaskID.IsUnknown() || plan.ProductID.IsUnknown() {
		diags.AddWarning("Starts an upgrade task on "+on, "The task and its firmware are known after apply. "+
			"The start is refused if the task then holds another number of devices than expected_device_count.")
	} else {
		task, err := runner.SharedDetail(ctx, plan.key())
		if gone, ok := errors.AsType[*campaign.GoneError](err); ok {
			// terraform destroy makes such a plan first. An error would keep it from destroying.
			diags.AddWarning("Upgrade task to start does not exist",
				capitalized(gone.Error())+". An apply of this plan fails before it starts anything.")
			return diags
		}
		if err != nil {
			diags.Append(unable("plan the start of", "upgrade task", err))
			return diags
		}
		if task.Status != aep.TaskPending {
			return diags
		}
		expected := count.ValueInt64()
		if count.IsUnknown() {
			expected = ownership.UnknownCount
		}
		runner.Sets.AnnounceStart(task, expected)
		if err := runner.CheckAnnouncedStart(ctx, plan.key()); err != nil {
			diags.Append(unable("start", "upgrade task", err))
			return diags
		}
		diags.AddWarning(startSummary(task, on), fmt.Sprintf("Task %d of product %d lists %s.", task.ID, task.ProductID,
			countedDevices(task.DeviceCount, "")))
	}
	if err := runner.Reserve(campaign.UseStart, owner, count.ValueInt64()); err != nil {
		diags.Append(unable("plan the start of", "upgrade task", err))
	}
	return diags
}

// startSummary says what a start flashes.
func startSummary(task aep.Task, on string) string {
	return fmt.Sprintf("Starts task %d '%s' on %s: firmware %s, version %s", task.ID, task.Name, on, task.FirmwareName, task.FirmwareVersion)
}
