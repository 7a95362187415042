package ownership

import (
	"cmp"
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// origin says how a task came to belong to this run.
type origin int

const (
	foreign  origin = iota // no resource of this run is known to manage it
	managed                // a resource has it in its state
	madeHere               // this run has created it
	adopted                // this run has adopted it
)

// plannedFate is what the plans of this run do with a task.
type plannedFate int

const (
	notPlanned plannedFate = iota
	stays
	leaves
)

// taskRecord is what this run knows of one task.
type taskRecord struct {
	origin  origin
	fate    plannedFate
	found   bool // in the state of a resource that has been read
	wanted  bool // a plan adopts it
	vacated bool // a set has left it, because this run ends it

	protocol aep.Protocol // 0 if not known
}

// Tasks is the register of the tasks that this run has read, planned or made. The zero value is ready.
type Tasks struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey]taskRecord
	comes  map[int64]bool // products of tasks that plans create; 0: not known
}

// change records something about a task and returns the record.
func (t *Tasks) change(key aep.TaskKey, do func(*taskRecord)) taskRecord {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byTask == nil {
		t.byTask = make(map[aep.TaskKey]taskRecord)
	}
	record := t.byTask[key]
	do(&record)
	t.byTask[key] = record
	return record
}

func (t *Tasks) record(key aep.TaskKey) taskRecord {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byTask[key]
}

// where returns the tasks whose record meets a condition, by product and id.
func (t *Tasks) where(meets func(aep.TaskKey, taskRecord) bool) (keys []aep.TaskKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, record := range t.byTask {
		if meets(key, record) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b aep.TaskKey) int {
		return cmp.Or(cmp.Compare(a.ProductID, b.ProductID), cmp.Compare(a.TaskID, b.TaskID))
	})
	return keys
}

// MarkFound records that a resource with the task in its state has been read. Until a plan says that the task
// stays, it counts as leaving. A resource that is to be replaced may be planned like a new one.
func (t *Tasks) MarkFound(key aep.TaskKey) { t.change(key, func(r *taskRecord) { r.found = true }) }

// MarkStaying records that a plan keeps the task.
func (t *Tasks) MarkStaying(key aep.TaskKey) { t.change(key, func(r *taskRecord) { r.fate = stays }) }

// MarkLeaving records that a plan destroys or replaces the task, or that a read has found it gone.
func (t *Tasks) MarkLeaving(key aep.TaskKey) { t.change(key, func(r *taskRecord) { r.fate = leaves }) }

// MarkComing records that a plan creates a task of a product; 0 if the product is not known yet.
func (t *Tasks) MarkComing(productID int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.comes == nil {
		t.comes = make(map[int64]bool)
	}
	t.comes[productID] = true
}

// IsLeaving reports whether a task will not exist after this run. A reference to such a task that is not
// known yet will name another task.
func (t *Tasks) IsLeaving(key aep.TaskKey) bool {
	record := t.record(key)
	return record.fate == leaves || record.fate == notPlanned && record.found
}

// IsStaying reports whether the last plan of a task keeps it. The task may be gone from the platform: a
// finished task is kept in the state.
func (t *Tasks) IsStaying(key aep.TaskKey) bool { return t.record(key).fate == stays }

// Staying returns the tasks of a product (0: of all) that plans have left in place so far. A reference that
// is not known yet depends on its task, so that task has been planned before.
func (t *Tasks) Staying(productID int64) []aep.TaskKey {
	return t.where(func(key aep.TaskKey, r taskRecord) bool {
		return r.fate == stays && (key.ProductID == productID || productID == 0)
	})
}

// IsComing reports whether this run creates a task of a product.
func (t *Tasks) IsComing(productID int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.comes[productID] || t.comes[0]
}

// setOrigin records the origin of a task. A task that was created or adopted stays so.
func (t *Tasks) setOrigin(key aep.TaskKey, from origin) taskRecord {
	return t.change(key, func(r *taskRecord) { r.origin = max(r.origin, from) })
}

// Manage records that a resource of this run manages the task. contested is true if the plan of another
// resource wants to adopt it.
func (t *Tasks) Manage(key aep.TaskKey) (contested bool) {
	record := t.setOrigin(key, managed)
	return record.origin == managed && record.wanted
}

// MarkMade records that this run has created a task.
func (t *Tasks) MarkMade(key aep.TaskKey) { t.setOrigin(key, madeHere) }

// IsMade reports whether this run has created a task.
func (t *Tasks) IsMade(key aep.TaskKey) bool { return t.record(key).origin == madeHere }

// MarkAdopted records that this run has adopted a task that existed before.
func (t *Tasks) MarkAdopted(key aep.TaskKey) { t.setOrigin(key, adopted) }

// MarkWanted records that a plan adopts a task.
func (t *Tasks) MarkWanted(key aep.TaskKey) { t.change(key, func(r *taskRecord) { r.wanted = true }) }

// IsForeign reports whether no resource of this run is known to manage a task.
func (t *Tasks) IsForeign(key aep.TaskKey) bool { return t.record(key).origin == foreign }

// IsManaged reports whether another resource of this run has the task in its state.
func (t *Tasks) IsManaged(key aep.TaskKey) bool { return t.record(key).origin == managed }

// Adopted reports whether this run has adopted a task that existed before.
func (t *Tasks) Adopted(key aep.TaskKey) bool { return t.record(key).origin == adopted }

// Owns reports whether this run has created or adopted a task.
func (t *Tasks) Owns(key aep.TaskKey) bool { return t.record(key).origin >= madeHere }

// Vacate records that a set has cancelled its devices in a task that this run ends. Such a task is managed,
// so its successor is not its twin.
func (t *Tasks) Vacate(key aep.TaskKey) {
	t.change(key, func(r *taskRecord) { r.origin, r.vacated = max(r.origin, managed), true })
}

// RememberProtocol records the protocol of a task; 0 is ignored.
func (t *Tasks) RememberProtocol(key aep.TaskKey, protocol aep.Protocol) {
	t.change(key, func(r *taskRecord) { r.protocol = cmp.Or(protocol, r.protocol) })
}

// WithProtocol returns the task with its protocol, if this run knows it.
func (t *Tasks) WithProtocol(task aep.Task) aep.Task {
	task.KnownProtocol = t.record(task.Key()).protocol
	return task
}

// MarkDeleting records that the delete of a task has begun.
func (t *Tasks) MarkDeleting(key aep.TaskKey) {
	t.change(key, func(r *taskRecord) { r.vacated = false })
}

// Vacated returns the tasks of a product that sets have left because this run ends them, before their delete
// begins.
func (t *Tasks) Vacated(productID int64) []aep.TaskKey {
	return t.where(func(key aep.TaskKey, r taskRecord) bool { return r.vacated && key.ProductID == productID })
}
