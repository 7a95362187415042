package aep

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// TaskQuery selects tasks of one product.
type TaskQuery struct {
	ProductID    int64
	NameContains string // "" for all
}

// Tasks lists the tasks of a product, at most limit of them (0: all).
//
// API: QueryRemoteUpgradeTaskList, GET /tasks.
func (c *Client) Tasks(ctx context.Context, q TaskQuery, limit int) (Listing[Task], error) {
	return c.tasks(q).scan(ctx, limit)
}

// TasksWithin lists the tasks of a product if they fill at most maxPages pages. Otherwise it returns those of
// the first page, with Truncated set.
//
// API: QueryRemoteUpgradeTaskList, GET /tasks.
func (c *Client) TasksWithin(ctx context.Context, q TaskQuery, maxPages int) (Listing[Task], error) {
	return c.tasks(q).scanWithin(ctx, maxPages)
}

// EachTask lists the tasks of a product page by page, and reads no page before the caller needs it. It ends
// after an error.
//
// API: QueryRemoteUpgradeTaskList, GET /tasks.
func (c *Client) EachTask(ctx context.Context, q TaskQuery) iter.Seq2[Task, error] {
	return c.tasks(q).each(ctx)
}

func (c *Client) tasks(q TaskQuery) source[Task, int64] {
	m := message{endpoint: queryTaskList, productID: q.ProductID, query: map[string]string{"productId": decimal(q.ProductID)}}
	setIfAny(m.query, "searchValue", q.NameContains)
	row := func(w *wireTask) (Task, error) {
		if w.isMissing() {
			return Task{}, errors.New("a task in it has no jobId")
		}
		return w.task(q.ProductID), nil
	}
	return source[Task, int64]{
		pages: newPages(c, fmt.Sprintf("tasks of product %d", q.ProductID), m, row),
		key:   func(t Task) int64 { return t.ID },
		witness: func(ctx context.Context) error {
			return c.devices(DeviceQuery{Key: TaskKey{ProductID: q.ProductID}, Scope: Candidates}).prove(ctx)
		},
	}
}

// DeviceScope is isSelectDevice: the devices that a list is about.
type DeviceScope int

// The scopes of a list of devices.
const (
	Joined     DeviceScope = 1 // devices of the task
	Candidates DeviceScope = 2 // devices of the product that may join a task
)

// DeviceQuery selects devices of one product. The filters match exactly.
type DeviceQuery struct {
	Key      TaskKey // for Candidates TaskID may be 0
	Scope    DeviceScope
	DeviceID string
	Name     string
	IMEI     string // LwM2M
	DeviceNo string // T-Link
	GroupID  string
}

// Devices lists devices, at most limit of them (0: all).
//
// API: QueryRemoteUpradeDeviceList, GET /devices.
func (c *Client) Devices(ctx context.Context, q DeviceQuery, limit int) (Listing[Device], error) {
	return c.devices(q).scan(ctx, limit)
}

// CountDevices returns the number of devices that a query selects, and one of them. It asks for one row.
//
// API: QueryRemoteUpradeDeviceList, GET /devices.
func (c *Client) CountDevices(ctx context.Context, q DeviceQuery) (Count[Device], error) {
	return c.devices(q).count(ctx)
}

// JoinedDevices lists the devices of a task: all, or the one with deviceID. A device that was cancelled and
// joined again may have a row for each subtask.
//
// API: QueryRemoteUpradeDeviceList, GET /devices.
func (c *Client) JoinedDevices(ctx context.Context, key TaskKey, deviceID string) ([]JoinedDevice, error) {
	q := DeviceQuery{Key: key, Scope: Joined, DeviceID: deviceID}
	list, err := deviceSource(c, q, (*wireJoinedDevice).device, JoinedDevice.row).scan(ctx, 0)
	return list.Rows, err
}

func (c *Client) devices(q DeviceQuery) source[Device, deviceRow] {
	return deviceSource(c, q, (*wireDevice).device, Device.row)
}

func deviceSource[W, T any](c *Client, q DeviceQuery, row func(*W) (T, error), key func(T) deviceRow) source[T, deviceRow] {
	m := message{endpoint: queryDevices, productID: q.Key.ProductID, query: map[string]string{
		"productId": decimal(q.Key.ProductID), "isSelectDevice": decimal(int64(q.Scope)),
	}}
	name := fmt.Sprintf("candidate devices of product %d", q.Key.ProductID)
	witness := func(ctx context.Context) error { return c.tasks(TaskQuery{ProductID: q.Key.ProductID}).prove(ctx) }
	if q.Scope == Joined {
		m.taskID, m.query["id"] = q.Key.TaskID, decimal(q.Key.TaskID)
		name = "devices of " + q.Key.Object()
		witness = c.taskWitness(q.Key)
	}
	setIfAny(m.query, "deviceIdSearch", q.DeviceID)
	setIfAny(m.query, "deviceNameSearch", q.Name)
	setIfAny(m.query, "imeiSearch", q.IMEI)
	setIfAny(m.query, "deviceNoSearch", q.DeviceNo)
	setIfAny(m.query, "deviceGroupIdSearch", q.GroupID)
	return source[T, deviceRow]{pages: newPages(c, name, m, row), key: key, witness: witness}
}

// SubtaskQuery selects subtasks of a task.
type SubtaskQuery struct {
	Key TaskKey
	// Codes restricts the list to these states. Each state takes a list of its own, in this order. Empty
	// means all states, which LwM2M permits and T-Link does not.
	Codes  []SubtaskCode
	Search string // part of a device's id, number, IMEI or name
}

// Subtasks lists subtasks, at most limit of them (0: all). With several codes the states are read in the
// order given. A subtask that changes its state meanwhile is listed once, in the state that was read last.
//
// API: QueryRemoteUpgradeSubtasks, GET /details.
func (c *Client) Subtasks(ctx context.Context, q SubtaskQuery, limit int) (Listing[Subtask], error) {
	switch {
	case len(q.Codes) == 0:
		return c.subtasks(q, nil).scan(ctx, limit)
	case limit > 0:
		return c.firstSubtasks(ctx, q, limit)
	}
	return scan(ctx, c.subtasks(q, nil).pages, 0, func(ctx context.Context, last *subtaskReading) (*subtaskReading, error) {
		return c.sweep(ctx, q, last)
	})
}

type subtaskReading = reading[Subtask, int64]

// sweep reads the lists of all states of q once and adds their rows to those of the sweep before. While
// subtasks change their states, a list may miss a subtask. A further sweep that finds no new row proves that
// no row is missing.
func (c *Client) sweep(ctx context.Context, q SubtaskQuery, last *subtaskReading) (*subtaskReading, error) {
	all := &subtaskReading{collection: newCollection(Subtask.id)}
	if last != nil {
		all.collection = last.collection
	}
	added, whole, short := 0, true, false
	for _, code := range q.Codes {
		part, err := c.subtasks(q, &code).read(ctx, 0)
		if err != nil {
			return nil, err
		}
		added += all.put(part.rows...)
		all.total.value += part.total.value
		whole = whole && part.whole()
		short = short || part.short()
	}
	all.proven = whole || added == 0 && !short
	return all, nil
}

// firstSubtasks reads lists until it has limit rows. Of the further states it reads only the totals.
func (c *Client) firstSubtasks(ctx context.Context, q SubtaskQuery, limit int) (Listing[Subtask], error) {
	all := newCollection(Subtask.id)
	var list Listing[Subtask]
	for _, code := range q.Codes {
		var part Listing[Subtask]
		var err error
		if rest := limit - len(all.rows); rest > 0 {
			part, err = c.subtasks(q, &code).scan(ctx, rest)
			all.put(part.Rows...)
		} else {
			part, err = c.subtasks(q, &code).sample(ctx, 1)
		}
		if err != nil {
			return Listing[Subtask]{}, err
		}
		list.Total += part.Total
		list.Truncated = list.Truncated || part.Truncated
	}
	list.Rows = all.rows
	list.Truncated = list.Truncated || list.Total > int64(len(all.rows))
	return list, nil
}

// CountSubtasks returns the number of subtasks of a task in a state, and one of them. It asks for one row. A
// nil code means any state, which LwM2M permits.
//
// API: QueryRemoteUpgradeSubtasks, GET /details.
func (c *Client) CountSubtasks(ctx context.Context, key TaskKey, code *SubtaskCode) (Count[Subtask], error) {
	return c.subtasks(SubtaskQuery{Key: key}, code).count(ctx)
}

// SampleSubtasks returns the number of subtasks of a task in a state, and the first of them, at most rows. It
// asks for one page.
//
// API: QueryRemoteUpgradeSubtasks, GET /details.
func (c *Client) SampleSubtasks(ctx context.Context, key TaskKey, code SubtaskCode, rows int) (Listing[Subtask], error) {
	return c.subtasks(SubtaskQuery{Key: key}, &code).sample(ctx, rows)
}

// subtasks returns the list of the subtasks in one state, or in any if code is nil.
func (c *Client) subtasks(q SubtaskQuery, code *SubtaskCode) source[Subtask, int64] {
	m := taskMessage(querySubtasks, q.Key)
	m.query["productId"] = decimal(q.Key.ProductID)
	if code != nil {
		m.query["taskStatus"] = decimal(int64(*code))
	}
	setIfAny(m.query, "searchValue", q.Search)
	return source[Subtask, int64]{
		pages: newPages(c, "subtasks of "+q.Key.Object(), m, (*wireSubtask).subtask), key: Subtask.id, witness: c.taskWitness(q.Key),
	}
}

// taskWitness returns a witness for the lists of a task: it reads the task.
func (c *Client) taskWitness(key TaskKey) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := c.Task(ctx, key)
		return err
	}
}
