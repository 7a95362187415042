package aep

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"
)

// timeoutKey finds the cause that WithTimeout has been given.
type timeoutKey struct{}

// WithTimeout is [context.WithTimeoutCause] for calls of a Client: a call that
// can't be sent before the timeout ends at once with the cause.
func WithTimeout(ctx context.Context, timeout time.Duration, cause error) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(context.WithValue(ctx, timeoutKey{}, cause), timeout, cause)
}

// admit waits for a free slot, then for the rate limit, and returns what frees
// the slot. Waiting in this order keeps requests evenly spaced: no token is
// saved up by a request that still waits for its slot.
func (c *Client) admit(ctx context.Context) (release func(), err error) {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	release = func() { <-c.slots }
	if err := c.limiter.Wait(ctx); err != nil {
		release()
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		cause, _ := ctx.Value(timeoutKey{}).(error)
		return nil, fmt.Errorf("too little time is left for another request: %w", cmp.Or(cause, context.DeadlineExceeded))
	}
	return release, nil
}

// keyedLock is a mutex for each key; the zero value is ready.
type keyedLock struct {
	mu   sync.Mutex
	held map[TaskKey]*turn
}

type turn struct {
	slot    chan struct{}
	waiting int
}

// lock waits for the key's turn and returns what ends it.
func (l *keyedLock) lock(ctx context.Context, key TaskKey) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = make(map[TaskKey]*turn)
	}
	t := l.held[key]
	if t == nil {
		t = &turn{slot: make(chan struct{}, 1)}
		l.held[key] = t
	}
	t.waiting++
	l.mu.Unlock()

	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if t.waiting--; t.waiting == 0 {
			delete(l.held, key)
		}
	}
	select {
	case t.slot <- struct{}{}:
		return func() { <-t.slot; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, context.Cause(ctx)
	}
}
