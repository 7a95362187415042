package coretest

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Once returns a hook that calls do for the n-th request that matches.
func Once(n int, matches func(simulator.Request) bool, do func()) func(simulator.Request) {
	var seen atomic.Int64
	return func(r simulator.Request) {
		if matches(r) && seen.Add(1) == int64(n) {
			do()
		}
	}
}

// Calls returns a function that reports whether a request is a call of an operation
// whose body contains all parts in a row.
func Calls(operation string, part ...string) func(simulator.Request) bool {
	return func(r simulator.Request) bool {
		return r.Operation == operation && strings.Contains(string(r.Body), strings.Join(part, ""))
	}
}

// Parts of the body of a join and of a cancel.
const (
	JoinBody   = `"operational":1`
	CancelBody = `"operational":2`
)

// Operations returns how many joins and cancels the platform has received.
func Operations(p *simulator.Platform) (joins, cancels int) {
	for _, r := range p.Requests() {
		switch {
		case r.Operation != simulator.OpOperational:
		case strings.Contains(string(r.Body), `"operational":1`):
			joins++
		case strings.Contains(string(r.Body), `"operational":2`):
			cancels++
		}
	}
	return joins, cancels
}

// OnlyTask returns the first task of a product.
func OnlyTask(p *simulator.Platform, product int64) simulator.Task { return p.Tasks(product)[0] }

// ActiveDevices returns the devices of the first task of a product that wait or are
// being upgraded, sorted.
func ActiveDevices(p *simulator.Platform, product int64) []string {
	var ids []string
	for _, s := range p.Subtasks(OnlyTask(p, product).ID) {
		if s.Phase == simulator.PhaseWaiting || s.Phase == simulator.PhaseInProgress {
			ids = append(ids, s.DeviceID)
		}
	}
	slices.Sort(ids)
	return ids
}

// IsActive reports whether a subtask has not ended.
func IsActive(s simulator.Subtask) bool {
	return s.Phase != simulator.PhaseCancelled && s.Phase != simulator.PhaseFailed && s.Phase != simulator.PhaseSucceeded
}

// WantNoWrites fails the test for each write that a platform has received since its
// journal was reset.
func WantNoWrites(t testing.TB, p *simulator.Platform) {
	t.Helper()
	for _, line := range requestLines(p.Writes()) {
		t.Errorf("sent: %s", line)
	}
}

func requestLines(requests []simulator.Request) (all []string) {
	for _, r := range requests {
		all = append(all, fmt.Sprintf("%s %s %s", r.Method, r.Path, r.Body))
	}
	return all
}

// WantDevices fails the test unless got are exactly the devices in want, in any order.
// The failure names the difference.
func WantDevices(t testing.TB, what string, got, want []string) {
	t.Helper()
	without := func(all, others []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(id string) bool { return slices.Contains(others, id) })
	}
	missing, surplus := without(want, got), without(got, want)
	if len(missing)+len(surplus) > 0 || len(got) != len(want) {
		t.Errorf("%s: %d devices, want %d; missing: %v; surplus: %v", what, len(got), len(want), missing, surplus)
	}
}
