package progress

// OnAbort says what happens to the rest of a task that fails too much.
type OnAbort string

// The ways to treat the rest.
const (
	AbortCancels     OnAbort = "cancel"       // cancel every device that is not final
	AbortStopsToWait OnAbort = "stop_waiting" // cancel nothing
)

// OnAborts lists the valid values.
var OnAborts = []OnAbort{AbortCancels, AbortStopsToWait}

// Gates are the conditions that a task must meet.
type Gates struct {
	// MinimumSuccessPercent is the least share of successes among the devices that
	// take part, judged when the task has finished.
	MinimumSuccessPercent float64
	// AbortFailurePercent is the share of failures among the devices that have
	// succeeded or failed which ends the watch; nil: none does.
	AbortFailurePercent *float64
	// AbortMinimumDevices is how many devices must have succeeded or failed before
	// AbortFailurePercent is judged.
	AbortMinimumDevices int64
	OnAbort             OnAbort
}

// tooManyFailures judges a task that may still be running.
func (g Gates) TooManyFailures(o Observation) bool {
	failed, ended := o.Failures()
	return g.AbortFailurePercent != nil && failed > 0 && ended >= g.AbortMinimumDevices &&
		percent(failed, ended) >= *g.AbortFailurePercent
}

// judge judges a task that is done.
func (g Gates) Judge(o Observation) bool {
	return percent(o.Histogram.Succeeded, o.DeviceCount()) >= g.MinimumSuccessPercent
}
