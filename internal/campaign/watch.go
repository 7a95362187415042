package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// WaitFor says how far a task must have come.
type WaitFor string

// What can be waited for.
const (
	WaitNone     WaitFor = "none"
	WaitStarted  WaitFor = "started"
	WaitFinished WaitFor = "finished"
)

// WaitFors lists the valid values.
var WaitFors = []WaitFor{WaitNone, WaitStarted, WaitFinished}

// Observation is a task at one moment.
type Observation struct {
	Task      aep.Task
	Histogram Histogram

	counts counts // behind Histogram
}

// DeviceCount returns how many devices take part: those that are counted in
// some state, or, where some are in none, as many as the task says it has.
func (o Observation) DeviceCount() int64 { return max(o.Histogram.Total, o.Task.DeviceCount) }

// SuccessPercent returns the share of successes among all devices.
func (o Observation) SuccessPercent() float64 { return percent(o.Histogram.Succeeded, o.DeviceCount()) }

// Finished reports whether nothing of the task will change by itself.
func (o Observation) Finished() bool {
	return o.Task.Status == aep.TaskFinished || o.Histogram.Total > 0 && o.Histogram.MaybeActive() == 0
}

// String says how things stand, such as "running, 5 devices: 3 succeeded, 2 failed".
func (o Observation) String() string { return fmt.Sprintf("%s, %s", o.Task.Status, o.Histogram) }

// Doubt says which devices the numbering of LwM2M states leaves in doubt, "" if none.
func (o Observation) Doubt() string {
	h := o.Histogram
	switch {
	case h.Undecided && h.Disputed > 0:
		return fmt.Sprintf("%d devices show states that mean success or failure, or being under way, depending on the numbering that the platform follows", h.Unknown+h.Disputed)
	case h.Undecided:
		return fmt.Sprintf("%d devices show a state (code %d) that means success in one of the platform's two numberings and failure in the other; nothing proves that they have succeeded", h.Unknown, code2022Success)
	case h.Disputed > 0:
		return fmt.Sprintf("%d devices show a state that means failure in one of the platform's two numberings and being under way in the other", h.Disputed)
	}
	return ""
}

// Observe reads a task and counts its devices.
func (r *Runner) Observe(ctx context.Context, key aep.TaskKey) (Observation, error) {
	task, err := r.TaskDetail(ctx, key)
	if err != nil {
		return Observation{}, err
	}
	n, err := r.count(ctx, key, task.Protocol(), task.DeviceCount)
	if task.Status == aep.TaskFinished {
		n.Disputed = 0 // in a finished task nothing is under way
	}
	return Observation{Task: task, Histogram: n.Histogram, counts: n}, err
}

// WatchRequest says what to wait for, and what must hold meanwhile.
type WatchRequest struct {
	Key       aep.TaskKey
	Until     WaitFor
	Gates     Gates
	Interval  time.Duration // between two looks
	BatchSize int           // for cancelling
	// Report is told of every look; it may be nil.
	Report func(Observation)
}

// WatchError says what ended a watch before its goal was reached.
type WatchError struct {
	Key   aep.TaskKey
	Until WaitFor
	Last  *Observation // nil if the task was never seen
	Err   error
}

func (e *WatchError) Error() string {
	goal := map[WaitFor]string{WaitStarted: "has started", WaitFinished: "has finished"}[e.Until]
	text := fmt.Sprintf("waiting until task %d of product %d %s: %v", e.Key.TaskID, e.Key.ProductID, goal, e.Err)
	if e.Last != nil {
		text += ". When last seen it was " + e.Last.String()
	}
	return text
}

func (e *WatchError) Unwrap() error { return e.Err }

// slips is how many looks in a row may fail for what seems no passing reason.
const slips = 3

// Watch looks at a task until it has started or finished, or fails its gates:
// the error is then a *GateError; any other end before that is a *WatchError.
// A platform that is out of reach for a while does not end the watch.
func (r *Runner) Watch(ctx context.Context, q WatchRequest) (Observation, error) {
	var last *Observation
	for failures := 0; ; {
		now, err := r.Observe(ctx, q.Key)
		switch {
		case err == nil:
			last, failures = &now, 0
			r.report(ctx, q, now)
			if done, err := r.decide(ctx, q, now); done {
				if failure, ok := errors.AsType[*GateError](err); ok {
					now = failure.Observation
				}
				return now, err
			}
		case ctx.Err() != nil || isGone(err):
			return lastOf(last), &WatchError{Key: q.Key, Until: q.Until, Last: last, Err: err}
		case aep.IsTransient(err) || aep.IsUnreliable(err):
			r.log(ctx, "could not look at a task; watching on", map[string]any{
				"product_id": q.Key.ProductID, "task_id": q.Key.TaskID, "failure": err.Error(),
			})
		default:
			if failures++; failures == slips || !aep.MaybeGone(err) {
				return lastOf(last), &WatchError{Key: q.Key, Until: q.Until, Last: last, Err: err}
			}
		}
		if err := pause(ctx, q.Interval); err != nil {
			return lastOf(last), &WatchError{Key: q.Key, Until: q.Until, Last: last, Err: err}
		}
	}
}

func lastOf(last *Observation) Observation {
	if last == nil {
		return Observation{}
	}
	return *last
}

// decide says whether a watch is over, and how it ended.
func (r *Runner) decide(ctx context.Context, q WatchRequest, now Observation) (done bool, err error) {
	if q.Until != WaitFinished {
		return now.Task.Status == aep.TaskRunning || now.Task.Status == aep.TaskFinished, nil
	}
	if now.Finished() {
		return true, r.judge(ctx, now, q.Gates)
	}
	if q.Gates.tooManyFailures(now) {
		return true, r.abort(ctx, now, q.Gates, q.BatchSize)
	}
	return false, nil
}

// judge says whether a task that is done lives up to its gates; if not, the
// error is a *GateError.
func (r *Runner) judge(ctx context.Context, o Observation, g Gates) error {
	if g.judge(o) {
		return nil
	}
	failed, err := r.FailedDevices(ctx, o, namedInError)
	return &GateError{Observation: o, Judged: o, Gates: g, Failed: failed, CancelErr: err}
}

func (r *Runner) report(ctx context.Context, q WatchRequest, now Observation) {
	h := now.Histogram
	r.log(ctx, "watching a task", map[string]any{
		"product_id": q.Key.ProductID, "task_id": q.Key.TaskID, "status": now.Task.Status.String(), "total": now.DeviceCount(),
		"waiting": h.Waiting, "in_progress": h.InProgress, "succeeded": h.Succeeded, "failed": h.Failed,
		"cancelled": h.Cancelled, "unknown": h.Unknown,
	})
	if q.Report != nil {
		q.Report(now)
	}
}
