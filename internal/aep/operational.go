package aep

import (
	"context"
	"strings"
)

// operation is an operation of /operational on devices or subtasks.
type operation int

const (
	opJoin   operation = 1
	opCancel operation = 2
	opRetry  operation = 3
)

type operationalBody struct {
	CreateBy       string       `json:"createBy"`
	DeviceIDList   string       `json:"deviceIdList,omitempty"`
	DeviceInfoList []deviceInfo `json:"deviceInfoList,omitempty"`
	JobID          int64        `json:"jobId"`
	Operational    operation    `json:"operational"`
	ProductID      int64        `json:"productId"`
	TaskIDList     string       `json:"taskIdList,omitempty"`
}

type deviceInfo struct {
	DeviceID string `json:"deviceId"`
}

// JoinDevices adds devices to a task. The response names no device: only the list of joined devices shows the
// outcome.
//
// API: OperationalRemoteUpgradeTask, POST /operational.
func (c *Client) JoinDevices(ctx context.Context, key TaskKey, protocol Protocol, deviceIDs []string) error {
	body := operationalBody{Operational: opJoin}
	if protocol == TLink {
		body.DeviceIDList = strings.Join(deviceIDs, ",")
		return c.operate(ctx, key, body)
	}
	body.DeviceInfoList = make([]deviceInfo, len(deviceIDs))
	for i, id := range deviceIDs {
		body.DeviceInfoList[i].DeviceID = id
	}
	return c.operate(ctx, key, body)
}

// CancelSubtasks cancels the upgrade of devices.
//
// API: OperationalRemoteUpgradeTask, POST /operational.
func (c *Client) CancelSubtasks(ctx context.Context, key TaskKey, subtaskIDs []int64) error {
	return c.operate(ctx, key, operationalBody{Operational: opCancel, TaskIDList: joined(subtaskIDs)})
}

// RetrySubtasks upgrades failed devices again. It is for LwM2M only.
//
// API: OperationalRemoteUpgradeTask, POST /operational.
func (c *Client) RetrySubtasks(ctx context.Context, key TaskKey, subtaskIDs []int64) error {
	return c.operate(ctx, key, operationalBody{Operational: opRetry, TaskIDList: joined(subtaskIDs)})
}

func joined(subtaskIDs []int64) string {
	ids := make([]string, len(subtaskIDs))
	for i, id := range subtaskIDs {
		ids[i] = decimal(id)
	}
	return strings.Join(ids, ",")
}

func (c *Client) operate(ctx context.Context, key TaskKey, body operationalBody) error {
	body.CreateBy, body.JobID, body.ProductID = c.config.Operator, key.TaskID, key.ProductID
	return c.write(ctx, message{endpoint: operational, productID: key.ProductID, taskID: key.TaskID, body: encodeBody(body)})
}
