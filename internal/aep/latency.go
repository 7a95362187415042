package aep

import (
	"slices"
	"sync"
	"time"
)

// latencyWindow is how many of the last successful attempts decide the latency. It is odd, so that the median
// is one of them.
const latencyWindow = 31

// latencies holds how long the last successful attempts took. It is safe for concurrent use.
type latencies struct {
	mu     sync.Mutex
	recent []time.Duration // the oldest is replaced first
	next   int             // index of the oldest
}

// record adds an attempt. A failed one is left out: it may have ended early, or waited for nothing.
func (l *latencies) record(took time.Duration, failure *Error) {
	if failure != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.recent) < latencyWindow {
		l.recent = append(l.recent, took)
		return
	}
	l.recent[l.next] = took
	l.next = (l.next + 1) % latencyWindow
}

// median returns the median of the recorded attempts, and false if there are none. The mean would follow one
// call that hangs, which says nothing about the next thousand.
func (l *latencies) median() (time.Duration, bool) {
	l.mu.Lock()
	sorted := slices.Sorted(slices.Values(l.recent))
	l.mu.Unlock()
	if len(sorted) == 0 {
		return 0, false
	}
	return sorted[len(sorted)/2], true
}
