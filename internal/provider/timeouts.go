package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// timeoutError says which argument of a timeouts block ended an operation.
type timeoutError struct {
	argument string // create, read, update, delete or invoke
	limit    time.Duration
}

func (e *timeoutError) Error() string {
	return fmt.Sprintf("timed out after %s (timeouts.%s)", e.limit, e.argument)
}

func (e *timeoutError) Unwrap() error { return context.DeadlineExceeded }

// withLimit returns a context that ends after limit. The errors that its end causes
// name the argument of the timeouts block.
func withLimit(ctx context.Context, argument string, limit time.Duration) (context.Context, context.CancelFunc) {
	return aep.WithTimeout(ctx, limit, &timeoutError{argument: argument, limit: limit})
}
