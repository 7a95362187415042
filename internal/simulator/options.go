package simulator

import (
	"cmp"
	"hash/fnv"
	"time"
)

// BaseURL is the address for a client that uses Transport. Any host works; a
// loopback host permits plain HTTP.
const BaseURL = "http://127.0.0.1"

// The accepted credentials, unless Options have others.
const (
	DefaultAppKey    = "dAaFG7DiPt8"
	DefaultAppSecret = "Zx9Yw8Vu7T" //nolint:gosec // It opens only the simulated platform.
)

const (
	defaultTenantID       = "10007905"
	defaultWindow         = 30 * time.Second
	defaultGatewayTimeout = time.Second
)

// Options are the credentials, the seeds and the switches. The zero value is
// a platform that follows the API document. Where the document is silent, it
// refuses. Configure changes the options of a running platform.
type Options struct {
	// AppKey and AppSecret are the only accepted credentials.
	AppKey, AppSecret string
	// TenantID is the tenantId of all responses.
	TenantID string
	// Products are the seeds. Nil means DefaultProducts(DefaultDeviceCount).
	Products []ProductSeed

	// RequireMasterKey refuses a request without MasterKey with HTTP 400.
	RequireMasterKey bool
	// TimestampWindow is the accepted difference of clocks. Zero means 30 s.
	TimestampWindow time.Duration
	// ClockOffset is the difference of the platform's clock from time.Now.
	ClockOffset time.Duration
	// Latency is the duration of each call.
	Latency time.Duration
	// CountEcho gives GET /echo an index in the journal. Faults without an
	// Operation apply to it.
	CountEcho bool
	// JournalLimit is the number of requests in the journal. Zero means all.
	JournalLimit int
	// Flow refuses requests above a rate.
	Flow FlowControl

	Upgrade Upgrade
	Quirks  Quirks
	Paging  Paging
	LookUps LookUps
}

func (o *Options) fill() {
	o.AppKey = cmp.Or(o.AppKey, DefaultAppKey)
	o.AppSecret = cmp.Or(o.AppSecret, DefaultAppSecret)
	o.TenantID = cmp.Or(o.TenantID, defaultTenantID)
	o.TimestampWindow = cmp.Or(o.TimestampWindow, defaultWindow)
	o.Quirks.GatewayTimeout = cmp.Or(o.Quirks.GatewayTimeout, defaultGatewayTimeout)
	o.Quirks.JobStatus = cmp.Or(o.Quirks.JobStatus, JobStatusCodes{Pending: 1, Running: 2, Finished: 3})
	if o.Products == nil {
		o.Products = DefaultProducts(DefaultDeviceCount)
	}
}

// Upgrade describes the progress of the devices of a started task. It is a
// function of time: each call performs the steps that are due.
type Upgrade struct {
	// Table chooses the state codes of LwM2M subtasks.
	Table CodeTable
	// WaitingTime is the time from start to in progress.
	WaitingTime time.Duration
	// UpgradeTime is the time in progress. The table of 2019 divides it by
	// three.
	UpgradeTime time.Duration
	// Spread is the longest addition to a device's UpgradeTime. The addition
	// of a device is always the same.
	Spread time.Duration
	// Fail returns the result code of a device that fails at a try, or "" for
	// success. Tries count from 1. See FailDevices.
	Fail func(deviceID string, try int) string
	// FailPercent makes about this percentage of the devices fail with the
	// result code 8, always the same devices. Fail decides first.
	FailPercent int
	// FailVersion restricts FailPercent to tasks whose firmware has this
	// version. Empty means all.
	FailVersion string
	// HoldAfter is the number of devices of a task that succeed before the
	// others stay in progress. A larger number, or zero for no limit, lets
	// them continue: each repeats the end of its upgrade.
	HoldAfter int
	// FailureCode is the state code of a failed device in the table of 2019:
	// 1, 3, 5 or 7. Zero means 7.
	FailureCode int
	// Hang selects devices that stay in progress. See Among.
	Hang func(deviceID string) bool
	// CancelDelay is the time that a device of the table of 2019 spends in
	// cancelling (9).
	CancelDelay time.Duration
	// CancelFails selects devices of the table of 2019 whose cancel fails
	// (11). They continue.
	CancelFails func(deviceID string) bool
	// AutoRetry makes the platform retry a failed LwM2M device up to
	// retryTimes times. Until then the device shows as failed and is not
	// free. It can be cancelled or retried.
	AutoRetry bool
	// AutoRetryPause is the time from a failure to the retry.
	AutoRetryPause time.Duration
	// NoUpgradedVersion leaves upgradedVersion empty on success.
	NoUpgradedVersion bool
}

// FailDevices makes the named devices fail at every try.
func FailDevices(code string, ids ...string) func(string, int) string {
	return FailFirst(int(^uint(0)>>1), code, ids...)
}

// FailFirst makes the named devices fail at the first tries.
func FailFirst(tries int, code string, ids ...string) func(string, int) string {
	among := Among(ids...)
	return func(id string, try int) string {
		if try <= tries && among(id) {
			return code
		}
		return ""
	}
}

// FailPercent makes about this percentage of all devices fail, always the
// same devices.
func FailPercent(percent int, code string) func(string, int) string {
	among := Percent(percent)
	return func(id string, _ int) string {
		if among(id) {
			return code
		}
		return ""
	}
}

// Among returns a function that reports whether a device is named.
func Among(ids ...string) func(string) bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return func(id string) bool { return set[id] }
}

// Percent returns a function that selects about this percentage of all
// devices, always the same devices.
func Percent(percent int) func(string) bool {
	return func(id string) bool { return int(hashOf(id)%100) < percent }
}

func hashOf(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return h.Sum32()
}
