package campaign

import (
	"context"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

const (
	// RetryLooks is the number of looks after which a failed device counts as failed for good. The platform
	// documents neither how long it waits before it retries a device nor how many tries are left.
	RetryLooks = 60
	// listEvery is the number of looks between two lists of failed devices.
	listEvery = 10
)

// failedDevices records since when devices have been failed.
type failedDevices struct {
	listed  time.Time // zero if never
	since   map[int64]failedSince
	forGood int64 // devices that were failed for RetryLooks
}

type failedSince struct {
	updated time.Time // as shown by the platform
	seen    time.Time
}

// look lists the failed devices, unless it did so shortly before.
func (f *failedDevices) look(ctx context.Context, r *Runner, now progress.Observation, interval time.Duration) {
	if !f.listed.IsZero() && time.Since(f.listed) < listEvery*interval {
		return
	}
	rows, err := r.FailedDevices(ctx, now, 0)
	if err != nil {
		r.log(ctx, "could not list failed devices", map[string]any{"task_id": now.Task.ID, "failure": err.Error()})
		return
	}
	before := f.since
	f.listed, f.since, f.forGood = time.Now(), make(map[int64]failedSince, len(rows)), 0
	for _, row := range rows {
		one, known := before[row.ID]
		if !known || !one.updated.Equal(row.UpdatedAt) {
			one = failedSince{updated: row.UpdatedAt, seen: f.listed}
		}
		f.since[row.ID] = one
		if f.listed.Sub(one.seen) >= RetryLooks*interval {
			f.forGood++
		}
	}
}

// FailedDevices returns the first failed subtasks of a task, at most limit (0: all), as the observation
// counts them.
func (r *Runner) FailedDevices(ctx context.Context, o progress.Observation, limit int) ([]aep.Subtask, error) {
	if o.Histogram.Failed == 0 {
		return nil, nil
	}
	most := limit
	if limit > 0 {
		most += len(o.Before.Subtasks)
	}
	var failed []aep.Subtask
	for _, code := range o.Counts.Asked {
		if o.Counts.Phase(code) != progress.Failed || o.Counts.Counted[code] == 0 || limit > 0 && len(failed) == most {
			continue
		}
		q := aep.SubtaskQuery{Key: o.Task.Key(), Codes: []aep.SubtaskCode{code}}
		list, err := r.client.Subtasks(ctx, q, max(most-len(failed), 0))
		if err != nil {
			return failed, err
		}
		failed = append(failed, list.Rows...)
	}
	failed = slices.DeleteFunc(failed, func(s aep.Subtask) bool { return slices.Contains(o.Before.Subtasks, s.ID) })
	if limit > 0 && len(failed) > limit {
		failed = failed[:limit]
	}
	return failed, nil
}
