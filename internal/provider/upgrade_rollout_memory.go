package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// rolloutMemory is what the rollouts of one walk must know of each other. The
// zero value is ready.
type rolloutMemory struct {
	mu        sync.Mutex
	gone      map[aep.TaskKey]bool // tasks of rollouts that a read found gone
	unplanned map[aep.TaskKey]bool // of these, those of rollouts that were not planned with their state
	before    map[aep.TaskKey]progress.Before
	leaving   map[aep.TaskKey]leavingRollout // whose destroy was planned
	coming    []upgradeRolloutModel          // that are planned to be created
	applying  bool                           // a rollout was created: only destroys of deposed objects are planned from here on
}

// leavingRollout is a rollout whose destroy is planned.
type leavingRollout struct {
	key     aep.TaskKey
	started bool // it may have started its task
	cancels bool // its destroy has announced a cancel
}

// mayHave reports whether m, which is planned to be created, may have a task of the product.
func (m upgradeRolloutModel) mayHave(productID int64) bool {
	return m.ProductID.IsUnknown() || m.ProductID.ValueInt64() == productID
}

// mayBe reports whether m may have a task.
func (m upgradeRolloutModel) mayBe(key aep.TaskKey) bool {
	return m.mayHave(key.ProductID) && (m.TaskID.IsUnknown() || m.TaskID.ValueInt64() == key.TaskID)
}

// leaves records a planned destroy, and returns the rollouts that the same walk has
// planned to create.
func (m *rolloutMemory) leaves(one leavingRollout) []upgradeRolloutModel {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.leaving == nil {
		m.leaving = make(map[aep.TaskKey]leavingRollout)
	}
	same := m.leaving[one.key]
	m.leaving[one.key] = leavingRollout{key: one.key, started: one.started || same.started, cancels: one.cancels || same.cancels}
	if m.applying {
		return nil
	}
	return slices.Clone(m.coming)
}

// comes records a planned create, and returns the rollouts that the same walk has
// planned to destroy.
func (m *rolloutMemory) comes(plan upgradeRolloutModel) []leavingRollout {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.coming = append(m.coming, plan)
	if m.applying {
		return nil
	}
	return slices.SortedFunc(maps.Values(m.leaving), func(a, b leavingRollout) int { return cmp.Compare(a.key.TaskID, b.key.TaskID) })
}

// made records that a rollout was created. What is destroyed after it in the same walk is
// its predecessor, and cancels nothing.
func (m *rolloutMemory) made() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.applying = true
}

// keepBefore records the devices of a task that took no part in its start, for
// the successor of a rollout.
func (m *rolloutMemory) keepBefore(key aep.TaskKey, before progress.Before) {
	if before.Unknown {
		return // another rollout of the task may know them
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.before == nil {
		m.before = make(map[aep.TaskKey]progress.Before)
	}
	m.before[key] = before
}

// keptBefore returns what keepBefore has recorded in this walk.
func (m *rolloutMemory) keptBefore(key aep.TaskKey) progress.Before {
	m.mu.Lock()
	defer m.mu.Unlock()
	if before, kept := m.before[key]; kept {
		return before
	}
	return progress.Before{Unknown: true}
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

// planned records that a rollout is planned with its state.
func (m *rolloutMemory) planned(key aep.TaskKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.unplanned, key)
}

// isGone reports whether a read has found the task of a rollout gone.
func (m *rolloutMemory) isGone(key aep.TaskKey) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gone[key]
}

// orphan returns a task of the product (of any, if that is not known) that is
// gone, and whose rollout was read but not planned with its state: the rollout is
// tainted, and planned as a create.
func (m *rolloutMemory) orphan(plan upgradeRolloutModel) (key aep.TaskKey, found bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.unplanned {
		if plan.mayHave(key.ProductID) {
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
	_, deposed := m.leaving[key]
	return deposed
}

// privateReader is the private state of a request.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// privateWriter is the private state of a response.
type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// keepStart remembers what the call of a start has come to, before the watch:
// that may fail. It returns the start with the devices that took no part in it:
// those that were kept, if the call has not seen the start.
func keepStart(ctx context.Context, private privateWriter, started campaign.Started, kept progress.Before,
) (campaign.Started, diag.Diagnostics) {
	if started.Before.Unknown {
		started.Before = kept
	}
	// In an empty wave devices may be cancelled until the start.
	started.Before.Unknown = started.Before.Unknown || started.Empty
	diags := keepBefore(ctx, private, started.Before)
	if !started.Empty {
		diags.Append(private.SetKey(ctx, startedKey, []byte("true"))...)
	}
	return started, diags
}

// wasStarted reports whether the task of a rollout may have been started.
func wasStarted(ctx context.Context, state upgradeRolloutModel, private privateReader) (bool, diag.Diagnostics) {
	kept, diags := private.GetKey(ctx, startedKey)
	return len(kept) > 0 || !state.isEmpty(), diags
}

// keepBefore remembers the devices that took no part in a start.
func keepBefore(ctx context.Context, private privateWriter, before progress.Before) diag.Diagnostics {
	encoded, err := json.Marshal(before)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to remember the devices of an upgrade task", err.Error())}
	}
	return private.SetKey(ctx, beforeKey, encoded)
}

// keptBefore returns what keepBefore has remembered.
func keptBefore(ctx context.Context, private privateReader) (before progress.Before, diags diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, beforeKey)
	if len(encoded) == 0 {
		return progress.Before{Unknown: true}, diags
	}
	if err := json.Unmarshal(encoded, &before); err != nil {
		diags.AddWarning("Private state of the upgrade rollout is damaged", "Devices that were cancelled before the start may count as "+
			"failed.")
		before = progress.Before{Unknown: true}
	}
	return before, diags
}
