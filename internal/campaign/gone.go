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

// GoneError says that a task does not exist, which the platform's answer
// suggested and its list of tasks proved.
type GoneError struct{ Key aep.TaskKey }

func (e *GoneError) Error() string {
	return fmt.Sprintf("task %d of product %d does not exist", e.Key.TaskID, e.Key.ProductID)
}

// UnprovenError says that a task may be gone: the platform answers null for it, and
// null instead of the list of tasks, which proves nothing.
type UnprovenError struct {
	Key aep.TaskKey
	Err error // the platform's answer for the task
}

func (e *UnprovenError) Error() string {
	return fmt.Sprintf("task %d of product %d may be gone, but the platform sends null instead of the list of tasks that would prove it: %v",
		e.Key.TaskID, e.Key.ProductID, e.Err)
}

func (e *UnprovenError) Unwrap() error { return e.Err }
