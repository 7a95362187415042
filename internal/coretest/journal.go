package coretest

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Once calls do for the n-th request that matches, and for no other.
func Once(n int, matches func(simulator.Request) bool, do func()) func(simulator.Request) {
	var seen atomic.Int64
	return func(r simulator.Request) {
		if matches(r) && seen.Add(1) == int64(n) {
			do()
		}
	}
}

func Calls(operation string, part ...string) func(simulator.Request) bool {
	return func(r simulator.Request) bool {
		return r.Operation == operation && strings.Contains(string(r.Body), strings.Join(part, ""))
	}
}

const (
	JoinBody   = `"operational":1`
	CancelBody = `"operational":2`
)

// Operations counts the calls of /operational by what they ask for.
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

func OnlyTask(p *simulator.Platform, product int64) simulator.Task { return p.Tasks(product)[0] }

// ActiveDevices lists the devices of a task whose upgrade is not cancelled.
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

func IsActive(s simulator.Subtask) bool {
	return s.Phase != simulator.PhaseCancelled && s.Phase != simulator.PhaseFailed && s.Phase != simulator.PhaseSucceeded
}
