package aep

import (
	"sync"
	"time"
)

const (
	longestPause = 30 * time.Second // between two attempts of a call
	outageLeast  = time.Minute      // shortest outage, beside the retry budget, that opens the breaker
	outageProbe  = 10 * time.Second // pause between attempts while the breaker is open
	outageMemory = 2 * time.Minute  // pause without attempts that ends an outage
	firstBudget  = 10 * time.Second // retry budget while the endpoint has never responded
)

// breaker is a circuit breaker: it fails calls fast during an outage. All calls
// share one retry budget, counted from the first failure after the last success.
// The zero value is closed.
type breaker struct {
	mu        sync.Mutex
	since     time.Time // start of the outage, zero without one
	latest    time.Time // end of the latest attempt
	responded bool      // the endpoint has responded at least once
}

// recordResponse records that something responds at the endpoint.
func (b *breaker) recordResponse() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.responded = true
}

// hasResponded reports whether the endpoint has ever responded.
func (b *breaker) hasResponded() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.responded
}

// record records an attempt that was started at the given time and has just
// ended. failure is nil for a success.
func (b *breaker) record(started time.Time, failure *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.responded = b.responded || failure == nil || !failure.meaning().unconnected
	switch {
	case failure == nil || !IsTransient(failure) || IsThrottled(failure):
		b.since = time.Time{}
	case b.since.IsZero() || started.Sub(b.latest) > outageMemory:
		// Another call may have succeeded while this attempt was under way.
		b.since = later(started, b.latest)
	}
	b.latest = time.Now()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// spent returns the part of the retry budget that is spent for a call that was
// started at the given time.
func (b *breaker) spent(started time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.since.IsZero() && b.since.Before(started) {
		started = b.since
	}
	return time.Since(started)
}

// isOpen reports whether an outage has lasted longer than any call would wait,
// and how long. It is false once every outageProbe, so that a call tries again.
func (b *breaker) isOpen(budget time.Duration) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() || time.Since(b.latest) > outageProbe {
		return 0, false
	}
	limit := max(budget-longestPause, outageLeast) // no call waits for its last pause
	if !b.responded {
		limit = firstBudget / 2
	}
	lasted := b.latest.Sub(b.since)
	return lasted, lasted > limit
}
