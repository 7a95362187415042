package aep

import (
	"context"
	"time"
)

// timeoutKey is the context key of the cause that WithTimeout was given.
type timeoutKey struct{}

// WithTimeout is [context.WithTimeoutCause] for calls of a Client. A call that can't be sent before the
// timeout ends at once, with cause.
func WithTimeout(ctx context.Context, timeout time.Duration, cause error) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(context.WithValue(ctx, timeoutKey{}, cause), timeout, cause)
}

// Outlive returns a context that ends grace after ctx does, with the same cause. It lets a request that is
// under way finish when its caller is interrupted.
func Outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { stop(); cancel(nil) }
}
