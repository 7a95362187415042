package provider_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// workspace is a state, driven as the practitioner drives Terraform: each run
// plans everything before it changes anything, and leaves out what depends on
// a failure.
type workspace struct {
	t         testing.TB
	p         *simulator.Platform
	ctx       context.Context // of every run
	core      *core
	arguments object // of the provider block
	state     state
	// choose picks one of n steps that Terraform may do in any order; nil
	// takes the first.
	choose func(n int) int
	told   diagnostics
	watch  *monitor
	lost   bool // what the provider answers is lost, as if it had been killed
}

// state holds the objects by address.
type state map[string]*slot

// slot holds the current object of an address, and those that
// create_before_destroy has left.
type slot struct {
	*instance
	deposed []*instance
}

// block is one resource of a configuration.
type block struct {
	address     string
	needs       []string // addresses that it refers to
	createFirst bool
	config      func(lookup) object
}

// lookup tells a value of another resource, as far as it is known.
type lookup func(address, attribute string) any

// typeOf is the resource type of an address.
func typeOf(address string) string {
	name, _, _ := strings.Cut(address, ".")
	return name
}

func newWorkspace(t testing.TB, p *simulator.Platform, like *core) *workspace {
	t.Helper()
	if like == nil {
		like = newCore(t, p, nil)
	}
	w := &workspace{t: t, p: p, ctx: t.Context(), state: state{}, core: like.restarted(t, p, nil)}
	w.watch = newMonitor(w)
	return w
}

// walk begins a walk of Terraform: the provider is configured anew.
func (w *workspace) walk() *core {
	w.t.Helper()
	w.core.t, w.core.arguments = w.t, w.arguments
	w.core.renew()
	return w.core
}

// at is the slot of an address, which is made if there is none.
func (w *workspace) at(address string) *slot { return w.state.at(w.core, address) }

func (s state) at(c *core, address string) *slot {
	if s[address] == nil {
		s[address] = &slot{instance: c.absent(typeOf(address))}
	}
	return s[address]
}

// copied is a state that shares no object with this one.
func (s state) copied() state {
	all := make(state, len(s))
	for address, held := range s {
		current := *held.instance
		all[address] = &slot{instance: &current}
		for _, old := range held.deposed {
			one := *old
			all[address].deposed = append(all[address].deposed, &one)
		}
	}
	return all
}

// save records another state. Whoever holds an instance of this one sees it.
func (w *workspace) save(recorded state) {
	for address := range w.state {
		if recorded[address] == nil {
			recorded.at(w.core, address)
		}
	}
	for address, held := range recorded {
		slot := w.at(address)
		*slot.instance, slot.deposed = *held.instance, held.deposed
	}
}

// addresses are those of all objects, sorted.
func (s state) addresses() []string {
	var all []string
	for _, address := range slices.Sorted(maps.Keys(s)) {
		if s[address].exists() || len(s[address].deposed) > 0 {
			all = append(all, address)
		}
	}
	return all
}

// move is a moved block, or terraform state mv.
func (s state) move(c *core, from, to string) {
	if s[from] == nil || !s[from].exists() || s.at(c, to).exists() {
		return
	}
	*s[to].instance, s[to].deposed = *s[from].instance, s[from].deposed
	*s[from].instance, s[from].deposed = *c.absent(typeOf(from)), nil
	for _, held := range s {
		for n, need := range held.needs {
			if need == from {
				held.needs = slices.Clone(held.needs)
				held.needs[n] = to
			}
		}
	}
}

// forget is terraform state rm.
func (w *workspace) forget(address string) {
	slot := w.at(address)
	*slot.instance, slot.deposed = *w.core.absent(typeOf(address)), nil
}

// imported is terraform import. The address must be free.
func (w *workspace) imported(ctx context.Context, address, id string) diagnostics {
	w.t.Helper()
	w.core.t, w.core.arguments = w.t, w.arguments
	got, diags := w.core.imported(ctx, typeOf(address), id)
	if diags.errors() == "" && got.exists() {
		*w.at(address).instance = *got
	}
	return diags
}

// pick chooses among n.
func (w *workspace) pick(n int) int {
	if w.choose == nil || n < 2 {
		return 0
	}
	return w.choose(n)
}

// closure are all addresses that a block needs, directly or not.
func closure(blocks map[string]*block, address string) []string {
	var all []string
	var visit func(string)
	visit = func(address string) {
		if blocks[address] == nil {
			return
		}
		for _, need := range blocks[address].needs {
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
func inherited(blocks map[string]*block, address string) bool {
	for other, b := range blocks {
		if b.createFirst && (other == address || slices.Contains(closure(blocks, other), address)) {
			return true
		}
	}
	return false
}

// without is a configuration that leaves out what the schema does not know.
func (c *core) without(typeName string, config object) object {
	known := object{}
	for _, a := range c.schema(typeName).Block.Attributes {
		if value, given := config[a.Name]; given {
			known[a.Name] = value
		}
	}
	return known
}
