package coretest

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Products, firmware and the first task id of every simulated platform of these tests.
const (
	LwM2MProduct  = 10005977
	LwM2MFirmware = 3297
	LwM2MNewer    = 3298
	TLinkProduct  = 10005986
	TLinkFirmware = 3275

	FirstTask = 3456
)

// MasterKeys are the master keys of the products.
var MasterKeys = map[int64]string{LwM2MProduct: simulator.LwM2MMasterKey, TLinkProduct: simulator.TLinkMasterKey}

// NewPlatform starts a simulated platform that ends with the test.
func NewPlatform(t testing.TB, change ...func(*simulator.Options)) *simulator.Platform {
	t.Helper()
	options := simulator.Options{Products: simulator.DefaultProducts(100)}
	for _, c := range change {
		c(&options)
	}
	p := simulator.New(options)
	t.Cleanup(p.Close)
	return p
}

// ConsoleTask creates a task at the platform's console, and joins devices that have no
// task. It returns the task id and the device ids.
func ConsoleTask(t testing.TB, p *simulator.Platform, draft simulator.TaskDraft, devices int) (int64, []string) {
	t.Helper()
	if draft.Name == "" {
		draft.Name = "meters"
	}
	if draft.ProductID == 0 {
		draft.ProductID, draft.FirmwareID, draft.RetryTimes = LwM2MProduct, LwM2MFirmware, 2
	}
	id, err := p.CreateTask(draft)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, 0, devices)
	for _, device := range p.DeviceIDs(draft.ProductID) {
		if d, _ := p.Device(draft.ProductID, device); len(ids) < devices && d.JobID == 0 {
			ids = append(ids, device)
		}
	}
	if devices > 0 {
		Must(t, p.Join(id, ids...))
	}
	return id, ids
}

// Must fails the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Reasons to skip a test under the race detector. Its code runs concurrently in
// other tests, and make test runs it a second time without the detector.
const (
	ManyCases = "runs many cases: without the race detector only"
	RealCLI   = "runs the real Terraform: without the race detector only"
)

// WithoutRaceDetector skips a test under the race detector.
func WithoutRaceDetector(t testing.TB, reason string) {
	t.Helper()
	if raceDetector {
		t.Skip(reason)
	}
}
