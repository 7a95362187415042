package provider

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setApply brings one device set to its plan.
type setApply struct {
	plan    upgradeDevicesModel // becomes the state
	ledger  ledger
	owner   string // of the claim that the planning made, "" for a new set
	desired deviceset.Set
}

// run carries the change out, and reports whether there is anything to record. A
// device that may have joined is recorded whatever has failed: an error would
// taint a new set, and without a state nothing would list the device.
func (a *setApply) run(ctx context.Context, runner *campaign.Runner, diags *diag.Diagnostics) bool {
	task, err := runner.ReadTask(ctx, a.plan.key())
	if err != nil {
		diags.Append(unable("attach", "devices", err))
		return false
	}
	if a.plan.Protocol.IsUnknown() {
		if task, err = runner.SettleProtocol(ctx, task); err != nil {
			diags.Append(unable("attach", "devices", err))
			return false
		}
		a.plan.Protocol = types.StringValue(task.Protocol().String())
	}
	members := a.ledger.Members
	if a.ledger.imported {
		members.All = members.All.Intersection(a.desired)
		members.Cancelled = members.Cancelled.Intersection(a.desired)
	}
	finished := task.Status == aep.TaskFinished
	if finished && len(members.All) == 0 {
		// A set that is new to the state may list what the task holds already.
		members, err = runner.FindMembers(ctx, a.plan.key(), a.plan.protocol(), a.desired, task.DeviceCount, false)
		if err != nil {
			diags.Append(unable("find", "the devices of a set", err))
			return false
		}
	}
	result, err := runner.ChangeSet(ctx, campaign.SetChange{
		Key: a.plan.key(), Protocol: a.plan.protocol(), Owner: a.owner, Name: a.plan.Name.ValueString(),
		Pending: task.Status == aep.TaskPending, Finished: finished,
		Members: members, Wants: a.desired, BatchSize: int(a.plan.BatchSize.ValueInt64()), Keep: !a.plan.cancels(), Exclusive: a.plan.cancelsOthers() && !a.ledger.imported,
	})
	diags.Append(a.explain(result, finished, err)...)
	if diags.HasError() {
		return false
	}
	a.settle(result)
	a.ledger.Members, a.ledger.packed = result.Members, false
	a.ledger.finished, a.ledger.strangers = finished, nil
	return true
}

// settle fills in what the plan has left open.
func (a *setApply) settle(result campaign.SetResult) {
	planned := a.plan.PlannedChange
	a.plan.ID = types.StringValue(devicesID(a.plan.key(), a.plan.Name.ValueString()))
	known := result.Members
	known.All = known.All.Minus(result.Doubtful)
	a.plan = a.plan.withDesired(a.desired).withMembers(a.desired, known)
	a.plan.Failures = failureList(append(append(result.Missing, result.Dead...), result.Stuck...))
	if a.plan.PlannedChange = planned; planned.IsUnknown() {
		before := a.ledger.All
		a.plan = a.plan.withChange(len(a.desired.Minus(before)), len(before.Minus(a.desired)))
	}
}

// explain says what has become of a change. It is an error only if nothing has
// been done that must be recorded.
func (a *setApply) explain(result campaign.SetResult, finished bool, err error) (diags diag.Diagnostics) {
	members := len(result.Members.All)
	switch {
	case err != nil && !result.Touched:
		diags.Append(unable(stepName(result.Step), "devices", err))
		return diags
	case err != nil:
		diags.Append(brokenOff(a.plan, result, err))
	case finished:
		add := len(a.desired.Minus(result.Members.All))
		if add > 0 && members == 0 {
			diags.Append(finishedTask(a.plan, add))
			return diags
		}
		if add > 0 {
			diags.Append(frozen(a.plan, add, 0))
		}
	case len(result.Missing) > 0 && members == 0 && a.owner == "": // a set that exists keeps its state
		diags.Append(noneAttached(a.plan, result.Missing, len(a.desired)))
		return diags
	}
	for step, failures := range map[campaign.SetStep][]campaign.DeviceFailure{campaign.StepAttach: result.Missing, campaign.StepDetach: result.Stuck} {
		if len(failures) > 0 {
			diags.Append(incomplete(a.plan, step, failures, len(a.desired)))
		}
	}
	if len(result.Dead) > 0 {
		diags.Append(cannotRejoin(a.plan, result.Dead))
	}
	if len(result.Unsettled) > 0 {
		diags.Append(unsettled(a.plan, result.Unsettled))
	}
	if len(result.Unlisted) > 0 {
		diags.Append(unlistedDevices(a.plan, result.Unlisted))
	}
	return diags
}

// detach cancels the members of a set that is destroyed.
func (r *upgradeDevicesResource) detach(ctx context.Context, runner *campaign.Runner, state upgradeDevicesModel, l ledger, force bool) (diags diag.Diagnostics) {
	task, err := runner.ReadTask(ctx, state.key())
	if _, gone := errors.AsType[*campaign.GoneError](err); gone || err == nil && task.Status == aep.TaskFinished {
		return nil
	}
	if err == nil && task.Status != aep.TaskPending && !force {
		// The task may have been started since the plan.
		if diags = r.mayLeave(ctx, runner, state, l, force, "detach"); diags.HasError() {
			return diags
		}
	}
	var outcome campaign.CancelOutcome
	if err == nil {
		outcome, err = runner.Detach(ctx, campaign.DetachRequest{
			Key: state.key(), Protocol: state.protocol(), Owner: l.owner, DeviceIDs: l.All,
			BatchSize: int(state.BatchSize.ValueInt64()), Expected: l.Expected(),
		})
	}
	if err != nil {
		diags.Append(unable("detach", "device set", err))
		return diags
	}
	if len(outcome.Unsettled) > 0 {
		diags.Append(unsettled(state, outcome.Unsettled))
	}
	if len(outcome.Failures) > 0 {
		diags.Append(notDetached(state, outcome.Failures, len(l.All)))
	}
	return diags
}
