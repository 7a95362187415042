package simulator

import (
	"cmp"
	"hash/fnv"
	"time"
)

// BaseURL is the address to give to a client that uses Transport. Any other
// host does as well; this one is loopback, where plain http is accepted.
const BaseURL = "http://127.0.0.1"

// The credentials that the platform accepts unless Options name others.
const (
	DefaultAppKey    = "dAaFG7DiPt8"
	DefaultAppSecret = "Zx9Yw8Vu7T" //nolint:gosec // It opens the simulated platform alone.
)

const (
	defaultTenantID = "10007905"
	defaultWindow   = 30 * time.Second
)

// Options are the credentials, the seed and the switches. The zero value is
// a platform that does what the document says and, where the document is
// silent, refuses rather than guesses. Configure changes them while the
// platform runs.
type Options struct {
	// AppKey and AppSecret are the only accepted credentials.
	AppKey, AppSecret string
	// TenantID is shown in every answer that has one.
	TenantID string
	// Products are seeded. Nil means DefaultProducts(DefaultDeviceCount).
	Products []ProductSeed

	// RequireMasterKey answers a request without MasterKey with HTTP 400.
	RequireMasterKey bool
	// TimestampWindow is the accepted difference of clocks. Zero means 30 s.
	TimestampWindow time.Duration
	// ClockOffset is how far the platform's clock is ahead of time.Now.
	ClockOffset time.Duration
	// Latency is how long each call takes.
	Latency time.Duration
	// CountEcho lets GET /echo take an index in the journal and meet faults
	// that do not name it.
	CountEcho bool
	// JournalLimit is how many requests are remembered. Zero means all.
	JournalLimit int
	// Flow refuses requests above a rate.
	Flow FlowControl

	Upgrade Upgrade
	Quirks  Quirks
	Paging  Paging
}

func (o *Options) fill() {
	o.AppKey = cmp.Or(o.AppKey, DefaultAppKey)
	o.AppSecret = cmp.Or(o.AppSecret, DefaultAppSecret)
	o.TenantID = cmp.Or(o.TenantID, defaultTenantID)
	o.TimestampWindow = cmp.Or(o.TimestampWindow, defaultWindow)
	o.Quirks.JobStatus = cmp.Or(o.Quirks.JobStatus, JobStatusCodes{Pending: 1, Running: 2, Finished: 3})
	if o.Products == nil {
		o.Products = DefaultProducts(DefaultDeviceCount)
	}
}

// Upgrade says how the devices of a started task fare. All of it is computed
// from the time that has passed, when somebody asks.
type Upgrade struct {
	// Table chooses the numbers of LwM2M subtasks.
	Table CodeTable
	// WaitingTime is the time between start and in progress.
	WaitingTime time.Duration
	// UpgradeTime is the time in progress. The 2019 table divides it by three.
	UpgradeTime time.Duration
	// Spread adds up to this much to a device's UpgradeTime, the same every time.
	Spread time.Duration
	// Fail returns the result code with which a device fails on a try, which
	// counts from 1. An empty text is a success. See FailDevices.
	Fail func(deviceID string, try int) string
	// FailureCode is the 2019 number of a failed device: 1, 3, 5 or 7. Zero means 7.
	FailureCode int
	// Hang names devices that stay in progress for ever. See Among.
	Hang func(deviceID string) bool
	// CancelDelay is how long an LwM2M device of the 2019 table is cancelling (9).
	CancelDelay time.Duration
	// CancelFails names devices of the 2019 table that end in 11 and go on.
	CancelFails func(deviceID string) bool
	// AutoRetry makes the platform itself retry a failed LwM2M device, as often
	// as the task's retryTimes says. Until then the device shows as failed, is
	// not free, and can be cancelled or retried; its task goes on.
	AutoRetry bool
	// AutoRetryPause is the time between a failure and the retry.
	AutoRetryPause time.Duration
	// NoUpgradedVersion leaves upgradedVersion empty on success.
	NoUpgradedVersion bool
}

// FailDevices makes the named devices fail with a result code on every try.
func FailDevices(code string, ids ...string) func(string, int) string {
	return FailFirst(int(^uint(0)>>1), code, ids...)
}

// FailFirst makes the named devices fail on the first tries only.
func FailFirst(tries int, code string, ids ...string) func(string, int) string {
	among := Among(ids...)
	return func(id string, try int) string {
		if try <= tries && among(id) {
			return code
		}
		return ""
	}
}

// FailPercent makes about so many percent of all devices fail, always the
// same ones.
func FailPercent(percent int, code string) func(string, int) string {
	return func(id string, _ int) string {
		if int(hashOf(id)%100) < percent {
			return code
		}
		return ""
	}
}

// Among returns a function that knows the named devices.
func Among(ids ...string) func(string) bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return func(id string) bool { return set[id] }
}

func hashOf(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return h.Sum32()
}
