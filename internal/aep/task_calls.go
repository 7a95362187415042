package aep

import (
	"context"
	"fmt"
)

// CreateTaskRequest has the settings of a new task. Either RetryTimes (LwM2M) or TimeoutHours (T-Link) must
// be set.
type CreateTaskRequest struct {
	ProductID    int64
	FirmwareID   int64
	Name         string
	Description  string
	RetryTimes   *int64
	TimeoutHours *int64
}

// CreatedTask is the result of CreateTask.
type CreatedTask struct {
	ID       int64
	Protocol Protocol // 0 if the platform gave none
}

// ModifyTaskRequest has all settings that can change. All of them are sent.
type ModifyTaskRequest struct {
	Key          TaskKey
	Name         string
	Description  string
	RetryTimes   *int64
	TimeoutHours *int64
}

// Task reads one task. The response for a missing task is not documented; see [MaybeGone].
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
	m := taskMessage(e, key)
	m.query["productId"] = decimal(key.ProductID)
	return call(ctx, c, m, func(w *wireTask) (Task, error) {
		switch {
		case w.isMissing():
			return Task{}, errEmpty
		case w.JobID.value != key.TaskID:
			return Task{}, fmt.Errorf("it describes task %d", w.JobID.value)
		case w.ProductID.set && w.ProductID.value != key.ProductID:
			return Task{}, fmt.Errorf("it describes a task of product %d", w.ProductID.value)
		case w.lacks() != "":
			return Task{}, fmt.Errorf("it has no %s", w.lacks())
		}
		return w.task(key.ProductID), nil
	})
}

// CreateTask creates a task. It is not idempotent. After an [Ambiguous] error, look for the task with
// [Client.Tasks].
//
// API: CreateRemoteUpgradeTask, POST /task.
func (c *Client) CreateTask(ctx context.Context, r CreateTaskRequest) (CreatedTask, error) {
	m := message{endpoint: createTask, productID: r.ProductID, body: encodeBody(struct {
		CreateBy   string `json:"createBy"`
		FirmwareID int64  `json:"firmwareId"`
		JobDesc    string `json:"jobDesc,omitempty"`
		JobName    string `json:"jobName"`
		ProductID  int64  `json:"productId"`
		RetryTimes *int64 `json:"retryTimes,omitempty"`
		OutTime    *int64 `json:"outTime,omitempty,string"` // a text on the wire
	}{c.config.Operator, r.FirmwareID, r.Description, r.Name, r.ProductID, r.RetryTimes, r.TimeoutHours})}
	return call(ctx, c, m, func(w *wireTask) (CreatedTask, error) {
		if w.isMissing() {
			return CreatedTask{}, errEmpty
		}
		return CreatedTask{ID: w.JobID.value, Protocol: Protocol(w.ProductProtocol.value)}, nil
	})
}

// ModifyTask replaces the settings of a task.
//
// API: ModifyRemoteUpgradeTask, PUT /task.
func (c *Client) ModifyTask(ctx context.Context, r ModifyTaskRequest) error {
	m := taskMessage(modifyTask, r.Key)
	m.body = encodeBody(struct {
		UpdateBy   string `json:"updateBy"`
		JobDesc    string `json:"jobDesc"`
		JobName    string `json:"jobName"`
		ProductID  int64  `json:"productId"`
		RetryTimes *int64 `json:"retryTimes,omitempty"`
		OutTime    *int64 `json:"outTime,omitempty,string"` // a text on the wire
	}{c.config.Operator, r.Description, r.Name, r.Key.ProductID, r.RetryTimes, r.TimeoutHours})
	return c.write(ctx, m)
}

// DeleteTask deletes a task.
//
// API: DeleteRemoteUpgradeTask, DELETE /task.
func (c *Client) DeleteTask(ctx context.Context, key TaskKey) error {
	m := taskMessage(deleteTask, key)
	m.query["productId"] = decimal(key.ProductID)
	m.query["updateBy"] = c.config.Operator
	return c.write(ctx, m)
}

// StartTask starts the upgrade of all devices of the task.
//
// API: ControlRemoteUpgradeTask, PUT /control.
func (c *Client) StartTask(ctx context.Context, key TaskKey) error {
	const runNow = 2 // the only value in the API document
	m := taskMessage(controlTask, key)
	m.body = encodeBody(struct {
		ProductID int64 `json:"productId"`
		RunStatus int   `json:"runStatus"`
	}{key.ProductID, runNow})
	return c.write(ctx, m)
}
