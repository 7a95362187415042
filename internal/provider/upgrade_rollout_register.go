package provider

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// rolloutRegister records what one walk reads and plans of rollouts. The zero value is ready for use.
type rolloutRegister struct {
	mu sync.Mutex
	// gone are the tasks of rollouts that do not exist any more. The value is true once the rollout was
	// planned with its state.
	gone     map[aep.TaskKey]bool
	before   map[aep.TaskKey]progress.Before
	leaving  map[aep.TaskKey]leavingRollout // planned destroys
	coming   []comingRollout                // planned creates
	applying bool                           // a rollout was created: from here on only deposed objects are planned
}

// leavingRollout is a rollout whose destroy is planned.
type leavingRollout struct {
	key     aep.TaskKey
	started bool // its task may have been started
	cancels bool // the plan has announced a cancel
}

// comingRollout is a rollout whose create is planned. Its task may be unknown.
type comingRollout struct {
	productID, taskID types.Int64
	recreates         bool // it may start another task after its own is gone
}

// taskKnown reports whether the task is known.
func (c comingRollout) taskKnown() bool { return !c.productID.IsUnknown() && !c.taskID.IsUnknown() }

// mayHave reports whether the rollout may have a task of the product.
func (c comingRollout) mayHave(productID int64) bool {
	return c.productID.IsUnknown() || c.productID.ValueInt64() == productID
}

// mayBe reports whether the rollout may have this task.
func (c comingRollout) mayBe(key aep.TaskKey) bool {
	return c.mayHave(key.ProductID) && (c.taskID.IsUnknown() || c.taskID.ValueInt64() == key.TaskID)
}

// leaves records a planned destroy. It returns the planned creates of the same walk.
func (r *rolloutRegister) leaves(old leavingRollout) []comingRollout {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.leaving == nil {
		r.leaving = make(map[aep.TaskKey]leavingRollout)
	}
	same := r.leaving[old.key]
	r.leaving[old.key] = leavingRollout{key: old.key, started: old.started || same.started, cancels: old.cancels || same.cancels}
	if r.applying {
		return nil
	}
	return slices.Clone(r.coming)
}

// comes records a planned create. It returns the planned destroys of the same walk.
func (r *rolloutRegister) comes(plan comingRollout) []leavingRollout {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.coming = append(r.coming, plan)
	if r.applying {
		return nil
	}
	return slices.SortedFunc(maps.Values(r.leaving), func(a, b leavingRollout) int { return cmp.Compare(a.key.TaskID, b.key.TaskID) })
}

// created records that a rollout was created. A rollout that the same walk destroys afterwards is its
// predecessor.
func (r *rolloutRegister) created() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.applying = true
}

// keepBefore records the devices that took no part in a start, for the successor of a rollout.
func (r *rolloutRegister) keepBefore(key aep.TaskKey, before progress.Before) {
	if before.Unknown {
		return // another rollout of the task may have recorded them
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.before == nil {
		r.before = make(map[aep.TaskKey]progress.Before)
	}
	r.before[key] = before
}

// keptBefore returns the devices that keepBefore has recorded in this walk.
func (r *rolloutRegister) keptBefore(key aep.TaskKey) progress.Before {
	r.mu.Lock()
	defer r.mu.Unlock()
	if before, kept := r.before[key]; kept {
		return before
	}
	return progress.Before{Unknown: true}
}

// taskIsGone records that the task of a rollout does not exist.
func (r *rolloutRegister) taskIsGone(key aep.TaskKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone == nil {
		r.gone = make(map[aep.TaskKey]bool)
	}
	r.gone[key] = false
}

// planned records that a rollout is planned with its state.
func (r *rolloutRegister) planned(key aep.TaskKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, gone := r.gone[key]; gone {
		r.gone[key] = true
	}
}

// isGone reports whether taskIsGone was called for a task.
func (r *rolloutRegister) isGone(key aep.TaskKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, gone := r.gone[key]
	return gone
}

// orphan returns a task that does not exist and may be the task of plan. Its rollout was read but not planned
// with its state: it is tainted, and planned as a create.
func (r *rolloutRegister) orphan(plan comingRollout) (key aep.TaskKey, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, planned := range r.gone {
		if !planned && plan.mayHave(key.ProductID) {
			return key, true
		}
	}
	return aep.TaskKey{}, false
}

// isDeposed reports whether the destroy of a rollout was planned in this walk. An apply plans only the
// destroys of deposed objects again.
func (r *rolloutRegister) isDeposed(key aep.TaskKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, deposed := r.leaving[key]
	return deposed
}
