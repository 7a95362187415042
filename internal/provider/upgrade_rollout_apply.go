package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// startAgain starts the task of an existing rollout, if it was not started, and records the result.
func startAgain(ctx, limited context.Context, runner *campaign.Runner, plan upgradeRolloutModel, prior privateReader, private privateWriter,
) (started campaign.Started, diags diag.Diagnostics) {
	started, err := runner.StartTask(limited, plan.key(), plan.ExpectedDeviceCount.ValueInt64Pointer())
	if err != nil {
		diags.Append(startFailure(err))
		if !aep.Ambiguous(err) {
			return started, diags
		}
	}
	kept, found := savedBefore(ctx, prior)
	diags.Append(found...)
	started, found = saveStart(ctx, private, started, kept)
	diags.Append(found...)
	return started, diags
}

// watchRollout waits according to wait_for, until limited ends, and returns the resulting model. After an
// error it is the last observation. ctx has no time limit: an abort may outlive limited.
func watchRollout(ctx, limited context.Context, runner *campaign.Runner, plan upgradeRolloutModel, started campaign.Started,
) (state upgradeRolloutModel, diags diag.Diagnostics) {
	var (
		now   progress.Observation
		err   error
		until = campaign.WaitFor(plan.WaitFor.ValueString())
	)
	if started.Empty || until == campaign.WaitNone {
		if now, err = runner.Observe(limited, plan.key()); err != nil {
			diags.Append(rolloutNotReadBack(plan.key(), err))
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
	state = plan.observed(now, failed)
	if err != nil {
		// The next refresh lists them.
		state.FailedDeviceIDs = types.ListNull(types.StringType)
	}
	return state, diags
}

// refreshRollout returns the state with the progress of its task.
func refreshRollout(
	ctx context.Context, runner *campaign.Runner, state upgradeRolloutModel, now progress.Observation, before progress.Before,
) (fresh upgradeRolloutModel, diags diag.Diagnostics) {
	if state.WaitFor.IsNull() && now.Task.Status == aep.TaskPending {
		diags.Append(importedBeforeStart(state.key()))
	}
	now = now.Without(before)
	fresh, sameFailures := state.defaulted(now).recounted(now)
	if sameFailures {
		return fresh, diags
	}
	failed, err := runner.FailedDevices(ctx, now, campaign.MaxListed)
	if err != nil {
		diags.Append(unable("list", "failed devices", err))
		return fresh, diags
	}
	return fresh.observed(now, failed), diags
}

// cancelRest cancels every device of a rollout that is not final.
func cancelRest(ctx context.Context, runner *campaign.Runner, state upgradeRolloutModel) (diags diag.Diagnostics) {
	task, err := runner.ReadTask(ctx, state.key())
	if isGone(err) || err == nil && task.Status == aep.TaskFinished {
		return nil
	}
	if err == nil {
		task, err = runner.SettleProtocol(ctx, task)
	}
	var outcome campaign.CancelOutcome
	if err == nil {
		outcome, err = runner.CancelActive(ctx, state.key(), task.Protocol(), -1)
	}
	switch {
	case err != nil:
		diags.Append(unable("cancel", "the devices of an upgrade rollout", err))
	case len(outcome.Failures) > 0:
		diags.Append(restNotCancelled(state.key(), outcome))
	}
	return diags
}
