package campaign

import (
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// SubtaskFilter selects subtasks of a task. Empty fields select all; the others are combined with "and".
type SubtaskFilter struct {
	Phases []progress.Phase
	Codes  []aep.SubtaskCode
	Search string // part of a device id, number, IMEI or name
}

// FoundSubtasks is a list of subtasks, with the counts of their task.
type FoundSubtasks struct {
	aep.Listing[aep.Subtask]
	Histogram progress.Histogram                   // of the whole task, whatever the filter
	Phase     func(aep.SubtaskCode) progress.Phase // of a code of this task
}

// FindSubtasks lists the subtasks that a filter selects, at most limit. task should come from TaskDetail,
// whose number of devices includes subtasks in unknown states. The platform is asked for the counts only if
// the rows are not the whole task.
func (r *Runner) FindSubtasks(ctx context.Context, task aep.Task, filter SubtaskFilter, limit int) (FoundSubtasks, error) {
	if len(filter.Phases) == 0 && len(filter.Codes) == 0 && filter.Search == "" {
		list, err := r.firstSubtasks(ctx, subtaskQuery(task.Key(), task.Protocol()), limit)
		if err != nil {
			return FoundSubtasks{}, err
		}
		if !list.Truncated {
			return newFound(list, progress.NewCounts(progress.QueryOf(task), r.table).Tally(list.Rows)), nil
		}
		task.DeviceCount = max(task.DeviceCount, list.Total)
		s, err := r.StateCounts(ctx, task)
		return newFound(list, s.WithEvidence(list.Rows)), err
	}
	s, err := r.StateCounts(ctx, task)
	if err != nil {
		return FoundSubtasks{}, err
	}
	list, s, err := r.selectSubtasks(ctx, task, filter, s, limit)
	return newFound(list, s), err
}

func newFound(list aep.Listing[aep.Subtask], s progress.Counts) FoundSubtasks {
	return FoundSubtasks{Listing: list, Histogram: s.Histogram(), Phase: s.Phase}
}

// findTries bounds the reads for one filter. Rows may prove more about the numbering than the counts did, and
// then other states match the filter.
const findTries = 3

func (r *Runner) selectSubtasks(ctx context.Context, task aep.Task, filter SubtaskFilter, s progress.Counts,
	limit int,
) (aep.Listing[aep.Subtask], progress.Counts, error) {
	q := subtaskQuery(task.Key(), task.Protocol())
	q.Search = filter.Search
	var list aep.Listing[aep.Subtask]
	for try := 0; ; try++ {
		asked, complete := filter.codes(s)
		switch {
		case !complete:
			return r.filterLocally(ctx, q, filter.Phases, s, limit)
		case len(asked) == 0 && filter.byState():
			return aep.Listing[aep.Subtask]{}, s, nil
		case filter.byState():
			q.Codes = asked
		}
		var err error
		if list, err = r.firstSubtasks(ctx, q, limit); err != nil {
			return list, s, err
		}
		s = s.WithEvidence(list.Rows)
		if again, _ := filter.codes(s); slices.Equal(again, asked) || try == findTries {
			return list, s, nil
		}
	}
}

func (f SubtaskFilter) byState() bool { return len(f.Phases) > 0 || len(f.Codes) > 0 }

// codes returns the states to ask for. complete is false if they do not cover the filter.
func (f SubtaskFilter) codes(s progress.Counts) (list []aep.SubtaskCode, complete bool) {
	if len(f.Codes) == 0 {
		return s.CodesOf(f.Phases...)
	}
	for _, code := range slices.Sorted(slices.Values(f.Codes)) {
		if len(f.Phases) == 0 || s.MayBe(code, f.Phases) {
			list = append(list, code)
		}
	}
	return list, true
}

// filterLocally reads the whole list and filters it, for states that the API can't filter by.
func (r *Runner) filterLocally(ctx context.Context, q aep.SubtaskQuery, phases []progress.Phase, s progress.Counts,
	limit int,
) (aep.Listing[aep.Subtask], progress.Counts, error) {
	list, err := r.firstSubtasks(ctx, q, 0)
	if err != nil {
		return list, s, err
	}
	s = s.WithEvidence(list.Rows)
	var rows []aep.Subtask
	for _, row := range list.Rows {
		if slices.Contains(phases, s.Phase(row.Code)) {
			rows = append(rows, row)
		}
	}
	total := len(rows)
	return aep.Listing[aep.Subtask]{Rows: rows[:min(total, limit)], Total: int64(total), Truncated: total > limit}, s, nil
}

// newestRows keeps the newest row of each device. A device that left the task and joined again is listed more
// than once.
func newestRows(list aep.Listing[aep.Device]) aep.Listing[aep.Device] {
	at := make(map[string]int, len(list.Rows))
	rows := make([]aep.Device, 0, len(list.Rows))
	for _, d := range list.Rows {
		i, listed := at[d.ID]
		switch {
		case !listed:
			at[d.ID] = len(rows)
			rows = append(rows, d)
		case d.SubtaskID > rows[i].SubtaskID:
			rows[i] = d
		}
	}
	list.Total -= int64(len(list.Rows) - len(rows))
	list.Rows = rows
	return list
}

// FindDevices lists devices, at most limit. Readers of one run share the list. The error is a *GoneError if
// the platform proves that the task does not exist.
func (r *Runner) FindDevices(ctx context.Context, q aep.DeviceQuery, limit int) (aep.Listing[aep.Device], error) {
	list, err := r.firstDevices(ctx, q, limit)
	if q.Scope != aep.Joined || err != nil && !aep.MaybeGone(err) || len(list.Rows) > 0 {
		return newestRows(list), err
	}
	// The platform may return an empty list for a missing task.
	if _, taskErr := r.Task(ctx, q.Key); taskErr != nil {
		return list, taskErr
	}
	return list, err
}
