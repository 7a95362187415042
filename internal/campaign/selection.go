package campaign

import (
	"context"
	"slices"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// Selection names subtasks of a task: all of them, the subtasks of devices, or subtasks by id.
type Selection struct {
	All        bool
	DeviceIDs  deviceset.Set
	SubtaskIDs []int64
}

// Selected are the subtasks that a selection names.
type Selected struct {
	All      bool // the selection names every device
	Subtasks []aep.Subtask
	// Missing are the named devices or subtasks that the task lacks.
	Missing []string
	// Observation is the task at the moment of the selection.
	Observation progress.Observation

	states progress.Counts // decoded with the evidence of Subtasks
}

// Select finds the subtasks that a selection names. With All it lists only subtasks that may be in one of the
// phases.
func (r *Runner) Select(ctx context.Context, key aep.TaskKey, s Selection, phases ...progress.Phase) (Selected, error) {
	now, err := r.observeSettled(ctx, key)
	if err != nil {
		return Selected{}, err
	}
	out := Selected{All: s.All, Observation: now}
	protocol := now.Task.Protocol()
	switch {
	case s.All:
		out.Subtasks, err = r.inPhases(ctx, key, now.Counts, phases)
	case len(s.SubtaskIDs) > 0:
		var all []aep.Subtask
		all, err = r.Subtasks(ctx, key, protocol)
		out.Subtasks, out.Missing = pick(all, s.SubtaskIDs)
	default:
		out.Subtasks, err = r.subtasksAmong(ctx, key, protocol, s.DeviceIDs, now.Task.DeviceCount)
		out.Missing = s.DeviceIDs.Minus(devicesOf(out.Subtasks))
	}
	out.states = now.Counts.WithEvidence(out.Subtasks)
	return out, err
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

// In returns the subtasks that are in one of the phases.
func (s Selected) In(phases ...progress.Phase) []aep.Subtask {
	return s.where(func(code aep.SubtaskCode) bool { return slices.Contains(phases, s.states.Phase(code)) })
}

// Active returns the subtasks in one of the phases that may still change.
func (s Selected) Active(phases ...progress.Phase) []aep.Subtask {
	return s.where(func(code aep.SubtaskCode) bool {
		return s.states.Decoder.MaybeActive(code) && slices.Contains(phases, s.states.Phase(code))
	})
}

// undecided returns the subtasks whose state code means different phases in the two numberings.
func (s Selected) undecided() []aep.Subtask {
	return s.where(s.states.Decoder.Undecided)
}

func (s Selected) where(wanted func(aep.SubtaskCode) bool) []aep.Subtask {
	return slices.DeleteFunc(slices.Clone(s.Subtasks), func(one aep.Subtask) bool { return !wanted(one.Code) })
}
