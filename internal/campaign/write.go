package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// write makes a call that changes a task, and drops everything cached of the task. It does so after a failed
// call too: the platform may have carried that out.
func (r *Runner) write(ctx context.Context, key aep.TaskKey, call func(context.Context) error) error {
	defer r.invalidate(key)
	return call(ctx)
}

// pollTask is poll for a look at a task. No look uses what an earlier look has cached.
func (r *Runner) pollTask(ctx context.Context, key aep.TaskKey, s schedule, look func() (done bool, err error)) error {
	again := false
	return poll(ctx, s, func() (bool, error) {
		if again {
			r.invalidate(key)
		}
		again = true
		return look()
	})
}

// passes reports whether a failed look at a task may succeed later, and logs the failure if so.
func (r *Runner) passes(ctx context.Context, key aep.TaskKey, err error) bool {
	if !aep.IsTransient(err) && !aep.IsUnreliable(err) {
		return false
	}
	r.log(ctx, "could not read a task; the wait continues", map[string]any{
		"product_id": key.ProductID, "task_id": key.TaskID, "failure": err.Error(),
	})
	return true
}
