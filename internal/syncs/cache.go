package syncs

import (
	"context"
	"maps"
	"sync"
	"time"
)

// How long a cached value may serve further callers: while they follow each other within idle, and for
// lifetime at most.
const (
	idle     = 500 * time.Millisecond
	lifetime = 30 * time.Second
)

// Cache holds values by key. Callers that come together share one load, and callers that come shortly after
// it get its value. The zero value is ready.
type Cache[K comparable, V any] struct {
	// Concurrent restricts a load to the callers that come while it is under way.
	Concurrent bool

	mu      sync.Mutex
	entries map[K]*entry[V]
}

type entry[V any] struct {
	done      chan struct{} // closed once the value is there
	loaded    time.Time     // zero while it is being loaded
	expiry    *time.Timer
	value     V
	err       error
	cancelled bool // the load failed because the context of its caller ended
}

// Get returns the value of a key from the cache. If the cache has none, it calls load.
func (c *Cache[K, V]) Get(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	return c.GetIf(ctx, key, func(V) bool { return true }, load)
}

// GetIf is Get for a caller that can use only some values of the key. serves reports whether it can use a
// value.
func (c *Cache[K, V]) GetIf(ctx context.Context, key K, serves func(V) bool, load func(context.Context) (V, error)) (V, error) {
	for {
		e, mine := c.join(key, serves)
		if mine {
			e.value, e.err = load(ctx)
			e.cancelled = e.err != nil && ctx.Err() != nil
			c.finish(key, e)
			return e.value, e.err
		}
		select {
		case <-e.done:
		case <-ctx.Done():
			var none V
			return none, context.Cause(ctx)
		}
		if !e.cancelled && (e.err != nil || serves(e.value)) {
			return e.value, e.err
		}
	}
}

// Peek returns the value of a key if it is in the cache.
func (c *Cache[K, V]) Peek(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.usable(key); e != nil && !e.loaded.IsZero() {
		return e.value, true
	}
	var none V
	return none, false
}

// Invalidate drops the value of a key. Callers that wait for a load already still get its result.
func (c *Cache[K, V]) Invalidate(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}

// InvalidateIf is Invalidate for every key that meets a condition.
func (c *Cache[K, V]) InvalidateIf(meets func(K) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.entries, func(key K, _ *entry[V]) bool { return meets(key) })
}

// join returns the entry of a key, and whether the caller has to load it.
func (c *Cache[K, V]) join(key K, serves func(V) bool) (e *entry[V], mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.usable(key); e != nil && (e.loaded.IsZero() || serves(e.value)) {
		return e, false
	}
	if c.entries == nil {
		c.entries = make(map[K]*entry[V])
	}
	e = &entry[V]{done: make(chan struct{})}
	c.entries[key] = e
	return e, true
}

// usable returns the entry of a key that is being loaded or valid, and postpones its expiry.
func (c *Cache[K, V]) usable(key K) *entry[V] {
	e := c.entries[key]
	if e == nil || e.loaded.IsZero() {
		return e
	}
	if time.Since(e.loaded) >= lifetime {
		c.drop(key, e)
		return nil
	}
	e.expiry.Reset(idle)
	return e
}

func (c *Cache[K, V]) finish(key K, e *entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.loaded = time.Now()
	if e.err != nil || c.Concurrent {
		c.drop(key, e)
	} else { // The list of a large fleet must not stay in memory.
		e.expiry = time.AfterFunc(idle, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.drop(key, e)
		})
	}
	close(e.done)
}

// drop removes an entry, unless another has replaced it.
func (c *Cache[K, V]) drop(key K, e *entry[V]) {
	if c.entries[key] == e {
		delete(c.entries, key)
	}
}
