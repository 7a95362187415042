package campaign

import (
	"context"
	"slices"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Selection names subtasks of a task: all of them, or those of devices, or by
// their own ids.
type Selection struct {
	All        bool
	DeviceIDs  DeviceSet
	SubtaskIDs []int64
}

// Selected are the subtasks that a selection came to.
type Selected struct {
	Subtasks []aep.Subtask
	// Missing are the devices or subtasks that the task does not know.
	Missing []string
	// Observation is the task at that moment.
	Observation Observation

	decoder *decoder
}

// Select finds the subtasks that a selection names. With All only those are
// read that may be in one of the phases; the others keep whatever phase they have.
func (r *Runner) Select(ctx context.Context, key aep.TaskKey, s Selection, phases ...Phase) (Selected, error) {
	now, err := r.Observe(ctx, key)
	if err != nil {
		return Selected{}, err
	}
	protocol := now.Task.Protocol()
	out := Selected{Observation: now}
	switch {
	case s.All:
		q := aep.SubtaskQuery{Key: key, Codes: now.counts.askable(protocol, phases...)}
		if now.counts.unseen > 0 {
			q.Codes = nil // there are states that nobody can ask for
		}
		list, err := r.client.Subtasks(ctx, q, 0)
		if err != nil {
			return Selected{}, err
		}
		out.Subtasks = list.Rows
	case len(s.SubtaskIDs) > 0:
		all, err := r.Subtasks(ctx, key, protocol)
		if err != nil {
			return Selected{}, err
		}
		out.Subtasks, out.Missing = pick(all, s.SubtaskIDs)
	default:
		found, err := r.subtasksAmong(ctx, key, protocol, s.DeviceIDs, now.DeviceCount())
		if err != nil {
			return Selected{}, err
		}
		out.Subtasks = found
		known := make([]string, 0, len(found))
		for _, one := range found {
			known = append(known, one.DeviceID)
		}
		slices.Sort(known)
		out.Missing = s.DeviceIDs.Minus(known)
	}
	out.decoder = now.Histogram.decoder(protocol)
	for _, one := range out.Subtasks {
		out.decoder.see(one.Code, one.VersionAfter)
		out.decoder.seeEnd(one.Code, one.FinishedAt)
	}
	return out, nil
}

// pick returns the rows with these ids, and the ids that no row has.
func pick(rows []aep.Subtask, ids []int64) (found []aep.Subtask, missing []string) {
	byID := make(map[int64]aep.Subtask, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	for _, id := range ids {
		if row, ok := byID[id]; ok {
			found = append(found, row)
		} else {
			missing = append(missing, strconv.FormatInt(id, 10))
		}
	}
	return found, missing
}

// In returns those of the subtasks that are in one of the phases.
func (s Selected) In(phases ...Phase) []aep.Subtask {
	return s.where(func(code aep.SubtaskCode) bool { return slices.Contains(phases, s.decoder.phase(code)) })
}

// Open returns those of the subtasks that are in one of the phases, where one
// that may be active by a numbering that is not ruled out counts as unknown,
// not as final.
func (s Selected) Open(phases ...Phase) []aep.Subtask {
	return s.where(func(code aep.SubtaskCode) bool {
		p := s.decoder.phase(code)
		if p.Final() && s.decoder.maybeActive(code) {
			p = Unknown
		}
		return slices.Contains(phases, p)
	})
}

func (s Selected) where(wanted func(aep.SubtaskCode) bool) []aep.Subtask {
	return slices.DeleteFunc(slices.Clone(s.Subtasks), func(one aep.Subtask) bool { return !wanted(one.Code) })
}
