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
	var (
		rows         []aep.Subtask
		told, untold []string // devices whose state the list of joined devices tells, or not
	)
	for _, d := range joined {
		if d.Code == aep.NoSubtaskCode {
			untold = append(untold, d.ID)
			continue
		}
		told = append(told, d.ID)
		rows = append(rows, aep.Subtask{DeviceID: d.ID, Code: d.Code})
	}
	known := newSet(told)
	if !thorough {
		known = known.Union(untold)
	}
	if open := ids.Minus(known); len(open) > 0 {
		more, err := r.subtasksAmong(ctx, q.Key, q.Protocol, open, max(expected, total))
		if err != nil {
			return standings{}, err
		}
		rows = append(rows, more...)
	}
	phase := PhaseReader(q.Protocol, r.table, rows)
	var up, listed []string
	for _, s := range rows {
		listed = append(listed, s.DeviceID)
		if !q.left(phase(s.Code)) {
			up = append(up, s.DeviceID)
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
