package provider

import (
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// rolloutMemory is what the rollouts of one walk must know of each other. The
// zero value is ready.
type rolloutMemory struct {
	mu         sync.Mutex
	gone       map[aep.TaskKey]bool // tasks of rollouts that a read found gone
	unplanned  map[aep.TaskKey]bool // of these, those of rollouts that were not planned with their state
	destroying map[aep.TaskKey]bool // tasks of rollouts whose destroy was planned
}

// taskIsGone records that a read found the task of a rollout gone.
func (m *rolloutMemory) taskIsGone(key aep.TaskKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone == nil {
		m.gone, m.unplanned = make(map[aep.TaskKey]bool), make(map[aep.TaskKey]bool)
	}
	m.gone[key], m.unplanned[key] = true, true
}

// planned records that a rollout is planned with its state, and returns whether
// a read found its task gone.
func (m *rolloutMemory) planned(key aep.TaskKey, destroy bool) (gone bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.unplanned, key)
	if destroy {
		if m.destroying == nil {
			m.destroying = make(map[aep.TaskKey]bool)
		}
		m.destroying[key] = true
	}
	return m.gone[key]
}

// orphan returns a task of the product (of any, if that is not known) that is
// gone, and whose rollout was read but not planned with its state: the rollout is
// tainted, and planned as a create.
func (m *rolloutMemory) orphan(productID types.Int64) (key aep.TaskKey, found bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.unplanned {
		if productID.IsUnknown() || key.ProductID == productID.ValueInt64() {
			return key, true
		}
	}
	return aep.TaskKey{}, false
}

// isDeposed reports whether the destroy of a rollout was planned in this walk.
// An apply plans only the destroys of deposed objects anew.
func (m *rolloutMemory) isDeposed(key aep.TaskKey) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.destroying[key]
}
