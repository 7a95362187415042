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
	// UnknownCodes are the codes behind Unknown, as far as they were seen.
	UnknownCodes []aep.SubtaskCode
	// Undecided is true if the two numberings of LwM2M states read some of
	// UnknownCodes differently, and nothing has decided which one is in use.
	Undecided bool
	// Ended are those of Unknown that are not under way by any possible
	// numbering, whether they succeeded, failed or were cancelled.
	Ended int64
	// Table is the numbering that the codes were read by; TableAuto if nothing
	// has decided it.
	Table CodeTable
}

// Active returns how many subtasks are in no final phase.
func (h Histogram) Active() int64 { return h.Waiting + h.InProgress + h.Unknown }

// MaybeActive returns how many subtasks may still change by themselves.
func (h Histogram) MaybeActive() int64 { return h.Active() - h.Ended }

// Final returns how many subtasks are in a final phase.
func (h Histogram) Final() int64 { return h.Succeeded + h.Failed + h.Cancelled }

// TakingPart returns how many subtasks have not been cancelled.
func (h Histogram) TakingPart() int64 { return h.Total - h.Cancelled }

// SuccessPercent returns the share of successes among the subtasks that take
// part, as CutPercent does.
func (h Histogram) SuccessPercent() float64 { return CutPercent(h.Succeeded, h.TakingPart()) }

// CutPercent returns the share of part in whole in percent, cut to two digits,
// so that only all are 100; 0 if whole is 0.
func CutPercent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part*10_000/whole) / 100
}

// percent returns the exact share of part in whole, for comparisons.
func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// Of returns the count of one phase.
func (h Histogram) Of(p Phase) int64 { return *h.counter(p) }

// String lists the phases that occur, such as "5 devices: 3 succeeded, 2 failed".
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

// devices writes a number of devices, such as "1 device" or "1,234 devices".
func Devices[T ~int | ~int64](n T) string {
	if n == 1 {
		return "1 device"
	}
	return Grouped(n) + " devices"
}

// Grouped writes a count with its thousands apart, as in 1,234.
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
