package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

const (
	startTries = 3
	// startPatience is how long a start may take to show after its answer was lost.
	startPatience = 30 * time.Second
)

// NoDevicesError refuses to start a task that has nothing to upgrade.
type NoDevicesError struct {
	Key       aep.TaskKey
	Histogram Histogram // not empty if every device is in a final state already
}

func (e *NoDevicesError) Error() string {
	if e.Histogram.Total > 0 {
		return fmt.Sprintf("task %d of product %d has no device left to upgrade: %s", e.Key.TaskID, e.Key.ProductID, e.Histogram)
	}
	return fmt.Sprintf("task %d of product %d has no devices", e.Key.TaskID, e.Key.ProductID)
}

// DeviceCountError refuses to start a task that holds another number of devices
// than expected.
type DeviceCountError struct {
	Key       aep.TaskKey
	Expected  int64
	Actual    int64 // that would be upgraded
	Histogram Histogram
}

func (e *DeviceCountError) Error() string {
	return fmt.Sprintf("task %d of product %d holds %d devices to upgrade, not the %d that are expected (it lists %s)",
		e.Key.TaskID, e.Key.ProductID, e.Actual, e.Expected, e.Histogram)
}

// UnknownStatusError refuses to act on a task whose status is a number that
// nothing documents.
type UnknownStatusError struct {
	Key    aep.TaskKey
	Status aep.TaskStatus
}

func (e *UnknownStatusError) Error() string {
	return fmt.Sprintf("task %d of product %d has the status %s (jobStatus %d), which is not documented; it is not known whether it may be started",
		e.Key.TaskID, e.Key.ProductID, e.Status, int64(e.Status))
}

// StartTask starts a task that is pending; one that runs or has finished needs no
// call. A task without devices, or with another number of them than expected
// (nil: any), is refused before the call. It reports whether the start is this
// call's doing.
//
// API: ControlRemoteUpgradeTask.
func (r *Runner) StartTask(ctx context.Context, key aep.TaskKey, expected *int64) (started bool, err error) {
	task, err := r.TaskDetail(ctx, key)
	if err != nil {
		return false, err
	}
	switch task.Status {
	case aep.TaskRunning, aep.TaskFinished:
		return false, nil
	case aep.TaskPending:
	default:
		return false, &UnknownStatusError{Key: key, Status: task.Status}
	}
	if err := r.mayStart(ctx, task, expected); err != nil {
		return false, err
	}
	for try := 1; ; try++ {
		err := r.client.StartTask(ctx, key)
		r.wrote(key)
		r.log(ctx, "started a task", map[string]any{"product_id": key.ProductID, "task_id": key.TaskID, "ok": err == nil})
		if err == nil {
			return true, nil
		}
		doubt := aep.Ambiguous(err)
		if !doubt && !aep.IsRefused(err) {
			return false, err
		}
		// Refused may mean that it runs already: somebody else was faster.
		now, lookErr := r.startShows(ctx, key, doubt)
		switch {
		case lookErr != nil:
			return false, fmt.Errorf("%w; and whether the task was started could not be found out: %w", err, lookErr)
		case now.Status != aep.TaskPending:
			return doubt, nil
		case !doubt || try == startTries:
			return false, err
		}
	}
}

// mayStart refuses to start a task that has no devices, or not the expected number.
func (r *Runner) mayStart(ctx context.Context, task aep.Task, expected *int64) error {
	key := task.Key()
	h, err := r.Progress(ctx, key, task.Protocol(), task.DeviceCount)
	if err != nil {
		return err
	}
	if h.Total == 0 {
		// Before the start a platform may list devices only as joined.
		if h.Total, err = r.JoinedCount(ctx, key); err != nil {
			return err
		}
		h.Total = max(h.Total, task.DeviceCount)
		h.Waiting = h.Total
	}
	// What was cancelled before the start takes no part in it.
	actual := h.MaybeActive()
	switch {
	case actual <= 0:
		return &NoDevicesError{Key: key, Histogram: h}
	case expected != nil && *expected != actual:
		return &DeviceCountError{Key: key, Expected: *expected, Actual: actual, Histogram: h}
	}
	return nil
}

// startShows reads the status of a task after a start that may have arrived;
// with patience until it shows.
func (r *Runner) startShows(ctx context.Context, key aep.TaskKey, patient bool) (aep.Task, error) {
	began := time.Now()
	for delay := time.Second; ; delay *= 2 {
		task, err := r.ReadTask(ctx, key)
		if err != nil || task.Status != aep.TaskPending || !patient || time.Since(began)+delay > startPatience {
			return task, err
		}
		if err := pause(ctx, delay); err != nil {
			return aep.Task{}, err
		}
	}
}
