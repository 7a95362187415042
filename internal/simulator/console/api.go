package console

import "time"

// Overview describes the platform. Started tells it from another platform at
// the same address.
type Overview struct {
	Started  time.Time `json:"started"`
	Products []Product `json:"products"`
	Settings Settings  `json:"settings"`
}

// Product is a product with its firmware. Protocol is LwM2M or T-Link.
type Product struct {
	ID       int64      `json:"id"`
	Name     string     `json:"name"`
	Protocol string     `json:"protocol"`
	Devices  int        `json:"devices"`
	Firmware []Firmware `json:"firmware"`
}

// Firmware is a firmware of a product.
type Firmware struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Settings are the switches that the console changes. The times are in the
// syntax of Go, such as 1m30s. HoldAfter is simulator.Upgrade.HoldAfter.
type Settings struct {
	FailPercent int    `json:"failPercent"`
	FailVersion string `json:"failVersion"`
	UpgradeTime string `json:"upgradeTime"`
	HoldAfter   int    `json:"holdAfter"`
	Latency     string `json:"latency"`
}

// SettingsChange changes settings. Nil members do not change.
type SettingsChange struct {
	FailPercent *int    `json:"failPercent,omitempty"`
	FailVersion *string `json:"failVersion,omitempty"`
	UpgradeTime *string `json:"upgradeTime,omitempty"`
	HoldAfter   *int    `json:"holdAfter,omitempty"`
	Latency     *string `json:"latency,omitempty"`
}

// Task is a task. RetryTimes is for LwM2M, TimeoutHours for T-Link.
type Task struct {
	ID           int64          `json:"id"`
	ProductID    int64          `json:"productId"`
	Product      string         `json:"product"`
	Protocol     string         `json:"protocol"`
	FirmwareID   int64          `json:"firmwareId"`
	Version      string         `json:"version"`
	Name         string         `json:"name"`
	Description  string         `json:"description"`
	RetryTimes   *int           `json:"retryTimes,omitempty"`
	TimeoutHours *int           `json:"timeoutHours,omitempty"`
	Status       string         `json:"status"` // pending, running or finished
	Devices      int            `json:"devices"`
	Phases       map[string]int `json:"phases"`
}

// NewTask describes a task to create. The first Devices free devices join it.
type NewTask struct {
	ProductID    int64  `json:"productId"`
	FirmwareID   int64  `json:"firmwareId"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	RetryTimes   *int   `json:"retryTimes,omitempty"`
	TimeoutHours *int   `json:"timeoutHours,omitempty"`
	Devices      int    `json:"devices"`
}

// TaskChange changes a task. Nil members do not change.
type TaskChange struct {
	Name         *string `json:"name,omitempty"`
	Description  *string `json:"description,omitempty"`
	RetryTimes   *int    `json:"retryTimes,omitempty"`
	TimeoutHours *int    `json:"timeoutHours,omitempty"`
}

// Device is a device in a task.
type Device struct {
	ID            string `json:"id"`
	Phase         string `json:"phase"`
	Code          int    `json:"code"`
	ResultCode    string `json:"resultCode"`
	VersionBefore string `json:"versionBefore"`
	VersionAfter  string `json:"versionAfter"`
	Tries         int    `json:"tries"`
}

// Devices are devices of a task. Total counts also those above the limit.
type Devices struct {
	Total   int      `json:"total"`
	Devices []Device `json:"devices"`
}

// Choice selects devices: by their ids, the first Count that an operation can
// change, or all of these. ResultCode is for a failure only.
type Choice struct {
	Devices    []string `json:"devices,omitempty"`
	Count      int      `json:"count,omitempty"`
	All        bool     `json:"all,omitempty"`
	ResultCode string   `json:"resultCode,omitempty"`
}

// Valid reports whether the choice selects devices in exactly one way.
func (c Choice) Valid() bool {
	ways := 0
	for _, used := range []bool{len(c.Devices) > 0, c.Count != 0, c.All} {
		if used {
			ways++
		}
	}
	return ways == 1 && c.Count >= 0
}

// Changed is the number of devices that an operation has changed.
type Changed struct {
	Devices int `json:"devices"`
}

// Failure is the response to a request that failed.
type Failure struct {
	Message string `json:"error"`
}

// Error returns the message.
func (f Failure) Error() string { return f.Message }
