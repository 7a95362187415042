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

// Latency returns how long the platform takes for a call: the median of the last successful attempts, without
// waits for slots and the rate limit. It returns false before the first. The mean would follow one call that
// hangs, which says nothing about the next thousand.
func (c *Client) Latency() (time.Duration, bool) {
	c.latencies.mu.Lock()
	sorted := slices.Sorted(slices.Values(c.latencies.recent))
	c.latencies.mu.Unlock()
	if len(sorted) == 0 {
		return 0, false
	}
	return sorted[len(sorted)/2], true
}

// RequestsPerSecond returns the rate limit of the client, 0 if there is none.
func (c *Client) RequestsPerSecond() float64 { return max(0, c.config.RequestsPerSecond) }
