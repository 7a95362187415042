package campaign

import (
	"context"
	"maps"
	"sync"
	"time"
)

// How long a list may serve further readers of the same run: while they keep
// coming, as in a refresh, and not for ever. A write to the key ends it at once.
const (
	sharedIdle     = 500 * time.Millisecond
	sharedLifetime = 30 * time.Second
)

// shared answers readers that come together from one load. The zero value is ready.
type shared[K comparable, V any] struct {
	brief   bool // serve those alone who come during the load
	mu      sync.Mutex
	entries map[K]*entry[V]
}

type entry[V any] struct {
	done      chan struct{}
	loaded    time.Time // zero while it is being loaded
	expiry    *time.Timer
	value     V
	err       error
	abandoned bool // the loader failed because its own caller gave up
}

// get returns the value that another reader loads or has just loaded, or loads it.
func (s *shared[K, V]) get(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	return s.getEnough(ctx, key, func(V) bool { return true }, load)
}

// getEnough is get for a reader whom not every value of the key serves.
func (s *shared[K, V]) getEnough(ctx context.Context, key K, enough func(V) bool, load func(context.Context) (V, error)) (V, error) {
	for {
		e, mine := s.enter(key, enough)
		if mine {
			e.value, e.err = load(ctx)
			e.abandoned = e.err != nil && ctx.Err() != nil
			s.leave(key, e)
			return e.value, e.err
		}
		select {
		case <-e.done:
		case <-ctx.Done():
			var none V
			return none, context.Cause(ctx)
		}
		if !e.abandoned && (e.err != nil || enough(e.value)) {
			return e.value, e.err
		}
	}
}

// fresh returns the value if it is there already.
func (s *shared[K, V]) fresh(key K) (V, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.usable(key); e != nil && !e.loaded.IsZero() {
		return e.value, true
	}
	var none V
	return none, false
}

// forget makes later readers load anew; those that wait already were here first.
func (s *shared[K, V]) forget(key K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, key)
}

// forgetAll is forget for every key of a kind.
func (s *shared[K, V]) forgetAll(concerned func(K) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.entries, func(key K, _ *entry[V]) bool { return concerned(key) })
}

func (s *shared[K, V]) enter(key K, enough func(V) bool) (e *entry[V], mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.usable(key); e != nil && (e.loaded.IsZero() || enough(e.value)) {
		return e, false
	}
	if s.entries == nil {
		s.entries = make(map[K]*entry[V])
	}
	e = &entry[V]{done: make(chan struct{})}
	s.entries[key] = e
	return e, true
}

// usable returns the entry of a key that is being loaded or still good, and
// counts this as a use.
func (s *shared[K, V]) usable(key K) *entry[V] {
	e := s.entries[key]
	if e == nil || e.loaded.IsZero() {
		return e
	}
	if time.Since(e.loaded) >= sharedLifetime {
		s.drop(key, e)
		return nil
	}
	e.expiry.Reset(sharedIdle)
	return e
}

func (s *shared[K, V]) leave(key K, e *entry[V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.loaded = time.Now()
	if e.err != nil || s.brief {
		s.drop(key, e)
	} else { // The list of a large fleet is not kept for longer than it is good for.
		e.expiry = time.AfterFunc(sharedIdle, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.drop(key, e)
		})
	}
	close(e.done)
}

// drop removes an entry, unless another has taken its place.
func (s *shared[K, V]) drop(key K, e *entry[V]) {
	if s.entries[key] == e {
		delete(s.entries, key)
	}
}
