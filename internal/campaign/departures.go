package campaign

import (
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// departures say which tasks will not exist after this run. The zero value is
// ready.
type departures struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey]bool // true: leaves, false: stays
	found  map[aep.TaskKey]bool // in the state of a resource that has been read
	comes  map[int64]bool       // products of tasks that are planned to be created; 0: not known
}

// MarkFound records that a resource with the task in its state has been read. Until
// a plan says that the task stays, it is taken to leave: Terraform plans a tainted
// resource as if it were new.
func (r *Runner) MarkFound(key aep.TaskKey) {
	r.leaving.set(func(d *departures) { d.found[key] = true })
}

// MarkStaying records that a plan leaves the task where it is.
func (r *Runner) MarkStaying(key aep.TaskKey) {
	r.leaving.set(func(d *departures) { d.byTask[key] = false })
}

// MarkLeaving records that a plan destroys or replaces the task, or that a read
// has found it gone.
func (r *Runner) MarkLeaving(key aep.TaskKey) {
	r.leaving.set(func(d *departures) { d.byTask[key] = true })
}

// MarkComing records that a plan creates a task of a product; 0 if the product is
// not known yet.
func (r *Runner) MarkComing(productID int64) {
	r.leaving.set(func(d *departures) { d.comes[productID] = true })
}

// IsLeaving reports whether a task will not exist after this run. A reference to
// such a task that is not known yet will name another task.
func (r *Runner) IsLeaving(key aep.TaskKey) (leaves bool) {
	r.leaving.set(func(d *departures) {
		planned, known := d.byTask[key]
		leaves = planned || !known && d.found[key]
	})
	return leaves
}

// IsStaying reports whether MarkStaying was the last word about a task. It may have
// gone from the platform all the same: a finished task is kept in the state.
func (r *Runner) IsStaying(key aep.TaskKey) (stays bool) {
	r.leaving.set(func(d *departures) {
		leaves, known := d.byTask[key]
		stays = known && !leaves
	})
	return stays
}

// Staying returns the tasks of a product that plans have left where they are, so
// far. A reference that is not known yet depends on the task that it names, so that
// one has been planned before.
func (r *Runner) Staying(productID int64) (keys []aep.TaskKey) {
	r.leaving.set(func(d *departures) {
		for key, leaves := range d.byTask {
			if !leaves && (key.ProductID == productID || productID == 0) {
				keys = append(keys, key)
			}
		}
	})
	return keys
}

// IsComing reports whether this run creates a task of a product.
func (r *Runner) IsComing(productID int64) (comes bool) {
	r.leaving.set(func(d *departures) { comes = d.comes[productID] || d.comes[0] })
	return comes
}

func (d *departures) set(do func(*departures)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byTask == nil {
		d.byTask, d.found, d.comes = map[aep.TaskKey]bool{}, map[aep.TaskKey]bool{}, map[int64]bool{}
	}
	do(d)
}
