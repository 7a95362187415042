package coretest

import (
	"context"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Workspace is a state and the provider that works on it. Each run plans everything
// before it changes anything, as Terraform does, and leaves out what depends on a
// failure.
type Workspace struct {
	T         testing.TB
	Platform  *simulator.Platform
	Ctx       context.Context // of every run
	Core      *Core
	Arguments Config // of the provider block
	State     State
	// Choose returns one of n steps that Terraform may do in any order. The first
	// is taken if Choose is nil.
	Choose  func(n int) int
	shown   Diagnostics
	Monitor *Monitor
	Lost    bool // the provider was killed: its responses are lost
}

// NewWorkspace returns a workspace with an empty state and a monitor. It takes the schemas
// from like, or reads them if like is nil.
func NewWorkspace(t testing.TB, p *simulator.Platform, like *Core) *Workspace {
	t.Helper()
	if like == nil {
		like = New(t, p, nil)
	}
	w := &Workspace{T: t, Platform: p, Ctx: t.Context(), State: State{}, Core: like.Restarted(t, p, nil)}
	w.Monitor = newMonitor(t, p, w.Core, func() Config { return w.Arguments }, func() State { return w.State })
	return w
}

// BeginWalk begins a walk of Terraform: the provider is configured again.
func (w *Workspace) BeginWalk() *Core {
	w.T.Helper()
	w.Core.T, w.Core.Arguments = w.T, w.Arguments
	w.Core.BeginWalk()
	return w.Core
}

// At returns the slot of an address. It creates a missing slot.
func (w *Workspace) At(address string) *Slot { return w.State.at(w.Core, address) }

// save records another state in place: instances of the state keep their identity.
func (w *Workspace) save(recorded State) {
	for address := range w.State {
		if recorded[address] == nil {
			recorded.at(w.Core, address)
		}
	}
	for address, held := range recorded {
		slot := w.At(address)
		*slot.Instance, slot.Deposed = *held.Instance, held.Deposed
	}
}

// Forget carries out terraform state rm.
func (w *Workspace) Forget(address string) {
	slot := w.At(address)
	*slot.Instance, slot.Deposed = *w.Core.Absent(TypeOf(address)), nil
}

// Import carries out terraform import. The address must be free.
func (w *Workspace) Import(ctx context.Context, address, id string) Diagnostics {
	w.T.Helper()
	w.Core.T, w.Core.Arguments = w.T, w.Arguments
	got, diags := w.Core.Import(ctx, TypeOf(address), id)
	if diags.Errors() == "" && got.Exists() {
		*w.At(address).Instance = *got
	}
	return diags
}

// pick chooses one of n steps.
func (w *Workspace) pick(n int) int {
	if w.Choose == nil || n < 2 {
		return 0
	}
	return w.Choose(n)
}
