package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

const fleetSize = 100_000

// fleetFile writes the ids of all devices of the LwM2M product into a file.
func fleetFile(t testing.TB, p *simulator.Platform) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "devices.txt")
	if err := os.WriteFile(file, []byte(strings.Join(p.DeviceIDs(coretest.LwM2MProduct), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// largeSet is a core over a platform of many devices with an empty task, and
// the configuration of a set of all devices.
func largeSet(t testing.TB, size int) (*simulator.Platform, *coretest.Core, coretest.Config) {
	t.Helper()
	p := simulator.New(simulator.Options{Products: simulator.DefaultProducts(size), JournalLimit: 10})
	t.Cleanup(p.Close)
	task, err := p.CreateTask(simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: "fleet"})
	if err != nil {
		t.Fatal(err)
	}
	return p, coretest.New(t, p, coretest.Config{"page_size": 100}), coretest.Config{
		"product_id": coretest.LwM2MProduct, "task_id": task, "device_ids_file": fleetFile(t, p), "batch_size": 100,
	}
}

func BenchmarkPlanWithoutChange(b *testing.B) {
	_, c, config := largeSet(b, fleetSize)
	set := c.Absent("aep_upgrade_devices")
	if diags := c.Apply(b.Context(), set, config); diags.Errors() != "" {
		b.Fatal(diags.Errors())
	}
	b.ReportMetric(float64(len(set.Private)), "private-bytes")
	for b.Loop() {
		c.WantSettled(b.Context(), set, config)
	}
}

func BenchmarkApply(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		p, c, config := largeSet(b, fleetSize)
		set := c.Absent("aep_upgrade_devices")
		b.StartTimer()
		if diags := c.Apply(b.Context(), set, config); diags.Errors() != "" {
			b.Fatal(diags.Errors())
		}
		b.StopTimer()
		p.Close()
		b.StartTimer()
	}
}
