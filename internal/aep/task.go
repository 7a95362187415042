package aep

import (
	"fmt"
	"time"
)

// TaskKey identifies a task. The platform wants the product in every call too.
type TaskKey struct {
	ProductID int64
	TaskID    int64
}

// String returns "<product id>/<task id>".
func (k TaskKey) String() string { return fmt.Sprintf("%d/%d", k.ProductID, k.TaskID) }

// Object returns "task <task id> of product <product id>", for messages.
func (k TaskKey) Object() string { return fmt.Sprintf("task %d of product %d", k.TaskID, k.ProductID) }

// TaskStatus is jobStatus. The API document has 1 to 3 without names. Other values are possible.
type TaskStatus int64

// The known values of TaskStatus.
const (
	TaskPending  TaskStatus = 1
	TaskRunning  TaskStatus = 2
	TaskFinished TaskStatus = 3
)

// String returns "pending", "running", "finished" or "unknown_<n>".
func (s TaskStatus) String() string {
	switch s {
	case TaskPending:
		return "pending"
	case TaskRunning:
		return "running"
	case TaskFinished:
		return "finished"
	default:
		return fmt.Sprintf("unknown_%d", int64(s))
	}
}

// Task is a main task (主任务): the upgrade of a set of devices to one firmware.
type Task struct {
	ID              int64
	ProductID       int64
	ProductName     string // "" in TaskDetail
	TenantID        string
	Name            string
	Description     string
	Status          TaskStatus
	FirmwareID      int64
	FirmwareName    string
	FirmwareVersion string
	FirmwareURL     string
	FileName        string
	TimeoutHours    int64     // T-Link: 1 to 168; 0 if the platform gave none
	RetryTimes      *int64    // LwM2M: 0 to 3; nil if the platform gave none
	Elapsed         string    // takeTime, Chinese text such as "93时43分"; "" before the start
	CreatedAt       time.Time // zero if the platform gave none
	UpgradePlan     int64     // as the firmware's; 0 in TaskDetail
	DeviceStatus    int64     // undocumented; only in Task
	DeviceCount     int64     // only in TaskDetail
	// KnownProtocol is set by a caller that knows the protocol, 0 otherwise.
	KnownProtocol Protocol
	// Lacks is the name of the first member that every task has and this row of a list lacks, "" if none.
	// Only the ids of such a row are reliable.
	Lacks string
}

// Key returns the task's identity.
func (t Task) Key() TaskKey { return TaskKey{ProductID: t.ProductID, TaskID: t.ID} }

// Protocol returns KnownProtocol if it is set. Otherwise it infers the protocol from the settings. Only
// retries are a proof: they mean LwM2M. A timeout suggests T-Link, but a platform may show one for LwM2M too.
// A task with neither counts as LwM2M, although a T-Link task may lack its timeout.
func (t Task) Protocol() Protocol {
	switch {
	case t.KnownProtocol != 0:
		return t.KnownProtocol
	case t.TimeoutHours > 0 && (t.RetryTimes == nil || *t.RetryTimes == 0):
		return TLink
	}
	return LwM2M
}

type wireTask struct {
	JobID           integer  `json:"jobId"`
	ProductID       integer  `json:"productId"`
	ProductName     text     `json:"productName"`
	ProductProtocol integer  `json:"productProtocol"`
	TenantID        text     `json:"tenantId"`
	JobName         text     `json:"jobName"`
	JobDesc         text     `json:"jobDesc"`
	JobStatus       integer  `json:"jobStatus"`
	DeviceStatus    integer  `json:"deviceStatus"`
	FirmwareID      integer  `json:"firmwareId"`
	FirmwareName    text     `json:"firmwareName"`
	FirmwareVersion text     `json:"firmwareVersion"`
	FirmwareURL     text     `json:"firmwareUrl"`
	FileName        text     `json:"fileName"`
	OutTime         integer  `json:"outTime"`
	RetryTimes      integer  `json:"retryTimes"`
	TakeTime        text     `json:"takeTime"`
	CreateTime      wireTime `json:"createTime"`
	UpgradePlan     integer  `json:"upgradePlan"`
	AllNum          integer  `json:"allNum"`
}

func (w *wireTask) task(productID int64) Task {
	return Task{
		ID: w.JobID.value, ProductID: w.ProductID.or(productID), ProductName: string(w.ProductName),
		TenantID: string(w.TenantID), Name: string(w.JobName), Description: string(w.JobDesc),
		Status: TaskStatus(w.JobStatus.value), FirmwareID: w.FirmwareID.value,
		FirmwareName: string(w.FirmwareName), FirmwareVersion: string(w.FirmwareVersion),
		FirmwareURL: string(w.FirmwareURL), FileName: string(w.FileName),
		TimeoutHours: w.OutTime.value, RetryTimes: w.RetryTimes.pointer(), Elapsed: string(w.TakeTime),
		CreatedAt: w.CreateTime.Time, UpgradePlan: w.UpgradePlan.value,
		DeviceStatus: w.DeviceStatus.value, DeviceCount: w.AllNum.value, Lacks: w.lacks(),
	}
}

// isMissing reports whether the result has no task.
func (w *wireTask) isMissing() bool { return w == nil || w.JobID.value <= 0 }

// lacks returns the name of the first member that every task has and w lacks, "" if none.
func (w *wireTask) lacks() string {
	switch {
	case w.FirmwareID.value <= 0:
		return "firmwareId"
	case w.JobName == "":
		return "jobName"
	case !w.JobStatus.set:
		return "jobStatus"
	}
	return ""
}
