package provider

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
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
	gone := state != nil && r.session.rollouts.planned(state.key(), destroy)
	announced := false
	if destroy && state != nil {
		announced, diags = r.announceCancel(ctx, *state)
		resp.Diagnostics.Append(diags...)
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, cancelAnnouncedKey, []byte(strconv.FormatBool(announced)))...)
	if announced && r.session.rollouts.moves(state.key(), true) {
		resp.Diagnostics.Append(relabelledRollout(state.key()))
	}
	if destroy {
		return
	}
	plan = plan.identified()
	if state == nil && !plan.ID.IsUnknown() && r.session.rollouts.moves(plan.key(), false) {
		resp.Diagnostics.Append(relabelledRollout(plan.key()))
	}
	if state != nil && plan.ID.Equal(state.ID) && !plan.acts(*state) {
		plan.rolloutCounts = state.rolloutCounts
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	if !r.ready() {
		return
	}
	if runner := r.open(&resp.Diagnostics); runner != nil {
		r.checkPlan(ctx, runner, plan, state, gone, req, resp)
	}
}

// relabelledRollout refuses to cancel a campaign whose rollout has got a new address.
func relabelledRollout(key aep.TaskKey) diag.Diagnostic {
	return failure("Upgrade rollout would cancel its own task",
		"Task %s: this plan destroys one rollout, which cancels every device that is not done (on_destroy = \"cancel\"), and creates another for the same task. "+
			"Nothing was changed.\n\n"+
			"If the resource has a new address, tell Terraform:\n\n"+
			"  moved {\n    from = aep_upgrade_rollout.OLD\n    to   = aep_upgrade_rollout.NEW\n  }\n\n"+
			"If it is tainted, run terraform untaint. Otherwise set on_destroy = \"none\" on the rollout that goes, and apply that first.", key)
}

// checkPlan refuses a plan that would start another task after that of the state
// has gone, plans a replacement for a task that leaves, and announces a start.
func (r *upgradeRolloutResource) checkPlan(ctx context.Context, runner *campaign.Runner, plan upgradeRolloutModel,
	state *upgradeRolloutModel, gone bool, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	starts := state == nil || plan.acts(*state)
	switch {
	case state == nil:
		resp.Diagnostics.Append(r.inherited(ctx, plan, req, resp)...)
		resp.Diagnostics.Append(r.notRecreated(plan)...)
	case !plan.ProductID.Equal(state.ProductID) || !plan.TaskID.Equal(state.TaskID):
		starts = starts || runner.IsLeaving(state.key()) || !plan.ID.IsUnknown() && !plan.ID.Equal(state.ID)
		if runner.IsLeaving(state.key()) {
			resp.RequiresReplace.Append(path.Root("task_id"))
		}
		resp.Diagnostics.Append(rebindable(ctx, runner, plan, *state, gone, req.Private)...)
	}
	if starts && !resp.Diagnostics.HasError() {
		owner, diags := rolloutOwner(ctx, plan, state, req, resp)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(announceStart(ctx, runner, plan, owner)...)
	}
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
func rebindable(ctx context.Context, runner *campaign.Runner, plan, state upgradeRolloutModel, gone bool, private privateReader,
) diag.Diagnostics {
	started, diags := wasStarted(ctx, private)
	if plan.AllowRecreate.ValueBool() || state.isEmpty() && !started {
		return diags
	}
	if !gone {
		_, err := runner.SharedDetail(ctx, state.key())
		_, gone = errors.AsType[*campaign.GoneError](err)
		if err != nil && !gone {
			diags.Append(unable("read", "the task of an upgrade rollout", err))
		}
	}
	if gone {
		diags.AddAttributeError(path.Root("task_id"), "Upgrade task of the rollout is gone", fmt.Sprintf(
			"Task %d of product %d, which this rollout has started, does not exist any more. This plan would bind the rollout to another task "+
				"and start that one: devices that were upgraded would be upgraded again.\n\nTo do so, set allow_recreate = true on the rollout. "+
				"Otherwise remove the resources of this campaign from the configuration, or destroy them with terraform destroy -refresh=false.",
			state.key().TaskID, state.key().ProductID))
	}
	return diags
}

// notRecreated refuses to create a rollout while the task of a tainted one is
// gone: the plan of a tainted rollout looks like a create.
func (r *upgradeRolloutResource) notRecreated(plan upgradeRolloutModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if key, found := r.session.rollouts.orphan(plan.ProductID); found && !plan.AllowRecreate.ValueBool() {
		diags.AddAttributeError(path.Root("task_id"), "Upgrade task of a tainted rollout is gone", fmt.Sprintf(
			"Task %d of product %d, which a tainted rollout has started, does not exist any more. Replacing the rollout would start another "+
				"task: devices that were upgraded would be upgraded again.\n\nTo do so, set allow_recreate = true on the rollout. "+
				"Otherwise keep the old rollout with terraform untaint ADDRESS, or forget it by removing it from the configuration.",
			key.TaskID, key.ProductID))
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
		if err := runner.RefuseStrays(ctx, task, count.ValueInt64()); err != nil {
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

// announceCancel warns of the devices that a destroy cancels, and returns whether
// there may be any. The destroy is planned whether or not the platform answers.
func (r *upgradeRolloutResource) announceCancel(ctx context.Context, state upgradeRolloutModel) (announced bool, diags diag.Diagnostics) {
	if state.OnDestroy.ValueString() != destroyCancel {
		return false, nil
	}
	var now campaign.Observation
	runner, err := r.session.open()
	if err == nil {
		now, err = runner.Observe(ctx, state.key())
	}
	key, active := state.key(), now.Histogram.MaybeActive()
	const keep = "To keep them, apply on_destroy = \"none\" first."
	switch _, gone := errors.AsType[*campaign.GoneError](err); {
	case gone || err == nil && (now.Task.Status == aep.TaskFinished || active == 0):
		return false, nil
	case err != nil:
		diags.AddWarning("Destroying the upgrade rollout may cancel devices", fmt.Sprintf(
			"The rollout has on_destroy = \"cancel\": it cancels every device of task %d of product %d that is waiting or under way. "+
				"How many these are could not be read: %v.\n\n%s", key.TaskID, key.ProductID, err, keep))
	default:
		diags.AddWarning("Destroying the upgrade rollout cancels "+countedDevices(active, ""), fmt.Sprintf(
			"The rollout has on_destroy = \"cancel\": it cancels every device that is waiting or under way. "+
				"Task %d of product %d is %s.\n\n%s", key.TaskID, key.ProductID, now, keep))
	}
	return true, diags
}

// startSummary says what a start flashes.
func startSummary(task aep.Task, on string) string {
	return fmt.Sprintf("Starts task %d '%s' on %s: firmware %s, version %s", task.ID, task.Name, on, task.FirmwareName, task.FirmwareVersion)
}
