package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	rolloutTimeout       = 60 * time.Minute
	rolloutReadTimeout   = 5 * time.Minute
	rolloutDeleteTimeout = 30 * time.Minute
)

var (
	_ resource.ResourceWithConfigure      = (*upgradeRolloutResource)(nil)
	_ resource.ResourceWithValidateConfig = (*upgradeRolloutResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*upgradeRolloutResource)(nil)
	_ resource.ResourceWithImportState    = (*upgradeRolloutResource)(nil)
	_ resource.ResourceWithIdentity       = (*upgradeRolloutResource)(nil)
)

func newUpgradeRolloutResource() resource.Resource { return &upgradeRolloutResource{} }

// upgradeRolloutResource is the start of a task and the watch over it. It has
// no object of its own on the platform.
type upgradeRolloutResource struct{ configuredResource }

func (r *upgradeRolloutResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_rollout"
}

// ValidateConfig warns of gates that nothing would judge.
func (r *upgradeRolloutResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config upgradeRolloutModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.WaitFor.IsUnknown() || config.WaitFor.ValueString() == string(campaign.WaitFinished) {
		return
	}
	for name, set := range map[string]bool{
		"minimum_success_percent": !config.MinimumSuccessPercent.IsNull(), "abort_failure_percent": !config.AbortFailurePercent.IsNull(),
	} {
		if set {
			resp.Diagnostics.AddAttributeWarning(path.Root(name), "Gate is not judged", name+" takes effect with wait_for = \"finished\" alone; "+
				"without it the rollout does not wait for results, and whatever depends on it goes on.")
		}
	}
}

// destroyPlannedKey marks in private state that a destroy may cancel devices.
//
// Terraform replaces a rollout whose create failed, and its provider is told
// to destroy it just as if the practitioner wanted that. But such a plan is
// made as if there were no prior state, and so lacks the mark.
const destroyPlannedKey = "destroy_planned"

func (r *upgradeRolloutResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state upgradeRolloutModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, destroyPlannedKey, []byte("true"))...)
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan = plan.identified()
	if !req.State.Raw.IsNull() && plan.ID.Equal(state.ID) && !plan.waits(state) {
		plan.rolloutCounts = state.rolloutCounts
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

func (r *upgradeRolloutResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan upgradeRolloutModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, diags := plan.Timeouts.Create(ctx, rolloutTimeout)
	resp.Diagnostics.Append(diags...)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	if _, err := runner.StartTask(ctx, plan.key(), plan.ExpectedDeviceCount.ValueInt64Pointer()); err != nil {
		resp.Diagnostics.Append(startFailure(err))
		if !aep.Ambiguous(err) {
			return
		}
	}
	// From here on the task may run. With an error the rollout is tainted, and
	// replacing it only takes up the watch.
	resp.Diagnostics.Append(resp.State.Set(ctx, plan.uncounted())...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, plan.key())...)
	if resp.Diagnostics.HasError() {
		return
	}
	state, diags := r.followed(ctx, runner, plan)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *upgradeRolloutResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state upgradeRolloutModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Read(ctx, rolloutReadTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, state.key())...)
	if resp.Diagnostics.HasError() || r.unreadable(&resp.Diagnostics) {
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	now, err := runner.Observe(ctx, state.key())
	if gone, ok := errors.AsType[*campaign.GoneError](err); ok {
		readGoneRollout(ctx, state, gone, resp)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(unable("read", "upgrade rollout", err))
		return
	}
	fresh, sameFailures := state.defaulted().recounted(now)
	if !sameFailures {
		failed, err := runner.FailedDevices(ctx, now, campaign.MaxListed)
		if err != nil {
			resp.Diagnostics.Append(unable("list", "failed devices", err))
			return
		}
		fresh = fresh.observed(now, failed)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, fresh)...)
}

func (r *upgradeRolloutResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state upgradeRolloutModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := plan.Timeouts.Update(ctx, rolloutTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, state.key())...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.waits(state) {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	if _, err := runner.StartTask(ctx, plan.key(), plan.ExpectedDeviceCount.ValueInt64Pointer()); err != nil {
		resp.Diagnostics.Append(startFailure(err))
		return
	}
	fresh, diags := r.followed(ctx, runner, plan)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return // the arguments of before stay in the state, so that the next plan judges again
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, fresh)...)
}

func (r *upgradeRolloutResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state upgradeRolloutModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Delete(ctx, rolloutDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	planned, diags := req.Private.GetKey(ctx, destroyPlannedKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || state.OnDestroy.ValueString() != destroyCancel || len(planned) == 0 {
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	task, err := runner.ReadTask(ctx, state.key())
	if _, gone := errors.AsType[*campaign.GoneError](err); gone || err == nil && task.Status == aep.TaskFinished {
		return
	}
	var outcome campaign.CancelOutcome
	if err == nil {
		outcome, err = runner.CancelActive(ctx, state.key(), task.Protocol(), cancelBatchSize, -1)
	}
	if err != nil {
		resp.Diagnostics.Append(unable("cancel", "the devices of an upgrade rollout", err))
		return
	}
	if len(outcome.Failures) > 0 {
		resp.Diagnostics.AddError("Unable to cancel the devices of an upgrade rollout", fmt.Sprintf(
			"Task %d of product %d: %s.\n\nDestroy again when they are final, or set on_destroy = \"none\" and apply that to leave them alone.",
			state.TaskID.ValueInt64(), state.ProductID.ValueInt64(), outcome))
	}
}

func (r *upgradeRolloutResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	key, diags := importedTask(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("product_id"), key.ProductID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("task_id"), key.TaskID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), key.String())...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, key)...)
}

// followed watches a started task as far as the plan asks, and returns what it
// has come to; with an error what is known of that.
func (r *upgradeRolloutResource) followed(ctx context.Context, runner *campaign.Runner, plan upgradeRolloutModel) (upgradeRolloutModel, diag.Diagnostics) {
	var (
		diags diag.Diagnostics
		now   campaign.Observation
		err   error
	)
	if until := campaign.WaitFor(plan.WaitFor.ValueString()); until == campaign.WaitNone {
		if now, err = runner.Observe(ctx, plan.key()); err != nil {
			diags.AddWarning("Upgrade task started, but not read back", fmt.Sprintf(
				"Task %d of product %d was started. %s. The next plan reads it.", plan.TaskID.ValueInt64(), plan.ProductID.ValueInt64(), capitalized(err.Error())))
			return plan.uncounted(), diags
		}
	} else if now, err = runner.Watch(ctx, plan.watchRequest(plan.key(), until)); err != nil {
		diags.Append(watchFailure(err))
		if now.Task.ID == 0 {
			return plan.uncounted(), diags
		}
	}
	failed, err := runner.FailedDevices(ctx, now, campaign.MaxListed)
	state := plan.observed(now, failed)
	if err != nil {
		// The next refresh looks for them.
		state.FailedDeviceIDs = types.ListNull(types.StringType)
	}
	return state, diags
}

// readGoneRollout drops a rollout from the state whose task does not exist.
func readGoneRollout(ctx context.Context, state upgradeRolloutModel, gone *campaign.GoneError, resp *resource.ReadResponse) {
	switch {
	case state.WaitFor.IsNull():
		resp.Diagnostics.AddError("Unable to import upgrade rollout", capitalized(gone.Error())+
			". Check both ids in the platform's console; the import id has the form "+taskIDForm+".")
	case state.Status.ValueString() == aep.TaskFinished.String():
		resp.Diagnostics.AddWarning("Finished upgrade task no longer exists", fmt.Sprintf(
			"%s, and it had finished when it was last seen. Its rollout stays in the state; to forget it, use a removed block or terraform state rm.", capitalized(gone.Error())))
	default:
		resp.State.RemoveResource(ctx)
	}
}
