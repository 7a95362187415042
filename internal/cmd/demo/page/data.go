package page

import "time"

// Phase is the state of the upgrade of a device.
type Phase int

// The phases, in the order of a legend.
const (
	Untouched Phase = iota // the device is in no task
	Waiting
	InProgress
	Succeeded
	Failed
	Cancelled
	phases
)

// names are the classes of the style sheet.
var names = [phases]string{"untouched", "waiting", "progress", "succeeded", "failed", "cancelled"}

// words are the names of the phases for people.
var words = [phases]string{"untouched", "waiting", "in progress", "succeeded", "failed", "cancelled"}

// Class returns the class of a phase in the style sheet.
func (p Phase) Class() string { return names[p] }

// String returns the name of a phase.
func (p Phase) String() string { return words[p] }

// Data is a run of the demo.
type Data struct {
	Program   string // such as "Terraform 1.11.4"
	Product   string
	Duration  time.Duration // of the whole run
	Campaigns []Campaign
	Events    []Event
	Failures  Failures
	Steps     []Step
}

// Campaign is the upgrade of a fleet to one firmware, in waves.
type Campaign struct {
	Firmware string
	Waves    []Wave
}

// Wave is a share of the fleet with a task of its own.
type Wave struct {
	Title   string
	TaskID  int64   // 0 if there was no task
	Devices []Phase // of each device at the end, in the order of the file
	Minimum int     // percentage that must succeed
	Samples []Sample
}

// Sample is the number of devices of a wave by phase, at a time since the first
// apply.
type Sample struct {
	At     time.Duration
	Counts Counts
}

// Counts is the number of devices in each phase.
type Counts [phases]int

// Event is a moment that the chart marks.
type Event struct {
	At    time.Duration
	Title string
}

// Failures are the failed devices of the last campaign.
type Failures struct {
	Codes   []Code
	Devices []Device // some of them
}

// Code is a result code with its number of devices.
type Code struct {
	Code, Words string
	Devices     int
}

// Device is a failed device.
type Device struct {
	ID, Name, Result, Version string
}

// Step is a step of the demo.
type Step struct {
	Title string
	Took  time.Duration
}
