package coretest

import (
	"context"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Workspace is a state, driven as the practitioner drives Terraform: each run
// plans everything before it changes anything, and leaves out what depends on
// a failure.
type Workspace struct {
	T         testing.TB
	Platform  *simulator.Platform
	Ctx       context.Context // of every run
	Core      *Core
	Arguments Config // of the provider block
	State     State
	// choose picks one of n steps that Terraform may do in any order; nil
	// takes the first.
	Choose  func(n int) int
	shown   Diagnostics
	Monitor *Monitor
	Lost    bool // what the provider answers is lost, as if it had been killed
}

func NewWorkspace(t testing.TB, p *simulator.Platform, like *Core) *Workspace {
	t.Helper()
	if like == nil {
		like = New(t, p, nil)
	}
	w := &Workspace{T: t, Platform: p, Ctx: t.Context(), State: State{}, Core: like.Restarted(t, p, nil)}
	w.Monitor = newMonitor(t, p, w.Core, func() Config { return w.Arguments }, func() State { return w.State })
	return w
}

// BeginWalk begins a walk of Terraform: the provider is configured anew.
func (w *Workspace) BeginWalk() *Core {
	w.T.Helper()
	w.Core.T, w.Core.Arguments = w.T, w.Arguments
	w.Core.BeginWalk()
	return w.Core
}

// At is the slot of an address, which is made if there is none.
func (w *Workspace) At(address string) *Slot { return w.State.at(w.Core, address) }

// save records another state. Whoever holds an instance of this one sees it.
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

// Forget is terraform state rm.
func (w *Workspace) Forget(address string) {
	slot := w.At(address)
	*slot.Instance, slot.Deposed = *w.Core.Absent(TypeOf(address)), nil
}

// Import is terraform import. The address must be free.
func (w *Workspace) Import(ctx context.Context, address, id string) Diagnostics {
	w.T.Helper()
	w.Core.T, w.Core.Arguments = w.T, w.Arguments
	got, diags := w.Core.Import(ctx, TypeOf(address), id)
	if diags.Errors() == "" && got.Exists() {
		*w.At(address).Instance = *got
	}
	return diags
}

// pick chooses among n.
func (w *Workspace) pick(n int) int {
	if w.Choose == nil || n < 2 {
		return 0
	}
	return w.Choose(n)
}
