package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// ModifyTask changes the settings of a task and reads it until they show. It returns
// the task as last read, even if they do not show.
func (r *Runner) ModifyTask(ctx context.Context, q aep.ModifyTaskRequest) (aep.Task, error) {
	err := r.client.ModifyTask(ctx, q)
	r.invalidate(q.Key)
	if aep.MaybeGone(err) {
		if _, readErr := r.ReadTask(ctx, q.Key); isGone(readErr) {
			return aep.Task{}, readErr
		}
	}
	if err != nil {
		return aep.Task{}, err
	}
	return r.readUntil(ctx, q.Key, func(t aep.Task) bool { return Shows(t, q) })
}
