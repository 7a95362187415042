package ownership

import (
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// Outnumbered returns the claims of the sets of a task if its list, of total rows, is longer than their
// active members; otherwise nil.
func (l *Sets) Outnumbered(key aep.TaskKey, total int64) []Claim {
	return l.outnumbered(key, total+l.overlap(key), func(c Claim) int { return c.Active })
}

// OutnumberedAfterStart is Outnumbered for a started task. expected is the number of devices that the start
// expected. total is how many of its devices were not cancelled. It returns nil if the run may know only some
// of the sets: they list fewer devices than expected, and the task has no more.
func (l *Sets) OutnumberedAfterStart(key aep.TaskKey, expected, total int64) []Claim {
	sets := l.outnumbered(key, total, func(c Claim) int { return c.Active + c.Done })
	if planned, ok := l.planned(key); total <= expected && (!ok || planned.listed != expected) {
		return nil
	}
	return sets
}

// overlap returns how many devices of the task's sets are counted more than once. That happens when a set has
// taken a device over and the other set has not been changed yet.
func (l *Sets) overlap(key aep.TaskKey) (n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var known deviceset.Set
	for _, c := range l.byTask[key] {
		devices := c.devices()
		n += int64(len(known.Intersection(devices)))
		known = known.Union(devices)
	}
	return n
}

// outnumbered returns the claims of the sets of a task that has more devices than count adds up to, otherwise
// nil. A run that has read none of the sets may know only some of them; then it returns nil.
func (l *Sets) outnumbered(key aep.TaskKey, total int64, count func(Claim) int) []Claim {
	l.mu.Lock()
	defer l.mu.Unlock()
	read := false
	for _, c := range l.byTask[key] {
		if !c.Found && !c.Known {
			return nil
		}
		read = read || l.read[c.Owner]
		total -= int64(count(c))
	}
	if total <= 0 || !read {
		return nil
	}
	return slices.Clone(l.byTask[key])
}

// DevicesOf returns the devices that sets list, give up or have.
func DevicesOf(sets []Claim) (all deviceset.Set) {
	for _, c := range sets {
		all = all.Union(c.devices())
	}
	return all
}

// plannedSets are the claims of the sets of a task before any of them is changed. A tainted set is read, and
// then planned as another set.
type plannedSets struct {
	claims []Claim
	live   int   // planned and not destroyed
	listed int64 // devices of the live sets that join
	open   bool  // their number is not known yet
}

// planned returns the sets of a task. ok is false if one of them has been changed already, or cancels
// unlisted devices.
func (l *Sets) planned(key aep.TaskKey) (sets plannedSets, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.byTask[key] {
		if !c.Destroyed && !c.Found {
			if len(c.CancelsUnlisted) > 0 || c.applied {
				return plannedSets{}, false
			}
			sets.live, sets.listed = sets.live+1, sets.listed+int64(c.joins())
			sets.open = sets.open || !c.Known || c.MayLeaveOut
		}
		sets.claims = append(sets.claims, c)
	}
	return sets, true
}

// arePlannedFor reports whether the sets list as many devices as are expected, as far as both are known.
func (s plannedSets) arePlannedFor(expected int64) bool {
	return s.live > 0 && (s.open || expected == UnknownCount || s.listed == expected)
}

// UnlistedAtStart returns how many active devices of a task no set lists, as far as that is known without a
// call. It is known if every set of the task was planned or changed in this run, and together they list as
// many devices as expected. unread holds their claims if some of their devices were not looked up in this
// run.
func (l *Sets) UnlistedAtStart(key aep.TaskKey, expected, active int64) (n int64, unread []Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var (
		listed, theirs, found int64
		stale                 bool
	)
	for _, c := range l.byTask[key] {
		switch {
		case c.Destroyed || c.Found:
			continue
		case !c.Known || c.MayLeaveOut || c.Owner == "" && !c.applied:
			return 0, nil
		}
		listed, theirs, found = listed+int64(c.joins()), theirs+int64(c.Active), max(found, int64(c.unlisted))
		stale = stale || c.applied && c.unread
	}
	if listed != expected {
		return 0, nil
	}
	if stale {
		unread = slices.Clone(l.byTask[key])
	}
	return max(0, active-theirs, found), unread
}

// UnknownCount means that the number of devices of a start is not known yet.
const UnknownCount = -1

// AnnounceStart records that a plan starts a pending task. expected is the number of devices that the start
// expects, or UnknownCount.
func (l *Sets) AnnounceStart(task aep.Task, expected int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.starts == nil {
		l.starts = make(map[aep.TaskKey]plannedStart)
	}
	l.starts[task.Key()] = plannedStart{protocol: task.Protocol(), expected: expected}
}

// EndAnnouncement removes the announced start of a task, because it begins.
func (l *Sets) EndAnnouncement(key aep.TaskKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.starts, key)
}

// ToCompare returns the claims of all sets of a task whose start is announced, and the protocol of the task.
// It returns nil unless the sets list as many devices as are expected, as far as both are known. Then ids
// must be compared, since cancelled and missing devices can make the numbers agree.
func (l *Sets) ToCompare(key aep.TaskKey) ([]Claim, aep.Protocol) {
	l.mu.Lock()
	start := l.starts[key]
	l.mu.Unlock()
	if start.expected == 0 {
		return nil, 0
	}
	if sets, ok := l.planned(key); ok && sets.arePlannedFor(start.expected) {
		return sets.claims, start.protocol
	}
	return nil, 0
}
