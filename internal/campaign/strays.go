package campaign

import (
	"context"
	"fmt"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Strays returns the active devices of a task that no set of this run lists, gives
// up or has. They are looked for if the task lists more devices, total, than the
// sets have.
func (r *Runner) Strays(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, total int64) (DeviceSet, error) {
	r.claims.mu.Lock()
	sets := slices.Clone(r.claims.byTask[key])
	r.claims.mu.Unlock()
	for _, c := range sets {
		if !c.Found && !c.Known {
			return nil, nil
		}
		total -= int64(c.Active)
	}
	if total <= 0 {
		return nil, nil
	}
	var known DeviceSet
	for _, c := range sets {
		known = known.Union(c.accounts())
	}
	return r.Unlisted(ctx, key, protocol, known)
}

// Listed returns how many devices the sets of a task list; ok is false while that
// is not known, or if a set cancels what it does not list.
func (r *Runner) Listed(key aep.TaskKey) (n int64, ok bool) {
	r.claims.mu.Lock()
	defer r.claims.mu.Unlock()
	for _, c := range r.claims.byTask[key] {
		if c.Destroyed {
			continue
		}
		if c.Found || !c.Known || c.Strangers > 0 {
			return 0, false
		}
		n += int64(len(c.Wants))
	}
	return n, true
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

// RefuseStrays returns a *DevicesUnlistedError if a plan starts a task that holds
// active devices which no set lists, although as many are expected as the sets
// list. Cancelled and missing devices can make the number look right.
func (r *Runner) RefuseStrays(ctx context.Context, task aep.Task, expected int64) error {
	if n, ok := r.Listed(task.Key()); !ok || n != expected || n == 0 {
		return nil
	}
	strays, err := r.Strays(ctx, task.Key(), task.Protocol(), task.DeviceCount)
	if err != nil || len(strays) == 0 {
		return err
	}
	return &DevicesUnlistedError{Key: task.Key(), Count: int64(len(strays)), Devices: strays}
}

// DevicesUnlistedError refuses to start a task that holds devices that no set lists.
type DevicesUnlistedError struct {
	Key     aep.TaskKey
	Count   int64
	Devices DeviceSet // empty if they were not looked up
}

func (e *DevicesUnlistedError) Error() string {
	return fmt.Sprintf("task %d of product %d holds %d active devices that no set lists",
		e.Key.TaskID, e.Key.ProductID, e.Count)
}
