package progress

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Histogram counts the subtasks of a task by phase.
type Histogram struct {
	Total      int64
	Waiting    int64
	InProgress int64
	Succeeded  int64
	Failed     int64
	Cancelled  int64
	Unknown    int64
	// UnknownCodes are the state codes counted as Unknown.
	UnknownCodes []aep.SubtaskCode
	// Undecided is true if the two numberings of LwM2M states give some of UnknownCodes different phases, and
	// no evidence has decided between them.
	Undecided bool
	// Ended is how many of Unknown are final in every possible numbering.
	Ended int64
	// Table is the numbering in use; TableAuto if no evidence has decided it.
	Table CodeTable
}

// Active returns the number of subtasks in no final phase.
func (h Histogram) Active() int64 { return h.Waiting + h.InProgress + h.Unknown }

// MaybeActive returns the number of subtasks that may still change.
func (h Histogram) MaybeActive() int64 { return h.Active() - h.Ended }

// Final returns the number of subtasks in a final phase.
func (h Histogram) Final() int64 { return h.Succeeded + h.Failed + h.Cancelled }

// TakingPart returns the number of subtasks that have not been cancelled.
func (h Histogram) TakingPart() int64 { return h.Total - h.Cancelled }

// SuccessPercent returns the share of successes among the subtasks that take part, like CutPercent.
func (h Histogram) SuccessPercent() float64 { return CutPercent(h.Succeeded, h.TakingPart()) }

// CutPercent returns part as a percentage of whole, rounded down to two digits, so that 100 means all; 0 if
// whole is 0.
func CutPercent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part*10_000/whole) / 100
}

// percent returns part as a percentage of whole, not rounded, for comparisons.
func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// Of returns the number of subtasks in a phase.
func (h Histogram) Of(p Phase) int64 { return *h.counter(p) }

// String lists the phases with their counts, such as "5 devices: 3 succeeded, 2 failed".
func (h Histogram) String() string {
	var parts []string
	for _, p := range Phases {
		if n := h.Of(p); n > 0 {
			parts = append(parts, Grouped(n)+" "+strings.ReplaceAll(string(p), "_", " "))
		}
	}
	text := Devices(h.Total)
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if len(h.UnknownCodes) > 0 {
		text += fmt.Sprintf(" (state codes %v)", h.UnknownCodes)
	}
	return text
}

// Devices formats a number of devices, such as "1 device" or "1,234 devices".
func Devices[T ~int | ~int64](n T) string {
	if n == 1 {
		return "1 device"
	}
	return Grouped(n) + " devices"
}

// Grouped formats a count with its thousands separated, such as 1,234.
func Grouped[T ~int | ~int64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

func (h *Histogram) counter(p Phase) *int64 {
	switch p {
	case Waiting:
		return &h.Waiting
	case InProgress:
		return &h.InProgress
	case Succeeded:
		return &h.Succeeded
	case Failed:
		return &h.Failed
	case Cancelled:
		return &h.Cancelled
	default:
		return &h.Unknown
	}
}

// add counts n subtasks of one code.
func (h *Histogram) add(d *Decoder, code aep.SubtaskCode, n int64) {
	p := d.Phase(code)
	*h.counter(p) += n
	h.Total += n
	if p != Unknown {
		return
	}
	if !d.MaybeActive(code) {
		h.Ended += n
	}
	h.UnknownCodes = append(h.UnknownCodes, code)
	h.Undecided = h.Undecided || d.Undecided(code)
}
