package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// OnAbort says what happens to the rest of a task that fails too much.
type OnAbort string

// The ways to treat the rest.
const (
	AbortCancels     OnAbort = "cancel"       // cancel every device that is not final
	AbortStopsToWait OnAbort = "stop_waiting" // leave them alone
)

// OnAborts lists the valid values.
var OnAborts = []OnAbort{AbortCancels, AbortStopsToWait}

// Gates are what a task must live up to.
type Gates struct {
	// MinimumSuccessPercent is the least share of successes among all devices,
	// judged when the task has finished.
	MinimumSuccessPercent float64
	// AbortFailurePercent is the share of failures among the devices in a final
	// state that ends the watch; nil: none does.
	AbortFailurePercent *float64
	// AbortMinimumDevices is how many devices must be in a final state before
	// AbortFailurePercent is judged.
	AbortMinimumDevices int64
	OnAbort             OnAbort
}

// GateError says that a task did not live up to its gates.
type GateError struct {
	Observation             // after all that was done about it
	Judged      Observation // what was judged
	Gates       Gates
	Aborted     bool // by failures while it ran; else judged when it had finished
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
		failed, final := e.Judged.certain()
		fmt.Fprintf(&b, "%d of the %d devices of task %d that are done have failed (%s%%), which reaches abort_failure_percent = %s",
			failed, final, e.Task.ID, trimmed(percent(failed, final)), trimmed(*e.Gates.AbortFailurePercent))
	} else {
		fmt.Fprintf(&b, "%d of the %d devices of task %d have succeeded (%s%%), which is below minimum_success_percent = %s",
			h.Succeeded, e.DeviceCount(), e.Task.ID, trimmed(e.SuccessPercent()), trimmed(e.Gates.MinimumSuccessPercent))
	}
	fmt.Fprintf(&b, ". The task is %s with %s", e.Task.Status, h)
	if e.Cancel != nil {
		fmt.Fprintf(&b, ". Cancelled the rest: %s", e.Cancel)
	} else if e.Aborted && e.Gates.OnAbort == AbortStopsToWait {
		b.WriteString(". The rest was left alone, as on_abort = \"stop_waiting\" asks")
	}
	if e.CancelErr != nil {
		fmt.Fprintf(&b, ". What was to follow did not come through: %v", e.CancelErr)
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
		names = append(names, fmt.Sprintf("%s (state code %d, result code %s)", s.DeviceID, s.Code, orNone(s.ResultCode)))
	}
	text := strings.Join(names, ", ")
	if rest := total - int64(len(names)); rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}

func orNone(code string) string {
	if code == "" {
		return "none"
	}
	return code
}

// String says what came of cancelling, such as "3 cancelled, 1 already final".
func (o CancelOutcome) String() string {
	parts := []string{fmt.Sprintf("%d cancelled", o.Cancelled), fmt.Sprintf("%d already final", o.AlreadyFinal)}
	if n := len(o.Failures); n > 0 {
		first := o.Failures[0]
		parts = append(parts, fmt.Sprintf("%d refused (the first: %s: %s)", n, first.DeviceID, strings.TrimSpace(first.Code+" "+first.Message)))
	}
	if n := len(o.Unsettled); n > 0 {
		parts = append(parts, fmt.Sprintf("%d accepted but not final yet", n))
	}
	return strings.Join(parts, ", ")
}

func trimmed(n float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", n), "0"), ".")
}

// certain returns how many devices have failed, and are done, by every
// numbering of states that is not ruled out: on a mere chance nothing is cancelled.
func (o Observation) certain() (failed, final int64) {
	h := o.Histogram
	// What is disputed counts as failed by one numbering, as active by the other.
	return max(0, h.Failed-h.Disputed), max(0, h.Final()+h.Ended-h.Disputed)
}

// tooManyFailures judges a task that may still be running.
func (g Gates) tooManyFailures(o Observation) bool {
	failed, final := o.certain()
	return g.AbortFailurePercent != nil && failed > 0 && final >= g.AbortMinimumDevices &&
		percent(failed, final) >= *g.AbortFailurePercent
}

// judge judges a task that is done.
func (g Gates) judge(o Observation) bool { return o.SuccessPercent() >= g.MinimumSuccessPercent }

// abort ends a task that fails too much, and says so.
func (r *Runner) abort(ctx context.Context, o Observation, g Gates, batchSize int) error {
	failure := &GateError{Observation: o, Judged: o, Gates: g, Aborted: true}
	// Once the rest is cancelled, a platform may show it as failed too.
	failure.Failed, failure.CancelErr = r.FailedDevices(ctx, o, namedInError)
	if g.OnAbort != AbortStopsToWait {
		outcome, err := r.CancelActive(ctx, o.Task.Key(), o.Task.Protocol(), batchSize, SettlePatience)
		failure.Cancel = &outcome
		if err != nil {
			failure.CancelErr = err
		}
		if after, err := r.Observe(ctx, o.Task.Key()); err == nil {
			failure.Observation = after
		}
	}
	return failure
}

// FailedDevices returns the first failed subtasks of a task, at most limit, as
// the observation counts them.
func (r *Runner) FailedDevices(ctx context.Context, o Observation, limit int) ([]aep.Subtask, error) {
	var failed []aep.Subtask
	if o.Histogram.Failed == 0 {
		return nil, nil
	}
	protocol := o.Task.Protocol()
	read := o.Histogram.decoder(protocol)
	failing := slices.DeleteFunc(slices.Clone(o.counts.asked), func(code aep.SubtaskCode) bool { return read.phase(code) != Failed })
	for _, code := range failing {
		if len(failed) == limit || int64(len(failed)) == o.Histogram.Failed {
			break
		}
		list, err := r.client.Subtasks(ctx, aep.SubtaskQuery{Key: o.Task.Key(), Codes: []aep.SubtaskCode{code}}, limit-len(failed))
		if err != nil {
			return failed, err
		}
		failed = append(failed, list.Rows...)
	}
	return failed, nil
}

// decoder returns a reader of codes that agrees with the counts.
func (h Histogram) decoder(protocol aep.Protocol) *decoder { return newDecoder(protocol, h.Table) }
