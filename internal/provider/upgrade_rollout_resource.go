package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	rolloutTimeout       = 60 * time.Minute
	rolloutFinishTimeout = 24 * time.Hour // with wait_for = "finished"
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
func (r *upgradeRolloutResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest,
	resp *resource.ValidateConfigResponse,
) {
	var config upgradeRolloutModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.WaitFor.IsUnknown() || config.WaitFor.ValueString() == string(campaign.WaitFinished) {
		return
	}
	for name, set := range map[string]bool{
		"minimum_success_percent": !config.MinimumSuccessPercent.IsNull(), "abort_failure_percent": !config.AbortFailurePercent.IsNull(),
	} {
		if set {
			resp.Diagnostics.AddAttributeWarning(path.Root(name), "Gate is not judged", name+" takes effect only with wait_for = \"finished\". "+
				"Without it the rollout does not wait for results, nor does what depends on it.")
		}
	}
}

func (r *upgradeRolloutResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan upgradeRolloutModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, diags := plan.Timeouts.Create(ctx, plan.timeout())
	resp.Diagnostics.Append(diags...)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.rollouts.made()
	limited, cancel := withLimit(ctx, "create", limit)
	defer cancel()

	started, err := runner.StartTask(limited, plan.key(), plan.ExpectedDeviceCount.ValueInt64Pointer())
	if err != nil {
		resp.Diagnostics.Append(startFailure(err))
		if !aep.Ambiguous(err) {
			return
		}
	}
	// From here on the task may run. With an error the rollout is tainted, and
	// replacing it only continues the watch.
	resp.Diagnostics.Append(resp.State.Set(ctx, plan.uncounted())...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, plan.key())...)
	started, diags = keepStart(ctx, resp.Private, started, r.session.rollouts.keptBefore(plan.key()))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	state, diags := followed(ctx, limited, runner, plan, started)
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
	ctx, cancel := withLimit(ctx, "read", limit)
	defer cancel()

	before, diags := keptBefore(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	r.session.rollouts.keepBefore(state.key(), before)
	now, err := runner.Observe(ctx, state.key())
	if gone, ok := errors.AsType[*campaign.GoneError](err); ok {
		runner.MarkLeaving(state.key())
		r.session.rollouts.taskIsGone(state.key())
		resp.Diagnostics.Append(goneRollout(state, gone))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(unable("read", "upgrade rollout", err))
		return
	}
	if state.WaitFor.IsNull() && now.Task.Status == aep.TaskPending {
		resp.Diagnostics.Append(importedBeforeStart(state))
	}
	now = now.Without(before)
	fresh, sameFailures := state.defaulted(now).recounted(now)
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
	limit, diags := plan.Timeouts.Update(ctx, plan.timeout())
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, state.key())...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.acts(state) {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	limited, cancel := withLimit(ctx, "update", limit)
	defer cancel()

	started, err := runner.StartTask(limited, plan.key(), plan.ExpectedDeviceCount.ValueInt64Pointer())
	if err != nil {
		resp.Diagnostics.Append(startFailure(err))
		if !aep.Ambiguous(err) {
			return
		}
	}
	kept, diags := keptBefore(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	started, diags = keepStart(ctx, resp.Private, started, kept)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	fresh, diags := followed(ctx, limited, runner, plan, started)
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
	announced, diags := req.Private.GetKey(ctx, cancelAnnouncedKey)
	resp.Diagnostics.Append(diags...)
	before, diags := keptBefore(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || r.session == nil {
		return
	}
	r.session.rollouts.keepBefore(state.key(), before)
	if state.OnDestroy.ValueString() != destroyCancel || string(announced) != "true" || r.session.rollouts.isDeposed(state.key()) {
		return
	}
	ctx, cancel := withLimit(ctx, "delete", limit)
	defer cancel()
	if runner := r.open(&resp.Diagnostics); runner != nil {
		resp.Diagnostics.Append(cancelRest(ctx, runner, state)...)
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

// followed watches a started task as far as the plan asks, for as long as the
// context limited lasts, and returns what the task has come to; with an error
// what is known of that.
func followed(
	ctx, limited context.Context, runner *campaign.Runner, plan upgradeRolloutModel, started campaign.Started,
) (upgradeRolloutModel, diag.Diagnostics) {
	var (
		diags diag.Diagnostics
		now   progress.Observation
		err   error
	)
	if until := campaign.WaitFor(plan.WaitFor.ValueString()); started.Empty || until == campaign.WaitNone {
		if now, err = runner.Observe(limited, plan.key()); err != nil {
			diags.AddWarning("Upgrade task not read back", fmt.Sprintf(
				"Reading task %d of product %d: %v. The next plan reads it again.", plan.TaskID.ValueInt64(), plan.ProductID.ValueInt64(), err))
			return plan.uncounted(), diags
		}
		now = now.Without(started.Before)
	} else {
		q := plan.watchRequest(plan.key(), until)
		q.Before, q.Unlimited = started.Before, ctx
		if now, err = runner.Watch(limited, q); err != nil {
			diags.Append(watchFailure(err))
			if now.Task.ID == 0 {
				return plan.uncounted(), diags
			}
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

// cancelRest cancels every device of a rollout that is not final.
func cancelRest(ctx context.Context, runner *campaign.Runner, state upgradeRolloutModel) (diags diag.Diagnostics) {
	task, err := runner.ReadTask(ctx, state.key())
	if _, gone := errors.AsType[*campaign.GoneError](err); gone || err == nil && task.Status == aep.TaskFinished {
		return nil
	}
	if err == nil {
		task, err = runner.SettleProtocol(ctx, task)
	}
	var outcome campaign.CancelOutcome
	if err == nil {
		outcome, err = runner.CancelActive(ctx, state.key(), task.Protocol(), cancelBatchSize, -1)
	}
	switch {
	case err != nil:
		diags.Append(unable("cancel", "the devices of an upgrade rollout", err))
	case len(outcome.Failures) > 0:
		diags.AddError("Unable to cancel the devices of an upgrade rollout", fmt.Sprintf(
			"Task %d of product %d: %s.\n\nDestroy again when they are final, or set on_destroy = \"none\" and apply that to keep them.",
			state.key().TaskID, state.key().ProductID, outcome))
	}
	return diags
}

// importedBeforeStart says that an import starts nothing, and what does.
func importedBeforeStart(state upgradeRolloutModel) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Imported rollout has not started its task", fmt.Sprintf(
		"Task %d of product %d is pending. A rollout starts its task when it is created. This one starts it only with a change of wait_for "+
			"to \"started\" or \"finished\" (the import takes it to be \"started\"); any other apply starts nothing.\n\n"+
			"To start the task, make such a change, or forget the rollout with terraform state rm and apply without the import.",
		state.key().TaskID, state.key().ProductID))
}

// goneRollout says what the state keeps of a rollout whose task does not exist.
func goneRollout(state upgradeRolloutModel, gone *campaign.GoneError) diag.Diagnostic {
	if state.WaitFor.IsNull() {
		return diag.NewErrorDiagnostic("Unable to import upgrade rollout", capitalized(gone.Error())+
			". Check both ids in the platform's console; the import id has the form "+taskIDForm+".")
	}
	return diag.NewWarningDiagnostic("Upgrade task of the rollout no longer exists", fmt.Sprintf(
		"%s. Its rollout stays in the state, so that no other task is started instead. To forget it, remove the whole campaign from the configuration: rollout, sets and task.",
		capitalized(gone.Error())))
}
