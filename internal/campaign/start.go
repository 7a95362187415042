package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

const (
	startTries = 3
	// startPatience is how long a start may take to show after a lost response.
	startPatience = 30 * time.Second
)

// NoDevicesError refuses to start a task without devices to upgrade.
type NoDevicesError struct {
	Key       aep.TaskKey
	Histogram progress.Histogram // empty if the task has no devices at all
}

func (e *NoDevicesError) Error() string {
	if e.Histogram.Total > 0 {
		return fmt.Sprintf("%s has no device left to upgrade: %s", e.Key.Object(), e.Histogram)
	}
	return fmt.Sprintf("%s has no devices", e.Key.Object())
}

// DeviceCountError refuses to start a task whose number of devices is not the expected one.
type DeviceCountError struct {
	Key       aep.TaskKey
	Expected  int64
	Actual    int64 // devices that would be upgraded
	Histogram progress.Histogram
}

func (e *DeviceCountError) Error() string {
	return fmt.Sprintf("%s holds %s to upgrade, not the %s that are expected (it lists %s)",
		e.Key.Object(), progress.Devices(e.Actual), progress.Grouped(e.Expected), e.Histogram)
}

// UnknownStatusError refuses to act on a task whose status is an undocumented number.
type UnknownStatusError struct {
	Key    aep.TaskKey
	Status aep.TaskStatus
}

func (e *UnknownStatusError) Error() string {
	return fmt.Sprintf("%s has the status %s (jobStatus %d), which is not documented; it is not known whether it may "+
		"be started",
		e.Key.Object(), e.Status, int64(e.Status))
}

// maxBefore is how many subtasks of devices that take no part are recorded.
const maxBefore = 1000

// Started is the outcome of StartTask.
type Started struct {
	Sent   bool // by this call
	Empty  bool // no device was expected and the task has none, so it was not started
	Before progress.Before
}

// StartTask starts a pending task; a running or finished one needs no call. Before the call it refuses a task
// without devices. It also refuses a task that would upgrade another number of devices than expected (nil:
// any number). Starts of one task run one after the other, and each reads the task first.
//
// API: ControlRemoteUpgradeTask.
func (r *Runner) StartTask(ctx context.Context, key aep.TaskKey, expected *int64) (started Started, err error) {
	r.Sets.EndAnnouncement(key)
	err = r.starts.Do(ctx, key, syncs.Exclusive, func() (err error) {
		started, err = r.startPending(ctx, key, expected)
		return err
	})
	return started, err
}

// startPending is StartTask while it holds the lock.
func (r *Runner) startPending(ctx context.Context, key aep.TaskKey, expected *int64) (Started, error) {
	task, err := r.SharedDetail(ctx, key)
	if err != nil {
		return Started{}, err
	}
	switch task.Status {
	case aep.TaskRunning, aep.TaskFinished:
		return Started{Before: progress.Before{Unknown: true}}, nil
	case aep.TaskPending:
	default:
		return Started{}, &UnknownStatusError{Key: key, Status: task.Status}
	}
	active, before, err := r.mayStart(ctx, task, expected)
	if err != nil || active == 0 {
		return Started{Empty: err == nil, Before: before}, err
	}
	if err := r.Spend(UseStart, active); err != nil {
		return Started{}, err
	}
	sent, err := r.start(ctx, key)
	return Started{Sent: sent, Before: before}, err
}

// start sends the start. It sends again only if the first request certainly had no effect.
func (r *Runner) start(ctx context.Context, key aep.TaskKey) (sent bool, err error) {
	for try := 1; ; try++ {
		err := r.write(ctx, key, func(ctx context.Context) error { return r.client.StartTask(ctx, key) })
		r.log(ctx, "started a task", map[string]any{"product_id": key.ProductID, "task_id": key.TaskID, "ok": err == nil})
		if err == nil {
			return true, nil
		}
		doubt := aep.Ambiguous(err)
		if !doubt && !aep.IsRefused(err) {
			return false, err
		}
		// A refusal may mean that the task runs already.
		now, lookErr := r.startShows(ctx, key, doubt)
		switch {
		case lookErr != nil:
			return false, fmt.Errorf("%w; it could not be read whether the task was started: %w", err, lookErr)
		case now.Status != aep.TaskPending:
			return doubt, nil
		case !doubt || try == startTries:
			return false, err
		}
	}
}

// mayStart returns how many devices a start would upgrade, and which take no part in it. It refuses a task
// without devices, unless expected is 0. It also refuses a task with another number of devices than expected.
func (r *Runner) mayStart(ctx context.Context, task aep.Task, expected *int64) (active int64, before progress.Before, err error) {
	key := task.Key()
	if task, err = r.SettleProtocol(ctx, task); err != nil {
		return 0, progress.Before{}, err
	}
	states, err := r.count(ctx, progress.QueryOf(task))
	if err != nil {
		return 0, progress.Before{}, err
	}
	h := states.Histogram()
	if h.Total == 0 {
		// Before the start a platform may list devices only as joined. T-Link also lists cancelled devices
		// like this; then expected is 0.
		if h.Total, err = r.JoinedCount(ctx, key); err != nil {
			return 0, progress.Before{}, err
		}
		h.Total = max(h.Total, task.DeviceCount)
		if expected != nil && *expected == 0 && task.Protocol() == aep.TLink {
			return 0, progress.Before{}, nil
		}
		h.Waiting = h.Total
	} else if task.Protocol() == aep.TLink {
		before = progress.Before{Failed: h.Failed, Stateless: states.Uncounted()}
	}
	active = h.MaybeActive()
	switch {
	case expected != nil && *expected != active && active > 0:
		return 0, progress.Before{}, &DeviceCountError{Key: key, Expected: *expected, Actual: active, Histogram: h}
	case active == 0 && (expected == nil || *expected > 0):
		return 0, progress.Before{}, &NoDevicesError{Key: key, Histogram: h}
	}
	if expected != nil {
		if err := r.refuseUnlisted(ctx, task, *expected, active); err != nil {
			return 0, progress.Before{}, err
		}
	}
	if before.Failed > 0 {
		before.Subtasks, err = r.failedSubtasks(ctx, key)
	}
	return active, before, err
}

// failedSubtasks returns the ids of the failed subtasks of a T-Link task.
func (r *Runner) failedSubtasks(ctx context.Context, key aep.TaskKey) ([]int64, error) {
	list, err := r.client.Subtasks(ctx, aep.SubtaskQuery{Key: key, Codes: []aep.SubtaskCode{progress.TLinkFailed}}, maxBefore)
	return subtaskIDs(list.Rows), err
}

// startShows reads the task after a start whose outcome is unknown. If patient, it waits until the start
// shows.
func (r *Runner) startShows(ctx context.Context, key aep.TaskKey, patient bool) (task aep.Task, err error) {
	err = poll(ctx, doubling(time.Second, startPatience, startPatience), func() (bool, error) {
		task, err = r.ReadTask(ctx, key)
		return task.Status != aep.TaskPending || !patient, err
	})
	return task, err
}
