package progress

import (
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// StateCounts are the subtasks of a task counted by state, with the evidence by
// which the states are read. Histogram is what they come to.
type Counts struct {
	Decoder     Decoder
	Asked       []aep.SubtaskCode // the states that were counted, in that order
	Counted     map[aep.SubtaskCode]int64
	deviceCount int64 // the task's own count, 0 if it is not known
	rowsSeen    bool  // every row that was listed is evidence, not only a sample
}

// countQuery says which task to count, and what of it helps to read its states.
type Query struct {
	Key         aep.TaskKey
	Protocol    aep.Protocol
	DeviceCount int64  // the task's own count, 0 if it is not known
	Firmware    string // the version that the task brings, "" if it is not known
	Finished    bool
}

func QueryOf(task aep.Task) Query {
	return Query{
		Key: task.Key(), Protocol: task.Protocol(), DeviceCount: task.DeviceCount,
		Firmware: task.FirmwareVersion, Finished: task.Status == aep.TaskFinished,
	}
}

func NewCounts(q Query, table CodeTable) Counts {
	d := NewDecoder(q.Protocol, table)
	d.Firmware, d.Finished = q.Firmware, q.Finished
	return Counts{Decoder: *d, Counted: make(map[aep.SubtaskCode]int64), deviceCount: q.DeviceCount}
}

// tally returns counts of only these rows.
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

// withEvidence returns the counts, read by the evidence of listed rows as well.
func (s Counts) WithEvidence(rows []aep.Subtask) Counts {
	s.rowsSeen = true
	s.Decoder.SeeRows(rows...)
	return s
}

// Phase reads a code of the task.
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
		h.Unknown += s.Unlisted()
		h.Total += s.Unlisted()
	}
	return h
}

// unlisted returns how many devices of the task are in none of the states that
// were counted. T-Link takes cancelled devices out of every state.
func (s Counts) Unlisted() int64 {
	rest := s.deviceCount
	for _, n := range s.Counted {
		rest -= n
	}
	return max(rest, 0)
}

// codesOf returns the states in which subtasks of these phases are. complete
// says whether these are all of them: the others are only in the whole list.
func (s Counts) CodesOf(phases ...Phase) (list []aep.SubtaskCode, complete bool) {
	for _, code := range s.Asked {
		if s.MayBe(code, phases) {
			list = append(list, code)
		}
	}
	complete = s.Decoder.protocol == aep.TLink || s.Unlisted() == 0 || !slices.Contains(phases, Unknown)
	return list, complete
}

// mayBe reports whether subtasks of this code may be in one of the phases. Rows
// that have not been listed yet may decide the numbering.
func (s Counts) MayBe(code aep.SubtaskCode, phases []Phase) bool {
	among := func(p Phase) bool { return slices.Contains(phases, p) }
	return among(s.Phase(code)) || !s.rowsSeen && s.Decoder.Undecided(code) && slices.ContainsFunc(s.Decoder.meanings(code), among)
}
