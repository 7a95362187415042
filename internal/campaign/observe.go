package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// Observe reads a task and counts its devices.
func (r *Runner) Observe(ctx context.Context, key aep.TaskKey) (progress.Observation, error) {
	task, err := r.TaskDetail(ctx, key)
	if err == nil {
		task, err = r.SettleProtocol(ctx, task)
	}
	if err != nil {
		return progress.Observation{}, err
	}
	states, err := r.count(ctx, progress.QueryOf(task))
	return progress.Observation{Task: task, Histogram: states.Histogram(), Counts: states}, err
}

// observeSettled is Observe for callers that write, so that the protocol is certain.
func (r *Runner) observeSettled(ctx context.Context, key aep.TaskKey) (progress.Observation, error) {
	now, err := r.Observe(ctx, key)
	if err != nil {
		return now, err
	}
	task, err := r.SettleProtocol(ctx, now.Task)
	if err != nil || task.Protocol() == now.Task.Protocol() {
		return now, err
	}
	return r.Observe(ctx, key)
}
