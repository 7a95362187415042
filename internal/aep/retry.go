package aep

import (
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	firstPause        = 500 * time.Millisecond
	longestRetryAfter = 60 * time.Second // of a Retry-After header that is obeyed
	fewRepeats        = 2                // after a malformed response or for a host without address
)

// retryPolicy decides after each failed attempt of one call whether and when to try again. It implements
// backoff.BackOff; the library does the waiting.
type retryPolicy struct {
	idempotent bool
	breaker    *breaker
	budget     time.Duration
	backoff    *backoff.ExponentialBackOff

	attempts  int
	started   time.Time // of the first attempt
	last      *Error    // of the last attempt
	repeats   int       // of failures that are repeated fewRepeats times
	signAgain bool      // the last attempt had a wrong timestamp: try again at once
}

func newRetryPolicy(m *message, b *breaker, budget time.Duration) *retryPolicy {
	if m.once {
		budget = -1
	}
	return &retryPolicy{
		idempotent: m.endpoint.idempotent && !m.probe,
		breaker:    b,
		budget:     budget,
		backoff: &backoff.ExponentialBackOff{
			// A factor of 1 is full jitter over twice the interval.
			InitialInterval: firstPause / 2, MaxInterval: longestPause / 2, Multiplier: 2, RandomizationFactor: 1,
		},
	}
}

// Reset implements backoff.BackOff.
func (p *retryPolicy) Reset() { p.backoff.Reset() }

// NextBackOff implements backoff.BackOff. It returns the pause before the next attempt, or backoff.Stop.
func (p *retryPolicy) NextBackOff() time.Duration {
	if p.signAgain {
		p.signAgain = false
		return 0
	}
	if !p.repeatable() {
		return backoff.Stop
	}
	pause := max(p.backoff.NextBackOff(), min(p.last.RetryAfter, longestRetryAfter))
	budget := p.budget
	if p.last.meaning().unconnected && !p.breaker.responded.Load() {
		budget = min(budget, firstBudget)
	}
	if p.breaker.spent(p.started)+pause > budget {
		return backoff.Stop
	}
	return pause
}

// repeatable reports whether another attempt may succeed, and can do no harm if the last one has arrived.
func (p *retryPolicy) repeatable() bool {
	m := p.last.meaning()
	if m.few {
		p.repeats++
		if p.repeats > fewRepeats {
			return false
		}
	}
	return m.repeat == repeatAll || m.repeat == repeatIdempotent && p.idempotent
}

// retryAfter returns the pause that a Retry-After header asks for, in seconds or until a date. It is 0 for
// any other text.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
