package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// DetachRequest names devices that must leave a task.
type DetachRequest struct {
	Key       aep.TaskKey
	Protocol  aep.Protocol
	Owner     string // of the claim of the set that drops them
	DeviceIDs deviceset.Set
	BatchSize int
	// Expected is about how many devices the task has. It only decides which look-up takes fewer calls.
	Expected int64
}

// Detach cancels the upgrade of devices that leave a task; the API has no other way to remove a device.
// Devices in a final state, devices that the task does not know, and devices that another set of this run
// lists need no call.
func (r *Runner) Detach(ctx context.Context, q DetachRequest) (CancelOutcome, error) {
	ids := q.DeviceIDs.Minus(r.Sets.Listed(q.Key, q.Owner))
	if len(ids) == 0 {
		return CancelOutcome{}, nil
	}
	var now membership
	if err := r.locks.Do(ctx, q.Key, reading, func() (err error) {
		now, err = r.members(ctx, MemberQuery{Key: q.Key, Protocol: q.Protocol, IDs: ids, Expected: q.Expected, depth: withStates})
		return err
	}); err != nil {
		return CancelOutcome{}, err
	}
	return r.Cancel(ctx, CancelRequest{
		Key: q.Key, Protocol: q.Protocol, Subtasks: now.subtasks(), BatchSize: q.BatchSize, Patience: SettlePatience, TaskSize: q.Expected,
	})
}
