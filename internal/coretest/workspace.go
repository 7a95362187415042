package coretest

import (
	"context"
	"maps"
	"slices"
	"strings"
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

// State holds the objects by address.
type State map[string]*Slot

// Slot holds the current object of an address, and those that
// create_before_destroy has left.
type Slot struct {
	*Instance
	Deposed []*Instance
}

// Block is one resource of a configuration.
type Block struct {
	Address     string
	Needs       []string // addresses that it refers to
	CreateFirst bool
	Config      func(Lookup) Config
}

// Lookup tells a value of another resource, as far as it is known.
type Lookup func(address, attribute string) any

// TypeOf is the resource type of an address.
func TypeOf(address string) string {
	name, _, _ := strings.Cut(address, ".")
	return name
}

func NewWorkspace(t testing.TB, p *simulator.Platform, like *Core) *Workspace {
	t.Helper()
	if like == nil {
		like = New(t, p, nil)
	}
	w := &Workspace{T: t, Platform: p, Ctx: t.Context(), State: State{}, Core: like.Restarted(t, p, nil)}
	w.Monitor = newMonitor(w)
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

func (s State) at(c *Core, address string) *Slot {
	if s[address] == nil {
		s[address] = &Slot{Instance: c.Absent(TypeOf(address))}
	}
	return s[address]
}

// Copied is a state that shares no object with this one.
func (s State) Copied() State {
	all := make(State, len(s))
	for address, held := range s {
		current := *held.Instance
		all[address] = &Slot{Instance: &current}
		for _, old := range held.Deposed {
			one := *old
			all[address].Deposed = append(all[address].Deposed, &one)
		}
	}
	return all
}

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

// Addresses are those of all objects, sorted.
func (s State) Addresses() []string {
	var all []string
	for _, address := range slices.Sorted(maps.Keys(s)) {
		if s[address].Exists() || len(s[address].Deposed) > 0 {
			all = append(all, address)
		}
	}
	return all
}

// move is a moved block, or terraform state mv.
func (s State) move(c *Core, from, to string) {
	if s[from] == nil || !s[from].Exists() || s.at(c, to).Exists() {
		return
	}
	*s[to].Instance, s[to].Deposed = *s[from].Instance, s[from].Deposed
	*s[from].Instance, s[from].Deposed = *c.Absent(TypeOf(from)), nil
	for _, held := range s {
		for n, need := range held.needs {
			if need == from {
				held.needs = slices.Clone(held.needs)
				held.needs[n] = to
			}
		}
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

// closure are all addresses that a block needs, directly or not.
func closure(blocks map[string]*Block, address string) []string {
	var all []string
	var visit func(string)
	visit = func(address string) {
		if blocks[address] == nil {
			return
		}
		for _, need := range blocks[address].Needs {
			if !slices.Contains(all, need) {
				all = append(all, need)
				visit(need)
			}
		}
	}
	visit(address)
	return all
}

// inherited reports whether a block, or one that needs it, is created before
// its predecessor is destroyed.
func inherited(blocks map[string]*Block, address string) bool {
	for other, b := range blocks {
		if b.CreateFirst && (other == address || slices.Contains(closure(blocks, other), address)) {
			return true
		}
	}
	return false
}

// without is a configuration that leaves out what the schema does not know.
func (c *Core) without(typeName string, config Config) Config {
	known := Config{}
	for _, a := range c.Schema(typeName).Block.Attributes {
		if value, given := config[a.Name]; given {
			known[a.Name] = value
		}
	}
	return known
}
