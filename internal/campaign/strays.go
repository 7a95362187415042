package campaign

import (
	"context"
	"fmt"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// Strays returns the active devices of a task that no set of this run lists, gives
// up or has. They are looked for if the task lists more devices, total, than the
// sets have.
func (r *Runner) Strays(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, total int64) (deviceset.Set, error) {
	sets := r.outnumbered(key, total+r.shared(key), func(c Claim) int { return c.Active })
	if sets == nil {
		return nil, nil
	}
	return r.unaccounted(ctx, key, protocol, sets)
}

// shared returns how often the sets of a task count a device that another of them
// counts. A set that takes a device over may be applied without the one that had it.
func (r *Runner) shared(key aep.TaskKey) (n int64) {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	var known deviceset.Set
	for _, c := range r.claims.byTask[key] {
		mine := c.accounts()
		n += int64(len(known.Intersection(mine)))
		known = known.Union(mine)
	}
	return n
}

// Surplus is Strays for a task that was started on expected devices, and has total
// devices that were not cancelled, whether it lists them or not. It returns none
// where the sets of this run may be only some of those of the task: they list fewer
// devices, and the task holds no more than expected.
func (r *Runner) Surplus(ctx context.Context, key aep.TaskKey, expected, total int64) (deviceset.Set, error) {
	sets := r.outnumbered(key, total, func(c Claim) int { return c.Active + c.Done })
	if planned, ok := r.planned(key); sets == nil || total <= expected && (!ok || planned.listed != expected) {
		return nil, nil
	}
	task, err := r.SharedDetail(ctx, key)
	if err == nil {
		task, err = r.SettleProtocol(ctx, task)
	}
	if err != nil {
		return nil, err
	}
	return r.unaccounted(ctx, key, task.Protocol(), sets)
}

// outnumbered returns the claims of the sets of a task that has more devices than
// count adds up to, nil if it has not. The planning that is part of an apply knows
// only the sets that the run changes; it has read none, and the result is nil.
func (r *Runner) outnumbered(key aep.TaskKey, total int64, count func(Claim) int) []Claim {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	read := false
	for _, c := range r.claims.byTask[key] {
		if !c.Found && !c.Known {
			return nil
		}
		read = read || r.claims.read[c.Owner]
		total -= int64(count(c))
	}
	if total <= 0 || !read {
		return nil
	}
	return slices.Clone(r.claims.byTask[key])
}

// unaccounted returns the active devices of a task that no set lists, gives up or has.
func (r *Runner) unaccounted(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, sets []Claim) (deviceset.Set, error) {
	var known deviceset.Set
	for _, c := range sets {
		known = known.Union(c.accounts())
	}
	return r.Unlisted(ctx, key, protocol, known)
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
func (r *Runner) planned(key aep.TaskKey) (sets plannedSets, ok bool) {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	for _, c := range r.claims.byTask[key] {
		if !c.Destroyed && !c.Found {
			if len(c.Strangers) > 0 || c.applied {
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

// unlisted returns how many of the active devices of a task no set lists, as far
// as that is known without a call: if every set of the task has been planned or
// changed in this run, the sets list as many devices as are expected. unread are
// the claims of such sets if some of their devices were not looked up in this run.
func (r *Runner) unlisted(key aep.TaskKey, expected, active int64) (n int64, unread []Claim) {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	var (
		listed, theirs, found int64
		stale                 bool
	)
	for _, c := range r.claims.byTask[key] {
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
		unread = slices.Clone(r.claims.byTask[key])
	}
	return max(0, active-theirs, found), unread
}

// refuseUnlisted returns a *DevicesUnlistedError if a task would be started with
// active devices that no set lists, though their number is the expected one.
func (r *Runner) refuseUnlisted(ctx context.Context, task aep.Task, expected, active int64) error {
	n, unread := r.unlisted(task.Key(), expected, active)
	var devices deviceset.Set
	if n == 0 && unread != nil {
		var err error
		if devices, err = r.unaccounted(ctx, task.Key(), task.Protocol(), unread); err != nil {
			return err
		}
		n = int64(len(devices))
	}
	if n == 0 {
		return nil
	}
	return &DevicesUnlistedError{Key: task.Key(), Count: n, Devices: devices}
}

// UnknownCount stands for a number of devices that is known only after apply.
const UnknownCount = -1

// plannedStart is a start that a plan announces.
type plannedStart struct {
	protocol aep.Protocol
	expected int64
}

// AnnounceStart records that a plan starts a pending task on expected devices, or on
// UnknownCount.
func (r *Runner) AnnounceStart(task aep.Task, expected int64) {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	if r.planStarts == nil {
		r.planStarts = make(map[aep.TaskKey]plannedStart)
	}
	r.planStarts[task.Key()] = plannedStart{protocol: task.Protocol(), expected: expected}
}

// endAnnouncement forgets the announced start of a task: it is being carried out.
func (r *Runner) endAnnouncement(key aep.TaskKey) {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	delete(r.planStarts, key)
}

// RefuseStrays returns a *DevicesUnlistedError if the announced start of a task finds
// active devices that no set lists, although as many are expected as the sets
// list, as far as that is known. The ids are compared: cancelled and missing devices can make the number
// look right. Start and sets may be planned in any order: each asks after it is recorded.
func (r *Runner) RefuseStrays(ctx context.Context, key aep.TaskKey) error {
	r.claims.mu.Lock()
	start := r.planStarts[key]
	r.claims.mu.Unlock()
	if start.expected == 0 {
		return nil
	}
	sets, ok := r.planned(key)
	if !ok || !sets.arePlannedFor(start.expected) {
		return nil
	}
	strays, err := r.unaccounted(ctx, key, start.protocol, sets.claims)
	if err != nil || len(strays) == 0 {
		return err
	}
	return &DevicesUnlistedError{Key: key, Count: int64(len(strays)), Devices: strays}
}

// DevicesUnlistedError refuses to start a task that holds devices that no set lists.
type DevicesUnlistedError struct {
	Key     aep.TaskKey
	Count   int64
	Devices deviceset.Set // empty if they were not looked up
}

func (e *DevicesUnlistedError) Error() string {
	return fmt.Sprintf("task %d of product %d holds %d active devices that no set lists",
		e.Key.TaskID, e.Key.ProductID, e.Count)
}
