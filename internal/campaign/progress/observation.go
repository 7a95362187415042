package progress

import (
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Observation is a task and its counts at one moment.
type Observation struct {
	Task      aep.Task
	Histogram Histogram

	Counts Counts // behind Histogram
	Before Before // devices left out of Histogram
}

// Without returns the observation with the devices that took no part in the start counted as cancelled, or
// not counted.
func (o Observation) Without(before Before) Observation {
	n := min(before.Failed, o.Histogram.Failed)
	o.Histogram.Failed -= n
	o.Histogram.Cancelled += n
	o.Before = before
	return o
}

// DeviceCount returns how many devices take part, without cancelled ones. Where some devices are in no state,
// it relies on the number that the task shows.
func (o Observation) DeviceCount() int64 {
	return max(o.Histogram.Total, o.Task.DeviceCount-o.Before.Stateless) - o.Histogram.Cancelled
}

// SuccessPercent returns the share of successes among the devices that take part, like CutPercent.
func (o Observation) SuccessPercent() float64 {
	return CutPercent(o.Histogram.Succeeded, o.DeviceCount())
}

// Finished reports whether no device of the task will change. While the task runs, a device in no state may
// still be under way.
func (o Observation) Finished() bool {
	h := o.Histogram
	return o.Task.Status == aep.TaskFinished || h.Total > 0 && h.MaybeActive() == 0 && o.DeviceCount() == h.TakingPart()
}

// String returns the status and the counts, such as "running, 5 devices: 3 succeeded, 2 failed".
func (o Observation) String() string { return fmt.Sprintf("%s, %s", o.Task.Status, o.Histogram) }

// Doubt explains which devices are in states that have another phase in each of the two numberings, "" if
// none are.
func (o Observation) Doubt() string {
	h := o.Histogram
	if !h.Undecided {
		return ""
	}
	return fmt.Sprintf("%s are in states (codes %v) that mean success, failure, cancelled or under way, depending on the numbering. "+
		"No evidence has decided which of the platform's two numberings is in use", Devices(h.Unknown), h.UnknownCodes)
}

// Startable returns how many devices a start would upgrade. Before the start a platform may list devices only
// as joined.
func (o Observation) Startable() int64 {
	if o.Histogram.Total == 0 {
		return o.Task.DeviceCount
	}
	return o.Histogram.MaybeActive()
}

// Failures returns how many devices have failed, and how many have succeeded or failed. Devices that have
// ended in an undecided state lower the share, so that nothing is cancelled by mistake.
func (o Observation) Failures() (failed, ended int64) {
	h := o.Histogram
	return h.Failed, h.Succeeded + h.Failed + h.Ended
}

// MayFailByCancel reports whether failures may be devices that were cancelled before the start. T-Link may
// show them as failed.
func (o Observation) MayFailByCancel() bool {
	return o.Before.Unknown && o.Task.Protocol() == aep.TLink
}

// Before are devices that took no part in a start, because they were cancelled or removed before it. Only
// T-Link needs it: LwM2M shows them as cancelled.
type Before struct {
	Unknown   bool    `json:"unknown,omitempty"`  // the start was not seen, so there may be more
	Failed    int64   `json:"failed,omitempty"`   // cancelled, but shown as failed
	Subtasks  []int64 `json:"subtasks,omitempty"` // their subtasks, limited in number
	Stateless int64   `json:"unlisted,omitempty"` // counted by the task, and in no state
}
