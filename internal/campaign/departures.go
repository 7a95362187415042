package campaign

import (
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// departures are the tasks that will not exist after this run: a plan destroys
// or replaces them, or a read has found them gone. The zero value is ready.
type departures struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey]bool
}

// MarkLeaving records that a task will not exist after this run.
func (r *Runner) MarkLeaving(key aep.TaskKey) {
	r.leaving.mu.Lock()
	defer r.leaving.mu.Unlock()
	if r.leaving.byTask == nil {
		r.leaving.byTask = make(map[aep.TaskKey]bool)
	}
	r.leaving.byTask[key] = true
}

// IsLeaving reports whether MarkLeaving has been called for a task. A reference
// to such a task that is not known yet will name another task.
func (r *Runner) IsLeaving(key aep.TaskKey) bool {
	r.leaving.mu.Lock()
	defer r.leaving.mu.Unlock()
	return r.leaving.byTask[key]
}
