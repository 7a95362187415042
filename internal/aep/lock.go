package aep

import (
	"context"
	"sync"
)

// keyedLock is a mutex for each key. The zero value is ready.
type keyedLock[K comparable] struct {
	mu   sync.Mutex
	held map[K]*turn
}

type turn struct {
	slot    chan struct{}
	waiting int
}

// lock waits until the key is free and returns a function that frees it again.
// Its error is the cause with which ctx ended.
func (l *keyedLock[K]) lock(ctx context.Context, key K) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = make(map[K]*turn)
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
