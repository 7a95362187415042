package campaign

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// origin says how a task came into the hands of this run.
type origin int

const (
	foreign  origin = iota // no resource of this run is known to manage it
	managed                // a resource has it in its state
	madeHere               // this run has created it
	adopted                // this run has taken it over
)

// origins are the tasks of this run, so that no two resources take the same one.
// The zero value is ready.
type origins struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey]origin
	wanted map[aep.TaskKey]bool // by a plan to take it over
	// vacated are tasks that this run ends, and that a set has left.
	vacated map[aep.TaskKey]bool
}

func (o *origins) of(key aep.TaskKey) origin {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.byTask[key]
}

// set records where a task comes from. What this run has created or taken over
// stays so. The result reports whether a plan wants to take over a managed task.
func (o *origins) set(key aep.TaskKey, from origin) (contested bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byTask == nil {
		o.byTask = make(map[aep.TaskKey]origin)
	}
	o.byTask[key] = max(o.byTask[key], from)
	return o.byTask[key] == managed && o.wanted[key]
}

func (o *origins) want(key aep.TaskKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wanted == nil {
		o.wanted = make(map[aep.TaskKey]bool)
	}
	o.wanted[key] = true
}

// vacate records that a set has left a task, or that the task itself goes now.
func (o *origins) vacate(key aep.TaskKey, vacated bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.vacated == nil {
		o.vacated = make(map[aep.TaskKey]bool)
	}
	o.vacated[key] = vacated
}

// Vacate records that a set has cancelled its devices in a task that this run ends.
// The task has a resource: its successor is not its twin.
func (r *Runner) Vacate(key aep.TaskKey) {
	r.origins.set(key, managed)
	r.origins.vacate(key, true)
}

// Vacated returns the tasks of a product that sets have left because this run ends
// them, and whose delete has not begun.
func (r *Runner) Vacated(productID int64) (keys []aep.TaskKey) {
	r.origins.mu.Lock()
	defer r.origins.mu.Unlock()
	for key, vacated := range r.origins.vacated {
		if vacated && key.ProductID == productID {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b aep.TaskKey) int { return cmp.Compare(a.TaskID, b.TaskID) })
	return keys
}

// Manage records that a resource of this run has the task in its state. The result
// reports whether the plan of another resource wants to take the task over.
func (r *Runner) Manage(key aep.TaskKey) (contested bool) { return r.origins.set(key, managed) }

// Adopted reports whether this run has taken over a task that was there before.
func (r *Runner) Adopted(key aep.TaskKey) bool { return r.origins.of(key) == adopted }

// Owns reports whether this run has created a task, or taken it over.
func (r *Runner) Owns(key aep.TaskKey) bool { return r.origins.of(key) >= madeHere }

// ManagedTaskError refuses to take over a task that another resource of this run
// has in its state.
type ManagedTaskError struct{ Key aep.TaskKey }

func (e *ManagedTaskError) Error() string {
	return fmt.Sprintf("task %d of product %d is managed by another resource of this run", e.Key.TaskID, e.Key.ProductID)
}

// Twin is a pending task of the name and firmware of a request.
type Twin struct {
	Task   aep.Task
	Active int64 // its devices that are not final
}

// FullTaskError refuses to take over a task that holds devices under other
// settings than those of the request.
type FullTaskError struct{ Twin Twin }

func (e *FullTaskError) Error() string {
	return fmt.Sprintf("task %d of product %d holds %d devices under other settings", e.Twin.Task.ID, e.Twin.Task.ProductID, e.Twin.Active)
}

// twin reads a task that a request may take over, and counts its devices.
func (r *Runner) twin(ctx context.Context, q aep.CreateTaskRequest, key aep.TaskKey) (*Twin, error) {
	now, err := r.Observe(ctx, key)
	if err != nil {
		return nil, err
	}
	twin := Twin{Task: now.Task, Active: now.Histogram.MaybeActive()}
	if twin.Active > 0 && !sameSettings(twin.Task, q) {
		return nil, &FullTaskError{Twin: twin}
	}
	return &twin, nil
}

// PlanAdoption finds the task that a create will take over, nil if there is none.
// own is the task that the new one replaces, if any. The error is a
// *ManagedTaskError, an *ExistingTaskError or a *FullTaskError if none can be taken over.
func (r *Runner) PlanAdoption(ctx context.Context, q aep.CreateTaskRequest, own aep.TaskKey) (*Twin, error) {
	twins, err := r.twins(ctx, q)
	if err != nil {
		return nil, err
	}
	var free []aep.Task
	for _, t := range twins {
		switch from := r.origins.of(t.Key()); {
		case t.Key() == own || from >= madeHere:
		case from == managed:
			return nil, &ManagedTaskError{Key: t.Key()}
		default:
			free = append(free, t)
		}
	}
	switch len(free) {
	case 0:
		return nil, nil
	case 1:
		r.origins.want(free[0].Key())
		return r.twin(ctx, q, free[0].Key())
	}
	return nil, existing(q, free, nil)
}

// adopt takes a task over.
func (r *Runner) adopt(ctx context.Context, q aep.CreateTaskRequest, key aep.TaskKey) (CreateResult, error) {
	twin, err := r.twin(ctx, q, key)
	if err != nil {
		return CreateResult{}, err
	}
	r.origins.set(key, adopted)
	return CreateResult{ID: key.TaskID, Twin: twin}, nil
}
