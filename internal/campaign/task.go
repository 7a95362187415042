package campaign

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// GoneError says that a task does not exist, which the platform's answer
// suggested and its list of tasks proved.
type GoneError struct{ Key aep.TaskKey }

func (e *GoneError) Error() string {
	return fmt.Sprintf("task %d of product %d does not exist", e.Key.TaskID, e.Key.ProductID)
}

// UnprovenError says that a task may be gone: the platform answers null for it, and
// null instead of the list of tasks, which proves nothing.
type UnprovenError struct {
	Key aep.TaskKey
	Err error // the platform's answer for the task
}

func (e *UnprovenError) Error() string {
	return fmt.Sprintf("task %d of product %d may be gone, but the platform sends null instead of the list of tasks that would prove it: %v",
		e.Key.TaskID, e.Key.ProductID, e.Err)
}

func (e *UnprovenError) Unwrap() error { return e.Err }

// taskReads counts the single reads under way, by product.
type taskReads struct {
	mu    sync.Mutex
	busy  map[int64]int
	total map[int64]int
}

// pagesPerRead is how long a list may be, for each single read so far, to be
// read in place of more of them.
const pagesPerRead = 5

// Task reads a task. Readers of one task that come together share the read, and
// those of one product, as in the refresh of a large configuration, are answered
// from one reading of its list; never from one that began before a write.
//
// The error is a *GoneError if the task is proven not to exist.
func (r *Runner) Task(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.single.get(ctx, key, func(ctx context.Context) (aep.Task, error) { return r.taskOfProduct(ctx, key) })
}

// taskOfProduct reads a task, by itself or with the others of its product.
func (r *Runner) taskOfProduct(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	list, _ := r.tasks.fresh(key.ProductID)
	if task, ok := list.tasks[key.TaskID]; ok && task.Lacks == "" {
		return r.recognized(task), nil
	}
	busy, total := r.reads.enter(key.ProductID)
	defer r.reads.leave(key.ProductID)
	if busy > 1 {
		list, err := r.listTasks(ctx, key.ProductID, pagesPerRead*total)
		if err != nil && !aep.IsUnreliable(err) { // the task itself may be sound
			return aep.Task{}, err
		}
		if task, ok := list.tasks[key.TaskID]; ok && task.Lacks == "" {
			return r.recognized(task), nil
		}
	}
	return r.ReadTask(ctx, key)
}

// ReadTask reads a task by itself. The error is a *GoneError if the task is
// proven not to exist.
func (r *Runner) ReadTask(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.read(ctx, key, r.client.Task)
}

// TaskDetail is ReadTask with the number of devices.
func (r *Runner) TaskDetail(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.read(ctx, key, r.client.TaskDetail)
}

// SharedDetail is TaskDetail for readers that follow each other closely, such as
// the plan of a start and the start: they share the read.
func (r *Runner) SharedDetail(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.details.get(ctx, key, func(ctx context.Context) (aep.Task, error) { return r.TaskDetail(ctx, key) })
}

// read reads a task. It is gone if the platform lists the tasks of the product
// without it. A list that the platform answers with null proves less: then a
// task is gone only if the platform has refused it explicitly.
func (r *Runner) read(ctx context.Context, key aep.TaskKey, read func(context.Context, aep.TaskKey) (aep.Task, error)) (aep.Task, error) {
	for try := 1; ; try++ {
		task, err := read(ctx, key)
		if !aep.MaybeGone(err) {
			return r.recognized(task), err
		}
		list, listErr := r.listTasks(ctx, key.ProductID, allPages)
		if listErr != nil {
			return aep.Task{}, fmt.Errorf("%w; and the list of tasks, which would tell whether it is gone, could not be read: %w", err, listErr)
		}
		_, listed := list.tasks[key.TaskID]
		switch {
		case !listed && (list.stated || aep.IsRefused(err)):
			return aep.Task{}, &GoneError{Key: key}
		case !listed:
			return aep.Task{}, &UnprovenError{Key: key, Err: err}
		}
		if try == 2 {
			return aep.Task{}, fmt.Errorf("the platform lists task %s, but does not show it: %w", key, err)
		}
		r.tasks.forget(key.ProductID) // the list may be older than the answer
	}
}

// taskList is the tasks of a product, or its first page.
type taskList struct {
	tasks  map[int64]aep.Task // by id
	pages  int                // of the whole list, if this is but the first
	stated bool               // the platform sent a list, not null instead of one
}

const allPages = math.MaxInt

// listTasks lists the tasks of a product if that takes no more than so many
// pages; otherwise those of the first page.
func (r *Runner) listTasks(ctx context.Context, productID int64, pages int) (taskList, error) {
	enough := func(list taskList) bool { return list.pages == 0 || list.pages > pages }
	return r.tasks.getEnough(ctx, productID, enough, func(ctx context.Context) (taskList, error) {
		rows, err := r.client.TasksWithin(ctx, aep.TaskQuery{ProductID: productID}, pages)
		list := taskList{tasks: make(map[int64]aep.Task, len(rows.Rows)), stated: rows.Stated}
		for _, t := range rows.Rows {
			list.tasks[t.ID] = t
		}
		if rows.Truncated {
			list.pages = int((rows.Total-1)/int64(len(rows.Rows))) + 1
		}
		return list, err
	})
}

func (t *taskReads) enter(productID int64) (busy, total int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy == nil {
		t.busy, t.total = make(map[int64]int), make(map[int64]int)
	}
	t.busy[productID]++
	t.total[productID]++
	return t.busy[productID], t.total[productID]
}

func (t *taskReads) leave(productID int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy[productID]--
}

// ModifyTask changes the settings of a task and reads it until they show. The
// task is returned as it was last read, even if they do not.
func (r *Runner) ModifyTask(ctx context.Context, q aep.ModifyTaskRequest) (aep.Task, error) {
	err := r.client.ModifyTask(ctx, q)
	r.wrote(q.Key)
	if aep.MaybeGone(err) {
		if _, readErr := r.ReadTask(ctx, q.Key); isGone(readErr) {
			return aep.Task{}, readErr
		}
	}
	if err != nil {
		return aep.Task{}, err
	}
	return r.readUntil(ctx, q.Key, func(t aep.Task) bool { return Shows(t, q) })
}

// Shows reports whether a task shows the settings that a request has written.
// Texts are compared by SameText. A number that the platform leaves out is not
// compared.
func Shows(t aep.Task, q aep.ModifyTaskRequest) bool {
	return SameText(t.Name, q.Name) && SameText(t.Description, q.Description) &&
		(q.RetryTimes == nil || t.RetryTimes == nil || *t.RetryTimes == *q.RetryTimes) &&
		(q.TimeoutHours == nil || t.TimeoutHours == 0 || t.TimeoutHours == *q.TimeoutHours)
}

// showPatience is how often a task is read for a write to show in it, with
// pauses that double from a quarter of a second.
const showPatience = 6

// readUntil reads a task until it shows what was written, or for long enough to
// say that it never will.
func (r *Runner) readUntil(ctx context.Context, key aep.TaskKey, shows func(aep.Task) bool) (aep.Task, error) {
	delay := 250 * time.Millisecond
	for try := 1; ; try++ {
		task, err := r.client.Task(ctx, key)
		switch {
		case err != nil && !aep.MaybeGone(err):
			return aep.Task{}, err
		case err == nil && shows(task), err == nil && try == showPatience:
			return task, nil
		case try == showPatience:
			return r.ReadTask(ctx, key)
		}
		if err := pause(ctx, delay); err != nil {
			return aep.Task{}, err
		}
		delay *= 2
	}
}

// ReadBack reads a task that has just been made; the platform may need a moment
// to show it.
func (r *Runner) ReadBack(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.readUntil(ctx, key, func(aep.Task) bool { return true })
}

// ActiveDevicesError refuses to delete a task whose devices are not all done.
type ActiveDevicesError struct {
	Key       aep.TaskKey
	Histogram Histogram
}

func (e *ActiveDevicesError) Error() string {
	return fmt.Sprintf("task %d of product %d still has devices that are not final: %s", e.Key.TaskID, e.Key.ProductID, e.Histogram)
}

// Bounds of repeating a delete whose outcome is unknown.
const (
	deleteTries = 3
	deletePause = 2 * time.Second
)

// DeleteTask deletes a task. One that is gone already is success. While devices
// are not final the error is an *ActiveDevicesError, unless force: then they
// are cancelled first, and the delete waits until none is active.
func (r *Runner) DeleteTask(ctx context.Context, key aep.TaskKey, force bool, batchSize int) error {
	r.origins.vacate(key, false)
	task, err := r.ReadTask(ctx, key)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := r.clearForDeletion(ctx, task, force, batchSize); err != nil {
		if !aep.MaybeGone(err) {
			return err
		}
		if _, readErr := r.ReadTask(ctx, key); isGone(readErr) {
			return nil // somebody else was faster
		}
		return err
	}
	for try := 1; ; try++ {
		err := r.client.DeleteTask(ctx, key)
		r.wrote(key)
		switch {
		case err == nil:
			return nil
		case !aep.Ambiguous(err) && !aep.MaybeGone(err):
			return err
		}
		if _, readErr := r.ReadTask(ctx, key); isGone(readErr) {
			return nil
		} else if readErr != nil || !aep.Ambiguous(err) || try == deleteTries {
			return err
		}
		if pause(ctx, deletePause) != nil {
			return err
		}
	}
}

func (r *Runner) clearForDeletion(ctx context.Context, task aep.Task, force bool, batchSize int) error {
	task, err := r.SettleProtocol(ctx, task)
	if err != nil {
		return err
	}
	key, protocol := task.Key(), task.Protocol()
	states, err := r.countWhole(ctx, countsOf(task))
	if err != nil {
		return err
	}
	h := states.Histogram()
	if h.MaybeActive() == 0 {
		return nil
	}
	if !force {
		return &ActiveDevicesError{Key: key, Histogram: h}
	}
	outcome, err := r.CancelActive(ctx, key, protocol, batchSize, -1)
	if err != nil {
		return err
	}
	if len(outcome.Failures) > 0 {
		first := outcome.Failures[0]
		return fmt.Errorf("task %s was not deleted, because %d of its devices could not be cancelled; the first is %s: %s",
			key, len(outcome.Failures), first.DeviceID, strings.TrimSpace(first.Code+" "+first.Message))
	}
	return nil
}
