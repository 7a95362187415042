package provider

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
)

// startConditions are those of a run that knows nothing about the platform, with the
// usual provider block.
func startConditions(latency time.Duration) campaign.Conditions {
	return campaign.Conditions{BatchSize: 100, PageSize: 100, Concurrency: 4, RequestsPerSecond: 10, Latency: latency}
}

// TestDefaultTimeLimitsSufficeForASlowPlatform compares the default limits with the
// forecast at 3 s a call, for changes of every size.
func TestDefaultTimeLimitsSufficeForASlowPlatform(t *testing.T) {
	t.Parallel()
	sizes := []int{0, 1, 999, 1000, 1999, 10_000, 49_999, 100_000, 500_000, 1_000_000}
	conditions := startConditions(3 * time.Second)
	suffices := func(operation string, limit time.Duration, work campaign.Work) {
		t.Helper()
		if needed := work.Forecast(conditions).Duration; needed > limit {
			t.Errorf("%s of %+v: the limit is %s, and the work takes %s", operation, work, limit, needed)
		}
	}
	for _, members := range sizes {
		_, limits := upgradeDevicesModel{}.limitsFor(int64(members), int64(members))
		suffices("create", limits.create, campaign.Work{Attach: members})
		suffices("read", limits.read, campaign.Work{Held: members, Check: members})
		suffices("delete", limits.delete, campaign.Work{Held: members, Detach: members})
		for _, wanted := range sizes {
			_, limits := upgradeDevicesModel{}.limitsFor(int64(wanted), int64(members))
			suffices("update", limits.update, campaign.Work{Held: members, Attach: wanted, Detach: members})
		}
	}
}

// TestGuideForecastsTheTime computes the table of the guide with the formula of the
// forecast.
func TestGuideForecastsTheTime(t *testing.T) {
	t.Parallel()
	latencies := []time.Duration{100 * time.Millisecond, 300 * time.Millisecond, time.Second, 3 * time.Second}
	var table strings.Builder
	table.WriteString("| devices | ids and rows a call | calls |")
	for _, latency := range latencies {
		fmt.Fprintf(&table, " %g s |", latency.Seconds())
	}
	table.WriteString(" default `timeouts.create` |\n|---|---|---|---|---|---|---|---|\n")
	for _, devices := range []int{1000, 10_000, 100_000, 1_000_000} {
		for _, size := range []int{100, 1000} {
			row := []string{grouped(devices), grouped(size)}
			for _, latency := range latencies {
				conditions := startConditions(latency)
				conditions.BatchSize, conditions.PageSize = size, size
				forecast := campaign.Work{Attach: devices}.Forecast(conditions)
				if len(row) == 2 {
					row = append(row, grouped(forecast.Calls()))
				}
				row = append(row, grouped(int(math.Ceil(forecast.Duration.Minutes()))))
			}
			_, limits := upgradeDevicesModel{}.limitsFor(int64(devices), 0)
			fmt.Fprintf(&table, "| %s | %s |\n", strings.Join(row, " | "), grouped(int(limits.create.Minutes())))
		}
	}
	guide, err := os.ReadFile("../../templates/guides/large-fleets.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(guide), "\n\n"+table.String()+"\n") {
		t.Errorf("the guide to large fleets does not contain this table:\n%s", &table)
	}
}
