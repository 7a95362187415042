package campaign

import (
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// protocols are the protocols of tasks as far as this run knows them. The zero value
// is ready.
type protocols struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey]aep.Protocol
}

// RememberProtocol records the protocol of a task; 0 is ignored.
func (p *protocols) RememberProtocol(key aep.TaskKey, protocol aep.Protocol) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byTask == nil {
		p.byTask = make(map[aep.TaskKey]aep.Protocol)
	}
	if protocol != 0 {
		p.byTask[key] = protocol
	}
}

// recognized returns the task with its protocol, if this run knows it.
func (p *protocols) recognized(task aep.Task) aep.Task {
	p.mu.Lock()
	defer p.mu.Unlock()
	task.KnownProtocol = p.byTask[task.Key()]
	return task
}
