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
	ended  map[Likeness]aep.TaskKey
	anew   map[Likeness]bool
}

// Likeness is what two tasks have in common of which one is the other again.
type Likeness struct {
	ProductID, FirmwareID int64
	Name                  string
}

// MarkEnded records that a plan destroys a task that has been started. The result
// reports whether the plan also creates its like: that would upgrade devices again.
func (r *Runner) MarkEnded(key aep.TaskKey, like Likeness) (again bool) {
	r.leaving.set(func(d *departures) { d.ended[like], again = key, d.anew[like] })
	return again
}

// MarkAnew records that a plan creates a task. The result is a started task of its
// like that the plan destroys, if there is one.
func (r *Runner) MarkAnew(like Likeness) (key aep.TaskKey, again bool) {
	r.leaving.set(func(d *departures) {
		d.anew[like] = true
		key, again = d.ended[like]
	})
	return key, again
}

// MarkMade records that a task was created. What is destroyed after it in the same walk
// is its predecessor.
func (r *Runner) MarkMade(like Likeness) {
	r.leaving.set(func(d *departures) { delete(d.anew, like) })
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
		d.ended, d.anew = map[Likeness]aep.TaskKey{}, map[Likeness]bool{}
	}
	do(d)
}
