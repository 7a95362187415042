package campaign

import (
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Detach cancels the upgrade of devices that leave a task; the API has no other
// way to take a device out. Devices in a final state, and devices that the task
// does not know, need nothing. expected is about how many devices the task has;
// it only decides how to ask with the fewest calls.
func (r *Runner) Detach(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, ids DeviceSet, batchSize int, expected int64) (CancelOutcome, error) {
	if len(ids) == 0 {
		return CancelOutcome{}, nil
	}
	var subtasks []aep.Subtask
	if err := r.rooms.visit(ctx, key, reading, func() (err error) {
		subtasks, err = r.SubtasksOf(ctx, key, protocol, ids, expected)
		return err
	}); err != nil {
		return CancelOutcome{}, err
	}
	return r.Cancel(ctx, CancelRequest{
		Key: key, Protocol: protocol, Subtasks: subtasks, BatchSize: batchSize, Patience: SettlePatience, TaskSize: expected,
	})
}

// SubtasksOf returns the subtasks of these devices, with no more than their
// ids, devices and codes. The list of joined devices has all this for both
// protocols in one passage; only where it leaves something out is the list of
// subtasks asked.
func (r *Runner) SubtasksOf(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, ids DeviceSet, expected int64) ([]aep.Subtask, error) {
	joined, _, err := r.joinedAmong(ctx, key, ids, expected)
	if err != nil {
		return nil, err
	}
	var (
		subtasks []aep.Subtask
		known    DeviceSet
	)
	for _, d := range joined {
		if d.SubtaskID != 0 && d.Code != aep.NoSubtaskCode {
			subtasks = append(subtasks, aep.Subtask{ID: d.SubtaskID, DeviceID: d.ID, Code: d.Code})
			known = append(known, d.ID)
		}
	}
	slices.Sort(known)
	if rest := ids.Minus(known); len(rest) > 0 {
		more, err := r.subtasksAmong(ctx, key, protocol, rest, expected)
		if err != nil {
			return nil, err
		}
		subtasks = append(subtasks, more...)
	}
	return subtasks, nil
}
