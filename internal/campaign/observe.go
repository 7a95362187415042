package campaign

import (
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// StateCounts counts the subtasks of a task by state. It takes 4 calls for T-Link and at most 12 for LwM2M.
// Readers of one run share the counts.
func (r *Runner) StateCounts(ctx context.Context, task aep.Task) (progress.Counts, error) {
	return r.stateCounts.Get(ctx, task.Key(), func(ctx context.Context) (progress.Counts, error) {
		return r.askStates(ctx, progress.QueryOf(task))
	})
}

// count is StateCounts without the cache. Its callers watch the task or are about to modify it, so they need
// current numbers, and later readers must not see older ones.
func (r *Runner) count(ctx context.Context, q progress.Query) (progress.Counts, error) {
	r.stateCounts.Invalidate(q.Key)
	return r.askStates(ctx, q)
}

// countWhole is count for a task whose number of devices is not known. It includes devices in states that the
// API can't filter by. A task without devices takes one call.
func (r *Runner) countWhole(ctx context.Context, q progress.Query) (progress.Counts, error) {
	if q.Protocol == aep.TLink {
		return r.count(ctx, q)
	}
	total, err := r.subtaskCount(ctx, q.Key, q.Protocol)
	if err != nil || total == 0 {
		return progress.NewCounts(q, r.table), err
	}
	q.DeviceCount = total
	return r.count(ctx, q)
}

// evidenceRows is the number of rows that are read with a count where they may decide the numbering. They
// take no further call.
const evidenceRows = 100

// askStates counts the subtasks in each state.
func (r *Runner) askStates(ctx context.Context, q progress.Query) (progress.Counts, error) {
	s := progress.NewCounts(q, r.table)
	for _, code := range progress.Codes(q.Protocol, r.table) {
		rows := 1
		if s.Decoder.Undecided(code) && (code == progress.Success2022 || code == progress.Failure2022) {
			rows = min(evidenceRows, r.client.PageSize())
		}
		found, err := r.client.SampleSubtasks(ctx, q.Key, code, rows)
		if len(s.Asked) > 0 && s.Decoder.MaybeForeign(code) && (aep.IsRefused(err) || aep.IsBadRequest(err)) {
			continue // a platform that follows the table of 2022 may not know the code
		}
		if err != nil {
			return progress.Counts{}, err
		}
		if q.Protocol != aep.TLink && slices.ContainsFunc(found.Rows, func(row aep.Subtask) bool {
			return row.Code != code && row.Code != aep.NoSubtaskCode
		}) {
			continue // the platform ignored the filter
		}
		for _, row := range found.Rows {
			row.Code = code
			s.Decoder.SeeRows(row)
		}
		s.Asked = append(s.Asked, code)
		s.Counted[code] = found.Total
	}
	return s, nil
}

// inPhases lists the subtasks of a task that may be in one of the phases.
func (r *Runner) inPhases(ctx context.Context, key aep.TaskKey, states progress.Counts, phases []progress.Phase) ([]aep.Subtask, error) {
	list, complete := states.CodesOf(phases...)
	switch {
	case !complete:
		list = nil // only the whole list includes the other states
	case len(list) == 0:
		return nil, nil
	}
	found, err := r.client.Subtasks(ctx, aep.SubtaskQuery{Key: key, Codes: list}, 0)
	return found.Rows, err
}

// Observe reads a task and counts its devices.
func (r *Runner) Observe(ctx context.Context, key aep.TaskKey) (progress.Observation, error) {
	task, err := r.TaskDetail(ctx, key)
	if err == nil {
		task, err = r.SettleProtocol(ctx, task)
	}
	if err != nil {
		return progress.Observation{}, err
	}
	states, err := r.count(ctx, progress.QueryOf(task))
	return progress.Observation{Task: task, Histogram: states.Histogram(), Counts: states}, err
}

// observeSettled is Observe for callers that write, so that the protocol is certain.
func (r *Runner) observeSettled(ctx context.Context, key aep.TaskKey) (progress.Observation, error) {
	now, err := r.Observe(ctx, key)
	if err != nil {
		return now, err
	}
	task, err := r.SettleProtocol(ctx, now.Task)
	if err != nil || task.Protocol() == now.Task.Protocol() {
		return now, err
	}
	return r.Observe(ctx, key)
}
