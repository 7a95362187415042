package progress

import (
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Observation is a task at one moment.
type Observation struct {
	Task      aep.Task
	Histogram Histogram

	Counts Counts // behind Histogram
	Before Before // left out of Histogram
}

// Without returns the observation with devices that took no part in the start
// counted as cancelled, or not at all.
func (o Observation) Without(before Before) Observation {
	n := min(before.Failed, o.Histogram.Failed)
	o.Histogram.Failed -= n
	o.Histogram.Cancelled += n
	o.Before = before
	return o
}

// DeviceCount returns how many devices take part: those that are counted in
// some state or, where some are in none, as many as the task says it has; the
// cancelled ones left out.
func (o Observation) DeviceCount() int64 {
	return max(o.Histogram.Total, o.Task.DeviceCount-o.Before.Unlisted) - o.Histogram.Cancelled
}

// SuccessPercent returns the share of successes among the devices that take
// part, as CutPercent does.
func (o Observation) SuccessPercent() float64 {
	return CutPercent(o.Histogram.Succeeded, o.DeviceCount())
}

// Finished reports whether nothing of the task will change by itself. While the
// task runs, a device that is in no state may still be under way.
func (o Observation) Finished() bool {
	h := o.Histogram
	return o.Task.Status == aep.TaskFinished || h.Total > 0 && h.MaybeActive() == 0 && o.DeviceCount() == h.TakingPart()
}

// String says how things stand, such as "running, 5 devices: 3 succeeded, 2 failed".
func (o Observation) String() string { return fmt.Sprintf("%s, %s", o.Task.Status, o.Histogram) }

// Doubt says which devices the numbering of LwM2M states leaves in doubt, "" if none.
func (o Observation) Doubt() string {
	h := o.Histogram
	if !h.Undecided {
		return ""
	}
	return fmt.Sprintf("%s show states (codes %v) that the platform's two numberings read differently, as success, failure, cancelled or "+
		"under way, "+
		"and nothing has decided which numbering is in use", Devices(h.Unknown), h.UnknownCodes)
}

// Startable returns how many devices a start would upgrade. Before the start a
// platform may list devices only as joined.
func (o Observation) Startable() int64 {
	if o.Histogram.Total == 0 {
		return o.Task.DeviceCount
	}
	return o.Histogram.MaybeActive()
}

// failures returns how many devices have failed, and how many have succeeded or
// failed. Devices that have ended in a way that no numbering decides dilute the
// share: nothing is cancelled on a chance.
func (o Observation) Failures() (failed, ended int64) {
	h := o.Histogram
	return h.Failed, h.Succeeded + h.Failed + h.Ended
}

// mayFailByCancel reports whether failures may be devices that were cancelled
// before the start. T-Link may show them so, and nothing tells them apart.
func (o Observation) MayFailByCancel() bool {
	return o.Before.Unknown && o.Task.Protocol() == aep.TLink
}

// Before are devices that took no part in a start, because they were cancelled
// or removed before it. LwM2M shows these as cancelled, so only T-Link needs it.
type Before struct {
	Unknown  bool    `json:"unknown,omitempty"`  // there may be more: the start was not seen
	Failed   int64   `json:"failed,omitempty"`   // cancelled, but shown as failed
	Subtasks []int64 `json:"subtasks,omitempty"` // their subtasks, at most maxBefore
	Unlisted int64   `json:"unlisted,omitempty"` // counted by the task, but in no state
}
