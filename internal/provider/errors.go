package provider

import (
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
)

// isA reports whether err is, or wraps, an error of type E.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// isGone reports whether err proves that a task does not exist.
func isGone(err error) bool { return isA[*campaign.GoneError](err) }
