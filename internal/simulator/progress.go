package simulator

import "time"

// failureResult is the resultCode of a device that fails. The Update Result 8
// of LwM2M is a failed firmware update.
const failureResult = "8"

// noResult is the resultCode of a subtask without a result. API: the example
// of /details. The document gives no code for a success. That of LwM2M is the
// Update Result of the standard.
const (
	noResult     = "-1"
	lwm2mSuccess = "1"
	tLinkSuccess = "0"
)

// advance performs all steps that are due.
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

// begin puts a subtask into the waiting state. This follows the start of a
// task, a join to a running task, and a retry.
func (p *Platform) begin(s *subtask, at time.Time) {
	s.stage = -1
	s.tries++
	s.result = noResult
	s.cancelled = false
	p.setCode(s, s.task.codes.waiting, at)
	p.stepAfter(s, at, p.options.Upgrade.WaitingTime)
}

// stepAfter schedules the next step, or performs it now if after is zero.
func (p *Platform) stepAfter(s *subtask, at time.Time, after time.Duration) {
	s.generation++
	if after <= 0 {
		p.step(s, at)
		return
	}
	p.agenda.schedule(at.Add(after).UnixNano(), s)
}

// step performs the next step of a subtask.
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
	switch held := p.options.Upgrade.holds(s.task); {
	case s.stage >= len(stages) && held:
		s.stage--
		p.stepAfter(s, at, max(p.stageTime(s, len(stages), true), shortestHold))
		return
	case s.stage >= len(stages):
		p.endUpgrade(s, at)
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
	p.stepAfter(s, at, p.stageTime(s, len(stages), last))
}

// shortestHold is the shortest time until a held subtask looks again.
const shortestHold = time.Second

// holds reports whether HoldAfter keeps the devices of a task in progress.
func (u *Upgrade) holds(t *task) bool {
	return u.HoldAfter > 0 && t.state(t.codes.succeeded).count >= u.HoldAfter
}

// stageTime returns the duration of a subtask's present stage.
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

// endUpgrade ends a subtask with the result that Upgrade.Fail demands.
func (p *Platform) endUpgrade(s *subtask, at time.Time) {
	if code := p.options.Upgrade.failure(s); code != "" {
		s.result = code
		p.fail(s, at)
		return
	}
	p.succeed(s, at)
}

// failure returns the result code of a subtask that fails, or "" for success.
func (u *Upgrade) failure(s *subtask) string {
	if u.Fail != nil {
		if code := u.Fail(s.device.id, s.tries); code != "" {
			return code
		}
	}
	if u.FailPercent > 0 && (u.FailVersion == "" || u.FailVersion == s.task.firmware.version) {
		return FailPercent(u.FailPercent, failureResult)(s.device.id, s.tries)
	}
	return ""
}

// fail ends a subtask, or schedules its retry. See Upgrade.AutoRetry.
func (p *Platform) fail(s *subtask, at time.Time) {
	u, code := p.options.Upgrade, p.failedCode(s.task)
	if !u.AutoRetry || s.task.tLink || s.retried >= s.task.retryTimes {
		p.setCode(s, code, at)
		return
	}
	s.retried++
	p.put(s, code, true, at)
	p.stepAfter(s, at, u.AutoRetryPause)
}

// failedCode returns the state code of a failed subtask.
func (p *Platform) failedCode(t *task) int {
	if code := p.options.Upgrade.FailureCode; code != 0 && t.codes == &lwm2mCodes2019 {
		return code
	}
	return t.codes.failed
}

func (p *Platform) succeed(s *subtask, at time.Time) {
	s.result = lwm2mSuccess
	if s.task.tLink {
		s.result = tLinkSuccess
	}
	s.device.version = s.task.firmware.version
	if !p.options.Upgrade.NoUpgradedVersion {
		s.versionAfter = s.task.firmware.version
	}
	p.setCode(s, s.task.codes.succeeded, at)
}

// countUpgrade counts an upgrade that did not pass the first stage.
func (s *subtask) countUpgrade() {
	if s.tries == 0 || s.stage < 0 {
		s.device.upgrades++
	}
}

// beginCancel cancels a subtask that is not final. Only the table of 2019 has
// a state for cancelling.
func (p *Platform) beginCancel(s *subtask, at time.Time) {
	s.generation++
	s.cancelled = true
	if s.task.codes == &lwm2mCodes2019 {
		p.setCode(s, code2019Cancelling, at)
		p.stepAfter(s, at, p.options.Upgrade.CancelDelay)
		return
	}
	p.setCode(s, p.cancelledCode(s.task), at)
}

// cancelledCode returns the state code of a cancelled subtask.
func (p *Platform) cancelledCode(t *task) int {
	if t.tLink && p.options.Quirks.TLinkCancelShowsFailed {
		return t.codes.failed
	}
	return t.codes.cancelled
}

// endCancel ends the cancelling of a subtask. If the cancel failed and the
// task was started, the upgrade continues.
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
		p.stepAfter(s, at, max(p.options.Upgrade.UpgradeTime, time.Nanosecond))
	}
}
