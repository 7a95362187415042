package simulator

import "time"

// TaskDraft describes a task to create. LwM2M uses RetryTimes, T-Link uses
// TimeoutHours; the other field is ignored.
type TaskDraft struct {
	ProductID, FirmwareID       int64
	Name, Description, CreateBy string
	RetryTimes, TimeoutHours    int
}

// CreateTask creates a task and returns its id.
func (p *Platform) CreateTask(wanted TaskDraft) (jobID int64, err error) {
	err = p.act(func(now time.Time) error {
		d := draft{
			productID: wanted.ProductID, firmwareID: wanted.FirmwareID, name: wanted.Name,
			description: wanted.Description, createBy: wanted.CreateBy, retryTimes: &wanted.RetryTimes,
		}
		if owner := p.products[wanted.ProductID]; owner != nil && owner.protocol == ProtocolTLink {
			if wanted.TimeoutHours == 0 {
				wanted.TimeoutHours = defaultTimeoutHours
			}
			d.retryTimes, d.timeoutHours = nil, &wanted.TimeoutHours
		}
		t, err := p.createTask(d, now)
		if err != nil {
			return err
		}
		jobID = t.id
		return nil
	})
	return jobID, err
}

// ModifyTask changes a task in any state. It takes over name, description,
// retry times, timeout and the two operators.
func (p *Platform) ModifyTask(jobID int64, change func(*Task)) error {
	return p.actOn(jobID, func(t *task, now time.Time) error {
		seen := t.snapshot()
		change(&seen)
		t.settings = settings{seen.Name, seen.Description, seen.RetryTimes, seen.TimeoutHours}
		t.createBy, t.updateBy, t.visibleAt = seen.CreateBy, seen.UpdateBy, now
		return nil
	})
}

// DeleteTask deletes a task in any state and frees its devices.
func (p *Platform) DeleteTask(jobID int64) error {
	return p.actOn(jobID, func(t *task, now time.Time) error {
		p.freeDevices(t, now)
		p.removeTask(t)
		return nil
	})
}

// Join joins devices to a task by the rules of /operational.
func (p *Platform) Join(jobID int64, deviceIDs ...string) error {
	return p.actOn(jobID, func(t *task, now time.Time) error { return p.join(t, deviceIDs, now) })
}

// Cancel cancels devices of a task by the rules of /operational.
func (p *Platform) Cancel(jobID int64, deviceIDs ...string) error {
	return p.actOn(jobID, func(t *task, now time.Time) error {
		return p.cancel(t, t.subtaskIDs(deviceIDs, func(s *subtask) bool { return !s.final() }), now)
	})
}

// Retry retries devices of a task by the rules of /operational.
func (p *Platform) Retry(jobID int64, deviceIDs ...string) error {
	return p.actOn(jobID, func(t *task, now time.Time) error {
		return p.retry(t, t.subtaskIDs(deviceIDs, func(s *subtask) bool { return s.phase() == PhaseFailed }), now)
	})
}

// subtaskIDs returns the ids of the wanted subtasks of devices. A device
// without a wanted subtask gives the id of its newest, or 0 if it has none.
func (t *task) subtaskIDs(deviceIDs []string, wanted func(*subtask) bool) []int64 {
	ids := make([]int64, 0, len(deviceIDs))
	for _, id := range deviceIDs {
		before, newest := len(ids), int64(0)
		for s := range t.subtasksOf(t.product.byID[id]) {
			newest = max(newest, s.id)
			if wanted(s) {
				ids = append(ids, s.id)
			}
		}
		if len(ids) == before {
			ids = append(ids, newest)
		}
	}
	return ids
}

// Start starts a task by the rules of /control.
func (p *Platform) Start(jobID int64) error {
	return p.actOn(jobID, p.startTask)
}

// Finish makes every subtask that is not final succeed now.
func (p *Platform) Finish(jobID int64) error {
	return p.actOn(jobID, func(t *task, now time.Time) error {
		if t.status == Pending {
			t.status = Running
			t.started = now.UnixNano()
		}
		for _, s := range t.rows {
			if !s.final() {
				s.countUpgrade()
				s.generation++
				p.succeed(s, now)
			}
		}
		p.finishIfDone(t, now)
		return nil
	})
}

// SetSubtaskCode sets the state code of a subtask to any number. The code
// stays until the subtask is cancelled or retried.
func (p *Platform) SetSubtaskCode(jobID int64, deviceID string, code int) error {
	return p.actOnSubtask(jobID, deviceID, func(s *subtask, now time.Time) {
		s.generation++
		s.cancelled = s.task.codes.phase(code) == PhaseCancelled
		p.setCode(s, code, now)
	})
}

// SetSubtaskResult sets the result code and the version after the upgrade.
func (p *Platform) SetSubtaskResult(jobID int64, deviceID, resultCode, versionAfter string) error {
	return p.actOnSubtask(jobID, deviceID, func(s *subtask, _ time.Time) {
		s.result, s.versionAfter = resultCode, versionAfter
	})
}

// SetTaskStatus sets the state of a task. Its subtasks do not change.
func (p *Platform) SetTaskStatus(jobID int64, status Status) error {
	return p.actOn(jobID, func(t *task, now time.Time) error {
		if status != Pending && t.started == 0 {
			t.started = now.UnixNano()
		}
		t.status, t.finished = status, now.UnixNano()
		return nil
	})
}

// SetJobStatusCode sets the number that is shown as jobStatus in every state.
// Zero removes it.
func (p *Platform) SetJobStatusCode(jobID int64, code int) error {
	return p.actOn(jobID, func(t *task, _ time.Time) error {
		t.statusCode = code
		return nil
	})
}

// AddDevices adds devices to a product and returns their ids. It does not
// change a device that exists.
func (p *Platform) AddDevices(productID int64, seeds ...DeviceSeed) ([]string, error) {
	ids := make([]string, 0, len(seeds))
	err := p.actOnProduct(productID, func(owner *product) {
		for _, seed := range seeds {
			ids = append(ids, owner.addDevice(seed).id)
		}
	})
	return ids, err
}

// SetDeviceGroup puts devices into a group. The empty text removes them from
// their group.
func (p *Platform) SetDeviceGroup(productID int64, group string, deviceIDs ...string) error {
	return p.actOnProduct(productID, func(owner *product) {
		for _, id := range deviceIDs {
			if d := owner.byID[id]; d != nil {
				p.regroup(d, group)
			}
		}
	})
}

// regroup changes the group of a device, in its product and in all tasks that
// list it.
func (p *Platform) regroup(d *device, group string) {
	for _, t := range d.product.tasks {
		for s := range t.subtasksOf(d) {
			t.group(d.group).remove(s.row)
			if group != "" {
				t.group(group).add(s.row)
			}
		}
	}
	d.product.regroup(d, group)
}

// Configure changes the options of a running platform. Products, ClockOffset
// and JournalLimit have no effect here. A task keeps its code table.
func (p *Platform) Configure(change func(*Options)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advance(time.Now())
	change(&p.options)
	p.options.fill()
}

// SetClockOffset sets the difference of the platform's clock from time.Now.
// It does not change the progress of devices.
func (p *Platform) SetClockOffset(offset time.Duration) {
	p.clockOffset.Store(int64(offset))
}
