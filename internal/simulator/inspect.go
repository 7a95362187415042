package simulator

import "time"

// Task is a main task as somebody at the console sees it.
type Task struct {
	ID, ProductID, FirmwareID int64
	Name, Description         string
	RetryTimes, TimeoutHours  int
	CreateBy, UpdateBy        string
	Status                    Status
	// DeviceCount is the number of subtasks, OpenCount of those that are not final.
	DeviceCount, OpenCount int
}

// Subtask is one device's part in a task as somebody at the console sees it.
type Subtask struct {
	ID, JobID     int64
	DeviceID      string
	Code          int
	Phase         Phase
	ResultCode    string
	VersionBefore string
	VersionAfter  string
	// Tries is how often the subtask has begun, Joins how often the device had
	// been joined to the task when the subtask was made.
	Tries, Joins int
	// Joined is true while the device stands in the joined list.
	Joined bool
}

// Device is a device as somebody at the console sees it.
type Device struct {
	ID, Name, SN, IMEI, GroupID, FirmwareVersion string
	// JobID is the task whose unfinished subtask occupies the device, or zero.
	JobID int64
}

func (t *task) snapshot() Task {
	return Task{
		ID: t.id, ProductID: t.product.id, FirmwareID: t.firmware.id, Name: t.name, Description: t.description,
		RetryTimes: t.retryTimes, TimeoutHours: t.timeoutHours, CreateBy: t.createBy, UpdateBy: t.updateBy,
		Status: t.status, DeviceCount: t.listed.count, OpenCount: t.open,
	}
}

func (s *subtask) snapshot() Subtask {
	return Subtask{
		ID: s.id, JobID: s.task.id, DeviceID: s.device.id, Code: s.code, Phase: s.phase(), ResultCode: s.result,
		VersionBefore: s.versionBefore, VersionAfter: s.versionAfter, Tries: s.tries, Joins: s.joins,
		Joined: s.task.joined.has(s.row),
	}
}

// Tasks returns the tasks of a product, the oldest first.
func (p *Platform) Tasks(productID int64) []Task {
	return inspect(p, func() []Task {
		owner := p.products[productID]
		if owner == nil {
			return nil
		}
		all := make([]Task, 0, len(owner.tasks))
		for _, t := range owner.tasks {
			all = append(all, t.snapshot())
		}
		return all
	})
}

// Task returns one task, and whether it exists.
func (p *Platform) Task(jobID int64) (Task, bool) {
	var seen Task
	err := p.actOn(jobID, func(t *task, _ time.Time) error {
		seen = t.snapshot()
		return nil
	})
	return seen, err == nil
}

// Subtasks returns the subtasks of a task in the order of joining, those that
// a T-Link cancel hid included. A device has several of them under
// Quirks.RejoinMakesSubtask and Quirks.AcceptSecondJoin.
func (p *Platform) Subtasks(jobID int64) []Subtask {
	var all []Subtask
	_ = p.actOn(jobID, func(t *task, _ time.Time) error {
		for _, s := range t.rows {
			if t.hasSubtask(s) {
				all = append(all, s.snapshot())
			}
		}
		return nil
	})
	return all
}

// Subtask returns the newest subtask of one device, and whether there is one.
func (p *Platform) Subtask(jobID int64, deviceID string) (Subtask, bool) {
	var seen Subtask
	err := p.actOnSubtask(jobID, deviceID, func(s *subtask, _ time.Time) { seen = s.snapshot() })
	return seen, err == nil
}

// DeviceIDs returns the ids of a product's devices in the order of seeding.
func (p *Platform) DeviceIDs(productID int64) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	owner := p.products[productID]
	if owner == nil {
		return nil
	}
	ids := make([]string, len(owner.devices))
	for i, d := range owner.devices {
		ids[i] = d.id
	}
	return ids
}

// Device returns one device, and whether it exists.
func (p *Platform) Device(productID int64, deviceID string) (seen Device, ok bool) {
	_ = p.act(func(time.Time) error {
		d := p.device(productID, deviceID)
		if d == nil {
			return nil
		}
		seen, ok = Device{
			ID: d.id, Name: d.name(), SN: d.sn(), IMEI: d.imei(), GroupID: d.group, FirmwareVersion: d.version,
		}, true
		if d.current != nil {
			seen.JobID = d.current.task.id
		}
		return nil
	})
	return seen, ok
}

func (p *Platform) device(productID int64, deviceID string) *device {
	if owner := p.products[productID]; owner != nil {
		return owner.byID[deviceID]
	}
	return nil
}

// TasksEverCreated returns how many tasks were made, deleted ones included.
func (p *Platform) TasksEverCreated() int {
	return inspect(p, func() int { return p.created })
}

// JoinCount returns how often a device was effectively joined to a task,
// even if the task was deleted since.
func (p *Platform) JoinCount(jobID int64, deviceID string) int {
	return inspect(p, func() int {
		t := p.everTask(jobID)
		if t == nil {
			return 0
		}
		if s := t.byDevice[t.product.byID[deviceID]]; s != nil {
			return s.joins
		}
		return 0
	})
}

// Upgrades returns how often an upgrade of a device has begun, over all tasks
// and tries. A device that was cancelled while it waited has not begun.
func (p *Platform) Upgrades(deviceID string) int {
	return inspect(p, func() int {
		sum := 0
		for _, owner := range p.products {
			if d := owner.byID[deviceID]; d != nil {
				sum += d.upgrades
			}
		}
		return sum
	})
}

// StartCount returns how often a task was effectively started, even if it
// was deleted since.
func (p *Platform) StartCount(jobID int64) int {
	return inspect(p, func() int {
		if t := p.everTask(jobID); t != nil {
			return t.starts
		}
		return 0
	})
}

func (p *Platform) everTask(jobID int64) *task {
	if t := p.tasks[jobID]; t != nil {
		return t
	}
	return p.deleted[jobID]
}
