package aep

import (
	"cmp"
	"context"
	"fmt"

	"golang.org/x/time/rate"
)

// limits bounds the requests of a client: how many at once, and how many a second.
type limits struct {
	rate  *rate.Limiter
	slots chan struct{}
}

func newLimits(config Config) *limits {
	limit := rate.Limit(config.RequestsPerSecond)
	if config.RequestsPerSecond < 0 {
		limit = rate.Inf
	}
	// Requests that a second has not used may be sent at once, so that a look of 13 calls hardly waits. So no
	// second has more than twice the rate, and only the first after a pause has more than the rate.
	burst := max(1, int(config.RequestsPerSecond))
	return &limits{rate: rate.NewLimiter(limit, burst), slots: make(chan struct{}, config.MaxConcurrentRequests)}
}

// admit waits for a slot, then for the rate limit. It returns a function that frees the slot. In this order
// requests stay evenly spaced: a request that waits for its slot holds no token.
func (l *limits) admit(ctx context.Context) (release func(), err error) {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	release = func() { <-l.slots }
	if err := l.rate.Wait(ctx); err != nil {
		release()
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		cause, _ := ctx.Value(timeoutKey{}).(error)
		return nil, fmt.Errorf("too little time is left for another request: %w", cmp.Or(cause, context.DeadlineExceeded))
	}
	return release, nil
}
