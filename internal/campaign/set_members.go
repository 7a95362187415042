package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// Members are the devices that a set has in its task.
type Members struct {
	All       deviceset.Set // attached by the set, in whatever state
	Cancelled deviceset.Set // of All, cancelled in the task; they will not be upgraded
	// Done is how many of All are off the task's list and were not cancelled: their
	// upgrade is over.
	Done int
	// JoinedTotal is how many rows the task listed when all members were last
	// seen there; -1 if they were not looked for.
	JoinedTotal int64
}

// Expected is about how many devices the task lists.
func (m Members) Expected() int64 { return max(m.JoinedTotal, int64(len(m.All))) }

// Listed is how many members are not known to be off the task's list.
func (m Members) Listed() int64 { return int64(len(m.All) - m.Done) }

// without returns m without devices that have left the set.
func (m Members) without(ids deviceset.Set) Members {
	m.All, m.Cancelled = m.All.Minus(ids), m.Cancelled.Minus(ids)
	return m
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
