package campaign

import (
	"context"
	"fmt"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
	"golang.org/x/sync/errgroup"
)

// firstSubtasks lists subtasks, at most limit (0: all). Readers of one run share the
// list.
func (r *Runner) firstSubtasks(ctx context.Context, q aep.SubtaskQuery, limit int) (aep.Listing[aep.Subtask], error) {
	read := subtaskRead{key: q.Key, codes: fmt.Sprint(q.Codes), search: q.Search}
	return firstRows(ctx, &r.subtasks, read, limit, func(ctx context.Context) (aep.Listing[aep.Subtask], error) {
		return r.client.Subtasks(ctx, q, limit)
	})
}

// firstDevices is firstSubtasks for devices.
func (r *Runner) firstDevices(ctx context.Context, q aep.DeviceQuery, limit int) (aep.Listing[aep.Device], error) {
	return firstRows(ctx, &r.devices, q, limit, func(ctx context.Context) (aep.Listing[aep.Device], error) {
		return r.client.Devices(ctx, q, limit)
	})
}

// firstRows returns the first limit rows of a list from the cache or from load. A
// cached list may have been read for a smaller limit; then it is loaded again.
func firstRows[K comparable, T any](ctx context.Context, lists *syncs.Cache[K, aep.Listing[T]], key K, limit int,
	load func(context.Context) (aep.Listing[T], error),
) (aep.Listing[T], error) {
	list, err := lists.GetIf(ctx, key, func(list aep.Listing[T]) bool {
		return !list.Truncated || limit > 0 && len(list.Rows) >= limit
	}, load)
	if limit > 0 && len(list.Rows) > limit {
		list.Rows, list.Truncated = list.Rows[:limit:limit], true
	}
	return list, err
}

// JoinedCount returns the number of devices that a task lists as joined, in one call.
func (r *Runner) JoinedCount(ctx context.Context, key aep.TaskKey) (int64, error) {
	n, err := r.client.CountDevices(ctx, aep.DeviceQuery{Key: key, Scope: aep.Joined})
	return n.Total, err
}

// fullRows is the largest task whose rows are cached whole, so that data sources can
// share the list. Of larger tasks only the fields for membership are cached.
const fullRows = 20_000

// Joined lists the devices of a task. Readers of one run share the list. expected is
// about how long it is, 0 if not known.
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

// Subtasks lists all subtasks of a task; readers of one run share the list.
func (r *Runner) Subtasks(ctx context.Context, key aep.TaskKey, protocol aep.Protocol) ([]aep.Subtask, error) {
	list, err := r.firstSubtasks(ctx, subtaskQuery(key, protocol), 0)
	return list.Rows, err
}

// subtaskQuery selects every subtask. T-Link subtasks can only be listed by state.
func subtaskQuery(key aep.TaskKey, protocol aep.Protocol) aep.SubtaskQuery {
	q := aep.SubtaskQuery{Key: key}
	if protocol == aep.TLink {
		q.Codes = aep.TLinkSubtaskCodes
	}
	return q
}

// subtaskCount returns the number of subtasks of a task. It takes one call for LwM2M,
// and one for each state of T-Link.
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

// lookUp reports whether n look-ups take fewer calls than reading a list of rows.
func (r *Runner) lookUp(n int, rows int64) bool {
	return int64(n) <= r.pages(rows) || n == 0
}

// pages returns the number of calls that a list of rows takes.
func (r *Runner) pages(rows int64) int64 {
	return (rows + int64(r.client.PageSize()) - 1) / int64(r.client.PageSize())
}

// lookUpAll calls find for each id, workers at a time.
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
