package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// inPhases lists the subtasks of a task that may be in one of the phases.
func (r *Runner) inPhases(ctx context.Context, key aep.TaskKey, states progress.Counts, phases []progress.Phase) ([]aep.Subtask, error) {
	list, complete := states.CodesOf(phases...)
	switch {
	case !complete:
		list = nil // only the whole list includes the other states
	case len(list) == 0:
		return nil, nil
	}
	found, err := r.client.Subtasks(ctx, aep.SubtaskQuery{Key: key, Codes: list}, 0)
	return found.Rows, err
}

// Observe reads a task and counts its devices. The task is read first: the devices of a finished task no longer
// change. Counts that may lack the last active device of a running task are compared with the number of its
// subtasks, which takes one more call.
func (r *Runner) Observe(ctx context.Context, key aep.TaskKey) (progress.Observation, error) {
	task, err := r.TaskDetail(ctx, key)
	if err == nil {
		task, err = r.SettleProtocol(ctx, task)
	}
	if err != nil {
		return progress.Observation{}, err
	}
	states, err := r.count(ctx, progress.QueryOf(task))
	if err == nil && task.Status != aep.TaskPending && states.MayLack() {
		var subtasks int64
		subtasks, err = r.subtaskCount(ctx, key, task.Protocol())
		states = states.WithSubtasks(subtasks)
	}
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
