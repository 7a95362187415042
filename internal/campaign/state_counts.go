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

// subtaskCount returns the number of subtasks of a task. It takes one call for LwM2M, and one for each state
// of T-Link.
func (r *Runner) subtaskCount(ctx context.Context, key aep.TaskKey, protocol aep.Protocol) (int64, error) {
	if protocol != aep.TLink {
		n, err := r.client.CountSubtasks(ctx, key, nil)
		return n.Total, err
	}
	s, err := r.askStates(ctx, progress.Query{Key: key, Protocol: protocol})
	var total int64
	for _, n := range s.Counted {
		total += n
	}
	return total, err
}

// evidenceRows is the number of rows that are read with a count where they may decide the numbering. They
// take no further call.
const evidenceRows = 100

// askStates counts the subtasks in each state. The states of a round are asked for side by side. The responses
// are judged in the order of the codes, so the outcome does not depend on the order in which calls end.
func (r *Runner) askStates(ctx context.Context, q progress.Query) (progress.Counts, error) {
	s := progress.NewCounts(q, r.table)
	for _, round := range progress.Rounds(q.Protocol, r.table) {
		samples, err := sideBySide(ctx, r.client.Concurrency(), round, func(ctx context.Context, code aep.SubtaskCode) (stateSample, error) {
			return r.sampleState(ctx, q.Key, code, &s.Decoder)
		})
		if err != nil {
			return progress.Counts{}, err
		}
		for _, found := range samples {
			if found.refusal != nil && len(s.Asked) == 0 {
				return progress.Counts{}, found.refusal
			}
			found.addTo(&s, q.Protocol)
		}
	}
	return s, nil
}

// stateSample is the response to a question for the subtasks in one state.
type stateSample struct {
	aep.Listing[aep.Subtask]
	code    aep.SubtaskCode
	refusal error // of a code that the platform may not know
}

// sampleState asks for the subtasks in one state. It only reads from the decoder, because calls run side by side.
func (r *Runner) sampleState(ctx context.Context, key aep.TaskKey, code aep.SubtaskCode, d *progress.Decoder) (stateSample, error) {
	rows := 1
	if d.Undecided(code) && (code == progress.Success2022 || code == progress.Failure2022) {
		rows = min(evidenceRows, r.client.PageSize())
	}
	list, err := r.client.SampleSubtasks(ctx, key, code, rows)
	sample := stateSample{Listing: list, code: code}
	if d.MaybeForeign(code) && (aep.IsRefused(err) || aep.IsBadRequest(err)) {
		sample.refusal, err = err, nil
	}
	return sample, err
}

// addTo adds a sample to the counts, unless it says nothing about its state. A platform that follows the table
// of 2022 may refuse the code. Another platform may ignore the filter.
func (found stateSample) addTo(s *progress.Counts, protocol aep.Protocol) {
	ignored := protocol != aep.TLink && slices.ContainsFunc(found.Rows, func(row aep.Subtask) bool {
		return row.Code != found.code && row.Code != aep.NoSubtaskCode
	})
	if found.refusal != nil || ignored {
		return
	}
	for _, row := range found.Rows {
		row.Code = found.code
		s.Decoder.SeeRows(row)
	}
	s.Asked = append(s.Asked, found.code)
	s.Counted[found.code] = found.Total
}
