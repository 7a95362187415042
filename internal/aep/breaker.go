package aep

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	longestPause = 30 * time.Second // between two attempts of a call
	outageLeast  = time.Minute      // shortest outage, beside the retry budget, that opens the breaker
	outageProbe  = 10 * time.Second // pause between attempts while the breaker is open
	outageMemory = 2 * time.Minute  // pause without attempts that ends an outage
	firstBudget  = 10 * time.Second // retry budget while the endpoint has never responded
)

// breaker is a circuit breaker: it fails calls of one service fast during an outage. They share one retry budget,
// counted from the first failure after the last success.
type breaker struct {
	responded *atomic.Bool // the endpoint has responded at least once

	mu     sync.Mutex
	since  time.Time // start of the outage, zero without one
	latest time.Time // end of the latest attempt
}

// record records an attempt that was started at the given time and has just ended. failure is nil for a
// success.
func (b *breaker) record(started time.Time, failure *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if failure == nil || !failure.meaning().unconnected {
		b.responded.Store(true)
	}
	switch {
	case failure == nil || !IsTransient(failure) || IsThrottled(failure):
		b.since = time.Time{}
	case b.since.IsZero() || started.Sub(b.latest) > outageMemory:
		b.since = started
		if started.Before(b.latest) {
			b.since = b.latest // another call has succeeded since
		}
	}
	b.latest = time.Now()
}

// spent returns how much of the retry budget is used for a call that was started at the given time. An outage
// counts from its start.
func (b *breaker) spent(started time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.since.IsZero() && b.since.Before(started) {
		started = b.since
	}
	return time.Since(started)
}

// isOpen reports whether an outage has lasted longer than any call would wait, and how long. It is false once
// every outageProbe, so that a call tries again.
func (b *breaker) isOpen(budget time.Duration) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() || time.Since(b.latest) > outageProbe {
		return 0, false
	}
	limit := max(budget-longestPause, outageLeast) // a call stops before a pause that exceeds its budget
	if !b.responded.Load() {
		limit = firstBudget / 2
	}
	lasted := b.latest.Sub(b.since)
	return lasted, lasted > limit
}
