package provider

import (
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// drift returns how members are looked for: full, count or none.
func (m upgradeDevicesModel) drift(l ledger) string {
	mode := m.DriftDetection.ValueString()
	switch {
	case l.finished, l.size() == 0 && !m.Exclusive.ValueBool():
		return driftNone
	case mode != driftAuto:
		return mode
	case l.size() > fullDriftLimit:
		return driftCount
	}
	return driftFull
}

// refreshedTask reads the task of a set and, where that is how members are
// looked for, counts its devices.
func refreshedTask(ctx context.Context, runner *campaign.Runner, state upgradeDevicesModel, l ledger) (aep.Task, int64, error) {
	if state.drift(l) == driftCount {
		return runner.TaskAndCount(ctx, state.key())
	}
	task, err := runner.Task(ctx, state.key())
	return task, -1, err
}

// refreshedDevices looks for members that have left the task. total is how many
// devices the task lists, -1 if they were not counted; open opens the ledger.
func refreshedDevices(ctx context.Context, runner *campaign.Runner, state upgradeDevicesModel, l ledger, task aep.Task, total int64, open func(ledger) ledger) (upgradeDevicesModel, ledger, error) {
	l.finished = task.Status == aep.TaskFinished
	key, protocol := state.key(), state.protocol()
	switch state.drift(l) {
	case driftNone:
		return state, l, nil
	case driftCount:
		if total < 0 {
			var err error
			if total, err = runner.JoinedCount(ctx, key); err != nil {
				return state, l, err
			}
		}
		if total == l.joinedTotal {
			return state, l, nil
		}
	}
	l = open(l)
	found, err := runner.Members(ctx, key, protocol, l.members, l.expected())
	if err != nil {
		return state, l, err
	}
	gone := l.members.Minus(found.Present)
	l.members, l.joinedTotal = found.Present, found.JoinedTotal
	if state.Exclusive.ValueBool() {
		strangers, err := runner.Strangers(ctx, key, protocol, l.members)
		if err != nil {
			return state, l, err
		}
		l.strangers = len(strangers)
	}
	return state.withMembers(l.members, gone), l, nil
}

// importedDevices takes every device of the task for a member of the set.
func importedDevices(ctx context.Context, runner *campaign.Runner, state upgradeDevicesModel, task aep.Task) (upgradeDevicesModel, ledger, error) {
	joined, err := runner.Joined(ctx, task.Key(), task.DeviceCount)
	if err != nil {
		return state, ledger{}, err
	}
	members := make(campaign.DeviceSet, len(joined))
	for i, d := range joined {
		members[i] = d.ID
	}
	slices.Sort(members)
	state = state.defaulted().withDesired(members).withResult(members, members, nil)
	state.Protocol = types.StringValue(task.Protocol().String())
	state.RequestedChange = types.ObjectNull(changeTypes)
	state.DeviceIDs = types.ListNull(types.StringType)
	if len(members) <= maxListedIDs {
		values := make([]attr.Value, len(members))
		for i, id := range members {
			values[i] = types.StringValue(id)
		}
		state.DeviceIDs = types.ListValueMust(types.StringType, values)
	}
	return state, ledger{
		members: members, joinedTotal: int64(len(joined)), finished: task.Status == aep.TaskFinished,
	}, nil
}

// readGoneSet drops a set from the state whose task does not exist, unless the
// task had finished: then the task itself may be kept too (see readGone).
func readGoneSet(ctx context.Context, l ledger, recorded bool, gone *campaign.GoneError, resp *resource.ReadResponse) {
	switch {
	case !recorded:
		resp.Diagnostics.AddError("Unable to import device set", capitalized(gone.Error())+
			". The import id has the form "+devicesIDForm+".")
	case l.finished:
		resp.Diagnostics.AddWarning("Finished upgrade task no longer exists", capitalized(gone.Error())+
			", and it had finished when it was last seen. Its device set stays in the state.")
	default:
		resp.State.RemoveResource(ctx)
	}
}
