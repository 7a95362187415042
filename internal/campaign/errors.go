package campaign

import (
	"errors"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

func isGone(err error) bool {
	_, gone := errors.AsType[*GoneError](err)
	return gone
}

// GoneError says that a task does not exist: a response suggested it, and the list of tasks proved it.
type GoneError struct{ Key aep.TaskKey }

func (e *GoneError) Error() string {
	return fmt.Sprintf("%s does not exist", e.Key.Object())
}

// UnprovenError says that a task may not exist: the platform sent null for the task. It also sent null for
// the list of tasks that would prove it.
type UnprovenError struct {
	Key aep.TaskKey
	Err error // of the read of the task
}

func (e *UnprovenError) Error() string {
	return fmt.Sprintf("%s may be gone, but the platform sends null instead of the list of tasks that would prove it: %v",
		e.Key.Object(), e.Err)
}

func (e *UnprovenError) Unwrap() error { return e.Err }

// DeviceFailure is a device for which an operation has failed, and the reason.
type DeviceFailure struct {
	DeviceID string
	Code     string // the platform's, "" if it gave none
	Message  string
}
