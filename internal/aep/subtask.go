package aep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// SubtaskCode is the raw state of a subtask (taskState, taskStatus). What a
// number means depends on the protocol and, for LwM2M, on which of two tables
// the platform follows; see package campaign.
type SubtaskCode int64

// NoSubtaskCode stands where the platform gave no state.
const NoSubtaskCode SubtaskCode = -1

// TLinkSubtaskCodes are the states that T-Link subtasks can be asked for, in
// the order in which a subtask passes through them. Asking for one is mandatory.
var TLinkSubtaskCodes = []SubtaskCode{1, 2, 3, 4}

// Subtask is the upgrade of one device within a task (子任务).
type Subtask struct {
	ID            int64
	DeviceID      string
	DeviceName    string
	DeviceSN      string
	IMEI          string
	Code          SubtaskCode
	ResultCode    string // "-1" or "" while there is no result; other values are undocumented
	VersionBefore string
	VersionAfter  string
	UpdatedAt     time.Time // zero if the platform gave none
	FinishedAt    time.Time // zero if the platform gave none
}

// SubtaskQuery selects subtasks of a task.
type SubtaskQuery struct {
	Key TaskKey
	// Codes restricts the listing to these states, asked for one after the
	// other. For a T-Link task it must not be empty, for LwM2M empty means all.
	Codes  []SubtaskCode
	Search string // part of a device's id, number, IMEI or name
}

type wireSubtask struct {
	TaskID            integer `json:"taskId"`
	DeviceID          text    `json:"deviceId"`
	DeviceName        text    `json:"deviceName"`
	DeviceSN          text    `json:"deviceSn"`
	IMEI              text    `json:"imei"`
	TaskState         integer `json:"taskState"`
	ResultCode        text    `json:"resultCode"`
	PreUpgradeVersion text    `json:"preUpgradeVersion"`
	UpgradedVersion   text    `json:"upgradedVersion"`
	UpdateTime        stamp   `json:"updateTime"`
	FinishTime        stamp   `json:"finishTime"`
}

func (w *wireSubtask) subtask() (Subtask, error) {
	if w.TaskID.value <= 0 {
		return Subtask{}, errors.New("a subtask in it has no taskId")
	}
	return Subtask{
		ID: w.TaskID.value, DeviceID: string(w.DeviceID), DeviceName: string(w.DeviceName),
		DeviceSN: string(w.DeviceSN), IMEI: string(w.IMEI),
		Code: SubtaskCode(w.TaskState.or(int64(NoSubtaskCode))), ResultCode: string(w.ResultCode),
		VersionBefore: string(w.PreUpgradeVersion), VersionAfter: string(w.UpgradedVersion),
		UpdatedAt: w.UpdateTime.Time, FinishedAt: w.FinishTime.Time,
	}, nil
}

// Subtasks lists subtasks, at most limit of them (0: all). With several codes
// the states are swept in the order given; a subtask that moves on meanwhile is
// listed once, in the state it was seen in last.
//
// API: QueryRemoteUpgradeSubtasks, GET /details.
func (c *Client) Subtasks(ctx context.Context, q SubtaskQuery, limit int) (Listing[Subtask], error) {
	switch {
	case len(q.Codes) == 0:
		return scan(ctx, c, c.subtasksSource(q, nil), limit)
	case limit > 0:
		return c.firstSubtasks(ctx, q, limit)
	}
	all := newCollection(subtaskID)
	var total int64
	for range scanTries {
		fresh, whole, short := 0, true, false
		total = 0
		for _, code := range q.Codes {
			r, err := read(ctx, c, c.subtasksSource(q, &code), 0)
			if err != nil {
				return Listing[Subtask]{}, err
			}
			fresh += all.put(r.rows...)
			total += r.total.value
			whole = whole && r.whole()
			short = short || r.short()
		}
		// While devices move from state to state no single reading is whole; a
		// sweep that finds nothing new says that none was missed.
		if whole || fresh == 0 && !short {
			return Listing[Subtask]{Rows: all.rows, Total: int64(len(all.rows))}, nil
		}
	}
	s := c.subtasksSource(q, nil)
	return Listing[Subtask]{}, s.unreliable(len(all.rows), total)
}

// firstSubtasks reads no more than it takes for limit rows; of the states left
// out only the totals.
func (c *Client) firstSubtasks(ctx context.Context, q SubtaskQuery, limit int) (Listing[Subtask], error) {
	all := newCollection(subtaskID)
	var (
		total     int64
		truncated bool
	)
	for _, code := range q.Codes {
		s := c.subtasksSource(q, &code)
		if rest := limit - len(all.rows); rest > 0 {
			part, err := scan(ctx, c, s, rest)
			if err != nil {
				return Listing[Subtask]{}, err
			}
			all.put(part.Rows...)
			total += part.Total
			truncated = truncated || part.Truncated
			continue
		}
		n, err := count(ctx, s)
		if err != nil {
			return Listing[Subtask]{}, err
		}
		total += n.Total
	}
	return Listing[Subtask]{Rows: all.rows, Total: total, Truncated: truncated || total > int64(len(all.rows))}, nil
}

func subtaskID(s Subtask) int64 { return s.ID }

// CountSubtasks returns how many subtasks a task has in a state (in any, where
// code is nil and the protocol permits), at the cost of one row, and that row.
//
// API: QueryRemoteUpgradeSubtasks, GET /details.
func (c *Client) CountSubtasks(ctx context.Context, key TaskKey, code *SubtaskCode) (Count[Subtask], error) {
	return count(ctx, c.subtasksSource(SubtaskQuery{Key: key}, code))
}

// SampleSubtasks returns how many subtasks a task has in a state, and the first
// of them: the rows of one page, so it takes one call.
//
// API: QueryRemoteUpgradeSubtasks, GET /details.
func (c *Client) SampleSubtasks(ctx context.Context, key TaskKey, code SubtaskCode, rows int) (Listing[Subtask], error) {
	return sample(ctx, c.subtasksSource(SubtaskQuery{Key: key}, &code), rows)
}

func (c *Client) subtasksSource(q SubtaskQuery, code *SubtaskCode) source[Subtask, int64] {
	return source[Subtask, int64]{
		name:    fmt.Sprintf("subtasks of task %s", q.Key),
		message: message{endpoint: querySubtasks, productID: q.Key.ProductID, taskID: q.Key.TaskID},
		key:     subtaskID,
		witness: func(ctx context.Context) error { _, err := c.Task(ctx, q.Key); return err },
		load: func(ctx context.Context, number, size int) (page[Subtask], error) {
			m := c.taskMessage(querySubtasks, q.Key)
			m.query["productId"] = decimal(q.Key.ProductID)
			if code != nil {
				m.query["taskStatus"] = decimal(int64(*code))
			}
			setIfAny(m.query, "searchValue", q.Search)
			return loadPage(ctx, c, m, number, size, (*wireSubtask).subtask)
		},
	}
}

// operation is what /operational does to devices or subtasks.
type operation int

const (
	opJoin   operation = 1
	opCancel operation = 2
	opRetry  operation = 3
)

// JoinDevices adds devices to a task. The platform's "SUCCESS" names no device:
// read the list of joined devices to know what came of it.
//
// API: OperationalRemoteUpgradeTask, POST /operational.
func (c *Client) JoinDevices(ctx context.Context, key TaskKey, protocol Protocol, deviceIDs []string) error {
	type deviceInfo struct {
		DeviceID string `json:"deviceId"`
	}
	body := operationalBody{CreateBy: c.config.Operator, JobID: key.TaskID, Operational: opJoin, ProductID: key.ProductID}
	if protocol == TLink {
		body.DeviceIDList = strings.Join(deviceIDs, ",")
	} else {
		infos := make([]deviceInfo, len(deviceIDs))
		for i, id := range deviceIDs {
			infos[i].DeviceID = id
		}
		body.DeviceInfoList = infos
	}
	return c.operate(ctx, key, body)
}

// CancelSubtasks cancels the upgrade of devices.
//
// API: OperationalRemoteUpgradeTask, POST /operational.
func (c *Client) CancelSubtasks(ctx context.Context, key TaskKey, subtaskIDs []int64) error {
	return c.operateSubtasks(ctx, key, opCancel, subtaskIDs)
}

// RetrySubtasks upgrades failed devices once more; LwM2M only.
//
// API: OperationalRemoteUpgradeTask, POST /operational.
func (c *Client) RetrySubtasks(ctx context.Context, key TaskKey, subtaskIDs []int64) error {
	return c.operateSubtasks(ctx, key, opRetry, subtaskIDs)
}

type operationalBody struct {
	CreateBy       string    `json:"createBy"`
	DeviceIDList   string    `json:"deviceIdList,omitempty"`
	DeviceInfoList any       `json:"deviceInfoList,omitempty"`
	JobID          int64     `json:"jobId"`
	Operational    operation `json:"operational"`
	ProductID      int64     `json:"productId"`
	TaskIDList     string    `json:"taskIdList,omitempty"`
}

func (c *Client) operateSubtasks(ctx context.Context, key TaskKey, op operation, subtaskIDs []int64) error {
	ids := make([]string, len(subtaskIDs))
	for i, id := range subtaskIDs {
		ids[i] = decimal(id)
	}
	return c.operate(ctx, key, operationalBody{
		CreateBy: c.config.Operator, JobID: key.TaskID, Operational: op, ProductID: key.ProductID,
		TaskIDList: strings.Join(ids, ","),
	})
}

func (c *Client) operate(ctx context.Context, key TaskKey, body operationalBody) error {
	m := &message{endpoint: operational, productID: key.ProductID, taskID: key.TaskID, body: encodeBody(body)}
	_, err := call(ctx, c, m, anyResult)
	return err
}
