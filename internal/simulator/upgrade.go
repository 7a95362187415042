package simulator

import "time"

// noResult is shown as resultCode until a device has reported.
const (
	noResult      = "-1"
	resultSuccess = "0"
)

// advance plays everything that has happened up to now. Each step of each
// subtask is played once, whoever asks first.
func (p *Platform) advance(now time.Time) {
	for {
		at, events, ok := p.agenda.due(now.UnixNano())
		if !ok {
			return
		}
		for _, e := range events {
			if e.sub.generation == e.generation {
				p.step(e.sub, time.Unix(0, at))
			}
		}
	}
}

// begin puts a subtask at the head of its way. It is called when its task
// starts, when it joins a running task, and when it is retried.
func (p *Platform) begin(s *subtask, at time.Time) {
	s.stage = -1
	s.tries++
	s.result = noResult
	s.cancelled = false
	p.setCode(s, s.task.codes.waiting, at)
	p.next(s, at, p.options.Upgrade.WaitingTime)
}

// next plays the following step after a while, or at once if it takes no
// time.
func (p *Platform) next(s *subtask, at time.Time, after time.Duration) {
	s.generation++
	if after <= 0 {
		p.step(s, at)
		return
	}
	p.agenda.schedule(at.Add(after).UnixNano(), s)
}

func (p *Platform) step(s *subtask, at time.Time) {
	if s.code == code2019Cancelling && !s.task.tLink {
		p.endCancel(s, at)
		return
	}
	if s.retrying {
		p.begin(s, at)
		return
	}
	stages := s.task.codes.stages
	s.stage++
	if s.stage >= len(stages) {
		p.conclude(s, at)
		return
	}
	if s.stage == 0 {
		s.versionBefore = s.device.version
		s.device.upgrades++
	}
	p.setCode(s, stages[s.stage], at)
	last := s.stage == len(stages)-1
	if last && p.options.Upgrade.Hang != nil && p.options.Upgrade.Hang(s.device.id) {
		s.generation++
		return
	}
	p.next(s, at, p.stageTime(s, len(stages), last))
}

func (p *Platform) stageTime(s *subtask, stages int, last bool) time.Duration {
	u := p.options.Upgrade
	part := u.UpgradeTime / time.Duration(stages)
	if !last {
		return part
	}
	rest := u.UpgradeTime - part*time.Duration(stages-1)
	if u.Spread > 0 {
		rest += time.Duration(int64(u.Spread) / 1000 * int64(hashOf(s.device.id)%1001))
	}
	return rest
}

// conclude ends a subtask as the options have it.
func (p *Platform) conclude(s *subtask, at time.Time) {
	u := p.options.Upgrade
	if u.Fail != nil {
		if code := u.Fail(s.device.id, s.tries); code != "" {
			s.result = code
			p.fail(s, at)
			return
		}
	}
	p.succeed(s, at)
}

// fail ends a subtask, or lets it wait for a retry: see Upgrade.AutoRetry.
func (p *Platform) fail(s *subtask, at time.Time) {
	u, code := p.options.Upgrade, p.failedCode(s.task)
	if !u.AutoRetry || s.task.tLink || s.retried >= s.task.retryTimes {
		p.setCode(s, code, at)
		return
	}
	s.retried++
	p.put(s, code, true, at)
	p.next(s, at, u.AutoRetryPause)
}

func (p *Platform) failedCode(t *task) int {
	if code := p.options.Upgrade.FailureCode; code != 0 && t.codes == &lwm2mCodes2019 {
		return code
	}
	return t.codes.failed
}

func (p *Platform) succeed(s *subtask, at time.Time) {
	s.result = resultSuccess
	s.device.version = s.task.firmware.version
	if !p.options.Upgrade.NoUpgradedVersion {
		s.versionAfter = s.task.firmware.version
	}
	p.setCode(s, s.task.codes.succeeded, at)
}

// beginCancel cancels a subtask that is not final. Only the 2019 table knows
// a time between.
func (p *Platform) beginCancel(s *subtask, at time.Time) {
	s.generation++
	s.cancelled = true
	if s.task.codes == &lwm2mCodes2019 {
		p.setCode(s, code2019Cancelling, at)
		p.next(s, at, p.options.Upgrade.CancelDelay)
		return
	}
	p.setCode(s, p.cancelledCode(s.task), at)
}

func (p *Platform) cancelledCode(t *task) int {
	if t.tLink && p.options.Quirks.TLinkCancelShowsFailed {
		return t.codes.failed
	}
	return t.codes.cancelled
}

// endCancel ends a cancelling. A device whose cancelling failed goes on
// upgrading, if its task was started.
func (p *Platform) endCancel(s *subtask, at time.Time) {
	if fails := p.options.Upgrade.CancelFails; fails == nil || !fails(s.device.id) {
		p.setCode(s, s.task.codes.cancelled, at)
		return
	}
	s.cancelled = false
	p.setCode(s, code2019CancelFailed, at)
	if s.task.status == Running {
		s.countUpgrade()
		s.stage = len(s.task.codes.stages) - 1
		p.next(s, at, max(p.options.Upgrade.UpgradeTime, time.Nanosecond))
	}
}

// countUpgrade counts an upgrade that passes over the first stage.
func (s *subtask) countUpgrade() {
	if s.tries == 0 || s.stage < 0 {
		s.device.upgrades++
	}
}

func (p *Platform) setCode(s *subtask, code int, at time.Time) {
	p.put(s, code, false, at)
}

// put is the only place that moves a subtask between states. It keeps the
// indexes, the device's occupation and the task's end in step.
func (p *Platform) put(s *subtask, code int, retrying bool, at time.Time) {
	was, t := s.final(), s.task
	t.state(s.code).remove(s.row)
	s.code, s.retrying = code, retrying
	if code == vanished {
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

// occupy lets a subtask hold its device.
func (p *Platform) occupy(s *subtask) {
	s.finished = time.Time{}
	s.device.current = s
	s.device.product.free.remove(s.device.serial - 1)
	s.task.joined.add(s.row)
}

// release lets a subtask give up its device, which another active subtask of
// the same task may hold as well.
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

func (p *Platform) finishIfDone(t *task, at time.Time) {
	if t.open > 0 {
		return
	}
	if t.status == Running || t.status == Pending && p.options.Quirks.CancelledPendingFinishes {
		t.status = Finished
		t.finished = at.UnixNano()
	}
}

func (t *task) state(code int) *indexSet { return indexOf(t.states, code) }
