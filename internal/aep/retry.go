package aep

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	firstPause    = 500 * time.Millisecond
	longestPause  = 30 * time.Second
	longestWish   = 60 * time.Second // of a Retry-After that is obeyed
	oddAnswerTry  = 2                // further attempts after what is rather a wrong address than an outage
	outageCertain = time.Minute      // of an outage, at least, before calls are given up unsent
	outageProbe   = 10 * time.Second // between attempts that find out if such an outage is over
	outageMemory  = 2 * time.Minute  // without an attempt, after which an outage is not taken to last
	answerGrace   = 10 * time.Second // for a write that is on its way when its caller gives up
	firstPatience = 10 * time.Second // for an endpoint that has never answered, beside the attempts themselves
)

// pace decides after each failed attempt of one call whether and when to try
// again. It is a backoff.BackOff; the library does the waiting.
type pace struct {
	endpoint *endpoint
	outage   *outage
	budget   time.Duration
	backoff  *backoff.ExponentialBackOff

	started time.Time // of the first attempt
	last    *Error    // of the last attempt
	odd     int       // answers that were none of this API, and hosts without address
	resign  bool      // the clock was wrong: sign again at once
	moved   bool      // it has been measured again for this call
	local   bool      // sign by the clock of this machine
	trial   bool      // and tell the others what comes of it
}

func newPace(e *endpoint, o *outage, budget time.Duration) *pace {
	return &pace{
		endpoint: e,
		outage:   o,
		budget:   budget,
		backoff: &backoff.ExponentialBackOff{
			// ± the whole interval is full jitter over twice its half.
			InitialInterval: firstPause / 2, MaxInterval: longestPause / 2, Multiplier: 2, RandomizationFactor: 1,
		},
	}
}

// Reset implements backoff.BackOff.
func (p *pace) Reset() { p.backoff.Reset() }

// NextBackOff implements backoff.BackOff.
func (p *pace) NextBackOff() time.Duration {
	if p.resign {
		p.resign = false
		return 0
	}
	if !p.repeatable() {
		return backoff.Stop
	}
	wait := p.backoff.NextBackOff()
	if wish := min(p.last.RetryAfter, longestWish); wish > wait {
		wait = wish
	}
	budget := p.budget
	if p.last.unconnected() && p.outage.silent() {
		budget = min(budget, firstPatience)
	}
	if p.outage.elapsed(p.started)+wait > budget {
		return backoff.Stop
	}
	return wait
}

// repeatable is the decision what may be sent again: a failure that another
// attempt may cure, of a call that can't do harm by arriving twice.
func (p *pace) repeatable() bool {
	e := p.last
	switch e.kind {
	case kindUnsent:
		return true
	case kindNoAnswer:
		return p.endpoint.repetition == repeatFreely
	case kindUnresolved:
		p.odd++
		return p.odd <= oddAnswerTry
	case kindMalformed:
		p.odd++
		return p.endpoint.repetition == repeatFreely && p.odd <= oddAnswerTry
	case kindGateway, kindRefused:
		if IsThrottled(e) {
			return true
		}
		busy := e.HTTPStatus == http.StatusBadGateway || e.HTTPStatus == http.StatusServiceUnavailable ||
			e.HTTPStatus == http.StatusGatewayTimeout
		return busy && p.endpoint.repetition == repeatFreely
	default:
		return false
	}
}

// outage remembers since when the platform has not given a proper answer to
// anyone, so that a thousand calls into a dead platform do not each spend a
// budget of their own. It forgets when nobody has tried for a while.
type outage struct {
	mu     sync.Mutex
	since  time.Time // when the first attempt that failed was made; zero if the platform answers
	latest time.Time // when the last one ended
	good   time.Time // when the platform last answered properly
	heard  bool      // something has answered, in whatever way
}

// answer records that something answers at the endpoint.
func (o *outage) answer() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.heard = true
}

// silent reports whether nothing has ever answered at the endpoint.
func (o *outage) silent() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.heard
}

// note takes in how an attempt ended that was made at the time started.
func (o *outage) note(started time.Time, failure *Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	o.heard = o.heard || failure == nil || !failure.unconnected()
	if failure == nil || !IsTransient(failure) || IsThrottled(failure) {
		o.since, o.good = time.Time{}, now
		return
	}
	if o.since.IsZero() || started.Sub(o.latest) > outageMemory {
		o.since = started
		if o.since.Before(o.good) {
			o.since = o.good // others were answered while this attempt was not
		}
	}
	o.latest = now
}

// elapsed returns how much of its budget a call has spent that started then.
func (o *outage) elapsed(started time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.since.IsZero() && o.since.Before(started) {
		started = o.since
	}
	return time.Since(started)
}

// lasting reports whether the platform is known to be dead, and for how long:
// it has failed for longer than any call would wait, until just now. Once in a
// while a call is let through to see if it still is.
func (o *outage) lasting(budget time.Duration) (time.Duration, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() || time.Since(o.latest) > outageProbe {
		return 0, false
	}
	lasted, enough := o.latest.Sub(o.since), max(budget-longestPause, outageCertain) // the last pause is not waited for any more
	if !o.heard {
		enough = firstPatience / 2
	}
	return lasted, lasted > enough
}

// retryAfter reads a Retry-After header: seconds or a date. 0 means none that
// makes sense.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// shielded returns a context for a write that is about to be sent: it outlives
// the caller's by a moment, so that an interruption does not tear the write
// from its answer.
func shielded(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	shield, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(shield, func() { timer.Stop() })
	})
	return shield, func() { stop(); cancel(nil) }
}
