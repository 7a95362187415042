package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// SettleProtocol returns a task whose protocol is certain. A task with a timeout seems
// to be T-Link, but a platform may show a timeout for LwM2M too. Only T-Link refuses
// to list subtasks without a state.
func (r *Runner) SettleProtocol(ctx context.Context, task aep.Task) (aep.Task, error) {
	if task = r.recognized(task); task.KnownProtocol != 0 || task.Protocol() != aep.TLink {
		return task, nil
	}
	_, err := r.client.CountSubtasks(ctx, task.Key(), nil)
	switch {
	case err == nil:
		r.RememberProtocol(task.Key(), aep.LwM2M)
	case aep.IsRefused(err) || aep.IsBadRequest(err):
		r.RememberProtocol(task.Key(), aep.TLink)
	default:
		return task, err
	}
	return r.recognized(task), nil
}
