package campaign

import (
	"context"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// protocols are the protocols of tasks as far as this run knows them. The zero
// value is ready.
type protocols struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey]aep.Protocol
}

// RememberProtocol records the protocol of a task, 0 if it is not known.
func (r *Runner) RememberProtocol(key aep.TaskKey, protocol aep.Protocol) {
	r.protocols.mu.Lock()
	defer r.protocols.mu.Unlock()
	if r.protocols.byTask == nil {
		r.protocols.byTask = make(map[aep.TaskKey]aep.Protocol)
	}
	if protocol != 0 {
		r.protocols.byTask[key] = protocol
	}
}

// recognized returns a task with its protocol, if this run knows it.
func (r *Runner) recognized(task aep.Task) aep.Task {
	r.protocols.mu.Lock()
	defer r.protocols.mu.Unlock()
	task.KnownProtocol = r.protocols.byTask[task.Key()]
	return task
}

// SettleProtocol returns a task with its protocol. A timeout is taken for T-Link,
// but a platform may show one for LwM2M too. T-Link is the one that refuses to
// list subtasks without a state.
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
