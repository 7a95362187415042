package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// WaitFor is the goal of a watch.
type WaitFor string

// The goals of a watch.
const (
	WaitNone     WaitFor = "none"
	WaitStarted  WaitFor = "started"
	WaitFinished WaitFor = "finished"
)

// WaitFors lists the valid values.
var WaitFors = []WaitFor{WaitNone, WaitStarted, WaitFinished}

// WatchRequest describes a watch.
type WatchRequest struct {
	Key      aep.TaskKey
	Until    WaitFor
	Gates    progress.Gates
	Interval time.Duration   // between two looks
	Before   progress.Before // devices that take no part
	// Report is called with every observation; nil: no report.
	Report func(progress.Observation)
	// Unlimited is the caller's context without the time limit of the watch, for the cancel after an abort;
	// nil: that of the watch.
	Unlimited context.Context
}

// WatchError says that a watch ended before its goal.
type WatchError struct {
	Key   aep.TaskKey
	Until WaitFor
	Last  *progress.Observation // nil if the task was never observed
	Err   error
}

func (e *WatchError) Error() string {
	goal := map[WaitFor]string{WaitStarted: "has started", WaitFinished: "has finished"}[e.Until]
	cause := e.Err
	if ended := aep.CancelCause(e.Err); ended != nil {
		cause = ended // which call comes next says nothing
	}
	text := fmt.Sprintf("waiting until %s %s: %v", e.Key.Object(), goal, cause)
	if e.Last != nil {
		text += ". When last seen it was " + e.Last.String()
	}
	return text
}

func (e *WatchError) Unwrap() error { return e.Err }

// slips is how many looks in a row may fail for a lasting reason.
const slips = 3

// watch is one run of Watch.
type watch struct {
	*Runner
	WatchRequest
	last     *progress.Observation
	failures int // in a row
	failed   failedDevices
}

// Watch looks at a task until it has started or finished, or fails its gates. The error is a *GateError for
// failed gates, and a *WatchError for any other early end. An outage of the platform does not end the watch.
func (r *Runner) Watch(ctx context.Context, q WatchRequest) (progress.Observation, error) {
	if q.Unlimited == nil {
		q.Unlimited = ctx
	}
	w := &watch{Runner: r, WatchRequest: q}
	var done bool
	err := poll(ctx, every(q.Interval), func() (_ bool, err error) {
		done, err = w.look(ctx)
		return done, err
	})
	if err != nil && !done {
		err = w.cutOff(err) // ctx has ended
	}
	if w.last == nil {
		return progress.Observation{}, err
	}
	return *w.last, err
}

// look observes the task once. done is true if the watch is over.
func (w *watch) look(ctx context.Context) (done bool, err error) {
	now, err := w.Observe(ctx, w.Key)
	switch {
	case err == nil:
		now = now.Without(w.Before)
		w.last, w.failures = &now, 0
		w.report(ctx, now)
		return w.decide(ctx, now)
	case ctx.Err() != nil || isGone(err):
		return true, w.cutOff(err)
	case w.passes(ctx, w.Key, err):
		return false, nil
	}
	if w.failures++; w.failures == slips || !aep.MaybeGone(err) {
		return true, w.cutOff(err)
	}
	return false, nil
}

// cutOff returns the *WatchError for the end of a watch.
func (w *watch) cutOff(err error) error {
	return &WatchError{Key: w.Key, Until: w.Until, Last: w.last, Err: err}
}

// decide judges an observation. done is true if the watch is over.
func (w *watch) decide(ctx context.Context, now progress.Observation) (done bool, err error) {
	if w.Until != WaitFinished {
		return now.Task.Status == aep.TaskRunning || now.Task.Status == aep.TaskFinished, nil
	}
	now = w.withoutRetries(ctx, now)
	aborts := !now.Finished() && w.Gates.TooManyFailures(now)
	switch {
	case aborts:
		failure := w.abort(now)
		w.last = &failure.Observation
		return true, failure
	case now.Finished():
		return true, w.judge(ctx, now, w.Gates)
	}
	return false, nil
}

// judge returns a *GateError if a finished task does not meet its gates.
func (r *Runner) judge(ctx context.Context, o progress.Observation, g progress.Gates) error {
	if g.Judge(o) {
		return nil
	}
	failed, err := r.FailedDevices(ctx, o, namedInError)
	return &GateError{Observation: o, Judged: o, Gates: g, Failed: failed, CancelErr: err}
}

func (w *watch) report(ctx context.Context, now progress.Observation) {
	h := now.Histogram
	w.log(ctx, "watching a task", map[string]any{
		"product_id": w.Key.ProductID, "task_id": w.Key.TaskID, "status": now.Task.Status.String(), "total": now.DeviceCount(),
		"waiting": h.Waiting, "in_progress": h.InProgress, "succeeded": h.Succeeded, "failed": h.Failed,
		"cancelled": h.Cancelled, "unknown": h.Unknown,
	})
	if w.Report != nil {
		w.Report(now)
	}
}

// abortPatience limits the cancel after an abort, which may outlive the time limit of the watch.
const abortPatience = 30 * time.Minute

// abort cancels the remaining devices as the gates say, and returns the *GateError.
func (w *watch) abort(judged progress.Observation) *GateError {
	ctx, stop := context.WithTimeout(w.Unlimited, abortPatience)
	defer stop()
	failure := &GateError{Observation: *w.last, Judged: judged, Gates: w.Gates, Aborted: true}
	// After the cancel a platform may also show cancelled devices as failed.
	failure.Failed, failure.CancelErr = w.FailedDevices(ctx, judged, namedInError)
	if w.Gates.OnAbort != progress.AbortStopsWaiting && !judged.MayFailByCancel() {
		outcome, err := w.CancelActive(ctx, w.Key, judged.Task.Protocol(), SettlePatience)
		failure.Cancel = &outcome
		if err != nil {
			failure.CancelErr = err
		}
		if after, err := w.Observe(ctx, w.Key); err == nil {
			failure.Observation = after.Without(w.Before)
		}
	}
	return failure
}

// withoutRetries returns the observation by which the gates are judged. In it, devices that the platform may
// retry count as in progress. Only a running LwM2M task with retries has such devices. They matter only if
// the task seems finished or fails its gates.
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
