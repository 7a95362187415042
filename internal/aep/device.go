package aep

import (
	"errors"
	"time"
)

// Device is a row of a list of devices.
type Device struct {
	ID              string
	Name            string
	SN              string
	IMEI            string
	SubtaskID       int64 // 0 if the device has joined no task, or the platform gave none
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

// deviceRow identifies a row of a list of devices.
type deviceRow struct {
	deviceID  string
	subtaskID int64
}

func (d Device) row() deviceRow { return deviceRow{d.ID, d.SubtaskID} }

type wireDevice struct {
	DeviceID        text     `json:"deviceId"`
	DeviceName      text     `json:"deviceName"`
	DeviceSN        text     `json:"deviceSn"`
	IMEI            text     `json:"imei"`
	TaskID          integer  `json:"taskId"`
	DeviceStatus    integer  `json:"deviceStatus"`
	NetStatus       integer  `json:"netStatus"`
	FirmwareVersion text     `json:"firmwareVersion"`
	TaskState       integer  `json:"taskState"`
	ResultCode      text     `json:"resultCode"`
	DeviceGroupID   text     `json:"deviceGroupId"`
	CreateTime      wireTime `json:"createTime"`
	OnlineAt        wireTime `json:"onlineAt"`
	OfflineAt       wireTime `json:"offlineAt"`
}

func (w *wireDevice) device() (Device, error) {
	if w.DeviceID == "" {
		return Device{}, errNoDeviceID
	}
	return Device{
		ID: string(w.DeviceID), Name: string(w.DeviceName), SN: string(w.DeviceSN), IMEI: string(w.IMEI),
		SubtaskID: w.TaskID.value, Status: w.DeviceStatus.value, NetStatus: w.NetStatus.value,
		FirmwareVersion: string(w.FirmwareVersion), SubtaskCode: SubtaskCode(w.TaskState.or(int64(NoSubtaskCode))),
		ResultCode: string(w.ResultCode), GroupID: string(w.DeviceGroupID),
		CreatedAt: w.CreateTime.Time, OnlineAt: w.OnlineAt.Time, OfflineAt: w.OfflineAt.Time,
	}, nil
}

var errNoDeviceID = errors.New("a device in it has no deviceId")

// JoinedDevice is a device of a task. It has few members, so that a list of a million devices fits into
// memory.
type JoinedDevice struct {
	ID        string
	SubtaskID int64 // 0 if the platform gave none
	Code      SubtaskCode
}

func (d JoinedDevice) row() deviceRow { return deviceRow{d.ID, d.SubtaskID} }

type wireJoinedDevice struct {
	DeviceID  text    `json:"deviceId"`
	TaskID    integer `json:"taskId"`
	TaskState integer `json:"taskState"`
}

func (w *wireJoinedDevice) device() (JoinedDevice, error) {
	if w.DeviceID == "" {
		return JoinedDevice{}, errNoDeviceID
	}
	return JoinedDevice{
		ID: string(w.DeviceID), SubtaskID: w.TaskID.value, Code: SubtaskCode(w.TaskState.or(int64(NoSubtaskCode))),
	}, nil
}
