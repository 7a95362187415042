package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// join adds subtasks for devices. The document is silent on most refusals:
// Quirks decides.
func (p *Platform) join(t *task, ids []string, now time.Time) error {
	switch {
	case t.status == Finished:
		return refuse(CodeTaskState, "任务已完成,不允许加入设备")
	case t.status == Running && p.options.Quirks.RefuseJoinRunning:
		return refuse(CodeTaskState, "任务正在升级中,不允许加入设备")
	}
	ids, refusal := limited(p.options.Quirks, ids, CodeDevice)
	if len(ids) == 0 {
		return refusal
	}
	var joining []*device
	var bad []string
	within := make(map[*device]bool, len(ids))
	for _, id := range ids {
		d := p.deviceByID(t.product, id)
		problem, ignored := p.joinProblem(t, d, within)
		switch {
		case problem != "":
			bad = append(bad, id+" "+problem)
		case p.stops(bad):
		case !ignored:
			within[d] = true
			joining = append(joining, d)
		}
	}
	return p.finishBatch(bad, CodeDevice, refusal, func() {
		first := len(t.rows)
		for _, d := range joining {
			p.attach(t, d, now)
		}
		t.hideJoin(p.options.Quirks, first, now)
	})
}

// joinProblem returns the reason to refuse a device, or whether to ignore it.
func (p *Platform) joinProblem(t *task, d *device, within map[*device]bool) (problem string, ignored bool) {
	if d == nil {
		return "设备不存在", false
	}
	again := p.mayJoinAgain(t, d, within)
	if !again && (within[d] || t.hasJoined(d)) {
		if p.options.Quirks.IgnoreRejoin {
			return "", true
		}
		return "设备已加入该任务", false
	}
	if d.current != nil && !(again && d.current.task == t) {
		return fmt.Sprintf("设备已在其他升级任务%d中", d.current.task.id), false
	}
	return "", false
}

// mayJoinAgain reports whether a device may get another subtask in its task.
func (p *Platform) mayJoinAgain(t *task, d *device, within map[*device]bool) bool {
	if p.options.Quirks.AcceptSecondJoin {
		return true
	}
	s := t.byDevice[d]
	return p.options.Quirks.RejoinMakesSubtask && !within[d] && s != nil && s.cancelled && t.active(d) == nil
}

// attach makes the subtask of a device.
func (p *Platform) attach(t *task, d *device, now time.Time) {
	s := &subtask{
		id: firstSubtaskID + int64(len(p.subtasks)), task: t, device: d, row: len(t.rows),
		code: t.codes.joined, joins: 1, result: noResult,
	}
	p.subtasks = append(p.subtasks, s)
	t.rows = append(t.rows, s)
	t.link(s, !t.hasJoined(d) && !p.options.Quirks.RejoinMakesSubtask)
	t.listed.add(s.row)
	t.state(s.code).add(s.row)
	if d.group != "" {
		t.group(d.group).add(s.row)
	}
	t.open++
	p.occupy(s)
	if t.status == Running {
		p.begin(s, now)
	}
}

// cancel cancels the subtasks of a batch.
func (p *Platform) cancel(t *task, ids []int64, now time.Time) error {
	return p.changeSubtasks(t, ids, func(s *subtask) (problem string, ignored bool) {
		if s.final() {
			return "子任务已结束", p.options.Quirks.IgnoreCancelFinal
		}
		return "", false
	}, func(s *subtask) {
		// An id that is in the list twice is final the second time.
		if !s.final() && (s.code != code2019Cancelling || s.task.tLink) {
			p.beginCancel(s, now)
		}
	})
}

// retry retries the failed subtasks of a batch. API: LwM2M only.
func (p *Platform) retry(t *task, ids []int64, now time.Time) error {
	if t.tLink {
		return refuse(CodeProtocol, "T_Link协议不支持重试升级")
	}
	return p.changeSubtasks(t, ids, func(s *subtask) (problem string, ignored bool) {
		switch {
		case s.phase() != PhaseFailed:
			return "子任务未失败,不能重试", false
		case s.device.current != nil && s.device.current != s:
			return "设备已在其他升级任务中", false
		}
		return "", false
	}, func(s *subtask) {
		if s.phase() == PhaseFailed {
			s.versionAfter = ""
			p.begin(s, now)
		}
	})
}

// changeSubtasks checks the subtasks of a batch and applies a change to the
// good ones.
func (p *Platform) changeSubtasks(t *task, ids []int64, check func(*subtask) (problem string, ignored bool), apply func(*subtask)) error {
	ids, refusal := limited(p.options.Quirks, ids, CodeSubtask)
	if len(ids) == 0 {
		return refusal
	}
	var good []*subtask
	var bad []string
	for _, id := range ids {
		s, problem, ignored := p.subtask(t, id), "子任务不存在", false
		if s != nil {
			problem, ignored = check(s)
		}
		switch {
		case ignored:
		case problem != "":
			bad = append(bad, fmt.Sprintf("%d %s", id, problem))
		case p.stops(bad):
		default:
			good = append(good, s)
		}
	}
	return p.finishBatch(bad, CodeSubtask, refusal, func() {
		for _, s := range good {
			apply(s)
		}
	})
}

// subtask returns the subtask of a task with an id, or nil. Ids are
// consecutive over the whole platform.
func (p *Platform) subtask(t *task, id int64) *subtask {
	i := id - firstSubtaskID
	if i < 0 || i >= int64(len(p.subtasks)) || p.subtasks[i].task != t {
		return nil
	}
	s := p.subtasks[i]
	if !t.hasSubtask(s) {
		return nil // Another subtask has replaced it.
	}
	return s
}

// limited returns the ids of a batch that are served, and the error of a batch
// that is refused for its size. code is that of a bad id.
func limited[T any](quirks Quirks, ids []T, code int) ([]T, error) {
	most := quirks.MaxOperationalIDs
	if most <= 0 || len(ids) <= most {
		return ids, nil
	}
	if !quirks.OneRefusal {
		code = CodeTooManyIDs
	}
	switch quirks.TooManyIDs {
	case TooManyIDsBadRequest:
		return nil, gateway(http.StatusBadRequest, "Request body exceeds %d ids", most)
	case TooManyIDsTimeout:
		return nil, &gatewayError{status: http.StatusGatewayTimeout, desc: "Gateway Timeout", after: quirks.GatewayTimeout}
	case TooManyIDsTruncated:
		return ids[:most], nil
	case TooManyIDsReported:
		return ids[:most], refuse(code, "单次操作设备数不能超过%d", most)
	default:
		return nil, refuse(code, "单次操作设备数不能超过%d", most)
	}
}

// stops reports whether no further id of a batch is served after bad ones.
func (p *Platform) stops(bad []string) bool {
	return len(bad) > 0 && p.options.Quirks.BadID == BadIDStops
}

// finishBatch calls apply and returns the response's error, as Quirks.BadID
// demands. refusal is the error if no id is bad.
func (p *Platform) finishBatch(bad []string, code int, refusal error, apply func()) error {
	if len(bad) == 0 || p.options.Quirks.BadID != BadIDRejects {
		apply()
	}
	if len(bad) == 0 || p.options.Quirks.BadID == BadIDSkipped {
		return refusal
	}
	const shown = 5
	text := strings.Join(bad[:min(len(bad), shown)], "; ")
	return refuse(code, "操作失败(%d): %s", len(bad), text)
}
