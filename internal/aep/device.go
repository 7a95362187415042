package aep

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// DeviceScope is isSelectDevice: which devices a listing is about.
type DeviceScope int

// The scopes of a device listing.
const (
	Joined     DeviceScope = 1 // devices that have joined the task
	Candidates DeviceScope = 2 // devices of the product that may join a task
)

// DeviceQuery selects devices of one product. The filters match exactly.
type DeviceQuery struct {
	Key      TaskKey // TaskID is needed for Joined alone
	Scope    DeviceScope
	DeviceID string
	Name     string
	IMEI     string // LwM2M
	DeviceNo string // T-Link
	GroupID  string
}

// Device is a device as the upgrade API shows it.
type Device struct {
	ID              string
	Name            string
	SN              string
	IMEI            string
	SubtaskID       int64 // 0 if the device has joined no task, or the platform does not say
	Status          int64
	NetStatus       int64 // 1 online, 2 offline, 0 unknown
	FirmwareVersion string
	SubtaskCode     SubtaskCode
	ResultCode      string
	GroupID         string
	CreatedAt       time.Time
	OnlineAt        time.Time
	OfflineAt       time.Time
}

type wireDevice struct {
	DeviceID        text    `json:"deviceId"`
	DeviceName      text    `json:"deviceName"`
	DeviceSN        text    `json:"deviceSn"`
	IMEI            text    `json:"imei"`
	TaskID          integer `json:"taskId"`
	DeviceStatus    integer `json:"deviceStatus"`
	NetStatus       integer `json:"netStatus"`
	FirmwareVersion text    `json:"firmwareVersion"`
	TaskState       integer `json:"taskState"`
	ResultCode      text    `json:"resultCode"`
	DeviceGroupID   text    `json:"deviceGroupId"`
	CreateTime      stamp   `json:"createTime"`
	OnlineAt        stamp   `json:"onlineAt"`
	OfflineAt       stamp   `json:"offlineAt"`
}

func (w *wireDevice) device() (Device, error) {
	if w.DeviceID == "" {
		return Device{}, errors.New("a device in it has no deviceId")
	}
	return Device{
		ID: string(w.DeviceID), Name: string(w.DeviceName), SN: string(w.DeviceSN), IMEI: string(w.IMEI),
		SubtaskID: w.TaskID.value, Status: w.DeviceStatus.value, NetStatus: w.NetStatus.value,
		FirmwareVersion: string(w.FirmwareVersion), SubtaskCode: SubtaskCode(w.TaskState.or(int64(NoSubtaskCode))),
		ResultCode: string(w.ResultCode), GroupID: string(w.DeviceGroupID),
		CreatedAt: w.CreateTime.Time, OnlineAt: w.OnlineAt.Time, OfflineAt: w.OfflineAt.Time,
	}, nil
}

// Devices lists devices, at most limit of them (0: all).
//
// API: QueryRemoteUpradeDeviceList, GET /devices.
func (c *Client) Devices(ctx context.Context, q DeviceQuery, limit int) (Listing[Device], error) {
	return scan(ctx, c, c.devicesSource(q), limit)
}

// CountDevices returns how many devices a query selects, at the cost of one
// row, and that row if there is any.
//
// API: QueryRemoteUpradeDeviceList, GET /devices.
func (c *Client) CountDevices(ctx context.Context, q DeviceQuery) (Count[Device], error) {
	return count(ctx, c.devicesSource(q))
}

// JoinedDevice is the little of a joined device that membership needs; a list
// of a million of them fits in memory.
type JoinedDevice struct {
	ID        string
	SubtaskID int64 // 0 if the platform does not say
	Code      SubtaskCode
}

type wireJoinedDevice struct {
	DeviceID  text    `json:"deviceId"`
	TaskID    integer `json:"taskId"`
	TaskState integer `json:"taskState"`
}

func (w *wireJoinedDevice) device() (JoinedDevice, error) {
	if w.DeviceID == "" {
		return JoinedDevice{}, errors.New("a device in it has no deviceId")
	}
	return JoinedDevice{
		ID: string(w.DeviceID), SubtaskID: w.TaskID.value, Code: SubtaskCode(w.TaskState.or(int64(NoSubtaskCode))),
	}, nil
}

// JoinedDevices lists the devices of a task: all, or the one with deviceID. A
// device that left and came back may be listed once for each of its subtasks.
//
// API: QueryRemoteUpradeDeviceList, GET /devices.
func (c *Client) JoinedDevices(ctx context.Context, key TaskKey, deviceID string) ([]JoinedDevice, error) {
	q := DeviceQuery{Key: key, Scope: Joined, DeviceID: deviceID}
	list, err := scan(ctx, c, deviceSource(c, q, (*wireJoinedDevice).device, func(d JoinedDevice) deviceRow {
		return deviceRow{d.ID, d.SubtaskID}
	}), 0)
	return list.Rows, err
}

// deviceRow identifies a row of a list of devices.
type deviceRow struct {
	deviceID  string
	subtaskID int64
}

func (c *Client) devicesSource(q DeviceQuery) source[Device, deviceRow] {
	return deviceSource(c, q, (*wireDevice).device, func(d Device) deviceRow { return deviceRow{d.ID, d.SubtaskID} })
}

func deviceSource[W, T any](c *Client, q DeviceQuery, row func(*W) (T, error), key func(T) deviceRow) source[T, deviceRow] {
	name := fmt.Sprintf("candidate devices of product %d", q.Key.ProductID)
	if q.Scope == Joined {
		name = fmt.Sprintf("devices of task %s", q.Key)
	}
	return source[T, deviceRow]{
		name:    name,
		message: message{endpoint: queryDevices, productID: q.Key.ProductID, taskID: q.Key.TaskID},
		key:     key,
		witness: func(ctx context.Context) error {
			if q.Scope == Joined {
				_, err := c.Task(ctx, q.Key)
				return err
			}
			tasks := c.tasksSource(TaskQuery{ProductID: q.Key.ProductID})
			return tasks.testify(ctx)
		},
		load: func(ctx context.Context, number, size int) (page[T], error) {
			m := &message{endpoint: queryDevices, productID: q.Key.ProductID, query: map[string]string{
				"productId": decimal(q.Key.ProductID), "isSelectDevice": decimal(int64(q.Scope)),
			}}
			if q.Scope == Joined {
				m.taskID = q.Key.TaskID
				m.query["id"] = decimal(q.Key.TaskID)
			}
			setIfAny(m.query, "deviceIdSearch", q.DeviceID)
			setIfAny(m.query, "deviceNameSearch", q.Name)
			setIfAny(m.query, "imeiSearch", q.IMEI)
			setIfAny(m.query, "deviceNoSearch", q.DeviceNo)
			setIfAny(m.query, "deviceGroupIdSearch", q.GroupID)
			return loadPage(ctx, c, m, number, size, row)
		},
	}
}
