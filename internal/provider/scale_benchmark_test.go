package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

const fleetSize = 100_000

// fleetFile writes the ids of all devices of the LwM2M product into a file.
func fleetFile(t testing.TB, p *simulator.Platform) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "devices.txt")
	if err := os.WriteFile(file, []byte(strings.Join(p.DeviceIDs(lwm2mProduct), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// largeSet is a core over a platform of many devices with an empty task, and
// the configuration of a set of all devices.
func largeSet(t testing.TB, size int) (*simulator.Platform, *core, object) {
	t.Helper()
	p := simulator.New(simulator.Options{Products: simulator.DefaultProducts(size), JournalLimit: 10})
	t.Cleanup(p.Close)
	task, err := p.CreateTask(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "fleet"})
	if err != nil {
		t.Fatal(err)
	}
	return p, newCore(t, p, object{"page_size": 100}), object{
		"product_id": lwm2mProduct, "task_id": task, "device_ids_file": fleetFile(t, p), "batch_size": 100,
	}
}

func BenchmarkPlanWithoutChange(b *testing.B) {
	_, c, config := largeSet(b, fleetSize)
	set := c.absent("aep_upgrade_devices")
	if diags := c.apply(b.Context(), set, config); diags.errors() != "" {
		b.Fatal(diags.errors())
	}
	b.ReportMetric(float64(len(set.private)), "private-bytes")
	for b.Loop() {
		c.settled(b.Context(), set, config)
	}
}

func BenchmarkApply(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		p, c, config := largeSet(b, fleetSize)
		set := c.absent("aep_upgrade_devices")
		b.StartTimer()
		if diags := c.apply(b.Context(), set, config); diags.errors() != "" {
			b.Fatal(diags.errors())
		}
		b.StopTimer()
		p.Close()
		b.StartTimer()
	}
}
