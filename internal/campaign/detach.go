package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// DetachRequest says which devices shall leave a task.
type DetachRequest struct {
	Key       aep.TaskKey
	Protocol  aep.Protocol
	Owner     string // of the claim of the set that gives them up
	DeviceIDs deviceset.Set
	BatchSize int
	// Expected is about how many devices the task has; it only decides how to ask
	// with the fewest calls.
	Expected int64
}

// Detach cancels the upgrade of devices that leave a task; the API has no other
// way to take a device out. Devices in a final state, devices that the task does
// not know, and devices that another set of this run lists need nothing.
func (r *Runner) Detach(ctx context.Context, q DetachRequest) (CancelOutcome, error) {
	ids := q.DeviceIDs.Minus(r.Sets.Listed(q.Key, q.Owner))
	if len(ids) == 0 {
		return CancelOutcome{}, nil
	}
	var now membership
	if err := r.locks.Do(ctx, q.Key, reading, func() (err error) {
		now, err = r.members(ctx, memberQuery{Key: q.Key, Protocol: q.Protocol, IDs: ids, Expected: q.Expected, Depth: withStates})
		return err
	}); err != nil {
		return CancelOutcome{}, err
	}
	return r.Cancel(ctx, CancelRequest{
		Key: q.Key, Protocol: q.Protocol, Subtasks: now.subtasks(), BatchSize: q.BatchSize, Patience: SettlePatience, TaskSize: q.Expected,
	})
}

// FindMembers looks for the members of a set in their task: those that it lists
// as joined, and those that have a subtask in whatever state, for the platform
// may take finished and cancelled devices off its list.
func (r *Runner) FindMembers(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, ids deviceset.Set, expected int64, pending bool) (Members, error) {
	now, err := r.members(ctx, memberQuery{Key: key, Protocol: protocol, IDs: ids, Expected: expected, Depth: offList})
	return Members{All: now.present(), Cancelled: now.cancelled(pending), Done: now.done(pending), JoinedTotal: now.total}, err
}

// AllMembers returns every device of a task as members of one set. expected is
// about how many there are, 0 if nobody knows.
func (r *Runner) AllMembers(ctx context.Context, task aep.Task) (Members, error) {
	joined, err := r.Joined(ctx, task.Key(), task.DeviceCount)
	if err != nil {
		return Members{}, err
	}
	ids := make([]string, len(joined))
	for i, d := range joined {
		ids[i] = d.ID
	}
	found, err := r.FindMembers(ctx, task.Key(), task.Protocol(), deviceset.Of(ids), int64(len(joined)), task.Status == aep.TaskPending)
	found.JoinedTotal = int64(len(joined))
	return found, err
}

// Unlisted returns the active devices of a task that are not among ids.
func (r *Runner) Unlisted(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, ids deviceset.Set) (deviceset.Set, error) {
	joined, err := r.Joined(ctx, key, int64(len(ids)))
	if err != nil {
		return nil, err
	}
	var others []string
	for _, d := range joined {
		if !ids.Contains(d.ID) {
			others = append(others, d.ID)
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	now, err := r.members(ctx, memberQuery{Key: key, Protocol: protocol, IDs: deviceset.Of(others), Expected: int64(len(joined)), Depth: withStates})
	return now.activeDevices(), err
}

// UnderWay returns those of ids whose upgrade is not over. expected is about how
// many devices the task has.
func (r *Runner) UnderWay(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, ids deviceset.Set, expected int64) (deviceset.Set, error) {
	now, err := r.members(ctx, memberQuery{Key: key, Protocol: protocol, IDs: ids, Expected: expected, Depth: withStates})
	return now.activeDevices(), err
}

// CountUnderWay returns how many members of a set may still be upgraded. While a
// task is busy, a set that is all of it takes as many calls as the counting.
func (r *Runner) CountUnderWay(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, members Members) (int64, error) {
	now, err := r.Observe(ctx, key)
	active := now.Histogram.MaybeActive()
	if err != nil || active == 0 || now.DeviceCount() <= int64(len(members.All)) {
		return active, err
	}
	devices, err := r.UnderWay(ctx, key, protocol, members.All, members.Expected())
	return int64(len(devices)), err
}
