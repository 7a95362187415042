package campaign

import (
	"context"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

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
		switch {
		case t.Key() == own || r.Owns(t.Key()):
		case r.IsManaged(t.Key()):
			return nil, &ManagedTaskError{Key: t.Key()}
		default:
			free = append(free, t)
		}
	}
	switch len(free) {
	case 0:
		return nil, nil
	case 1:
		r.MarkWanted(free[0].Key())
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
	r.MarkAdopted(key)
	return CreateResult{ID: key.TaskID, Twin: twin}, nil
}
