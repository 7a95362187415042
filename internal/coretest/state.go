package coretest

import (
	"maps"
	"slices"
	"strings"
)

// State holds the objects by address.
type State map[string]*Slot

// Slot holds the current object of an address, and its deposed objects.
type Slot struct {
	*Instance
	Deposed []*Instance
}

// TypeOf returns the resource type of an address.
func TypeOf(address string) string {
	name, _, _ := strings.Cut(address, ".")
	return name
}

// Lookup returns an attribute of another resource, Unknown if it is not known.
type Lookup func(address, attribute string) any

func (s State) at(c *Core, address string) *Slot {
	if s[address] == nil {
		s[address] = &Slot{Instance: c.Absent(TypeOf(address))}
	}
	return s[address]
}

// Copied returns a state that shares no object with s.
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

// Addresses returns the addresses of all objects, sorted.
func (s State) Addresses() []string {
	var all []string
	for _, address := range slices.Sorted(maps.Keys(s)) {
		if s[address].Exists() || len(s[address].Deposed) > 0 {
			all = append(all, address)
		}
	}
	return all
}

// move carries out a moved block, or terraform state mv.
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

// Lookup returns an attribute in the state, Unknown if the object does not exist.
func (s State) Lookup(address, attribute string) any {
	if s[address] == nil || !s[address].Exists() {
		return Unknown{}
	}
	return Fields(s[address].Value)[attribute]
}

// Block is one resource of a configuration.
type Block struct {
	Address     string
	Needs       []string // addresses that it refers to
	CreateFirst bool
	Config      func(Lookup) Config
}

// closure returns all addresses that a block needs, directly or not.
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

// inherited reports whether create_before_destroy holds for a block: it is set for
// the block itself, or for a block that needs it.
func inherited(blocks map[string]*Block, address string) bool {
	for other, b := range blocks {
		if b.CreateFirst && (other == address || slices.Contains(closure(blocks, other), address)) {
			return true
		}
	}
	return false
}

// Union returns a and the elements of b that a lacks.
func Union(a, b []string) []string {
	all := slices.Clone(a)
	for _, one := range b {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}
