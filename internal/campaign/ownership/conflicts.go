package ownership

import (
	"fmt"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// Conflict is the kind of contradiction between two claims.
type Conflict string

// The conflicts of two sets of one task.
const (
	ConflictName      Conflict = "name"      // both have one name
	ConflictFound     Conflict = "found"     // one is to be created and exists already
	ConflictOverlap   Conflict = "overlap"   // both list a device
	ConflictAddress   Conflict = "address"   // one is destroyed and the other takes its name
	ConflictHandOver  Conflict = "hand over" // one cancels a device that the other lists
	ConflictUnknown   Conflict = "unknown"   // one cancels devices while the list of the other is not known
	ConflictExclusive Conflict = "exclusive" // one is exclusive, and there is another
)

// ConflictError says that two sets of one task can't be changed in one run, because the outcome would depend
// on their order.
type ConflictError struct {
	Conflict Conflict
	Claim    Claim
	Other    Claim
	Devices  deviceset.Set // concerned by the conflict
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the sets %q and %q of %s contradict each other (%s, %d devices)",
		e.Claim.Name, e.Other.Name, e.Key().Object(), e.Conflict, len(e.Devices))
}

// MayBeNew reports whether the task of one set is not known yet and may be a new one.
func (e *ConflictError) MayBeNew() bool { return e.Claim.MayBeNew || e.Other.MayBeNew }

// Key returns the task of the two sets.
func (e *ConflictError) Key() aep.TaskKey {
	if e.Claim.known() {
		return e.Claim.Key
	}
	return e.Other.Key
}

// before orders conflicts: existing sets first, because other conflicts follow from them; then by name.
func (e *ConflictError) before(other *ConflictError) bool {
	if other == nil {
		return true
	}
	if found := e.Conflict == ConflictFound; found != (other.Conflict == ConflictFound) {
		return found
	}
	return e.Other.Name < other.Other.Name
}

// conflict returns how two claims of different sets contradict each other, "" if they do not.
func (c Claim) conflict(other Claim) (Conflict, deviceset.Set) {
	if c.Destroyed && other.Destroyed {
		return "", nil
	}
	if c.Found || other.Found {
		return c.foundConflict(other), nil
	}
	if !c.known() || !other.known() {
		return c.unknownConflict(other)
	}
	live := !c.Destroyed && !other.Destroyed
	moved := append(slices.Clone(c.Cancels.Intersection(other.Wants)), other.Cancels.Intersection(c.Wants)...)
	cancels := len(c.Cancels)+len(other.Cancels) > 0
	switch {
	case live && sameName(c, other):
		return ConflictName, c.Wants.Intersection(other.Wants)
	case !live && (c.applied || other.applied):
		return "", nil // the devices are with the other set already, and Detach keeps them active
	case !live && cancels && (sameName(c, other) || len(moved) > 0):
		return ConflictAddress, moved
	case live && (c.Exclusive || other.Exclusive),
		len(c.CancelsUnlisted) > 0 && len(other.Cancels) > 0, len(other.CancelsUnlisted) > 0 && len(c.Cancels) > 0:
		return ConflictExclusive, nil
	case live && len(c.Wants.Intersection(other.Wants)) > 0:
		return ConflictOverlap, c.Wants.Intersection(other.Wants)
	case len(moved) > 0:
		return ConflictHandOver, moved
	case !c.Known && len(other.Cancels) > 0, !other.Known && len(c.Cancels) > 0:
		return ConflictUnknown, nil
	}
	return "", nil
}

// foundConflict returns ConflictFound if one set has been read and the other is to be created under its name.
func (c Claim) foundConflict(other Claim) Conflict {
	created := c.Owner == "" || other.Owner == ""
	if created && sameName(c, other) && !c.Keeps && !other.Keeps && !c.MayBeNew && !other.MayBeNew {
		return ConflictFound
	}
	return ""
}

// unknownConflict returns how claims would contradict each other if their tasks were one.
func (c Claim) unknownConflict(other Claim) (Conflict, deviceset.Set) {
	moved := append(slices.Clone(c.Cancels.Intersection(other.Wants)), other.Cancels.Intersection(c.Wants)...)
	live := !c.Destroyed && !other.Destroyed
	switch {
	case len(moved) == 0, !c.mayJoin(other.Key), !other.mayJoin(c.Key):
		return "", nil
	case !live:
		return ConflictAddress, moved
	case c.MayBeNew || other.MayBeNew:
		return "", nil // leaving for a new task is no contradiction
	}
	return ConflictHandOver, moved
}

// mayJoin reports whether a set whose task is not known yet may belong to a task.
func (c Claim) mayJoin(key aep.TaskKey) bool {
	return !c.MayBeNew || slices.Contains(c.Candidates, key)
}

// sameName reports whether two sets have the same name; an unknown name is empty.
func sameName(a, b Claim) bool { return a.Name != "" && a.Name == b.Name }
