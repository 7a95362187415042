package campaign

import (
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Survey is what counting the subtasks of a task by state has told: how many
// there are, and by which numbering their states are read.
type Survey struct {
	decoder     decoder
	asked       []aep.SubtaskCode // the states that the platform can be asked for
	counted     map[aep.SubtaskCode]int64
	deviceCount int64
	looked      bool // at rows, not only at a sample of each state
}

// Survey counts the subtasks of a task as Progress does; readers of one run
// share the count.
func (r *Runner) Survey(ctx context.Context, task aep.Task) (Survey, error) {
	return r.surveys.get(ctx, task.Key(), func(ctx context.Context) (Survey, error) {
		return r.survey(ctx, task.Key(), task.Protocol(), task.DeviceCount)
	})
}

// survey asks for one row of each state.
func (r *Runner) survey(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, deviceCount int64) (Survey, error) {
	s := Survey{decoder: *newDecoder(protocol, r.table), counted: make(map[aep.SubtaskCode]int64), deviceCount: deviceCount}
	for _, code := range codes(protocol, r.table) {
		found, err := r.client.CountSubtasks(ctx, key, &code)
		if len(s.asked) > 0 && s.decoder.maybeForeign(code) && (aep.IsRefused(err) || aep.IsBadRequest(err)) {
			continue // a platform of the newer table need not know the number
		}
		if err != nil {
			return Survey{}, err
		}
		if row := found.Sample; row != nil {
			if protocol != aep.TLink && row.Code != code && row.Code != aep.NoSubtaskCode {
				continue // the platform did not heed the number, and counted others
			}
			s.decoder.see(code, row.VersionAfter)
			s.decoder.seeEnd(code, row.FinishedAt)
		}
		s.asked = append(s.asked, code)
		s.counted[code] = found.Total
	}
	return s, nil
}

// Seen returns the survey with the evidence of rows that have been listed.
func (s Survey) Seen(rows []aep.Subtask) Survey {
	s.looked = true
	for _, row := range rows {
		s.decoder.see(row.Code, row.VersionAfter)
		s.decoder.seeEnd(row.Code, row.FinishedAt)
	}
	return s
}

// Phase reads a code of the task.
func (s Survey) Phase(code aep.SubtaskCode) Phase { return s.decoder.phase(code) }

// Histogram returns the counts by phase.
func (s Survey) Histogram() Histogram {
	h := Histogram{Table: s.decoder.decided()}
	for _, code := range s.asked {
		h.add(&s.decoder, code, s.counted[code])
	}
	if rest := s.unseen(); rest > 0 {
		h.Unknown += rest
		h.Total += rest
	}
	return h
}

// unseen returns how many subtasks are in states that nobody can ask for.
// T-Link takes cancelled ones out of every list, so there it says nothing.
func (s Survey) unseen() int64 {
	if s.decoder.protocol == aep.TLink {
		return 0
	}
	rest := s.deviceCount
	for _, n := range s.counted {
		rest -= n
	}
	return max(rest, 0)
}

// codesOf returns the states in which subtasks of these phases are, and whether
// these are all of them: the others stand in the whole list alone. A state that
// means success if its rows prove it is among them until they have been looked at.
func (s Survey) codesOf(phases []Phase) (list []aep.SubtaskCode, complete bool) {
	for _, code := range s.asked {
		if s.mayBe(code, phases) {
			list = append(list, code)
		}
	}
	return list, s.unseen() == 0 || !slices.Contains(phases, Unknown)
}

func (s Survey) mayBe(code aep.SubtaskCode, phases []Phase) bool {
	return slices.Contains(phases, s.Phase(code)) ||
		!s.looked && s.decoder.undecided(code) && slices.Contains(phases, Succeeded)
}
