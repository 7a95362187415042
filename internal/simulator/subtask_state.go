package simulator

import "time"

func (p *Platform) setCode(s *subtask, code int, at time.Time) {
	p.put(s, code, false, at)
}

// put is the only function that changes the state of a subtask. It updates
// the indexes, the device and the task.
func (p *Platform) put(s *subtask, code int, retrying bool, at time.Time) {
	was, t := s.final(), s.task
	t.state(s.code).remove(s.row)
	s.code, s.retrying = code, retrying
	if code == noState {
		t.listed.remove(s.row)
	} else {
		t.state(code).add(s.row)
		t.listed.add(s.row)
	}
	s.updated = p.shownTime(at)
	switch is := s.final(); {
	case is && !was:
		t.open--
		p.release(s, at)
		p.finishIfDone(t, at)
	case was && !is:
		t.open++
		p.occupy(s)
		if t.status == Finished {
			t.status = Running
		}
	}
}

// occupy gives a device to a subtask.
func (p *Platform) occupy(s *subtask) {
	s.finished = time.Time{}
	s.device.current = s
	s.device.product.free.remove(s.device.serial - 1)
	s.task.joined.add(s.row)
}

// release frees the device of a subtask, unless another active subtask of the
// task has it.
func (p *Platform) release(s *subtask, at time.Time) {
	s.finished = p.shownTime(at)
	if s.device.current == s {
		s.device.current = s.task.active(s.device)
	}
	if s.device.current == nil {
		s.device.product.free.add(s.device.serial - 1)
	}
	leaves := p.options.Quirks.FinishedLeaveJoined
	if s.cancelled {
		leaves = p.options.Quirks.CancelledLeaveJoined
	}
	if leaves {
		s.task.joined.remove(s.row)
	}
}

// finishIfDone finishes a task without open subtasks.
func (p *Platform) finishIfDone(t *task, at time.Time) {
	if t.open > 0 {
		return
	}
	if t.status == Running || t.status == Pending && p.options.Quirks.CancelledPendingFinishes {
		t.status = Finished
		t.finished = at.UnixNano()
	}
}
