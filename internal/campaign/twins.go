package campaign

import (
	"context"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// twins lists the pending tasks with the request's name and firmware. A task whose row is incomplete is read
// with a call of its own.
func (r *Runner) twins(ctx context.Context, q aep.CreateTaskRequest) ([]aep.Task, error) {
	list, err := r.client.Tasks(ctx, aep.TaskQuery{ProductID: q.ProductID, NameContains: q.Name}, 0)
	if err != nil {
		return nil, err
	}
	var twins []aep.Task
	for _, t := range list.Rows {
		if t.Lacks != "" {
			if t, err = r.client.Task(ctx, t.Key()); err != nil {
				return nil, err
			}
		}
		if SameText(t.Name, q.Name) && t.FirmwareID == q.FirmwareID && t.Status == aep.TaskPending {
			twins = append(twins, t)
		}
	}
	return twins, nil
}

// pendingTwins lists the twins that no resource of this run manages.
func (r *Runner) pendingTwins(ctx context.Context, q aep.CreateTaskRequest) ([]aep.Task, error) {
	all, err := r.twins(ctx, q)
	var free []aep.Task
	for _, t := range all {
		if r.IsForeign(t.Key()) {
			free = append(free, t)
		}
	}
	return free, err
}

// sameSettings reports whether a task has the settings of a create.
func sameSettings(t aep.Task, q aep.CreateTaskRequest) bool {
	return Shows(t, aep.ModifyTaskRequest{
		Name: q.Name, Description: q.Description, RetryTimes: q.RetryTimes, TimeoutHours: q.TimeoutHours,
	})
}

// ManagedTaskError refuses to adopt a task that another resource of this run manages.
type ManagedTaskError struct{ Key aep.TaskKey }

func (e *ManagedTaskError) Error() string {
	return fmt.Sprintf("%s is managed by another resource of this run", e.Key.Object())
}

// Twin is a pending task with the name and firmware of a request.
type Twin struct {
	Task   aep.Task
	Active int64 // its devices that are not final
}

// FullTaskError refuses to adopt a task that holds devices and has other settings than the request.
type FullTaskError struct{ Twin Twin }

func (e *FullTaskError) Error() string {
	return fmt.Sprintf("%s holds %s under other settings", e.Twin.Task.Key().Object(), progress.Devices(e.Twin.Active))
}

// twin reads a task to adopt, and counts its devices.
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

// maxNamed is how many tasks an error names.
const maxNamed = 10

// ExistingTaskError refuses to create a task beside pending tasks of the same product, name and firmware. An
// earlier run may have left them.
type ExistingTaskError struct {
	Request aep.CreateTaskRequest
	Keys    []aep.TaskKey
	Cause   error // why the outcome of a create is unknown; nil if none was sent
}

func (e *ExistingTaskError) Error() string {
	ids := make([]string, 0, len(e.Keys))
	for _, key := range e.Keys[:min(len(e.Keys), maxNamed)] {
		ids = append(ids, key.String())
	}
	if more := len(e.Keys) - len(ids); more > 0 {
		ids = append(ids, fmt.Sprintf("and %d more", more))
	}
	tasks := "a pending task"
	if len(e.Keys) > 1 {
		tasks = fmt.Sprintf("%d pending tasks", len(e.Keys))
	}
	text := fmt.Sprintf("product %d already has %s named %q with firmware %d: %s",
		e.Request.ProductID, tasks, e.Request.Name, e.Request.FirmwareID, strings.Join(ids, ", "))
	if e.Cause != nil {
		text += fmt.Sprintf("; it is not known whether one of them is the task just requested: %v", e.Cause)
	}
	return text
}

func (e *ExistingTaskError) Unwrap() error { return e.Cause }

// PlanAdoption returns the task that a create will adopt, nil if there is none. own is the task that the new
// one replaces, if any. The error is a *ManagedTaskError, an *ExistingTaskError or a *FullTaskError if no
// task can be adopted.
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

func existing(q aep.CreateTaskRequest, twins []aep.Task, cause error) error {
	keys := make([]aep.TaskKey, len(twins))
	for i, t := range twins {
		keys[i] = t.Key()
	}
	return &ExistingTaskError{Request: q, Keys: keys, Cause: cause}
}
