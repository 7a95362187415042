package progress

import (
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Counts are the subtasks of a task counted by state, with the evidence by which their states are decoded.
type Counts struct {
	Decoder     Decoder
	Asked       []aep.SubtaskCode // the states that were counted, in order
	Counted     map[aep.SubtaskCode]int64
	deviceCount int64 // as shown by the task, 0 if not known
	rowsSeen    bool  // every listed row is evidence, not only a sample
}

// Query names a task to count, and what is known of it to decode its states.
type Query struct {
	Key         aep.TaskKey
	Protocol    aep.Protocol
	DeviceCount int64  // as shown by the task, 0 if not known
	Firmware    string // version that the task installs, "" if not known
	Finished    bool
}

// QueryOf returns the query for a task that has been read.
func QueryOf(task aep.Task) Query {
	return Query{
		Key: task.Key(), Protocol: task.Protocol(), DeviceCount: task.DeviceCount,
		Firmware: task.FirmwareVersion, Finished: task.Status == aep.TaskFinished,
	}
}

// NewCounts returns counts in which no state has been counted yet.
func NewCounts(q Query, table CodeTable) Counts {
	d := NewDecoder(q.Protocol, table)
	d.Firmware, d.Finished = q.Firmware, q.Finished
	return Counts{Decoder: *d, Counted: make(map[aep.SubtaskCode]int64), deviceCount: q.DeviceCount}
}

// Tally returns the counts of these rows only.
func (s Counts) Tally(rows []aep.Subtask) Counts {
	s = s.WithEvidence(rows)
	s.Asked, s.Counted, s.deviceCount = nil, make(map[aep.SubtaskCode]int64), 0
	for _, row := range rows {
		if s.Counted[row.Code]++; s.Counted[row.Code] == 1 {
			s.Asked = append(s.Asked, row.Code)
		}
	}
	return s
}

// WithEvidence returns the counts, decoded with the evidence of listed rows as well.
func (s Counts) WithEvidence(rows []aep.Subtask) Counts {
	s.rowsSeen = true
	s.Decoder.SeeRows(rows...)
	return s
}

// Phase returns the phase of a state code.
func (s Counts) Phase(code aep.SubtaskCode) Phase { return s.Decoder.Phase(code) }

// Histogram returns the counts by phase.
func (s Counts) Histogram() Histogram {
	h := Histogram{Table: s.Decoder.decided()}
	for _, code := range s.Asked {
		if n := s.Counted[code]; n > 0 {
			h.add(&s.Decoder, code, n)
		}
	}
	if s.Decoder.protocol != aep.TLink {
		h.Unknown += s.Uncounted()
		h.Total += s.Uncounted()
	}
	return h
}

// Uncounted returns how many devices of the task are in no counted state. T-Link shows cancelled devices in
// no state.
func (s Counts) Uncounted() int64 {
	rest := s.deviceCount
	for _, n := range s.Counted {
		rest -= n
	}
	return max(rest, 0)
}

// MayLack reports whether an active device may be missing in the counts, although they add up to the number of
// devices that the task shows. The number may leave out subtasks that were cancelled before their devices joined
// again. A device in an active state or in no counted state proves that the task is not finished, whatever else
// is missing.
func (s Counts) MayLack() bool {
	if s.Decoder.protocol == aep.TLink || s.Decoder.Finished || s.Uncounted() > 0 {
		return false
	}
	var sum int64
	cancelled := false
	for code, n := range s.Counted {
		if n > 0 && s.Decoder.MaybeActive(code) {
			return false
		}
		sum += n
		cancelled = cancelled || n > 0 && s.MayBe(code, []Phase{Cancelled})
	}
	return sum > s.deviceCount || cancelled
}

// WithSubtasks returns the counts of a task with this number of subtasks.
func (s Counts) WithSubtasks(n int64) Counts {
	s.deviceCount = n
	return s
}

// CodesOf returns the state codes that can be queried for the given phases. complete is false if some
// subtasks are in states the API cannot filter by; then the whole list must be read.
func (s Counts) CodesOf(phases ...Phase) (list []aep.SubtaskCode, complete bool) {
	for _, code := range s.Asked {
		if s.MayBe(code, phases) {
			list = append(list, code)
		}
	}
	complete = s.Decoder.protocol == aep.TLink || s.Uncounted() == 0 || !slices.Contains(phases, Unknown)
	return list, complete
}

// MayBe reports whether subtasks with this code may be in one of the phases. Until rows have been listed,
// they may still decide the numbering.
func (s Counts) MayBe(code aep.SubtaskCode, phases []Phase) bool {
	among := func(p Phase) bool { return slices.Contains(phases, p) }
	return among(s.Phase(code)) || !s.rowsSeen && s.Decoder.Undecided(code) && slices.ContainsFunc(s.Decoder.meanings(code), among)
}
