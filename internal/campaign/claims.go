package campaign

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Claim is what one device set intends with the devices of its task in this run.
type Claim struct {
	Key   aep.TaskKey
	Name  string // of the set
	Owner string // tells a set from all others, and stays the same when its name changes
	// Wants are the devices that the set lists; Known is false while the list is
	// not known, and then Wants is empty.
	Wants DeviceSet
	Known bool
	// Cancels are the devices that the set will or may cancel because it no
	// longer lists them.
	Cancels   DeviceSet
	Destroyed bool // the set itself goes
	Exclusive bool
	Active    int // how many of Wants are members and were not cancelled, as far as is known
	Strangers int // how many devices that it does not list an exclusive set cancels
	// Found is true for a set that has been read, and not been planned yet. It
	// conflicts only with a set to be created under its name.
	Found bool

	applied bool // the set has been changed in this run
}

// Conflict is the way in which two claims contradict each other.
type Conflict string

// The conflicts of two sets of one task.
const (
	ConflictName      Conflict = "name"      // both have one name
	ConflictFound     Conflict = "found"     // one is to be created, and exists
	ConflictOverlap   Conflict = "overlap"   // both list a device
	ConflictAddress   Conflict = "address"   // one is destroyed, and the other takes its place
	ConflictHandOver  Conflict = "hand over" // one cancels a device that the other lists
	ConflictUnknown   Conflict = "unknown"   // one cancels devices while the list of the other is not known
	ConflictExclusive Conflict = "exclusive" // one is exclusive, and there is another
)

// ClaimError says that two sets of one task can't be applied in one run,
// because the outcome would depend on the order of their steps.
type ClaimError struct {
	Conflict Conflict
	Claim    Claim
	Other    Claim
	Devices  DeviceSet // that the conflict is about
}

func (e *ClaimError) Error() string {
	return fmt.Sprintf("the sets %q and %q of task %d of product %d contradict each other (%s, %d devices)",
		e.Claim.Name, e.Other.Name, e.Claim.Key.TaskID, e.Claim.Key.ProductID, e.Conflict, len(e.Devices))
}

// claims is the register of all sets that this run has planned or changed. The
// zero value is ready.
type claims struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey][]Claim
}

// Claim registers what a set intends. A further claim of the same owner replaces
// the one before. A set that does not exist yet has no owner: its claim is
// always that of another set. The error is a *ClaimError for the first conflict
// with another set.
func (r *Runner) Claim(c Claim) error {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	if r.claims.byTask == nil {
		r.claims.byTask = make(map[aep.TaskKey][]Claim)
	}
	known := func(other Claim) bool { return other.Owner == c.Owner }
	if c.Found && slices.ContainsFunc(r.claims.byTask[c.Key], known) {
		return nil // Terraform may read a set after it has planned to destroy it
	}
	list := slices.DeleteFunc(r.claims.byTask[c.Key], func(other Claim) bool { return c.Owner != "" && other.Owner == c.Owner })
	slices.SortStableFunc(list, func(a, b Claim) int { return cmp.Compare(a.Name, b.Name) })
	var err error
	for _, other := range list {
		if conflict, devices := c.conflict(other); conflict != "" {
			err = &ClaimError{Conflict: conflict, Claim: c, Other: other, Devices: devices}
			break
		}
	}
	r.claims.byTask[c.Key] = append(list, c)
	return err
}

// held returns the devices of a task that other sets of this run list.
func (r *Runner) held(key aep.TaskKey, owner string) DeviceSet {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	var all DeviceSet
	for _, c := range r.claims.byTask[key] {
		if !c.Destroyed && (owner == "" || c.Owner != owner) {
			all = all.Union(c.Wants)
		}
	}
	return all
}

// markApplied records which of the devices that a set lists are with that set now.
func (r *Runner) markApplied(key aep.TaskKey, owner, name string, members Members) {
	r.claims.of(key, owner, name, func(c *Claim) {
		c.applied, c.Active = true, len(members.All.Minus(members.Cancelled).Intersection(c.Wants))
	})
}

// unlisted returns how many of the active devices of a task no set lists, if
// every set of the task has been planned or changed in this run: then the sets
// list as many devices as are expected. 0 where that is not known.
func (r *Runner) unlisted(key aep.TaskKey, expected, active int64) int64 {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	var listed, theirs int64
	for _, c := range r.claims.byTask[key] {
		switch {
		case c.Destroyed || c.Found:
			continue
		case !c.Known || c.Owner == "" && !c.applied:
			return 0
		}
		listed, theirs = listed+int64(len(c.Wants)), theirs+int64(c.Active)
	}
	if listed != expected {
		return 0
	}
	return max(0, active-theirs)
}

// RefuseUnlisted returns a *DevicesUnlistedError if a task would be started with
// active devices that no set lists, though their number is the expected one.
func (r *Runner) RefuseUnlisted(key aep.TaskKey, expected, active int64) error {
	if n := r.unlisted(key, expected, active); n > 0 {
		return &DevicesUnlistedError{Key: key, Count: n}
	}
	return nil
}

// DevicesUnlistedError refuses to start a task that holds devices that no set lists.
type DevicesUnlistedError struct {
	Key   aep.TaskKey
	Count int64
}

func (e *DevicesUnlistedError) Error() string {
	return fmt.Sprintf("task %d of product %d holds %d active devices that no set lists, and as many devices of its sets are cancelled or missing",
		e.Key.TaskID, e.Key.ProductID, e.Count)
}

// announced returns how many devices that it does not list an exclusive set cancels.
func (r *Runner) announced(key aep.TaskKey, owner, name string) (n int) {
	r.claims.of(key, owner, name, func(c *Claim) { n = c.Strangers })
	return n
}

// of calls do with the claim of a set; one without an owner is known by its name.
func (l *claims) of(key aep.TaskKey, owner, name string, do func(*Claim)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, c := range l.byTask[key] {
		if c.Owner == owner && (owner != "" || c.Name == name) {
			do(&l.byTask[key][i])
		}
	}
}

// conflict says how two claims of different sets contradict each other, "" if
// they do not.
func (c Claim) conflict(other Claim) (Conflict, DeviceSet) {
	if c.Destroyed && other.Destroyed {
		return "", nil
	}
	if c.Found || other.Found {
		if (c.Owner == "" || other.Owner == "") && c.Name == other.Name {
			return ConflictFound, nil
		}
		return "", nil
	}
	live := !c.Destroyed && !other.Destroyed
	moved := append(slices.Clone(c.Cancels.Intersection(other.Wants)), other.Cancels.Intersection(c.Wants)...)
	cancels := len(c.Cancels)+len(other.Cancels) > 0
	switch {
	case live && c.Name == other.Name:
		return ConflictName, c.Wants.Intersection(other.Wants)
	case !live && (c.applied || other.applied):
		return "", nil // the devices are with the other set already, and Detach leaves them there
	case !live && cancels && (c.Name == other.Name || len(moved) > 0):
		return ConflictAddress, moved
	case live && (c.Exclusive || other.Exclusive):
		return ConflictExclusive, nil
	case live && len(c.Wants.Intersection(other.Wants)) > 0:
		return ConflictOverlap, c.Wants.Intersection(other.Wants)
	case len(moved) > 0:
		return ConflictHandOver, moved
	case c.Known != other.Known && (c.Known && len(c.Cancels) > 0 || other.Known && len(other.Cancels) > 0):
		return ConflictUnknown, nil
	}
	return "", nil
}
