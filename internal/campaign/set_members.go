package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// Members are the devices of a set in its task.
type Members struct {
	All       deviceset.Set // attached by the set, in any state
	Cancelled deviceset.Set // of All; they will not be upgraded
	// Skipped are devices that the set has left out because of their version. A set of a device group may not list
	// some of them any more.
	Skipped deviceset.Set
	// Done is how many devices of All are done: the task's list lacks them, and they were not cancelled.
	Done int
	// JoinedTotal is the number of rows that the task listed when all members were last looked up; -1 if they
	// never were.
	JoinedTotal int64
}

// Expected returns about how many devices the task lists.
func (m Members) Expected() int64 { return max(m.JoinedTotal, int64(len(m.All))) }

// Listed returns the number of members that the task's list may hold.
func (m Members) Listed() int64 { return int64(len(m.All) - m.Done) }

// ToJoin returns the devices of wants that are to join: all that are neither members nor left out before. A set whose
// filter selects all devices leaves out none.
func (m Members) ToJoin(wants deviceset.Set, filter VersionFilter) deviceset.Set {
	add := wants.Minus(m.All)
	if filter.Selects() {
		add = add.Minus(m.Skipped)
	}
	return add
}

// Remembered returns m without skipped devices that a set no longer wants. The list of a device group may lack a device
// for a while, so a set of a group remembers all.
func (m Members) Remembered(wants deviceset.Set, groupID string) Members {
	if groupID == "" {
		m.Skipped = m.Skipped.Intersection(wants)
	}
	return m
}

// without returns m without devices that have left the set.
func (m Members) without(ids deviceset.Set) Members {
	m.All, m.Cancelled = m.All.Minus(ids), m.Cancelled.Minus(ids)
	return m
}

// FindMembers looks up which devices are in a task: devices that it lists as joined, and devices with a
// subtask in any state. The platform's list may lack finished and cancelled devices.
func (r *Runner) FindMembers(ctx context.Context, q MemberQuery) (Members, error) {
	q.depth = offList
	now, err := r.members(ctx, q)
	return Members{All: now.present(), Cancelled: now.cancelled(), Done: now.done(), JoinedTotal: now.total}, err
}

// AllMembers returns every device of a task as the members of one set.
func (r *Runner) AllMembers(ctx context.Context, task aep.Task) (Members, error) {
	joined, err := r.Joined(ctx, task.Key(), task.DeviceCount)
	if err != nil {
		return Members{}, err
	}
	ids := make([]string, len(joined))
	for i, d := range joined {
		ids[i] = d.ID
	}
	found, err := r.FindMembers(ctx, MemberQuery{
		Key: task.Key(), Protocol: task.Protocol(), IDs: deviceset.Of(ids), Expected: int64(len(joined)),
		Pending: task.Status == aep.TaskPending,
	})
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
	return r.UnderWay(ctx, MemberQuery{Key: key, Protocol: protocol, IDs: deviceset.Of(others), Expected: int64(len(joined))})
}

// UnderWay returns the devices that may still be upgraded.
func (r *Runner) UnderWay(ctx context.Context, q MemberQuery) (deviceset.Set, error) {
	q.depth = withStates
	now, err := r.members(ctx, q)
	return now.activeDevices(), err
}

// CountUnderWay returns the number of members that may still be upgraded. For a set that is the whole task it
// takes no more calls than the counts.
func (r *Runner) CountUnderWay(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, members Members) (int64, error) {
	now, err := r.Observe(ctx, key)
	active := now.Histogram.MaybeActive()
	if err != nil || active == 0 || now.DeviceCount() <= int64(len(members.All)) {
		return active, err
	}
	devices, err := r.UnderWay(ctx, MemberQuery{Key: key, Protocol: protocol, IDs: members.All, Expected: members.Expected()})
	return int64(len(devices)), err
}
