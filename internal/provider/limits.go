package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
)

const (
	// maxListedIDs is the largest number of ids in device_ids: a person can review this many in a plan.
	maxListedIDs = 2000
	// fullDriftLimit is the number of devices up to which drift_detection = "auto" compares each device.
	fullDriftLimit = 2000

	defaultMaxResults = 1_000
	// largestMaxResults bounds the rows of a data source: Terraform handles a larger state slowly.
	largestMaxResults = campaign.FullRows
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

// withLimit returns a context that ends after limit. The errors that its end causes name the argument of the
// timeouts block.
func withLimit(ctx context.Context, argument string, limit time.Duration) (context.Context, context.CancelFunc) {
	return aep.WithTimeout(ctx, limit, &timeoutError{argument: argument, limit: limit})
}
