package simulator

import (
	"fmt"
	"strings"
	"time"
)

// batch is what one /operational call may do, and what is wrong with the rest.
type batch struct {
	good []*subtask
	new  []*device
	bad  []string
}

// settle decides what the bad ids do to the good ones, and the answer.
func (p *Platform) settle(b batch, code int, apply func()) error {
	if len(b.bad) == 0 || p.options.Quirks.BadID != BadIDRejects {
		apply()
	}
	if len(b.bad) == 0 || p.options.Quirks.BadID == BadIDSkipped {
		return nil
	}
	const shown = 5
	text := strings.Join(b.bad[:min(len(b.bad), shown)], "; ")
	return refuse(code, "操作失败(%d): %s", len(b.bad), text)
}

func (p *Platform) limitIDs(n int) error {
	if most := p.options.Quirks.MaxOperationalIDs; most > 0 && n > most {
		return refuse(CodeTooManyIDs, "单次操作设备数不能超过%d", most)
	}
	return nil
}

func (p *Platform) join(t *task, ids []string, now time.Time) error {
	switch {
	case t.status == Finished:
		return refuse(CodeTaskState, "任务已完成,不允许加入设备")
	case t.status == Running && p.options.Quirks.RefuseJoinRunning:
		return refuse(CodeTaskState, "任务正在升级中,不允许加入设备")
	}
	if err := p.limitIDs(len(ids)); err != nil {
		return err
	}
	var b batch
	within := make(map[*device]bool, len(ids))
	for _, id := range ids {
		d := p.deviceByID(t.product, id)
		problem, ignored := p.whyNotJoin(t, d, within)
		switch {
		case problem != "":
			b.bad = append(b.bad, id+" "+problem)
		case !ignored:
			within[d] = true
			b.new = append(b.new, d)
		}
	}
	return p.settle(b, CodeDevice, func() {
		first := len(t.rows)
		for _, d := range b.new {
			p.attach(t, d, now)
		}
		t.arrive(first, now.Add(p.options.Quirks.JoinLag))
	})
}

// whyNotJoin tells what is wrong with joining a device, or that it is to be
// passed over in silence.
func (p *Platform) whyNotJoin(t *task, d *device, within map[*device]bool) (problem string, ignored bool) {
	if d == nil {
		return "设备不存在", false
	}
	again := p.joinsAgain(t, d, within)
	if !again && (within[d] || t.joins(d)) {
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

// joinsAgain tells whether a device may get another subtask in a task that
// lists it.
func (p *Platform) joinsAgain(t *task, d *device, within map[*device]bool) bool {
	if p.options.Quirks.AcceptSecondJoin {
		return true
	}
	s := t.byDevice[d]
	return p.options.Quirks.RejoinMakesSubtask && !within[d] && s != nil && s.cancelled && t.active(d) == nil
}

func (p *Platform) attach(t *task, d *device, now time.Time) {
	s := &subtask{
		id: firstSubtaskID + int64(len(p.subtasks)), task: t, device: d, row: len(t.rows),
		code: t.codes.joined, joins: 1, result: noResult,
	}
	p.subtasks = append(p.subtasks, s)
	t.rows = append(t.rows, s)
	t.link(s, !t.joins(d) && !p.options.Quirks.RejoinMakesSubtask)
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

func (t *task) group(name string) *indexSet {
	set := t.groups[name]
	if set == nil {
		set = &indexSet{}
		t.groups[name] = set
	}
	return set
}

// subtask finds one of the task's own subtasks in O(1): ids are given out in
// one row over the whole platform.
func (p *Platform) subtask(t *task, id int64) *subtask {
	i := id - firstSubtaskID
	if i < 0 || i >= int64(len(p.subtasks)) || p.subtasks[i].task != t {
		return nil
	}
	s := p.subtasks[i]
	if !t.holds(s) {
		return nil // The device was joined anew.
	}
	return s
}

func (p *Platform) cancel(t *task, ids []int64, now time.Time) error {
	if err := p.limitIDs(len(ids)); err != nil {
		return err
	}
	var b batch
	for _, id := range ids {
		s := p.subtask(t, id)
		switch {
		case s == nil:
			b.bad = append(b.bad, fmt.Sprintf("%d 子任务不存在", id))
		case !s.final():
			b.good = append(b.good, s)
		case !p.options.Quirks.IgnoreCancelFinal:
			b.bad = append(b.bad, fmt.Sprintf("%d 子任务已结束", id))
		}
	}
	return p.settle(b, CodeSubtask, func() {
		for _, s := range b.good {
			// An id that stands twice in the list is final the second time.
			if !s.final() && (s.code != code2019Cancelling || s.task.tLink) {
				p.beginCancel(s, now)
			}
		}
	})
}

func (p *Platform) retry(t *task, ids []int64, now time.Time) error {
	if t.tLink {
		return refuse(CodeProtocol, "T_Link协议不支持重试升级")
	}
	if err := p.limitIDs(len(ids)); err != nil {
		return err
	}
	var b batch
	for _, id := range ids {
		s := p.subtask(t, id)
		switch {
		case s == nil:
			b.bad = append(b.bad, fmt.Sprintf("%d 子任务不存在", id))
		case s.phase() != PhaseFailed:
			b.bad = append(b.bad, fmt.Sprintf("%d 子任务未失败,不能重试", id))
		case s.device.current != nil && s.device.current != s:
			b.bad = append(b.bad, fmt.Sprintf("%d 设备已在其他升级任务中", id))
		default:
			b.good = append(b.good, s)
		}
	}
	return p.settle(b, CodeSubtask, func() {
		for _, s := range b.good {
			if s.phase() == PhaseFailed {
				s.versionAfter = ""
				p.begin(s, now)
			}
		}
	})
}
