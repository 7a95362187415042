package simulator

import (
	"cmp"
	"time"
)

// Task is a snapshot of a task.
type Task struct {
	ID, ProductID, FirmwareID int64
	Name, Description         string
	RetryTimes, TimeoutHours  int
	CreateBy, UpdateBy        string
	Status                    Status
	// FirmwareVersion is the version of the firmware, also after its deletion.
	FirmwareVersion string
	// DeviceCount is the number of subtasks, OpenCount the number that is not
	// final.
	DeviceCount, OpenCount int
}

// Subtask is a snapshot of a subtask: one device in one task.
type Subtask struct {
	ID, JobID     int64
	DeviceID      string
	Code          int
	Phase         Phase
	ResultCode    string
	VersionBefore string
	VersionAfter  string
	// Tries counts the upgrades of the subtask. Joins counts the joins of the
	// device to the task up to this subtask.
	Tries, Joins int
	// Elsewhere is true while an unfinished subtask of another task has the
	// device.
	Elsewhere bool
	// Joined is true while the joined list has the subtask.
	Joined bool
}

// Device is a snapshot of a device.
type Device struct {
	ID, Name, SN, IMEI, GroupID, FirmwareVersion string
	// JobID is the task whose unfinished subtask has the device, or zero.
	JobID int64
}

func (t *task) snapshot() Task {
	return Task{
		ID: t.id, ProductID: t.product.id, FirmwareID: t.firmware.id, Name: t.name, Description: t.description,
		RetryTimes: t.retryTimes, TimeoutHours: t.timeoutHours, CreateBy: t.createBy, UpdateBy: t.updateBy,
		Status: t.status, FirmwareVersion: t.firmware.version, DeviceCount: t.listed.count, OpenCount: t.open,
	}
}

func (s *subtask) snapshot() Subtask {
	return Subtask{
		ID: s.id, JobID: s.task.id, DeviceID: s.device.id, Code: s.code, Phase: s.phase(), ResultCode: s.result,
		VersionBefore: s.versionBefore, VersionAfter: s.versionAfter, Tries: s.tries, Joins: s.joins,
		Joined: s.task.joined.has(s.row), Elsewhere: s.device.current != nil && s.device.current.task != s.task,
	}
}

// Tasks returns the tasks of a product, oldest first.
func (p *Platform) Tasks(productID int64) []Task {
	var all []Task
	_ = p.actOnProduct(productID, func(owner *product) {
		for _, t := range owner.tasks {
			all = append(all, t.snapshot())
		}
	})
	return all
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

// Subtasks returns the subtasks of a task in the order of joining. Some of them
// may be in no list. Under Quirks.RejoinMakesSubtask and
// Quirks.AcceptSecondJoin a device can have several.
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

// Subtask returns the newest subtask of one device, and whether it exists.
func (p *Platform) Subtask(jobID int64, deviceID string) (Subtask, bool) {
	var seen Subtask
	err := p.actOnSubtask(jobID, deviceID, func(s *subtask, _ time.Time) { seen = s.snapshot() })
	return seen, err == nil
}

// DeviceIDs returns the ids of a product's devices in the order of seeding.
func (p *Platform) DeviceIDs(productID int64) []string {
	var ids []string
	_ = p.actOnProduct(productID, func(owner *product) {
		ids = make([]string, len(owner.devices))
		for i, d := range owner.devices {
			ids[i] = d.id
		}
	})
	return ids
}

// Device returns one device, and whether it exists.
func (p *Platform) Device(productID int64, deviceID string) (seen Device, ok bool) {
	_ = p.actOnProduct(productID, func(owner *product) {
		d := owner.byID[deviceID]
		if d == nil {
			return
		}
		seen, ok = Device{
			ID: d.id, Name: d.name(), SN: d.sn(), IMEI: d.imei(), GroupID: d.group, FirmwareVersion: d.version,
		}, true
		if d.current != nil {
			seen.JobID = d.current.task.id
		}
	})
	return seen, ok
}

// TasksEverCreated returns the number of tasks ever created, deleted ones
// included.
func (p *Platform) TasksEverCreated() int {
	return inspect(p, func() int { return p.created })
}

// JoinCount returns the number of effective joins of a device to a task. The
// task may have been deleted.
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

// Upgrades returns the number of upgrades that a device has begun, over all
// tasks and tries. A device that was cancelled while waiting has not begun.
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

// StartCount returns the number of effective starts of a task. The task may
// have been deleted.
func (p *Platform) StartCount(jobID int64) int {
	return inspect(p, func() int {
		if t := p.everTask(jobID); t != nil {
			return t.starts
		}
		return 0
	})
}

// everTask returns a task, deleted or not, or nil.
func (p *Platform) everTask(jobID int64) *task { return cmp.Or(p.tasks[jobID], p.deleted[jobID]) }
