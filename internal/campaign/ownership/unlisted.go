package ownership

import (
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// Outnumbered returns the claims of the sets of a task if it lists more devices, total,
// than their sets have; nil otherwise.
func (l *Sets) Outnumbered(key aep.TaskKey, total int64) []Claim {
	return l.outnumbered(key, total+l.overlap(key), func(c Claim) int { return c.Active })
}

// OutnumberedAfterStart is Outnumbered for a task that was started on expected devices, and
// has total devices that were not cancelled, whether it lists them or not. It
// returns nil where the sets of this run may be only some of those of the task:
// they list fewer devices, and the task holds no more than expected.
func (l *Sets) OutnumberedAfterStart(key aep.TaskKey, expected, total int64) []Claim {
	sets := l.outnumbered(key, total, func(c Claim) int { return c.Active + c.Done })
	if planned, ok := l.planned(key); total <= expected && (!ok || planned.listed != expected) {
		return nil
	}
	return sets
}

// overlap returns how many devices of a task are counted by more than one set: a set
// may be applied without the set whose device it takes over.
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

// outnumbered returns the claims of the sets of a task that has more devices than
// count adds up to, nil if it has not. A run that has read none of the sets knows
// only those that it changes: then the result is nil.
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

// plannedSets are the claims on a task that its sets have planned and not carried
// out, with those that were read only. A set that is tainted has been read, and is
// planned as another one.
type plannedSets struct {
	claims []Claim
	live   int   // of the planned ones
	listed int64 // devices of the live ones
	open   bool  // a list is not known yet
}

// planned returns the sets of a task; ok is false if one of them has been changed
// already, or cancels what it does not list.
func (l *Sets) planned(key aep.TaskKey) (sets plannedSets, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.byTask[key] {
		if !c.Destroyed && !c.Found {
			if len(c.CancelsUnlisted) > 0 || c.applied {
				return plannedSets{}, false
			}
			sets.live, sets.listed, sets.open = sets.live+1, sets.listed+int64(len(c.Wants)), sets.open || !c.Known
		}
		sets.claims = append(sets.claims, c)
	}
	return sets, true
}

// arePlannedFor reports whether the sets list as many devices as are expected, as far
// as both are known.
func (s plannedSets) arePlannedFor(expected int64) bool {
	return s.live > 0 && (s.open || expected == UnknownCount || s.listed == expected)
}

// UnlistedAtStart returns how many of the active devices of a task no set lists, as far
// as that is known without a call: if every set of the task has been planned or
// changed in this run, the sets list as many devices as are expected. unread are
// the claims of such sets if some of their devices were not looked up in this run.
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
		case !c.Known || c.Owner == "" && !c.applied:
			return 0, nil
		}
		listed, theirs, found = listed+int64(len(c.Wants)), theirs+int64(c.Active), max(found, int64(c.unlisted))
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

// UnknownCount stands for a number of devices that is known only after apply.
const UnknownCount = -1

// AnnounceStart records that a plan starts a pending task on expected devices, or on
// UnknownCount.
func (l *Sets) AnnounceStart(task aep.Task, expected int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.starts == nil {
		l.starts = make(map[aep.TaskKey]plannedStart)
	}
	l.starts[task.Key()] = plannedStart{protocol: task.Protocol(), expected: expected}
}

// EndAnnouncement forgets the announced start of a task, because it is carried out.
func (l *Sets) EndAnnouncement(key aep.TaskKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.starts, key)
}

// ToCompare returns the claims of all sets of a task whose start is announced, and
// the protocol of the task, if the sets list as many devices as are expected, as
// far as both are known; nil otherwise. Then the ids have to be compared, since
// cancelled and missing devices can make the numbers agree.
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
