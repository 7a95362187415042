package provider

import (
	"maps"
	"runtime"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"pgregory.net/rapid"
)

func TestCountsOfSubtasks(t *testing.T) {
	t.Parallel()
	rows := []aep.Subtask{
		{Code: 8, ResultCode: "1", VersionBefore: "1.2", VersionAfter: "1.3"},
		{Code: 8, ResultCode: "1", VersionBefore: "1.2", VersionAfter: ""}, // it no longer runs 1.2
		{Code: 7, ResultCode: "8", VersionBefore: "1.2", VersionAfter: "1.3"},
		{Code: 7, ResultCode: "-1", VersionBefore: "1.1"},
		{Code: 6, ResultCode: "", VersionBefore: ""},
	}
	if got, want := countsByResultCode(rows), map[string]int64{"1": 2, "8": 1, "-1": 1}; !maps.Equal(got, want) {
		t.Errorf("by result code %v, want %v", got, want)
	}
	if got, want := countsByVersion(rows, phase2019), map[string]int64{"1.3": 1, "1.2": 1, "1.1": 1, "unknown": 2}; !maps.Equal(got, want) {
		t.Errorf("by version %v, want %v", got, want)
	}
}

func TestCountsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(anySubtask), 0, 20).Draw(t, "rows")
		coded := 0
		for _, row := range rows {
			if row.ResultCode != "" {
				coded++
			}
		}
		for name, one := range map[string]struct {
			counts map[string]int64
			want   int
		}{
			"by version": {countsByVersion(rows, phase2019), len(rows)}, "by result code": {countsByResultCode(rows), coded},
		} {
			sum := int64(0)
			for _, n := range one.counts {
				sum += n
			}
			if sum != int64(one.want) {
				t.Fatalf("%s: %v add up to %d, want %d", name, one.counts, sum, one.want)
			}
		}
	})
}

// TestReportsAreLinear compares what 2,000 and 20,000 rows allocate.
func TestReportsAreLinear(t *testing.T) { //nolint:paralleltest // It reads the memory statistics of the whole process.
	allocated := func(n int, work func(campaign.FoundSubtasks)) (bytes, objects float64) {
		found := foundSubtasks(manySubtasks(n))
		work(found)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		work(found)
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc), float64(after.Mallocs - before.Mallocs)
	}
	for name, one := range map[string]struct {
		work     func(campaign.FoundSubtasks)
		mostARow float64 // bytes
	}{
		"csv":       {func(found campaign.FoundSubtasks) { subtasksCSV(subtaskColumns(found.Phase), found.Rows) }, 720},
		"the state": {func(found campaign.FoundSubtasks) { upgradeSubtasksModel{}.read(lwM2MTask(), found) }, 3100},
	} {
		fewBytes, fewObjects := allocated(2000, one.work)
		manyBytes, manyObjects := allocated(20_000, one.work)
		t.Logf("%s: %.0f bytes and %.1f allocations a row", name, manyBytes/20_000, manyObjects/20_000)
		if manyBytes > 20_000*one.mostARow {
			t.Errorf("%s: more than %.0f bytes a row", name, one.mostARow)
		}
		for what, ratio := range map[string]float64{"bytes": manyBytes / fewBytes, "allocations": manyObjects / fewObjects} {
			if ratio < 8 || ratio > 12 {
				t.Errorf("%s: ten times the rows take %.2f times the %s", name, ratio, what)
			}
		}
	}
	// Once the table is full, a row costs nothing but the look at its phase.
	report := func(found campaign.FoundSubtasks) {
		found.Phase = func(aep.SubtaskCode) progress.Phase { return progress.Failed }
		subtasksReport{lwM2MTask(), found}.markdown()
	}
	fewBytes, _ := allocated(2000, report)
	manyBytes, _ := allocated(20_000, report)
	t.Logf("markdown: %.0f bytes for 2,000 rows, %.0f for 20,000", fewBytes, manyBytes)
	if manyBytes > 1.2*fewBytes {
		t.Errorf("markdown: ten times the rows take %.2f times the bytes", manyBytes/fewBytes)
	}
}
