package campaign

import (
	"cmp"
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// DeviceState is one subtask of a device, or a device that its task lists
// without one.
type DeviceState struct {
	ID        string
	SubtaskID int64           // 0 if the platform names none
	Code      aep.SubtaskCode // aep.NoSubtaskCode if the platform gives none
	Version   string          // that the upgrade has brought, "" if none or not read
	Listed    bool            // on the list of joined devices
	// Stateless is true for a device that stands in none of the states that the
	// platform can be asked for, while others do: T-Link shows a cancelled device so.
	Stateless bool
}

// depth says which devices are looked up among the subtasks too. The list of
// joined devices is read first: it is the cheapest source for both protocols.
type depth int

const (
	statesOfListed depth = iota // devices that the list gives without a state
	offList                     // devices that are not on the list
	withStates                  // both
)

// memberQuery asks how devices stand with a task.
type memberQuery struct {
	Key      aep.TaskKey
	Protocol aep.Protocol
	IDs      deviceset.Set
	Expected int64 // about how many devices the task lists; decides how to ask with the fewest calls
	Depth    depth
}

// membership is how devices stand with a task, and the evidence by which their
// states are read.
type membership struct {
	rows    []DeviceState // by device, and then by subtask, oldest first
	total   int64         // rows that the task lists as joined, or Expected if they were not listed
	decoder *progress.Decoder
	spelled map[string]string // devices asked for that the task lists in another spelling
}

// members looks devices up in a task: each by itself or all in one passage of
// the lists, whichever takes fewer calls.
func (r *Runner) members(ctx context.Context, q memberQuery) (membership, error) {
	m := membership{decoder: progress.NewDecoder(q.Protocol, r.table)}
	joined, total, err := r.joinedAmong(ctx, q.Key, q.IDs, q.Expected)
	if err != nil {
		return m, err
	}
	m.total = total
	var listed, told []string
	for _, d := range joined {
		if !q.IDs.Contains(d.ID) {
			continue
		}
		listed = append(listed, d.ID)
		if d.SubtaskID != 0 && d.Code != aep.NoSubtaskCode {
			told = append(told, d.ID)
		}
		m.rows = append(m.rows, DeviceState{ID: d.ID, SubtaskID: d.SubtaskID, Code: d.Code, Listed: true})
	}
	listedSet := deviceset.Of(listed)
	open := q.IDs
	switch q.Depth {
	case statesOfListed:
		open = listedSet.Minus(deviceset.Of(told))
	case offList:
		open = open.Minus(listedSet)
	case withStates:
		open = open.Minus(deviceset.Of(told))
	}
	if stateless := listedSet.Minus(deviceset.Of(told)); q.Protocol == aep.TLink && q.Depth == offList && len(stateless) > 0 {
		gives, err := r.listGivesStates(ctx, q, joined, stateless[0])
		if err != nil {
			return m, err
		}
		if gives {
			open = open.Union(stateless)
		}
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

// listGivesStates reports whether the list of joined T-Link devices gives their
// states, but not that of one. If it gives none, that device may be the only one.
func (r *Runner) listGivesStates(ctx context.Context, q memberQuery, joined []aep.JoinedDevice, one string) (bool, error) {
	if slices.ContainsFunc(joined, func(d aep.JoinedDevice) bool { return d.Code != aep.NoSubtaskCode }) {
		return true, nil
	}
	subtasks, err := r.findSubtasks(ctx, q.Key, q.Protocol, one)
	return len(subtasks) == 0, err
}

// findStateless marks the T-Link devices that stand in no state, of those whose
// states were asked for. A task that gives no device a state proves nothing: the
// platform may not do so before the start.
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

// addSubtasks adds rows of the list of subtasks. They replace rows of the same
// device that have no subtask.
func (m *membership) addSubtasks(subtasks []aep.Subtask) {
	ids := make([]string, 0, len(subtasks))
	for _, s := range subtasks {
		ids = append(ids, s.DeviceID)
	}
	known, listed := deviceset.Of(ids), map[string]bool{}
	m.rows = slices.DeleteFunc(m.rows, func(d DeviceState) bool {
		again := known.Contains(d.ID)
		listed[d.ID] = listed[d.ID] || again
		return again
	})
	for _, s := range subtasks {
		m.rows = append(m.rows, DeviceState{ID: s.DeviceID, SubtaskID: s.ID, Code: s.Code, Version: progress.BroughtVersion(s), Listed: listed[s.DeviceID]})
	}
}

func (m *membership) sort() {
	for _, d := range m.rows {
		m.decoder.See(d.Code, d.Version)
	}
	byAge := func(a, b DeviceState) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.SubtaskID, b.SubtaskID))
	}
	if !slices.IsSortedFunc(m.rows, byAge) {
		slices.SortFunc(m.rows, byAge)
	}
}

// merge adds what a later look has found.
func (m *membership) merge(later membership) {
	known := later.present()
	m.rows = slices.DeleteFunc(m.rows, func(d DeviceState) bool { return known.Contains(d.ID) })
	m.rows, m.total, m.spelled = append(m.rows, later.rows...), max(m.total, later.total), later.spelled
	m.sort()
}

// newest calls yield for the newest row of every device.
func (m membership) newest(yield func(DeviceState)) {
	for i, d := range m.rows {
		if i+1 == len(m.rows) || m.rows[i+1].ID != d.ID {
			yield(d)
		}
	}
}

// present returns the devices that the task knows, in whatever state.
func (m membership) present() deviceset.Set {
	set := make(deviceset.Set, 0, len(m.rows))
	m.newest(func(d DeviceState) { set = append(set, d.ID) })
	return set
}

// cancelled returns the devices whose upgrade was cancelled. pending says that
// the task has not been started.
func (m membership) cancelled(pending bool) deviceset.Set {
	var set deviceset.Set
	m.newest(func(d DeviceState) {
		if d.Stateless || m.decoder.Cancelled(d.Code, pending) {
			set = append(set, d.ID)
		}
	})
	return set
}

// done returns how many devices are off the list of joined devices and were not
// cancelled: the platform takes devices off whose upgrade is over.
func (m membership) done(pending bool) int {
	var off deviceset.Set
	m.newest(func(d DeviceState) {
		if !d.Listed {
			off = append(off, d.ID)
		}
	})
	return len(off.Minus(m.cancelled(pending)))
}

// late returns the devices that have a subtask which is not over, and that the list
// of joined devices lacks: the list was read before it showed them.
func (m membership) late() deviceset.Set {
	var set deviceset.Set
	m.newest(func(d DeviceState) {
		if !d.Listed && d.Code != aep.NoSubtaskCode && m.decoder.MaybeActive(d.Code) {
			set = append(set, d.ID)
		}
	})
	return set
}

// activeDevices returns the devices that may still be upgraded.
func (m membership) activeDevices() deviceset.Set {
	var set deviceset.Set
	for _, d := range m.rows {
		if !d.Stateless && (d.Code == aep.NoSubtaskCode || m.decoder.MaybeActive(d.Code)) {
			set = append(set, d.ID)
		}
	}
	return slices.Compact(set)
}

// subtasks returns every subtask, with no more than its id, device and state.
func (m membership) subtasks() []aep.Subtask {
	var list []aep.Subtask
	for _, d := range m.rows {
		if d.SubtaskID != 0 && d.Code != aep.NoSubtaskCode {
			list = append(list, aep.Subtask{ID: d.SubtaskID, DeviceID: d.ID, Code: d.Code, VersionAfter: d.Version})
		}
	}
	return list
}
