package campaign

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// GateError says that a task did not meet its gates.
type GateError struct {
	progress.Observation                      // after all that was done about it
	Judged               progress.Observation // what was judged
	Gates                progress.Gates
	Aborted              bool // by failures while it ran; else judged when it had finished
	// Failed are the first failed devices.
	Failed []aep.Subtask
	// Cancel is what came of cancelling the rest, nil if that was not to be.
	Cancel    *CancelOutcome
	CancelErr error // what kept the cancelling or the listing of failed devices from completing
}

// namedInError is how many failed devices an error names.
const namedInError = 10

func (e *GateError) Error() string {
	var b strings.Builder
	h := e.Histogram
	if e.Aborted {
		failed, ended := e.Judged.Failures()
		fmt.Fprintf(&b, "%s of the %s of task %d of product %d that have ended have failed (%s %%), which reaches abort_failure_percent = %s",
			progress.Grouped(failed), progress.Devices(ended), e.Task.ID, e.Task.ProductID, decimal(progress.CutPercent(failed, ended)), decimal(*e.Gates.AbortFailurePercent))
	} else {
		fmt.Fprintf(&b, "%s of the %s of task %d of product %d that take part have succeeded (%s %%), which is below "+
			"minimum_success_percent = %s",
			progress.Grouped(h.Succeeded), progress.Devices(e.DeviceCount()), e.Task.ID, e.Task.ProductID,
			decimal(e.SuccessPercent()), decimal(e.Gates.MinimumSuccessPercent))
	}
	fmt.Fprintf(&b, ". The task is %s with %s", e.Task.Status, h)
	if e.Cancel != nil {
		fmt.Fprintf(&b, ". Cancelled the rest: %s", e.Cancel)
	} else if e.Aborted && e.Gates.OnAbort == progress.AbortStopsToWait {
		b.WriteString(". Nothing was cancelled, as on_abort = \"stop_waiting\" asks")
	} else if e.Aborted {
		b.WriteString(". Nothing was cancelled: devices that were cancelled before the start may count as failed, and it is not known which")
	}
	if e.CancelErr != nil {
		fmt.Fprintf(&b, ". The steps after that failed: %v", e.CancelErr)
	}
	if len(e.Failed) > 0 {
		fmt.Fprintf(&b, ". Failed devices: %s", namedFailures(e.Failed, e.Judged.Histogram.Failed))
	}
	return b.String()
}

func (e *GateError) Unwrap() error { return e.CancelErr }

// namedFailures lists the first failed devices with their result codes.
func namedFailures(failed []aep.Subtask, total int64) string {
	var names []string
	for _, s := range failed[:min(len(failed), namedInError)] {
		names = append(names, fmt.Sprintf("%s (state code %d, result code %s)", s.DeviceID, s.Code, cmp.Or(s.ResultCode, "none")))
	}
	text := strings.Join(names, ", ")
	if rest := total - int64(len(names)); rest > 0 {
		text += " and " + progress.Grouped(rest) + " more"
	}
	return text
}

// decimal writes a number with the digits that it has.
func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
