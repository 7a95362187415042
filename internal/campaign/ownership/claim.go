package ownership

import (
	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// Claim is what one device set of this run does with the devices of its task.
type Claim struct {
	Key   aep.TaskKey
	Name  string // of the set
	Owner string // identifies the set, also when its name changes
	// Wants are the devices that the set lists. Known is false while the list is not known; then Wants is
	// empty.
	Wants deviceset.Set
	Known bool
	// LeftOut are the devices of Wants that do not join, as the set has decided. MayLeaveOut is true while it may leave
	// out more.
	LeftOut     deviceset.Set
	MayLeaveOut bool
	// Cancels are devices that the set cancels or may cancel, because it no longer lists them.
	Cancels   deviceset.Set
	Destroyed bool          // the plan destroys or replaces the set
	Had       deviceset.Set // members of such a set
	// MayBeNew is true for a set whose task is not known yet, and may be one that the plan creates.
	// Candidates are the other tasks that it may be.
	MayBeNew   bool
	Candidates []aep.TaskKey
	Exclusive  bool
	Active     int // members among Wants and Cancels that may still be upgraded, as far as is known
	Done       int // further members whose upgrade is over, and that the task's list lacks
	// CancelsUnlisted are the devices that an exclusive set cancels, although it never listed them.
	CancelsUnlisted deviceset.Set
	// Found is true for a set that has been read, and not been planned yet. It conflicts only with a set that
	// is to be created under its name. Keeps is true if its destroy cancels nothing; then it has no conflict.
	Found, Keeps bool
	// Members returns the devices of a set that has been read.
	Members func() deviceset.Set

	applied  bool // the set has been changed in this run
	unlisted int  // active devices that no set lists, found by that change
	unread   bool // that change has not looked up the devices that the set had before
}

// joins returns how many devices the set has once it is changed, or the most if it may leave out some.
func (c Claim) joins() int { return len(c.Wants) - len(c.LeftOut) }

// devices returns the devices that the set has or will have, and the devices that leave the task with it. Once the set
// has been changed, no set lists the devices that should have left.
func (c Claim) devices() deviceset.Set {
	switch has := c.Wants.Minus(c.LeftOut); {
	case c.Found:
		return c.Members()
	case c.applied:
		return has
	default:
		return has.Union(c.Cancels)
	}
}

// mayShare reports whether a set of a task may have the same task. A key without a task id means an existing
// task that is not known yet.
func (c Claim) mayShare(key aep.TaskKey) bool {
	same := func(a, b int64) bool { return a == b || a == 0 || b == 0 }
	return same(c.Key.ProductID, key.ProductID) && same(c.Key.TaskID, key.TaskID)
}

// known reports whether the task of the set is known.
func (c Claim) known() bool { return c.Key.ProductID != 0 && c.Key.TaskID != 0 }

// is reports whether c is the claim of a set. A claim without an owner is known by its name.
func (c Claim) is(owner, name string) bool {
	return c.Owner == owner && (owner != "" || c.Name == name)
}
