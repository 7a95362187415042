package ownership

import (
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// Sets is the register of all device sets that this run has read, planned or changed, and of the starts that
// it has planned. It needs no connection to the platform. The zero value is ready.
type Sets struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey][]Claim
	read   map[string]bool // by owner
	starts map[aep.TaskKey]plannedStart
}

// Add registers the claim of a set. A further claim of the same owner replaces the earlier one. A set that
// does not exist yet has no owner, so each of its claims counts as another set. The error is a *ConflictError
// for the first conflict with another set.
func (l *Sets) Add(c Claim) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byTask == nil {
		l.byTask, l.read = make(map[aep.TaskKey][]Claim), make(map[string]bool)
	}
	l.read[c.Owner] = l.read[c.Owner] || c.Found
	mine := func(other Claim) bool { return c.Owner != "" && other.Owner == c.Owner }
	if c.Found && slices.ContainsFunc(l.byTask[c.Key], mine) {
		return nil // a set may be read after its destroy was planned
	}
	l.byTask[c.Key] = append(slices.DeleteFunc(l.byTask[c.Key], mine), c)
	return l.conflict(c, mine)
}

// conflict returns the first conflict of a claim with the claims of others.
func (l *Sets) conflict(c Claim, mine func(Claim) bool) error {
	var first *ConflictError
	for key, list := range l.byTask {
		if !c.mayShare(key) {
			continue
		}
		for n, other := range list {
			if mine(other) || key == c.Key && n == len(list)-1 {
				continue
			}
			conflict, devices := c.conflict(other)
			if e := (&ConflictError{Conflict: conflict, Claim: c, Other: other, Devices: devices}); conflict != "" && e.before(first) {
				first = e
			}
		}
	}
	if first == nil {
		return nil
	}
	return first
}

// Found returns the claim of a set that has been read and not planned yet.
func (l *Sets) Found(key aep.TaskKey, name string) (c Claim, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := slices.IndexFunc(l.byTask[key], func(c Claim) bool { return c.Found && c.Name == name }); n >= 0 {
		return l.byTask[key][n], true
	}
	return Claim{}, false
}

// ListedAnew returns the devices of a task that leaving sets had, and that new sets of a task to be created
// list.
func (l *Sets) ListedAnew(key aep.TaskKey) deviceset.Set {
	l.mu.Lock()
	defer l.mu.Unlock()
	var had, anew deviceset.Set
	owners := make(map[string]bool)
	for _, c := range l.byTask[key] {
		if c.Destroyed {
			had, owners[c.Owner] = had.Union(c.Had), true
		}
	}
	for _, list := range l.byTask {
		for _, c := range list {
			if c.MayBeNew && c.mayShare(key) && !owners[c.Owner] { // a replaced set may list its devices again
				anew = anew.Union(c.Wants.Intersection(had))
			}
		}
	}
	return anew
}

// Listed returns the devices of a task that sets of this run list, without the set of owner ("": of every
// set).
func (l *Sets) Listed(key aep.TaskKey, owner string) deviceset.Set {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all deviceset.Set
	for _, c := range l.byTask[key] {
		if !c.Destroyed && (owner == "" || c.Owner != owner) {
			all = all.Union(c.Wants)
		}
	}
	return all
}

// ActiveElsewhere returns how many active devices of a task the other sets have, or will have once they are
// changed.
func (l *Sets) ActiveElsewhere(key aep.TaskKey, owner, name string) (n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.byTask[key] {
		switch {
		case c.Destroyed || c.is(owner, name):
		case c.applied:
			n += int64(c.Active)
		default:
			n += int64(c.joins())
		}
	}
	return n
}

// Change is the outcome of a set's change.
type Change struct {
	Active   deviceset.Set // members that were not cancelled
	LeftOut  deviceset.Set // listed devices that do not join
	Done     int           // members of Active that the task's list lacks
	Unlisted int           // active devices that no set lists
	Read     bool          // every member was looked up
}

// MarkApplied registers the outcome of a set's change.
func (l *Sets) MarkApplied(key aep.TaskKey, owner, name string, change Change) {
	l.update(key, owner, name, func(c *Claim) {
		c.applied, c.Done = true, change.Done
		c.Active = max(0, len(change.Active.Intersection(c.Wants))-change.Done)
		c.LeftOut, c.MayLeaveOut = change.LeftOut.Intersection(c.Wants), false
		c.unlisted, c.unread = change.Unlisted, !change.Read
	})
}

// Announced returns the unlisted devices that an exclusive set cancels, as planned.
func (l *Sets) Announced(key aep.TaskKey, owner, name string) (set deviceset.Set) {
	l.update(key, owner, name, func(c *Claim) { set = c.CancelsUnlisted })
	return set
}

// update calls do with the claim of a set.
func (l *Sets) update(key aep.TaskKey, owner, name string, do func(*Claim)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, c := range l.byTask[key] {
		if c.is(owner, name) {
			do(&l.byTask[key][i])
		}
	}
}

// plannedStart is a start that was announced.
type plannedStart struct {
	protocol aep.Protocol
	expected int64
}
