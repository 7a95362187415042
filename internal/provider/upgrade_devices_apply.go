package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setApply is the apply of one device set.
type setApply struct {
	plan    upgradeDevicesModel // becomes the state
	ledger  ledger
	owner   string // of the claim that the planning made, "" for a new set
	desired deviceset.Set
	version string // of the task's firmware
}

// run applies the plan. It reports whether there is a state to record. A device that may have joined is
// recorded despite later failures: an error would taint a new set, and no state would have the device.
func (a *setApply) run(ctx context.Context, runner *campaign.Runner, diags *diag.Diagnostics) bool {
	task, err := runner.ReadTask(ctx, a.plan.key())
	if err == nil && a.plan.Protocol.IsUnknown() {
		if task, err = runner.SettleProtocol(ctx, task); err == nil {
			a.plan.Protocol = types.StringValue(task.Protocol().String())
		}
	}
	if err != nil {
		diags.Append(unable("attach", "devices", err))
		return false
	}
	a.version = task.FirmwareVersion
	members, err := a.members(ctx, runner, task)
	if err != nil {
		diags.Append(unable("find", "the devices of a set", err))
		return false
	}
	finished := task.Status == aep.TaskFinished
	result, err := runner.ChangeSet(ctx, campaign.SetChange{
		Key: a.plan.key(), Protocol: a.plan.protocol(), Owner: a.owner, Name: a.plan.Name.ValueString(),
		Pending: task.Status == aep.TaskPending, Finished: finished,
		Members: members, Wants: a.desired, Versions: a.plan.versionFilter(a.version),
		GroupID: a.plan.DeviceGroupID.ValueString(), BatchSize: int(a.plan.BatchSize.ValueInt64()),
		Keep: !a.plan.cancels(), Exclusive: a.plan.cancelsOthers() && !a.ledger.imported, SentAt: a.ledger.sentAt,
	})
	diags.Append(a.explain(result, finished, err)...)
	if diags.HasError() {
		return false
	}
	a.settle(result)
	a.ledger.Members, a.ledger.packed = result.Members, false
	a.ledger.finished, a.ledger.unlisted, a.ledger.sentAt = finished, nil, result.SentAt
	return true
}

// members returns the members before the change. An imported set gives up members that it does not list. A
// new set of a finished task has the listed devices that the task holds.
func (a *setApply) members(ctx context.Context, runner *campaign.Runner, task aep.Task) (campaign.Members, error) {
	members := a.ledger.Members
	if a.ledger.imported {
		members.All = members.All.Intersection(a.desired)
		members.Cancelled = members.Cancelled.Intersection(a.desired)
	}
	if task.Status != aep.TaskFinished || len(members.All) > 0 {
		return members, nil
	}
	found, err := runner.FindMembers(ctx, campaign.MemberQuery{
		Key: a.plan.key(), Protocol: a.plan.protocol(), IDs: a.desired, Expected: task.DeviceCount,
	})
	found.Skipped = members.Skipped.Intersection(a.desired).Minus(found.All)
	return found, err
}

// settle sets the values that the plan has left unknown.
func (a *setApply) settle(result campaign.SetResult) {
	planned := a.plan.PlannedChange
	a.plan = a.plan.identified()
	known := result.Members
	known.All = known.All.Minus(result.Doubtful)
	a.plan = a.plan.withDesired(a.desired).withMembers(a.desired, known)
	a.plan.Failures = failureList(append(append(result.Missing, result.Dead...), result.Stuck...))
	if a.plan.PlannedChange = planned; planned.IsUnknown() {
		add := a.ledger.ToJoin(a.desired, a.plan.versionFilter(a.version))
		a.plan = a.plan.withChange(len(add), len(a.ledger.All.Minus(a.desired)))
	}
}

// explain returns the diagnostics of a change. There is an error only if the change has left nothing to
// record.
func (a *setApply) explain(result campaign.SetResult, finished bool, err error) (diags diag.Diagnostics) {
	members := len(result.Members.All)
	notJoined := len(a.desired.Minus(result.Members.All).Minus(result.Members.Skipped))
	switch {
	case err != nil && !result.Touched:
		return append(diags, unable(stepName(result.Step), "devices", err))
	case err != nil:
		diags.Append(brokenOff(a.plan, result, err))
	case finished && notJoined > 0 && members == 0:
		return append(diags, finishedTask(a.plan, notJoined))
	case finished && notJoined > 0:
		diags.Append(frozen(a.plan, notJoined, 0))
	case !finished && len(result.Missing) > 0 && members+len(result.Members.Skipped) == 0 && a.owner == "":
		// a set that exists keeps its state
		return append(diags, noneAttached(a.plan, result.Missing, len(a.desired)))
	}
	if len(result.Missing) > 0 {
		diags.Append(incomplete(a.plan, campaign.StepAttach, result.Missing, len(a.desired)))
	}
	if len(result.Stuck) > 0 {
		diags.Append(incomplete(a.plan, campaign.StepDetach, result.Stuck, len(a.desired)))
	}
	if len(result.Dead) > 0 {
		diags.Append(cannotRejoin(a.plan, result.Dead))
	}
	diags.Append(decidedByVersion(a.plan, result.LeftOut, a.version)...)
	if len(result.Unsettled) > 0 {
		diags.Append(unsettled(a.plan, result.Unsettled))
	}
	if len(result.Unlisted) > 0 {
		diags.Append(unlistedDevices(a.plan, result.Unlisted))
	}
	return diags
}

// detach cancels the members of a set that is destroyed.
func detach(ctx context.Context, runner *campaign.Runner, state upgradeDevicesModel, l ledger, force bool) (diags diag.Diagnostics) {
	task, err := runner.ReadTask(ctx, state.key())
	if isGone(err) || err == nil && task.Status == aep.TaskFinished {
		return nil
	}
	if err == nil && task.Status != aep.TaskPending && !force {
		// The task may have been started since the plan.
		if diags = checkLeave(ctx, runner, state, l, force, "detach"); diags.HasError() {
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
