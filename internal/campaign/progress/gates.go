package progress

// OnAbort is what happens to the remaining devices of a task that fails its gates.
type OnAbort string

// The values of OnAbort.
const (
	AbortCancels      OnAbort = "cancel"       // cancel every device that is not final
	AbortStopsWaiting OnAbort = "stop_waiting" // cancel nothing
)

// OnAborts lists the valid values.
var OnAborts = []OnAbort{AbortCancels, AbortStopsWaiting}

// Gates are the conditions that a task must meet.
type Gates struct {
	// MinimumSuccessPercent is the smallest share of successes among the devices that take part. It is judged
	// when the task has finished.
	MinimumSuccessPercent float64
	// AbortFailurePercent is the share of failures, among the devices that have succeeded or failed, that
	// ends the watch; nil: no share ends it.
	AbortFailurePercent *float64
	// AbortMinimumDevices is how many devices must have succeeded or failed before AbortFailurePercent is
	// judged.
	AbortMinimumDevices int64
	OnAbort             OnAbort
}

// TooManyFailures reports whether a running task reaches AbortFailurePercent.
func (g Gates) TooManyFailures(o Observation) bool {
	failed, ended := o.Failures()
	return g.AbortFailurePercent != nil && failed > 0 && ended >= g.AbortMinimumDevices &&
		percent(failed, ended) >= *g.AbortFailurePercent
}

// Judge reports whether a finished task reaches MinimumSuccessPercent.
func (g Gates) Judge(o Observation) bool {
	return percent(o.Histogram.Succeeded, o.DeviceCount()) >= g.MinimumSuccessPercent
}
