package campaign

import (
	"context"
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"golang.org/x/sync/errgroup"
)

// JoinedCount returns how many devices a task lists as joined, in one call.
func (r *Runner) JoinedCount(ctx context.Context, key aep.TaskKey) (int64, error) {
	n, err := r.client.CountDevices(ctx, aep.DeviceQuery{Key: key, Scope: aep.Joined})
	return n.Total, err
}

// TaskAndCount is Task and JoinedCount side by side; readers that come together
// share both. A finished task is returned even if its devices could not be
// counted: they no longer change.
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

// fullRows is how many devices a task may have for their rows to be kept whole,
// so that data sources can be answered from the same list. It is the most that
// a data source shows; of more devices only what membership needs is kept.
const fullRows = 20_000

// Joined lists the devices of a task; readers of one run share the list.
// expected is about how long it is, 0 if it is not known.
func (r *Runner) Joined(ctx context.Context, key aep.TaskKey, expected int64) ([]aep.JoinedDevice, error) {
	return r.joined.Get(ctx, key, func(ctx context.Context) ([]aep.JoinedDevice, error) {
		if expected == 0 || expected > fullRows {
			return r.client.JoinedDevices(ctx, key, "")
		}
		list, err := r.firstDevices(ctx, aep.DeviceQuery{Key: key, Scope: aep.Joined}, 0)
		joined := make([]aep.JoinedDevice, len(list.Rows))
		for i, d := range list.Rows {
			joined[i] = aep.JoinedDevice{ID: d.ID, SubtaskID: d.SubtaskID, Code: d.SubtaskCode}
		}
		return joined, err
	})
}

// joinedAmong returns rows of the list of joined devices with those of ids, by
// looking each up or by reading the whole list, whichever takes fewer calls. Of
// a list that was read whole it returns all rows and their number; else the
// total is expected.
func (r *Runner) joinedAmong(ctx context.Context, key aep.TaskKey, ids deviceset.Set, expected int64) ([]aep.JoinedDevice, int64, error) {
	if r.lookUp(len(ids), expected) {
		found, err := lookUpAll(ctx, r.client.Concurrency(), ids, func(ctx context.Context, id string) ([]aep.JoinedDevice, error) {
			rows, err := r.client.JoinedDevices(ctx, key, id)
			return slices.DeleteFunc(rows, func(d aep.JoinedDevice) bool { return folded(d.ID) != folded(id) }), err
		})
		return found, expected, err
	}
	all, err := r.Joined(ctx, key, expected)
	return all, int64(len(all)), err
}

// Subtasks lists all subtasks of a task; readers of one run share the list.
func (r *Runner) Subtasks(ctx context.Context, key aep.TaskKey, protocol aep.Protocol) ([]aep.Subtask, error) {
	list, err := r.firstSubtasks(ctx, subtaskQuery(key, protocol), 0)
	return list.Rows, err
}

// subtaskQuery asks for every subtask: T-Link ones can only be asked for by state.
func subtaskQuery(key aep.TaskKey, protocol aep.Protocol) aep.SubtaskQuery {
	q := aep.SubtaskQuery{Key: key}
	if protocol == aep.TLink {
		q.Codes = aep.TLinkSubtaskCodes
	}
	return q
}

// subtaskCount returns how many subtasks a task has, in one call; in one for
// each state with T-Link.
func (r *Runner) subtaskCount(ctx context.Context, key aep.TaskKey, protocol aep.Protocol) (int64, error) {
	if protocol != aep.TLink {
		n, err := r.client.CountSubtasks(ctx, key, nil)
		return n.Total, err
	}
	var total int64
	for _, code := range aep.TLinkSubtaskCodes {
		n, err := r.client.CountSubtasks(ctx, key, &code)
		if err != nil {
			return 0, err
		}
		total += n.Total
	}
	return total, nil
}

// subtasksAmong returns the subtasks of these devices, by looking each up or by
// reading the whole list. expected is about how long that is, 0 if it is not known.
func (r *Runner) subtasksAmong(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, ids deviceset.Set, expected int64) ([]aep.Subtask, error) {
	calls := max(1, len(subtaskQuery(key, protocol).Codes))
	// A list takes a call for each state at least.
	if len(ids) <= 1 || r.lookUp(calls*len(ids), max(expected, 1)) {
		return lookUpAll(ctx, r.client.Concurrency(), ids, func(ctx context.Context, id string) ([]aep.Subtask, error) {
			return r.findSubtasks(ctx, key, protocol, id)
		})
	}
	all, err := r.Subtasks(ctx, key, protocol)
	if err != nil {
		return nil, err
	}
	var found []aep.Subtask
	for _, s := range all {
		if ids.Contains(s.DeviceID) {
			found = append(found, s)
		}
	}
	return found, nil
}

// findSubtasks returns the subtasks of one device. The platform searches by part
// of an id, so what it finds is compared.
func (r *Runner) findSubtasks(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, deviceID string) ([]aep.Subtask, error) {
	q := subtaskQuery(key, protocol)
	q.Search = deviceID
	list, err := r.client.Subtasks(ctx, q, 0)
	return slices.DeleteFunc(list.Rows, func(s aep.Subtask) bool { return s.DeviceID != deviceID }), err
}

// lookUp reports whether n look-ups are fewer calls than reading a list of rows.
func (r *Runner) lookUp(n int, rows int64) bool {
	return int64(n) <= r.pages(rows) || n == 0
}

// pages returns how many calls a list of so many rows takes.
func (r *Runner) pages(rows int64) int64 {
	return (rows + int64(r.client.PageSize()) - 1) / int64(r.client.PageSize())
}

// lookUpAll asks for each id, several at a time.
func lookUpAll[T any](ctx context.Context, workers int, ids deviceset.Set, find func(context.Context, string) ([]T, error)) ([]T, error) {
	var (
		mu    sync.Mutex
		found []T
	)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, id := range ids {
		group.Go(func() error {
			rows, err := find(ctx, id)
			mu.Lock()
			defer mu.Unlock()
			found = append(found, rows...)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}
