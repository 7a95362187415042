package campaign

import (
	"context"
	"fmt"
	"slices"
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
	// UnknownCodes are the numbers behind Unknown, as far as they were seen.
	UnknownCodes []aep.SubtaskCode
	// Undecided is true if Unknown may be successes that nothing proves,
	// because the numbering of LwM2M states is not known.
	Undecided bool
	// Disputed are those counted as final by one numbering of LwM2M states that
	// the other has as active, while nothing tells which one is in use.
	Disputed int64
	// Ended are those among Unknown that are over by every numbering, though
	// nothing tells whether they succeeded or failed.
	Ended int64
	// Table is the numbering that the codes were read by; TableAuto if nothing
	// has told yet.
	Table CodeTable
}

// Active returns how many subtasks are in no final phase.
func (h Histogram) Active() int64 { return h.Waiting + h.InProgress + h.Unknown }

// MaybeActive returns how many subtasks are not certainly over.
func (h Histogram) MaybeActive() int64 { return h.Active() + h.Disputed - h.Ended }

// Final returns how many subtasks are in a final phase.
func (h Histogram) Final() int64 { return h.Succeeded + h.Failed + h.Cancelled }

// SuccessPercent returns the share of successes in the total, 0 if it is empty.
func (h Histogram) SuccessPercent() float64 { return percent(h.Succeeded, h.Total) }

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
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(p), "_", " ")))
		}
	}
	noun := "devices"
	if h.Total == 1 {
		noun = "device"
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%d %s", h.Total, noun)
	}
	text := fmt.Sprintf("%d %s: %s", h.Total, noun, strings.Join(parts, ", "))
	if len(h.UnknownCodes) > 0 {
		text += fmt.Sprintf(" (state codes %v)", h.UnknownCodes)
	}
	return text
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

// Progress counts the subtasks of a task by asking for one row of each state:
// 4 calls for T-Link, at most 12 for LwM2M, whatever the number of devices.
// deviceCount is the task's own count, 0 if it is not known; where it exceeds
// what an LwM2M task shows in the known states, the rest is Unknown.
func (r *Runner) Progress(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, deviceCount int64) (Histogram, error) {
	n, err := r.count(ctx, key, protocol, deviceCount)
	return n.Histogram, err
}

// counts is a Histogram and how it came about.
type counts struct {
	Histogram
	asked  []aep.SubtaskCode // the states that the platform can be asked for
	unseen int64             // devices in none of them
}

// count asks for one row of each state. Whoever does so is watching or about to
// write: what others read from then on is not to be older.
func (r *Runner) count(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, deviceCount int64) (counts, error) {
	r.surveys.forget(key)
	s, err := r.survey(ctx, key, protocol, deviceCount)
	if err != nil {
		return counts{}, err
	}
	return counts{Histogram: s.Histogram(), asked: s.asked, unseen: s.unseen()}, nil
}

// countWhole is count for a task whose number of devices is not known. A device
// in a state that nobody can ask for is not missed, and a task without devices
// takes one call.
func (r *Runner) countWhole(ctx context.Context, key aep.TaskKey, protocol aep.Protocol) (counts, error) {
	if protocol == aep.TLink {
		return r.count(ctx, key, protocol, 0)
	}
	total, err := r.subtaskCount(ctx, key, protocol)
	if err != nil || total == 0 {
		return counts{Histogram: Histogram{Table: r.table}}, err
	}
	return r.count(ctx, key, protocol, total)
}

// askable returns the numbers that may mean one of the phases and that the
// platform can be asked for.
func (n counts) askable(protocol aep.Protocol, phases ...Phase) []aep.SubtaskCode {
	return slices.DeleteFunc(CodesOf(protocol, n.Table, phases...), func(code aep.SubtaskCode) bool {
		return !slices.Contains(n.asked, code)
	})
}

// Tally counts subtasks that have been listed.
func Tally(protocol aep.Protocol, table CodeTable, rows []aep.Subtask) Histogram {
	d := newDecoder(protocol, table)
	counted := make(map[aep.SubtaskCode]int64)
	var order []aep.SubtaskCode
	for _, row := range rows {
		d.see(row.Code, row.VersionAfter)
		d.seeEnd(row.Code, row.FinishedAt)
		if counted[row.Code]++; counted[row.Code] == 1 {
			order = append(order, row.Code)
		}
	}
	h := Histogram{Table: d.decided()}
	for _, code := range order {
		h.add(d, code, counted[code])
	}
	return h
}

func (h *Histogram) add(d *decoder, code aep.SubtaskCode, n int64) {
	if n == 0 {
		return
	}
	p := d.phase(code)
	*h.counter(p) += n
	h.Total += n
	if p.Final() && d.maybeActive(code) {
		h.Disputed += n
	}
	if p == Unknown {
		if !d.maybeActive(code) {
			h.Ended += n
		}
		h.UnknownCodes = append(h.UnknownCodes, code)
		h.Undecided = h.Undecided || d.undecided(code)
	}
}
