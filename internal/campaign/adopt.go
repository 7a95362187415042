package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// PlanAdoption returns the task that a create will adopt, nil if there is none. own is
// the task that the new one replaces, if any. The error is a *ManagedTaskError, an
// *ExistingTaskError or a *FullTaskError if no task can be adopted.
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
