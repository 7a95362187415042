package campaign

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
	"golang.org/x/sync/errgroup"
)

// joinedAmong looks ids up in the list of joined devices: one by one, or by reading the whole list, whichever
// takes fewer calls. A list that was read whole is returned with all its rows and their number; otherwise the
// number is expected.
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

// subtasksAmong returns the subtasks of these devices: it looks them up one by one or reads the whole list.
// expected is about how long the list is, 0 if not known.
func (r *Runner) subtasksAmong(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, ids deviceset.Set,
	expected int64,
) ([]aep.Subtask, error) {
	calls := max(1, len(subtaskQuery(key, protocol).Codes))
	// A list takes at least one call for each state.
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

// findSubtasks returns the subtasks of one device. The platform searches for parts of an id, so the rows are
// compared with it.
func (r *Runner) findSubtasks(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, deviceID string) ([]aep.Subtask, error) {
	q := subtaskQuery(key, protocol)
	q.Search = deviceID
	list, err := r.client.Subtasks(ctx, q, 0)
	return slices.DeleteFunc(list.Rows, func(s aep.Subtask) bool { return s.DeviceID != deviceID }), err
}

// depth says which devices are also looked up among the subtasks. The list of joined devices is read first:
// it takes the fewest calls for both protocols.
type depth int

const (
	statesOfListed depth = iota // listed devices without a state
	offList                     // devices that the list of joined devices lacks
	withStates                  // both
)

// MemberQuery asks for the states of devices in a task.
type MemberQuery struct {
	Key      aep.TaskKey
	Protocol aep.Protocol
	IDs      deviceset.Set
	Expected int64 // about how many devices the task lists; it decides which look-up takes fewer calls
	Pending  bool  // it is known that the task has not been started
	depth    depth
}

// members looks devices up in a task: one by one or by reading its lists, whichever takes fewer calls.
func (r *Runner) members(ctx context.Context, q MemberQuery) (membership, error) {
	m := membership{decoder: progress.NewDecoder(q.Protocol, r.table), pending: q.Pending}
	joined, total, err := r.joinedAmong(ctx, q.Key, q.IDs, q.Expected)
	if err != nil {
		return m, err
	}
	m.total = total
	open, err := r.withoutState(ctx, q, joined, m.addJoined(q.IDs, joined))
	if err != nil {
		return m, err
	}
	if len(open) > 0 {
		subtasks, err := r.subtasksAmong(ctx, q.Key, q.Protocol, open, max(q.Expected, total))
		if err != nil {
			return m, err
		}
		m.addSubtasks(subtasks)
		if err := r.findStateless(ctx, q, &m, open); err != nil {
			return m, err
		}
	}
	m.sort()
	m.spell(q.IDs, joined)
	return m, nil
}

// withoutState returns the devices that must be looked up among the subtasks too.
func (r *Runner) withoutState(ctx context.Context, q MemberQuery, joined []aep.JoinedDevice, seen listedDevices) (deviceset.Set, error) {
	stateless := seen.all.Minus(seen.withState)
	switch q.depth {
	case statesOfListed:
		return stateless, nil
	case withStates:
		return q.IDs.Minus(seen.withState), nil
	}
	missing := q.IDs.Minus(seen.all)
	if q.Protocol != aep.TLink || len(stateless) == 0 {
		return missing, nil
	}
	gives, err := r.listGivesStates(ctx, q, joined, stateless[0])
	if gives {
		missing = missing.Union(stateless)
	}
	return missing, err
}

// listGivesStates reports whether the list of joined T-Link devices shows states, so that a device without
// one was cancelled. If no row shows a state, the subtasks of one device decide.
func (r *Runner) listGivesStates(ctx context.Context, q MemberQuery, joined []aep.JoinedDevice, one string) (bool, error) {
	if slices.ContainsFunc(joined, func(d aep.JoinedDevice) bool { return d.Code != aep.NoSubtaskCode }) {
		return true, nil
	}
	subtasks, err := r.findSubtasks(ctx, q.Key, q.Protocol, one)
	return len(subtasks) == 0, err
}

// findStateless sets Stateless for the T-Link devices of asked that are in no state. If no device of the task
// is in a state, none is marked: a platform may give no states before the start.
func (r *Runner) findStateless(ctx context.Context, q MemberQuery, m *membership, asked deviceset.Set) error {
	if q.Protocol != aep.TLink {
		return nil
	}
	var stateless []int
	for i, d := range m.rows {
		if d.Code == aep.NoSubtaskCode && asked.Contains(d.ID) {
			stateless = append(stateless, i)
		}
	}
	if len(stateless) > 0 && len(stateless) == len(m.rows) {
		if n, err := r.subtaskCount(ctx, q.Key, q.Protocol); err != nil || n == 0 {
			return err
		}
	}
	for _, i := range stateless {
		m.rows[i].Stateless = true
	}
	return nil
}

// firstSubtasks lists subtasks, at most limit (0: all). Readers of one run share the list.
func (r *Runner) firstSubtasks(ctx context.Context, q aep.SubtaskQuery, limit int) (aep.Listing[aep.Subtask], error) {
	read := subtaskRead{key: q.Key, codes: fmt.Sprint(q.Codes), search: q.Search}
	return firstRows(ctx, &r.subtasks, read, limit, func(ctx context.Context) (aep.Listing[aep.Subtask], error) {
		return r.client.Subtasks(ctx, q, limit)
	})
}

// firstDevices lists devices like firstSubtasks.
func (r *Runner) firstDevices(ctx context.Context, q aep.DeviceQuery, limit int) (aep.Listing[aep.Device], error) {
	return firstRows(ctx, &r.devices, q, limit, func(ctx context.Context) (aep.Listing[aep.Device], error) {
		return r.client.Devices(ctx, q, limit)
	})
}

// firstRows returns the first limit rows of a list from the cache or from load. A cached list may have been
// read for a smaller limit; then it is loaded again.
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

// FullRows is the largest task whose rows are cached whole, so that data sources can share the list. It is
// also the largest number of rows that a data source returns. Of larger tasks only the fields for membership
// are cached.
const FullRows = 20_000

// Joined lists the devices of a task. Readers of one run share the list. expected is about how long it is, 0
// if not known.
func (r *Runner) Joined(ctx context.Context, key aep.TaskKey, expected int64) ([]aep.JoinedDevice, error) {
	return r.joined.Get(ctx, key, func(ctx context.Context) ([]aep.JoinedDevice, error) {
		if expected == 0 || expected > FullRows {
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
