package campaign

import (
	"context"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// WaitFor is the goal of a watch.
type WaitFor string

// The goals of a watch.
const (
	WaitNone     WaitFor = "none"
	WaitStarted  WaitFor = "started"
	WaitFinished WaitFor = "finished"
)

// WaitFors lists the valid values.
var WaitFors = []WaitFor{WaitNone, WaitStarted, WaitFinished}

// WatchRequest describes a watch.
type WatchRequest struct {
	Key       aep.TaskKey
	Until     WaitFor
	Gates     progress.Gates
	Interval  time.Duration   // between two looks
	BatchSize int             // of the cancel after an abort
	Before    progress.Before // devices that take no part
	// Report is called with every observation; nil: no report.
	Report func(progress.Observation)
	// Unlimited is the caller's context without the time limit of the watch, for the
	// cancel after an abort; nil: that of the watch.
	Unlimited context.Context
}
