package provider

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// rolloutMemory is what the rollouts of one walk must know of each other. The
// zero value is ready.
type rolloutMemory struct {
	mu         sync.Mutex
	gone       map[aep.TaskKey]bool // tasks of rollouts that a read found gone
	unplanned  map[aep.TaskKey]bool // of these, those of rollouts that were not planned with their state
	destroying map[aep.TaskKey]bool // tasks of rollouts whose destroy was planned
	before     map[aep.TaskKey]campaign.Before
	cancelling map[aep.TaskKey]bool // tasks that a destroy cancels
	creating   map[aep.TaskKey]bool // tasks of rollouts that are planned to be created
}

// moves records a destroy that cancels, or a create. It reports whether the walk plans the
// other for the same task: then the rollout has got a new address.
func (m *rolloutMemory) moves(key aep.TaskKey, destroy bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cancelling == nil {
		m.cancelling, m.creating = make(map[aep.TaskKey]bool), make(map[aep.TaskKey]bool)
	}
	if destroy {
		m.cancelling[key] = true
		return m.creating[key]
	}
	m.creating[key] = true
	return m.cancelling[key]
}

// made records that a rollout was created. What is destroyed after it in the same walk is
// its predecessor, and cancels nothing.
func (m *rolloutMemory) made(key aep.TaskKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.creating, key)
}

// keepBefore records the devices of a task that took no part in its start, for
// the successor of a rollout.
func (m *rolloutMemory) keepBefore(key aep.TaskKey, before campaign.Before) {
	if before.Unknown {
		return // another rollout of the task may know them
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.before == nil {
		m.before = make(map[aep.TaskKey]campaign.Before)
	}
	m.before[key] = before
}

// keptBefore returns what keepBefore has recorded in this walk.
func (m *rolloutMemory) keptBefore(key aep.TaskKey) campaign.Before {
	m.mu.Lock()
	defer m.mu.Unlock()
	if before, kept := m.before[key]; kept {
		return before
	}
	return campaign.Before{Unknown: true}
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
func keepStart(ctx context.Context, private privateWriter, started campaign.Started, kept campaign.Before,
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
func wasStarted(ctx context.Context, private privateReader) (bool, diag.Diagnostics) {
	kept, diags := private.GetKey(ctx, startedKey)
	return len(kept) > 0, diags
}

// keepBefore remembers the devices that took no part in a start.
func keepBefore(ctx context.Context, private privateWriter, before campaign.Before) diag.Diagnostics {
	encoded, err := json.Marshal(before)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to remember the devices of an upgrade task", err.Error())}
	}
	return private.SetKey(ctx, beforeKey, encoded)
}

// keptBefore returns what keepBefore has remembered.
func keptBefore(ctx context.Context, private privateReader) (before campaign.Before, diags diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, beforeKey)
	if len(encoded) == 0 {
		return campaign.Before{Unknown: true}, diags
	}
	if err := json.Unmarshal(encoded, &before); err != nil {
		diags.AddWarning("Private state of the upgrade rollout is damaged", "Devices that were cancelled before the start may count as "+
			"failed.")
		before = campaign.Before{Unknown: true}
	}
	return before, diags
}
