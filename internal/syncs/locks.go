// Package syncs holds the two synchronisation primitives of this module: locks by key, and a cache whose
// callers share one load.
package syncs

import (
	"context"
	"slices"
	"sync"
)

// Mode says with whom the holder of a lock shares it. Holders of the same shared mode run concurrently; every
// other combination excludes each other.
type Mode int

// Exclusive is the mode of a holder that shares the lock with no other. Positive modes are shared.
const Exclusive Mode = 0

// Locks are locks by key, each with modes. The zero value is ready.
type Locks[K comparable] struct {
	mu    sync.Mutex
	byKey map[K]*lock
}

type lock struct {
	mode    Mode
	holders int
	waiting []*waiter
}

type waiter struct {
	mode    Mode
	granted chan struct{} // closed once the lock is held
}

// Do calls fn while it holds the lock of key in a mode. Its error is that of fn, or the cause of ctx if that
// ends before the lock is granted.
func (l *Locks[K]) Do(ctx context.Context, key K, mode Mode, fn func() error) error {
	release, err := l.Lock(ctx, key, mode)
	if err != nil {
		return err
	}
	defer release()
	return fn()
}

// Lock waits for the lock of key in a mode and returns a function that releases it. Its error is the cause of
// ctx if that ends before the lock is granted.
func (l *Locks[K]) Lock(ctx context.Context, key K, mode Mode) (release func(), err error) {
	w := l.request(key, mode)
	select {
	case <-w.granted:
		return func() { l.release(key) }, nil
	case <-ctx.Done():
		l.withdraw(key, w)
		return nil, context.Cause(ctx)
	}
}

func (l *Locks[K]) request(key K, mode Mode) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey == nil {
		l.byKey = make(map[K]*lock)
	}
	it := l.byKey[key]
	if it == nil {
		it = &lock{}
		l.byKey[key] = it
	}
	w := &waiter{mode: mode, granted: make(chan struct{})}
	it.waiting = append(it.waiting, w)
	it.grant()
	return w
}

// withdraw ends a request, whether or not it has been granted meanwhile.
func (l *Locks[K]) withdraw(key K, w *waiter) {
	l.mu.Lock()
	it := l.byKey[key]
	n := slices.Index(it.waiting, w)
	if n >= 0 {
		it.waiting = slices.Delete(it.waiting, n, n+1)
	}
	l.mu.Unlock()
	if n < 0 {
		l.release(key)
	}
}

func (l *Locks[K]) release(key K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	it := l.byKey[key]
	it.holders--
	it.grant()
	if it.holders == 0 {
		delete(l.byKey, key)
	}
}

// grant gives the lock to the first waiter if it is free, and to every waiter of the shared mode in which it
// is held.
func (it *lock) grant() {
	it.waiting = slices.DeleteFunc(it.waiting, func(w *waiter) bool {
		if it.holders > 0 && (w.mode != it.mode || w.mode == Exclusive) {
			return false
		}
		it.mode = w.mode
		it.holders++
		close(w.granted)
		return true
	})
}
