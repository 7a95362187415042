package campaign

import (
	"context"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

const (
	// RetryLooks is how many looks a failed device stays failed before a watch takes
	// it that the platform will not try it again. The platform documents neither
	// how long it waits nor how many tries are left.
	RetryLooks = 60
	// listEvery is after how many looks the failed devices are listed again.
	listEvery = 10
)

// failedDevices remembers since when devices have been failed.
type failedDevices struct {
	listed  time.Time // zero: never
	since   map[int64]failedSince
	forGood int64 // failed for RetryLooks
}

type failedSince struct {
	updated time.Time // as the platform shows it
	seen    time.Time
}

// withoutRetries returns the observation for a verdict: devices that the platform
// may try again count as in progress. Only a running LwM2M task with retries has
// any, and they matter only to a task that seems finished or fails its gates.
func (w *watch) withoutRetries(ctx context.Context, now progress.Observation) progress.Observation {
	h := now.Histogram
	retries := now.Task.Protocol() == aep.LwM2M && (now.Task.RetryTimes == nil || *now.Task.RetryTimes > 0)
	if h.Failed == 0 || !retries || now.Task.Status == aep.TaskFinished || !now.Finished() && !w.Gates.TooManyFailures(now) {
		return now
	}
	w.failed.look(ctx, w.Runner, now, w.Interval)
	open := max(h.Failed-w.failed.forGood, 0)
	now.Histogram.Failed -= open
	now.Histogram.InProgress += open
	return now
}

// look lists the failed devices, if that was not done shortly before.
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
