package aep

import (
	"context"
	"fmt"
	"sync"
)

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
		return nil, fmt.Errorf("the rate limit leaves no time before the deadline: %w", context.DeadlineExceeded)
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
