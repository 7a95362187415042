package aep

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

const (
	clockLifetime  = 5 * time.Minute  // of a measured offset, as in the vendor's clients
	clockTolerance = 2 * time.Second  // a smaller change of the offset does not explain a rejected timestamp
	clockPause     = 10 * time.Second // between repeated measurements with the same result
)

// clock is the offset of the platform's clock to this machine's, positive if the platform is ahead. It is
// measured at first use. A measurement that fails leaves the offset as it was, 0 at first.
type clock struct {
	measure func(context.Context) (time.Duration, error)
	locks   syncs.Locks[clockLock]

	mu sync.Mutex
	clockState
}

type clockState struct {
	offset   time.Duration
	measured time.Time // end of the last measurement, failed or not
	settled  time.Time // end of the last repeated measurement with the same result
	local    verdict   // on the clock of this machine
}

func (k *clock) state() clockState {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.clockState
}

func (k *clock) set(change func(*clockState)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change(&k.clockState)
}

// clockLock is the name of a lock: one call at a time measures the clock, and one tries the clock of this
// machine.
type clockLock int

const (
	measuring clockLock = iota
	tryingLocal
)

// verdict is the platform's reaction to timestamps of this machine's clock.
type verdict int

const (
	untried  verdict = iota
	accepted         // the platform accepts them, and rejects timestamps of its own clock
	rejected         // the platform rejects them too
)

// current returns the offset. It measures it first if it is unknown or older than clockLifetime.
func (k *clock) current(ctx context.Context) time.Duration {
	now := k.state()
	if now.local == accepted || !now.measured.IsZero() && time.Since(now.measured) < clockLifetime {
		return now.offset
	}
	return k.refresh(ctx).offset
}

// hasMoved measures the clock again after the platform has rejected a timestamp made with the offset used. It
// reports whether the offset has changed.
func (k *clock) hasMoved(ctx context.Context, used time.Duration) bool {
	now := k.state()
	if (now.offset - used).Abs() > clockTolerance {
		return true // another call has measured since
	}
	if !now.settled.IsZero() && time.Since(now.settled) < clockPause {
		return false
	}
	if (k.refresh(ctx).offset - used).Abs() > clockTolerance {
		return true
	}
	if ctx.Err() == nil {
		k.set(func(s *clockState) { s.settled = time.Now() })
	}
	return false
}

// refresh measures the offset and returns the new state. Callers that arrive meanwhile share the result.
func (k *clock) refresh(ctx context.Context) clockState {
	before := k.state()
	unlock, err := k.locks.Lock(ctx, measuring, syncs.Exclusive)
	if err != nil {
		return k.state()
	}
	defer unlock()
	// A measurement that ended with its caller's context leaves measured unchanged.
	if now := k.state(); now.measured != before.measured {
		return now
	}
	offset, err := k.measure(ctx)
	k.set(func(s *clockState) {
		if err == nil {
			s.offset = offset
			if s.local == accepted {
				s.local = untried
			}
		}
		if ctx.Err() == nil {
			s.measured = time.Now() // also of a failure, so that not every call measures again
		}
	})
	return k.state()
}

// tryLocal reports whether a timestamp of this machine's clock is worth an attempt, after the platform has
// rejected one made with the offset used. If end is not nil, the caller must call it with the verdict. Other
// callers wait for it.
func (k *clock) tryLocal(ctx context.Context, used time.Duration) (worth bool, end func(verdict)) {
	unlock, err := k.locks.Lock(ctx, tryingLocal, syncs.Exclusive)
	if err != nil {
		return false, nil
	}
	if local := k.state().local; used.Abs() <= clockTolerance || local != untried {
		unlock()
		return used.Abs() > clockTolerance && local == accepted, nil
	}
	return true, func(v verdict) {
		k.set(func(s *clockState) {
			if s.local = v; v == accepted {
				s.offset = 0
			}
		})
		unlock()
	}
}

// callClock chooses the clock for the timestamps of one call. The caller must call end after the call.
type callClock struct {
	clock      *clock
	remeasured bool          // a 401 of this call has led to another measurement
	local      bool          // the timestamps are of this machine's clock
	verdict    func(verdict) // receives the verdict on that clock, nil outside a trial
}

// offset returns the offset for the next timestamp.
func (k *callClock) offset(ctx context.Context) time.Duration {
	offset := k.clock.current(ctx)
	if k.local {
		return 0
	}
	return offset
}

// judge reports whether another timestamp may help after an attempt that was signed with the offset used. The
// clock is measured again first. Then the clock of this machine is tried, because the platform may reject the
// time that its own clock shows.
func (k *callClock) judge(ctx context.Context, used time.Duration, failure *Error) bool {
	if failure == nil || failure.HTTPStatus != http.StatusUnauthorized {
		v := accepted
		if failure != nil && failure.HTTPStatus == 0 {
			v = untried
		}
		k.end(v)
		return false
	}
	v := rejected
	if failure.Service != "" {
		v = untried // a service for look-ups may respond like this because the application has not subscribed to it
	}
	k.end(v)
	if !k.remeasured {
		k.remeasured = true
		if k.clock.hasMoved(ctx, used) {
			return true
		}
	}
	if k.local {
		return false
	}
	k.local, k.verdict = k.clock.tryLocal(ctx, used)
	return k.local
}

// end ends a trial of this machine's clock, if one is under way.
func (k *callClock) end(v verdict) {
	if k.verdict != nil {
		k.verdict(v)
		k.verdict = nil
	}
}
