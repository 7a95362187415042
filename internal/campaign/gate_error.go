package campaign

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// GateError says that a task did not meet its gates.
type GateError struct {
	progress.Observation                      // after the cancel
	Judged               progress.Observation // the observation that was judged
	Gates                progress.Gates
	Aborted              bool // failed while the task ran; else it was judged when finished
	// Failed are the first failed devices.
	Failed []aep.Subtask
	// Cancel is the outcome of cancelling the remaining devices, nil if they were not cancelled.
	Cancel    *CancelOutcome
	CancelErr error // of cancelling, or of listing the failed devices
}

// namedInError is how many failed devices an error names.
const namedInError = 10

func (e *GateError) Error() string {
	var b strings.Builder
	h := e.Histogram
	if e.Aborted {
		failed, ended := e.Judged.Failures()
		fmt.Fprintf(&b, "in %s, %s of the %s with a result have failed (%s %%), and the limit is %s %%",
			e.Task.Key().Object(), progress.Grouped(failed), progress.Devices(ended),
			decimal(progress.CutPercent(failed, ended)), decimal(*e.Gates.AbortFailurePercent))
	} else {
		fmt.Fprintf(&b, "in %s, %s of the %s that take part have succeeded (%s %%), and the minimum is %s %%",
			e.Task.Key().Object(), progress.Grouped(h.Succeeded), progress.Devices(e.DeviceCount()),
			decimal(e.SuccessPercent()), decimal(e.Gates.MinimumSuccessPercent))
	}
	fmt.Fprintf(&b, ". The task is %s with %s", e.Task.Status, h)
	if e.Cancel != nil {
		fmt.Fprintf(&b, ". Cancelled the rest: %s", e.Cancel)
	} else if e.Aborted && e.Gates.OnAbort == progress.AbortStopsWaiting {
		b.WriteString(". Nothing was cancelled, as configured")
	} else if e.Aborted {
		b.WriteString(". Nothing was cancelled: devices that were cancelled before the start may be shown as failed, " +
			"and the platform does not tell them apart")
	}
	if e.CancelErr != nil {
		fmt.Fprintf(&b, ". The steps after that failed: %v", e.CancelErr)
	}
	if len(e.Failed) > 0 {
		fmt.Fprintf(&b, ". Failed devices: %s", namedFailures(e.Judged, e.Failed))
	}
	return b.String()
}

func (e *GateError) Unwrap() error { return e.CancelErr }

// namedFailures lists the first failed devices by their result codes.
func namedFailures(o progress.Observation, failed []aep.Subtask) string {
	byCode := make(map[string][]string)
	var codes []string
	shown := failed[:min(len(failed), namedInError)]
	for _, s := range shown {
		if byCode[s.ResultCode] == nil {
			codes = append(codes, s.ResultCode)
		}
		byCode[s.ResultCode] = append(byCode[s.ResultCode], s.DeviceID)
	}
	texts := make([]string, len(codes))
	for i, code := range codes {
		texts[i] = strings.Join(byCode[code], ", ") + " (" + resultText(o.Task.Protocol(), code) + ")"
	}
	text := strings.Join(texts, ", ")
	if rest := o.Histogram.Failed - int64(len(shown)); rest > 0 {
		text += " and " + progress.Grouped(rest) + " more"
	}
	return text
}

// resultText returns a result code with its meaning, as far as one is known.
func resultText(protocol aep.Protocol, code string) string {
	words := progress.ResultInWords(protocol, code)
	switch {
	case code == "":
		return "no result code"
	case words == "":
		return "result code " + code
	}
	return "result code " + code + ": " + words
}

// decimal formats a number without trailing zeros.
func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
