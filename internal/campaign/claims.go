package campaign

import (
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// Claim is what one device set intends with the devices of its task in this run.
type Claim struct {
	Key   aep.TaskKey
	Name  string // of the set
	Owner string // tells a set from all others, and stays the same when its name changes
	// Wants are the devices that the set lists; Known is false while the list is
	// not known, and then Wants is empty.
	Wants deviceset.Set
	Known bool
	// Cancels are the devices that the set will or may cancel because it no
	// longer lists them.
	Cancels   deviceset.Set
	Destroyed bool          // the set itself goes
	Had       deviceset.Set // by a set that goes
	// MayBeNew is true for a set whose task is not known yet, and may be one that
	// the plan creates. Candidates are the other tasks that it may be.
	MayBeNew   bool
	Candidates []aep.TaskKey
	Exclusive  bool
	Active     int // how many of Wants and Cancels are members that may be upgraded still, as far as is known
	Done       int // how many more of them are over, and off the task's list
	// Strangers are the devices that an exclusive set cancels, although it never listed them.
	Strangers deviceset.Set
	// Found is true for a set that has been read, and not been planned yet. It
	// conflicts only with a set to be created under its name, unless its destroy
	// cancels nothing.
	Found, Keeps bool
	// Members returns the devices of a set that has been read.
	Members func() deviceset.Set

	applied  bool // the set has been changed in this run
	unlisted int  // active devices that no set lists, which this change has found
	unread   bool // the change has not looked at devices that the set had before
}

// accounts returns the devices that the set answers for: those that it lists, and
// those that leave the task with it.
func (c Claim) accounts() deviceset.Set {
	if c.Found {
		return c.Members()
	}
	return c.Wants.Union(c.Cancels)
}

// Claims is the register of all sets that this run has read, planned or changed.
// It needs no connection, so that it also works while the provider configuration is
// not known. The zero value is ready.
type Claims struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey][]Claim
	read   map[string]bool // by owner
}

// Add registers what a set intends. A further claim of the same owner replaces
// the one before. A set that does not exist yet has no owner: its claim is
// always that of another set. The error is a *ClaimError for the first conflict
// with another set.
func (l *Claims) Add(c Claim) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byTask == nil {
		l.byTask, l.read = make(map[aep.TaskKey][]Claim), make(map[string]bool)
	}
	l.read[c.Owner] = l.read[c.Owner] || c.Found
	mine := func(other Claim) bool { return c.Owner != "" && other.Owner == c.Owner }
	if c.Found && slices.ContainsFunc(l.byTask[c.Key], mine) {
		return nil // Terraform may read a set after it has planned to destroy it
	}
	l.byTask[c.Key] = append(slices.DeleteFunc(l.byTask[c.Key], mine), c)
	return l.conflict(c, mine)
}

// conflict returns the first conflict of a claim with others.
func (l *Claims) conflict(c Claim, mine func(Claim) bool) error {
	var first *ClaimError
	for key, list := range l.byTask {
		if !c.mayShare(key) {
			continue
		}
		for n, other := range list {
			if mine(other) || key == c.Key && n == len(list)-1 {
				continue
			}
			conflict, devices := c.conflict(other)
			if e := (&ClaimError{Conflict: conflict, Claim: c, Other: other, Devices: devices}); conflict != "" && e.before(first) {
				first = e
			}
		}
	}
	if first == nil {
		return nil
	}
	return first
}

// mayShare reports whether a set of a task may have the same task. A key without a
// task id is that of an existing task that is not known yet.
func (c Claim) mayShare(key aep.TaskKey) bool {
	same := func(a, b int64) bool { return a == b || a == 0 || b == 0 }
	return same(c.Key.ProductID, key.ProductID) && same(c.Key.TaskID, key.TaskID)
}

// known reports whether the task of the set is known.
func (c Claim) known() bool { return c.Key.ProductID != 0 && c.Key.TaskID != 0 }

// Found returns the claim of a set that has been read, and not been planned yet.
func (l *Claims) Found(key aep.TaskKey, name string) (c Claim, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := slices.IndexFunc(l.byTask[key], func(c Claim) bool { return c.Found && c.Name == name }); n >= 0 {
		return l.byTask[key][n], true
	}
	return Claim{}, false
}

// ListedAnew returns the devices of a task that sets give up which go, and that new
// sets of a task to be created list.
func (l *Claims) ListedAnew(key aep.TaskKey) deviceset.Set {
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
			if c.MayBeNew && c.mayShare(key) && !owners[c.Owner] { // a set that is replaced was asked for
				anew = anew.Union(c.Wants.Intersection(had))
			}
		}
	}
	return anew
}

// held returns the devices of a task that other sets of this run list.
func (r *Runner) held(key aep.TaskKey, owner string) deviceset.Set {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	var all deviceset.Set
	for _, c := range r.claims.byTask[key] {
		if !c.Destroyed && (owner == "" || c.Owner != owner) {
			all = all.Union(c.Wants)
		}
	}
	return all
}

// heldActive returns how many active devices of a task the other sets of this run
// have, or shall have once they are applied.
func (r *Runner) heldActive(key aep.TaskKey, owner, name string) (n int64) {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	for _, c := range r.claims.byTask[key] {
		switch {
		case c.Destroyed || c.is(owner, name):
		case c.applied:
			n += int64(c.Active)
		default:
			n += int64(len(c.Wants))
		}
	}
	return n
}

// is reports whether a claim is that of a set; one without an owner is known by its name.
func (c Claim) is(owner, name string) bool {
	return c.Owner == owner && (owner != "" || c.Name == name)
}

// markApplied records which of the devices that a set lists are with that set
// now, and how many active devices the change found that no set lists.
func (r *Runner) markApplied(key aep.TaskKey, owner, name string, result SetResult) {
	members := result.Members
	r.claims.of(key, owner, name, func(c *Claim) {
		c.applied, c.Active, c.Done = true, max(0, len(members.All.Minus(members.Cancelled).Intersection(c.Wants))-members.Done), members.Done
		c.unlisted, c.unread = len(result.Unlisted), !result.Read
	})
}

// announced returns the devices that an exclusive set cancels, although it never
// listed them.
func (r *Runner) announced(key aep.TaskKey, owner, name string) (set deviceset.Set) {
	r.claims.of(key, owner, name, func(c *Claim) { set = c.Strangers })
	return set
}

// of calls do with the claim of a set.
func (l *Claims) of(key aep.TaskKey, owner, name string, do func(*Claim)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, c := range l.byTask[key] {
		if c.is(owner, name) {
			do(&l.byTask[key][i])
		}
	}
}
