package campaign

import (
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// StateCounts are the subtasks of a task counted by state, with the evidence by
// which the states are read. Histogram is what they come to.
type StateCounts struct {
	decoder     decoder
	asked       []aep.SubtaskCode // the states that were counted, in that order
	counted     map[aep.SubtaskCode]int64
	deviceCount int64 // the task's own count, 0 if it is not known
	rowsSeen    bool  // every row that was listed is evidence, not only a sample
}

// countQuery says which task to count, and what of it helps to read its states.
type countQuery struct {
	Key         aep.TaskKey
	Protocol    aep.Protocol
	DeviceCount int64  // the task's own count, 0 if it is not known
	Firmware    string // the version that the task brings, "" if it is not known
	Finished    bool
}

func countsOf(task aep.Task) countQuery {
	return countQuery{
		Key: task.Key(), Protocol: task.Protocol(), DeviceCount: task.DeviceCount,
		Firmware: task.FirmwareVersion, Finished: task.Status == aep.TaskFinished,
	}
}

func newStateCounts(q countQuery, table CodeTable) StateCounts {
	d := newDecoder(q.Protocol, table)
	d.firmware, d.finished = q.Firmware, q.Finished
	return StateCounts{decoder: *d, counted: make(map[aep.SubtaskCode]int64), deviceCount: q.DeviceCount}
}

// tally returns counts of only these rows.
func (s StateCounts) tally(rows []aep.Subtask) StateCounts {
	s = s.withEvidence(rows)
	s.asked, s.counted, s.deviceCount = nil, make(map[aep.SubtaskCode]int64), 0
	for _, row := range rows {
		if s.counted[row.Code]++; s.counted[row.Code] == 1 {
			s.asked = append(s.asked, row.Code)
		}
	}
	return s
}

// withEvidence returns the counts, read by the evidence of listed rows as well.
func (s StateCounts) withEvidence(rows []aep.Subtask) StateCounts {
	s.rowsSeen = true
	s.decoder.seeRows(rows...)
	return s
}

// Phase reads a code of the task.
func (s StateCounts) Phase(code aep.SubtaskCode) Phase { return s.decoder.phase(code) }

// Histogram returns the counts by phase.
func (s StateCounts) Histogram() Histogram {
	h := Histogram{Table: s.decoder.decided()}
	for _, code := range s.asked {
		if n := s.counted[code]; n > 0 {
			h.add(&s.decoder, code, n)
		}
	}
	if s.decoder.protocol != aep.TLink {
		h.Unknown += s.unlisted()
		h.Total += s.unlisted()
	}
	return h
}

// unlisted returns how many devices of the task are in none of the states that
// were counted. T-Link takes cancelled devices out of every state.
func (s StateCounts) unlisted() int64 {
	rest := s.deviceCount
	for _, n := range s.counted {
		rest -= n
	}
	return max(rest, 0)
}

// codesOf returns the states in which subtasks of these phases are. complete
// says whether these are all of them: the others are only in the whole list.
func (s StateCounts) codesOf(phases ...Phase) (list []aep.SubtaskCode, complete bool) {
	for _, code := range s.asked {
		if s.mayBe(code, phases) {
			list = append(list, code)
		}
	}
	complete = s.decoder.protocol == aep.TLink || s.unlisted() == 0 || !slices.Contains(phases, Unknown)
	return list, complete
}

// mayBe reports whether subtasks of this code may be in one of the phases. Rows
// that have not been listed yet may decide the numbering.
func (s StateCounts) mayBe(code aep.SubtaskCode, phases []Phase) bool {
	among := func(p Phase) bool { return slices.Contains(phases, p) }
	return among(s.Phase(code)) || !s.rowsSeen && s.decoder.undecided(code) && slices.ContainsFunc(s.decoder.meanings(code), among)
}
