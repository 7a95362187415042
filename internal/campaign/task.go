package campaign

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"golang.org/x/text/unicode/norm"
)

// pagesPerRead limits bulk reads. The task list of a product is read instead of single tasks if it has at
// most this many pages per single read so far.
const pagesPerRead = 5

// Task reads a task. Concurrent readers of one task share the read. Concurrent readers of one product, as of
// a large configuration, share one reading of its task list. No reader gets a task from before a write.
//
// The error is a *GoneError if the platform proves that the task does not exist.
func (r *Runner) Task(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.single.Get(ctx, key, func(ctx context.Context) (aep.Task, error) { return r.taskOfProduct(ctx, key) })
}

// taskOfProduct reads a task from the list of its product, or with a call of its own.
func (r *Runner) taskOfProduct(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	list, _ := r.tasks.Peek(key.ProductID)
	if task, ok := list.tasks[key.TaskID]; ok && task.Lacks == "" {
		return r.WithProtocol(task), nil
	}
	reads := r.reads.begin(key.ProductID)
	defer r.reads.end(key.ProductID)
	if reads.current > 1 {
		list, err := r.listTasks(ctx, key.ProductID, pagesPerRead*reads.total)
		if err != nil && !aep.IsUnreliable(err) { // the task's own read may succeed
			return aep.Task{}, err
		}
		if task, ok := list.tasks[key.TaskID]; ok && task.Lacks == "" {
			return r.WithProtocol(task), nil
		}
	}
	return r.ReadTask(ctx, key)
}

// ReadTask reads a task with a call of its own. The error is a *GoneError if the platform proves that the
// task does not exist.
func (r *Runner) ReadTask(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.read(ctx, key, r.client.Task)
}

// TaskDetail is ReadTask with the number of devices.
func (r *Runner) TaskDetail(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.read(ctx, key, r.client.TaskDetail)
}

// SharedDetail is TaskDetail for readers that follow each other closely, such as the plan of a start and the
// start. They share the read.
func (r *Runner) SharedDetail(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.details.Get(ctx, key, func(ctx context.Context) (aep.Task, error) { return r.TaskDetail(ctx, key) })
}

// read reads a task. The task is gone if the platform's list of tasks lacks it. A null list proves less: then
// the task is gone only if the platform has also refused it explicitly.
func (r *Runner) read(ctx context.Context, key aep.TaskKey, read func(context.Context, aep.TaskKey) (aep.Task, error)) (aep.Task, error) {
	for try := 1; ; try++ {
		task, err := read(ctx, key)
		if !aep.MaybeGone(err) {
			return r.WithProtocol(task), err
		}
		list, listErr := r.listTasks(ctx, key.ProductID, allPages)
		if listErr != nil {
			return aep.Task{}, fmt.Errorf("%w; the list of tasks, which would prove whether the task exists, could not be read: %w", err, listErr)
		}
		_, listed := list.tasks[key.TaskID]
		switch {
		case !listed && (list.stated || aep.IsRefused(err)):
			return aep.Task{}, &GoneError{Key: key}
		case !listed:
			return aep.Task{}, &UnprovenError{Key: key, Err: err}
		}
		if try == 2 {
			return aep.Task{}, fmt.Errorf("the platform lists %s, but does not return it: %w", key.Object(), err)
		}
		r.tasks.Invalidate(key.ProductID) // the list may be older than the response
	}
}

const allPages = math.MaxInt

// listTasks lists the tasks of a product if they take at most this many pages; otherwise those of the first
// page.
func (r *Runner) listTasks(ctx context.Context, productID int64, pages int) (taskList, error) {
	enough := func(list taskList) bool { return list.pages == 0 || list.pages > pages }
	return r.tasks.GetIf(ctx, productID, enough, func(ctx context.Context) (taskList, error) {
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

// showPauses are the pauses between reads of a task until it shows what was written.
var showPauses = []time.Duration{
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
}

// readUntil reads a task until it shows what was written. After the last pause it returns the task as it is.
func (r *Runner) readUntil(ctx context.Context, key aep.TaskKey, shows func(aep.Task) bool) (task aep.Task, err error) {
	pollErr := poll(ctx, after(showPauses...), func() (bool, error) {
		if task, err = r.client.Task(ctx, key); err != nil && !aep.MaybeGone(err) {
			return true, err
		}
		return err == nil && shows(task), nil
	})
	switch {
	case pollErr != nil:
		return aep.Task{}, pollErr
	case err != nil:
		return r.ReadTask(ctx, key)
	}
	return task, nil
}

// ReadBack reads a new task; the platform may need a moment to show it.
func (r *Runner) ReadBack(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	return r.readUntil(ctx, key, func(aep.Task) bool { return true })
}

// TaskAndCount is Task and JoinedCount at the same time; concurrent readers share both. The devices of a
// finished task no longer change, so it is returned even if they can't be counted.
func (r *Runner) TaskAndCount(ctx context.Context, key aep.TaskKey) (aep.Task, int64, error) {
	counting, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		total    int64
		countErr error
		counted  sync.WaitGroup
	)
	counted.Go(func() {
		total, countErr = r.joinedCounts.Get(counting, key, func(ctx context.Context) (int64, error) { return r.JoinedCount(ctx, key) })
	})
	task, err := r.Task(ctx, key)
	if err != nil || task.Status == aep.TaskFinished {
		cancel()
	}
	counted.Wait()
	switch {
	case err != nil:
		return aep.Task{}, 0, err
	case task.Status == aep.TaskFinished:
		return task, -1, nil
	}
	return task, total, countErr
}

// WholeTask reads a task with everything that the platform shows of it. That takes two calls. The error is a
// *GoneError if the task is proven not to exist.
func (r *Runner) WholeTask(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	task, err := r.ReadTask(ctx, key)
	if err != nil {
		return aep.Task{}, err
	}
	detail, err := r.TaskDetail(ctx, key)
	return mergedTask(task, detail), err
}

// mergedTask returns a task with the values of two responses. Each response lacks values of the other. A
// value that both have is that of detail, the later response.
func mergedTask(task, detail aep.Task) aep.Task {
	detail.ProductName = cmp.Or(detail.ProductName, task.ProductName)
	detail.TenantID = cmp.Or(detail.TenantID, task.TenantID)
	detail.FirmwareURL = cmp.Or(detail.FirmwareURL, task.FirmwareURL)
	detail.FileName = cmp.Or(detail.FileName, task.FileName)
	detail.UpgradePlan = cmp.Or(detail.UpgradePlan, task.UpgradePlan)
	detail.DeviceStatus = cmp.Or(detail.DeviceStatus, task.DeviceStatus)
	detail.TimeoutHours = cmp.Or(detail.TimeoutHours, task.TimeoutHours)
	detail.RetryTimes = cmp.Or(detail.RetryTimes, task.RetryTimes)
	if detail.CreatedAt.IsZero() {
		detail.CreatedAt = task.CreatedAt
	}
	return detail
}

// ModifyTask changes the settings of a task and reads it until they show. It returns the task as last read,
// even if they do not show.
func (r *Runner) ModifyTask(ctx context.Context, q aep.ModifyTaskRequest) (aep.Task, error) {
	err := r.write(ctx, q.Key, func(ctx context.Context) error { return r.client.ModifyTask(ctx, q) })
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

// SameText reports whether the platform may show b where a was written: it may trim a text, and compose its
// characters in another way.
func SameText(a, b string) bool {
	return norm.NFC.String(strings.TrimSpace(a)) == norm.NFC.String(strings.TrimSpace(b))
}

// Shows reports whether a task shows the settings that a request has written. Texts are compared by SameText.
// A number that the platform leaves out is not compared.
func Shows(t aep.Task, q aep.ModifyTaskRequest) bool {
	return SameText(t.Name, q.Name) && SameText(t.Description, q.Description) &&
		(q.RetryTimes == nil || t.RetryTimes == nil || *t.RetryTimes == *q.RetryTimes) &&
		(q.TimeoutHours == nil || t.TimeoutHours == 0 || t.TimeoutHours == *q.TimeoutHours)
}

// SettleProtocol returns a task whose protocol is certain. Retries prove LwM2M. A timeout proves nothing: a
// platform may show one for LwM2M, and may leave out that of T-Link. Only T-Link refuses to list subtasks
// without a state.
func (r *Runner) SettleProtocol(ctx context.Context, task aep.Task) (aep.Task, error) {
	task = r.WithProtocol(task)
	if task.KnownProtocol != 0 || task.RetryTimes != nil && *task.RetryTimes > 0 {
		return task, nil
	}
	key := task.Key()
	refused, err := r.refusesWholeList(ctx, key)
	if err == nil && refused && task.TimeoutHours == 0 {
		// Nothing that the task shows speaks for T-Link, so one refusal is no proof: it must depend on the state.
		if _, err = r.client.CountSubtasks(ctx, key, &aep.TLinkSubtaskCodes[0]); err == nil {
			refused, err = r.refusesWholeList(ctx, key)
		}
	}
	if err != nil {
		return task, err
	}
	protocol := aep.LwM2M
	if refused {
		protocol = aep.TLink
	}
	r.RememberProtocol(key, protocol)
	return r.WithProtocol(task), nil
}

// refusesWholeList reports whether the platform refuses to list the subtasks of a task without a state.
func (r *Runner) refusesWholeList(ctx context.Context, key aep.TaskKey) (bool, error) {
	_, err := r.client.CountSubtasks(ctx, key, nil)
	if aep.IsRefused(err) || aep.IsBadRequest(err) {
		return true, nil
	}
	return false, err
}
