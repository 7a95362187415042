package campaign

import (
	"context"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// AttachRequest says which devices must join a task.
type AttachRequest struct {
	Key       aep.TaskKey
	Protocol  aep.Protocol
	DeviceIDs deviceset.Set
	// BatchSize is how many ids a call carries; 0: learned.
	BatchSize int
	// Pending is true if it is known that the task has not been started.
	Pending bool
	// Versions selects the devices that join. GroupID is the device group that they come from, "" for another source.
	Versions VersionFilter
	GroupID  string
}

// members returns the query for devices of the request.
func (q AttachRequest) members(ids deviceset.Set, expected int64, depth depth) MemberQuery {
	return MemberQuery{Key: q.Key, Protocol: q.Protocol, IDs: ids, Expected: expected, Pending: q.Pending, depth: depth}
}

// listPatience is how long the list of joined devices may lag behind.
const listPatience = 31 * time.Second

// selection is what is known of the devices of a request before the first join.
type selection struct {
	before  int64      // rows that the task lists as joined
	already membership // of the devices that the task has
	out     LeftOut
}

// selection returns the devices that the task has, and the devices that do not join because of their version. If a
// device is not found, everything is looked up again after half a minute. A list may lag behind the join of an
// interrupted run, and one list without a device proves nothing. The versions that were read before may have changed.
func (r *Runner) selection(ctx context.Context, q AttachRequest) (selection, error) {
	s, err := r.selectDevices(ctx, q)
	if err != nil || len(s.out.NotFound) == 0 {
		return s, err
	}
	if err := pause(ctx, listPatience); err != nil {
		return s, err
	}
	r.invalidate(q.Key)
	return r.selectDevices(ctx, q)
}

// selectDevices is selection with one look.
func (r *Runner) selectDevices(ctx context.Context, q AttachRequest) (s selection, err error) {
	err = r.locks.Do(ctx, q.Key, reading, func() (err error) {
		s.before, s.already, err = r.beforeJoining(ctx, q)
		return err
	})
	if err == nil {
		s.out, err = r.leftOut(ctx, q, q.DeviceIDs.Minus(s.already.attached()), s.already.cancelled())
	}
	return s, err
}

// beforeJoining returns how many devices the task lists, and the devices of the request that it has. It looks
// up no device if the task has none.
func (r *Runner) beforeJoining(ctx context.Context, q AttachRequest) (int64, membership, error) {
	before, err := r.JoinedCount(ctx, q.Key)
	if err != nil || before == 0 && r.IsMade(q.Key) { // no device of a new task can have left its list
		return before, membership{}, err
	}
	subtasks, err := r.subtaskCount(ctx, q.Key, q.Protocol)
	if err != nil || before == 0 && subtasks == 0 {
		return before, membership{}, err
	}
	look := q.members(q.DeviceIDs, before, withStates)
	if subtasks <= before {
		look.depth = statesOfListed // no subtask is missing on the list of joined devices
	}
	now, err := r.members(ctx, look)
	if err == nil {
		err = now.misspelled(q.Key)
	}
	return before, now, err
}

// leftOut returns the devices that do not join because of their version. cancelled are devices that the task has.
func (r *Runner) leftOut(ctx context.Context, q AttachRequest, todo, cancelled deviceset.Set) (LeftOut, error) {
	switch {
	case !q.Versions.Selects() || len(todo) == 0:
		return LeftOut{}, nil
	case q.Versions.SkipCurrent && strings.TrimSpace(q.Versions.Current) == "":
		return LeftOut{}, &NoFirmwareVersionError{Key: q.Key}
	}
	versions, err := r.versionsOf(ctx, q.Key, todo, cancelled, q.GroupID)
	if err != nil {
		return LeftOut{}, err
	}
	return q.Versions.leftOut(todo, versions), nil
}
