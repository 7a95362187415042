package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// standings are how devices stand with a task.
type standings struct {
	up          DeviceSet // their upgrade is ahead, under way or done
	left        DeviceSet // they belong to the task as history only: cancelled
	joinedTotal int64     // of all devices, as the platform lists them
}

// standing finds out how ids stand with a task; those it does not know are in
// neither set. A device that was cancelled joins anew if it is asked for again.
//
// The list of joined devices may give no states. Where thorough, the list of
// subtasks is asked for those; otherwise such a device counts as up.
func (r *Runner) standing(ctx context.Context, q AttachRequest, ids DeviceSet, expected int64, thorough bool) (standings, error) {
	joined, total, err := r.joinedAmong(ctx, q.Key, ids, expected)
	if err != nil {
		return standings{}, err
	}
	d := newDecoder(q.Protocol, r.table)
	told := make([]string, 0, len(joined)) // devices whose state the list of joined devices tells
	var untold []string
	for _, device := range joined {
		if device.Code == aep.NoSubtaskCode {
			untold = append(untold, device.ID)
			continue
		}
		told = append(told, device.ID)
		d.see(device.Code, "")
	}
	toldSet := newSet(told)
	known := toldSet
	if !thorough {
		known = known.Union(newSet(untold))
	}
	var more []aep.Subtask
	if open := ids.Minus(known); len(open) > 0 {
		if more, err = r.subtasksAmong(ctx, q.Key, q.Protocol, open, max(expected, total)); err != nil {
			return standings{}, err
		}
	}
	up, listed := make([]string, 0, len(joined)), []string(toldSet)
	for _, s := range more {
		d.see(s.Code, s.VersionAfter)
		listed = append(listed, s.DeviceID)
	}
	for _, s := range more {
		if !q.left(d.phase(s.Code)) {
			up = append(up, s.DeviceID)
		}
	}
	for _, device := range joined {
		if device.Code != aep.NoSubtaskCode && !q.left(d.phase(device.Code)) {
			up = append(up, device.ID)
		}
	}
	all := newSet(listed)
	// Of a device that is joined and has no state, nothing says that it left.
	standing := newSet(append(up, newSet(untold).Minus(all)...))
	return standings{up: standing, left: all.Minus(standing), joinedTotal: total}, nil
}

// left reports whether a device of this phase has been cancelled. T-Link has no
// number for that, and may show one as failed; but in a task that has not been
// started nothing can have failed.
func (q AttachRequest) left(p Phase) bool { return p == Cancelled || p == Failed && q.Pending }
