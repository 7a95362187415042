package simulator

import (
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

// The products and firmware that are seeded unless Options name others.
const (
	LwM2MProduct   int64 = 10005977
	TLinkProduct   int64 = 10005986
	LwM2MFirmware  int64 = 3297
	LwM2MFirmware2 int64 = 3298
	TLinkFirmware  int64 = 3275
	TLinkFirmware2 int64 = 3276

	LwM2MMasterKey = "0123456789abcdef0123456789abcdef"
	TLinkMasterKey = "fedcba9876543210fedcba9876543210"

	DefaultDeviceCount = 100
)

// ProductSeed describes a product. DeviceCount devices are made, and Devices
// are added to them.
type ProductSeed struct {
	ID          int64
	Name        string
	Protocol    int
	MasterKey   string
	Firmware    []FirmwareSeed
	DeviceCount int
	Devices     []DeviceSeed
}

// FirmwareSeed describes a firmware of a product.
type FirmwareSeed struct {
	ID            int64
	Name, Version string
}

// DeviceSeed describes a device. Whatever is empty is made from its serial.
type DeviceSeed struct {
	ID, Name, SN, IMEI, GroupID, FirmwareVersion string
}

// DefaultProducts returns one LwM2M and one T-Link product with the ids of
// the document's examples, each with deviceCount devices.
func DefaultProducts(deviceCount int) []ProductSeed {
	return []ProductSeed{
		{
			ID: LwM2MProduct, Name: "复用lw二进制 远程升级", Protocol: ProtocolLwM2M, MasterKey: LwM2MMasterKey,
			Firmware: []FirmwareSeed{
				{ID: LwM2MFirmware, Name: "水表固件", Version: "1.3251"},
				{ID: LwM2MFirmware2, Name: "水表固件二", Version: "1.4000"},
			},
			DeviceCount: deviceCount,
		},
		{
			ID: TLinkProduct, Name: "彩色电视", Protocol: ProtocolTLink, MasterKey: TLinkMasterKey,
			Firmware: []FirmwareSeed{
				{ID: TLinkFirmware, Name: "电视固件", Version: "10.3"},
				{ID: TLinkFirmware2, Name: "电视固件二", Version: "10.4"},
			},
			DeviceCount: deviceCount,
		},
	}
}

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
