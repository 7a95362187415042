package aep

import (
	"errors"
	"time"
)

// SubtaskCode is the state of a subtask, as the platform numbers it (taskState, taskStatus). Its meaning
// depends on the protocol. For LwM2M there are two numberings; see package campaign.
type SubtaskCode int64

// NoSubtaskCode means that the platform gave no state.
const NoSubtaskCode SubtaskCode = -1

// TLinkSubtaskCodes are the states that a list of T-Link subtasks can be restricted to, in the order of an
// upgrade. A T-Link list must be restricted.
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

func (s Subtask) id() int64 { return s.ID }

type wireSubtask struct {
	TaskID            integer  `json:"taskId"`
	DeviceID          text     `json:"deviceId"`
	DeviceName        text     `json:"deviceName"`
	DeviceSN          text     `json:"deviceSn"`
	IMEI              text     `json:"imei"`
	TaskState         integer  `json:"taskState"`
	ResultCode        text     `json:"resultCode"`
	PreUpgradeVersion text     `json:"preUpgradeVersion"`
	UpgradedVersion   text     `json:"upgradedVersion"`
	UpdateTime        wireTime `json:"updateTime"`
	FinishTime        wireTime `json:"finishTime"`
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
