package aep

import (
	"sync"
	"sync/atomic"
)

// serviceState is what a client knows of one service. A service for look-ups that fails or refuses large pages
// does not change how the others are called.
type serviceState struct {
	breaker   breaker
	pageSizes pageSizes
	latencies latencies
}

// serviceStates has a state for each service. It is safe for concurrent use.
type serviceStates struct {
	pageSize  int          // as configured, 0: learned
	responded *atomic.Bool // the endpoint has responded at least once

	mu    sync.Mutex
	known map[*service]*serviceState
}

// of returns the state of a service.
func (s *serviceStates) of(which *service) *serviceState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = make(map[*service]*serviceState)
	}
	state := s.known[which]
	if state == nil {
		state = &serviceState{
			breaker:   breaker{responded: s.responded},
			pageSizes: pageSizes{configured: s.pageSize, largest: which.maxPage},
		}
		if s.pageSize > which.maxPage {
			state.pageSizes.configured = 0
		}
		s.known[which] = state
	}
	return state
}
