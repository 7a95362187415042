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

// hide hides the rows from first on until a time.
func (t *task) hide(first int, at time.Time) {
	t.hidden = append(t.hidden, hiddenRows{first, len(t.rows), at})
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
