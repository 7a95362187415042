package simulator

import (
	"iter"
	"slices"
	"time"
)

func (t *task) state(code int) *indexSet { return indexOf(t.states, code) }

func (t *task) group(name string) *indexSet { return indexOf(t.groups, name) }

// subtasksOf yields the subtasks of a device in a task, newest first. It
// leaves out a subtask that a later one has replaced.
func (t *task) subtasksOf(d *device) iter.Seq[*subtask] {
	return func(yield func(*subtask) bool) {
		for s := t.byDevice[d]; s != nil; s = s.older {
			if !yield(s) {
				return
			}
		}
	}
}

// first returns the newest subtask of a device for which a condition holds,
// or nil.
func (t *task) first(d *device, holds func(*subtask) bool) *subtask {
	for s := range t.subtasksOf(d) {
		if holds(s) {
			return s
		}
	}
	return nil
}

// hasSubtask reports whether a subtask has not been replaced.
func (t *task) hasSubtask(wanted *subtask) bool {
	return t.first(wanted.device, func(s *subtask) bool { return s == wanted }) != nil
}

// active returns the newest subtask of a device that is not final, or nil.
func (t *task) active(d *device) *subtask {
	return t.first(d, func(s *subtask) bool { return !s.final() })
}

// hasJoined reports whether the joined list has a subtask of a device.
func (t *task) hasJoined(d *device) bool {
	return t.first(d, func(s *subtask) bool { return t.joined.has(s.row) }) != nil
}

// link makes a subtask the newest one of its device. It replaces the older
// ones, which must not be in the joined list, or is listed beside them.
func (t *task) link(s *subtask, replace bool) {
	d := s.device
	if old := t.byDevice[d]; old != nil {
		s.joins += old.joins
		s.older = old
	}
	if replace {
		for old := range t.subtasksOf(d) {
			t.listed.remove(old.row)
			t.state(old.code).remove(old.row)
		}
		s.older = nil
	}
	t.byDevice[d] = s
}

// hideJoin hides the rows of a join, which are those from first on, as the
// switches demand.
func (t *task) hideJoin(quirks Quirks, first int, now time.Time) {
	lag, end := quirks.JoinLag, len(t.rows)
	if lag <= 0 {
		return
	}
	switch quirks.JoinLagWay {
	case JoinLagEach:
		for row := first; row < end; row++ {
			own := lag * time.Duration(hashOf(t.rows[row].device.id)%1000) / 1000
			t.hidden = append(t.hidden, hiddenRows{row, row + 1, now.Add(own)})
		}
		return
	case JoinLagTail:
		first += (end - first + 1) / 2
	case JoinLagTick:
		lag = now.Truncate(lag).Add(lag).Sub(now)
	}
	t.hidden = append(t.hidden, hiddenRows{first, end, now.Add(lag)})
}

// visible returns the rows of a set that the lists show.
func (t *task) visible(set *indexSet, now time.Time) *indexSet {
	t.hidden = slices.DeleteFunc(t.hidden, func(a hiddenRows) bool { return !now.Before(a.at) })
	if len(t.hidden) == 0 {
		return set
	}
	hidden := &indexSet{}
	for _, a := range t.hidden {
		for row := a.first; row < a.end; row++ {
			hidden.add(row)
		}
	}
	return set.without(hidden)
}
