package campaign

import (
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// joinedAmong looks ids up in the list of joined devices: one by one, or by reading
// the whole list, whichever takes fewer calls. A list that was read whole is returned
// with all its rows and their number; otherwise the number is expected.
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

// subtasksAmong returns the subtasks of these devices: it looks them up one by one or
// reads the whole list. expected is about how long the list is, 0 if not known.
func (r *Runner) subtasksAmong(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, ids deviceset.Set, expected int64) ([]aep.Subtask, error) {
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

// findSubtasks returns the subtasks of one device. The platform searches for parts of
// an id, so the rows are compared with it.
func (r *Runner) findSubtasks(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, deviceID string) ([]aep.Subtask, error) {
	q := subtaskQuery(key, protocol)
	q.Search = deviceID
	list, err := r.client.Subtasks(ctx, q, 0)
	return slices.DeleteFunc(list.Rows, func(s aep.Subtask) bool { return s.DeviceID != deviceID }), err
}

// depth says which devices are also looked up among the subtasks. The list of joined
// devices is read first: it takes the fewest calls for both protocols.
type depth int

const (
	statesOfListed depth = iota // listed devices without a state
	offList                     // devices that the list lacks
	withStates                  // both
)

// memberQuery asks for the states of devices in a task.
type memberQuery struct {
	Key      aep.TaskKey
	Protocol aep.Protocol
	IDs      deviceset.Set
	Expected int64 // about how many devices the task lists; it decides which look-up takes fewer calls
	Depth    depth
}

// members looks devices up in a task: one by one or by reading its lists, whichever
// takes fewer calls.
func (r *Runner) members(ctx context.Context, q memberQuery) (membership, error) {
	m := membership{decoder: progress.NewDecoder(q.Protocol, r.table)}
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
func (r *Runner) withoutState(ctx context.Context, q memberQuery, joined []aep.JoinedDevice, seen listedDevices) (deviceset.Set, error) {
	stateless := seen.all.Minus(seen.withState)
	switch q.Depth {
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

// listGivesStates reports whether the list of joined T-Link devices shows states, so
// that a device without one was cancelled. If no row shows a state, the subtasks of
// one device decide.
func (r *Runner) listGivesStates(ctx context.Context, q memberQuery, joined []aep.JoinedDevice, one string) (bool, error) {
	if slices.ContainsFunc(joined, func(d aep.JoinedDevice) bool { return d.Code != aep.NoSubtaskCode }) {
		return true, nil
	}
	subtasks, err := r.findSubtasks(ctx, q.Key, q.Protocol, one)
	return len(subtasks) == 0, err
}

// findStateless marks the T-Link devices in no state, of the devices asked for. If
// no device of the task is in a state, none is marked: a platform may give no states
// before the start.
func (r *Runner) findStateless(ctx context.Context, q memberQuery, m *membership, asked deviceset.Set) error {
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
