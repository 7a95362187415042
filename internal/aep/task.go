package aep

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// TaskKey identifies a task: the platform wants the product with every call.
type TaskKey struct {
	ProductID int64
	TaskID    int64
}

// String returns the key as Terraform's import writes it: "<product id>/<task id>".
func (k TaskKey) String() string { return fmt.Sprintf("%d/%d", k.ProductID, k.TaskID) }

// TaskStatus is jobStatus. The document shows 1 to 3 without naming them; other
// values are passed on as they are.
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

// Task is a main task (主任务): one firmware to be brought to a set of devices.
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
	TimeoutHours    int64     // T-Link: 1 to 168; 0 otherwise
	RetryTimes      *int64    // LwM2M: 0 to 3; nil if the platform does not say
	Elapsed         string    // takeTime, Chinese text such as "93时43分"; "" before the start
	CreatedAt       time.Time // zero if the platform gave none
	UpgradePlan     int64     // as the firmware's; 0 in TaskDetail
	DeviceStatus    int64     // meaning undocumented; 0 but in Task
	DeviceCount     int64     // only in TaskDetail
	// KnownProtocol is set by a caller that knows the protocol; 0 otherwise.
	KnownProtocol Protocol
	// Lacks names the first member that every task has and a row of a list lacks,
	// "" if none. Of such a row only the ids are to be believed.
	Lacks string
}

// Key returns the task's identity.
func (t Task) Key() TaskKey { return TaskKey{ProductID: t.ProductID, TaskID: t.ID} }

// Protocol returns the protocol, or infers it from the settings: only T-Link has
// a timeout, and only LwM2M has retries.
func (t Task) Protocol() Protocol {
	switch {
	case t.KnownProtocol != 0:
		return t.KnownProtocol
	case t.TimeoutHours > 0 && (t.RetryTimes == nil || *t.RetryTimes == 0):
		return TLink
	}
	return LwM2M
}

// CreateTaskRequest holds the settings of a new task. Exactly one of RetryTimes
// (LwM2M) and TimeoutHours (T-Link) is set.
type CreateTaskRequest struct {
	ProductID    int64
	FirmwareID   int64
	Name         string
	Description  string
	RetryTimes   *int64
	TimeoutHours *int64
}

// CreatedTask is what the platform tells of a task it has just made.
type CreatedTask struct {
	ID       int64
	Protocol Protocol // 0 if the platform did not say
}

// ModifyTaskRequest holds all the settings that can change; every one is sent
// every time.
type ModifyTaskRequest struct {
	Key          TaskKey
	Name         string
	Description  string
	RetryTimes   *int64
	TimeoutHours *int64
}

type wireTask struct {
	JobID           integer `json:"jobId"`
	ProductID       integer `json:"productId"`
	ProductName     text    `json:"productName"`
	ProductProtocol integer `json:"productProtocol"`
	TenantID        text    `json:"tenantId"`
	JobName         text    `json:"jobName"`
	JobDesc         text    `json:"jobDesc"`
	JobStatus       integer `json:"jobStatus"`
	DeviceStatus    integer `json:"deviceStatus"`
	FirmwareID      integer `json:"firmwareId"`
	FirmwareName    text    `json:"firmwareName"`
	FirmwareVersion text    `json:"firmwareVersion"`
	FirmwareURL     text    `json:"firmwareUrl"`
	FileName        text    `json:"fileName"`
	OutTime         integer `json:"outTime"`
	RetryTimes      integer `json:"retryTimes"`
	TakeTime        text    `json:"takeTime"`
	CreateTime      stamp   `json:"createTime"`
	UpgradePlan     integer `json:"upgradePlan"`
	AllNum          integer `json:"allNum"`
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

// lacks names the first member that every task has and this one lacks, "" if none.
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

// Task reads one task. For a missing one the platform's answer is not
// documented; see [MaybeGone].
//
// API: QueryRemoteUpgradeTask, GET /task.
func (c *Client) Task(ctx context.Context, key TaskKey) (Task, error) {
	return c.readTask(ctx, queryTask, key)
}

// TaskDetail reads one task with its number of devices.
//
// API: QueryRemoteUpgradeDetail, GET /detail.
func (c *Client) TaskDetail(ctx context.Context, key TaskKey) (Task, error) {
	return c.readTask(ctx, queryDetail, key)
}

func (c *Client) readTask(ctx context.Context, e *endpoint, key TaskKey) (Task, error) {
	m := c.taskMessage(e, key)
	m.query["productId"] = decimal(key.ProductID)
	return call(ctx, c, m, decoder[Task]{result: func(result json.RawMessage) (Task, error) {
		w, err := decodeTask(result)
		switch {
		case err != nil:
			return Task{}, err
		case w.JobID.value != key.TaskID:
			return Task{}, fmt.Errorf("it describes task %d", w.JobID.value)
		case w.ProductID.set && w.ProductID.value != key.ProductID:
			return Task{}, fmt.Errorf("it says that the task belongs to product %d", w.ProductID.value)
		case w.lacks() != "":
			return Task{}, fmt.Errorf("it has no %s", w.lacks())
		}
		return w.task(key.ProductID), nil
	}})
}

// CreateTask makes a task. It is not idempotent, and the API has no way to make
// it so: after an [Ambiguous] error, look for the task in [Client.Tasks].
//
// API: CreateRemoteUpgradeTask, POST /task.
func (c *Client) CreateTask(ctx context.Context, r CreateTaskRequest) (CreatedTask, error) {
	m := &message{endpoint: createTask, productID: r.ProductID, body: encodeBody(struct {
		CreateBy   string `json:"createBy"`
		FirmwareID int64  `json:"firmwareId"`
		JobDesc    string `json:"jobDesc,omitempty"`
		JobName    string `json:"jobName"`
		ProductID  int64  `json:"productId"`
		RetryTimes *int64 `json:"retryTimes,omitempty"`
		OutTime    string `json:"outTime,omitempty"`
	}{c.config.Operator, r.FirmwareID, r.Description, r.Name, r.ProductID, r.RetryTimes, outTime(r.TimeoutHours)})}
	return call(ctx, c, m, decoder[CreatedTask]{result: func(result json.RawMessage) (CreatedTask, error) {
		w, err := decodeTask(result)
		if err != nil {
			return CreatedTask{}, err
		}
		return CreatedTask{ID: w.JobID.value, Protocol: Protocol(w.ProductProtocol.value)}, nil
	}})
}

// ModifyTask replaces the settings of a task.
//
// API: ModifyRemoteUpgradeTask, PUT /task.
func (c *Client) ModifyTask(ctx context.Context, r ModifyTaskRequest) error {
	m := c.taskMessage(modifyTask, r.Key)
	m.body = encodeBody(struct {
		UpdateBy   string `json:"updateBy"`
		JobDesc    string `json:"jobDesc"`
		JobName    string `json:"jobName"`
		ProductID  int64  `json:"productId"`
		RetryTimes *int64 `json:"retryTimes,omitempty"`
		OutTime    string `json:"outTime,omitempty"`
	}{c.config.Operator, r.Description, r.Name, r.Key.ProductID, r.RetryTimes, outTime(r.TimeoutHours)})
	_, err := call(ctx, c, m, anyResult)
	return err
}

// DeleteTask deletes a task.
//
// API: DeleteRemoteUpgradeTask, DELETE /task.
func (c *Client) DeleteTask(ctx context.Context, key TaskKey) error {
	m := c.taskMessage(deleteTask, key)
	m.query["productId"] = decimal(key.ProductID)
	m.query["updateBy"] = c.config.Operator
	_, err := call(ctx, c, m, anyResult)
	return err
}

// runNow is the only way of running a task that the API offers.
const runNow = 2

// StartTask starts the upgrade of every device that has joined the task.
//
// API: ControlRemoteUpgradeTask, PUT /control.
func (c *Client) StartTask(ctx context.Context, key TaskKey) error {
	m := c.taskMessage(controlTask, key)
	m.body = encodeBody(struct {
		ProductID int64 `json:"productId"`
		RunStatus int   `json:"runStatus"`
	}{key.ProductID, runNow})
	_, err := call(ctx, c, m, anyResult)
	return err
}

func (c *Client) taskMessage(e *endpoint, key TaskKey) *message {
	return &message{endpoint: e, productID: key.ProductID, taskID: key.TaskID, query: map[string]string{"id": decimal(key.TaskID)}}
}

func decodeTask(result json.RawMessage) (*wireTask, error) {
	if isEmpty(result) {
		return nil, errEmpty
	}
	var w wireTask
	if err := json.Unmarshal(result, &w); err != nil {
		return nil, err
	}
	if w.JobID.value <= 0 {
		return nil, errEmpty
	}
	return &w, nil
}

// anyResult accepts whatever stands in result: the document says "SUCCESS", and
// code 0 has said so already.
var anyResult = decoder[struct{}]{result: func(json.RawMessage) (struct{}, error) { return struct{}{}, nil }}

// outTime writes the T-Link timeout, which the API wants as text.
func outTime(hours *int64) string {
	if hours == nil {
		return ""
	}
	return decimal(*hours)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
