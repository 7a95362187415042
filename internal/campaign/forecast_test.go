package campaign

import (
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestForecast(t *testing.T) {
	t.Parallel()
	usual := Conditions{BatchSize: 100, PageSize: 100, Concurrency: 4, RequestsPerSecond: 10, Latency: time.Second}
	with := func(change func(*Conditions)) Conditions {
		c := usual
		change(&c)
		return c
	}
	for name, c := range map[string]struct {
		work       Work
		conditions Conditions
		want       Forecast
	}{
		"nothing": {Work{Held: 5000}, usual, Forecast{0, 0, 4 * time.Second}},
		"attach":  {Work{Attach: 100_000}, usual, Forecast{1000, 1000, 1254 * time.Second}},
		"attach with larger calls": {
			Work{Attach: 100_000},
			with(func(c *Conditions) { c.BatchSize, c.PageSize = 1000, 500 }),
			Forecast{100, 200, 154 * time.Second},
		},
		"attach at 3 s a call": {
			Work{Attach: 100_000}, with(func(c *Conditions) { c.Latency = 3 * time.Second }), Forecast{1000, 1000, 3 * 1254 * time.Second},
		},
		"the rate limit is slower than the platform": {
			Work{Attach: 100_000}, with(func(c *Conditions) { c.Latency = 10 * time.Millisecond }), Forecast{1000, 1000, 2004 * time.Second / 10},
		},
		"the rate limit is slower than reading, not than joining": {
			Work{Attach: 100_000}, with(func(c *Conditions) { c.RequestsPerSecond = 2 }), Forecast{1000, 1000, 1504 * time.Second},
		},
		"no rate limit": {
			Work{Attach: 100_000},
			with(func(c *Conditions) { c.RequestsPerSecond, c.Latency = 0, 10*time.Millisecond }),
			Forecast{1000, 1000, 12540 * time.Millisecond},
		},
		"one device more, looked up": {Work{Held: 100_000, Attach: 1}, usual, Forecast{1, 2, 7 * time.Second}},
		"attach to a task with devices": {
			Work{Held: 5000, Attach: 1000}, usual, Forecast{10, 50 + 60, (4 + 10 + 13 + 15) * time.Second},
		},
		"detach":     {Work{Held: 3000, Detach: 1000}, usual, Forecast{10, 30 + 10, (4 + 10 + 8 + 3) * time.Second}},
		"detach all": {Work{Held: 3000, Detach: 3000}, usual, Forecast{30, 60, (4 + 30 + 8 + 8) * time.Second}},
		"exchange": {
			Work{Held: 1000, Attach: 1000, Detach: 1000}, usual, Forecast{20, 10 + 20 + 20 + 20, (4 + 20 + 3 + 5 + 5 + 5) * time.Second},
		},
		"check": {Work{Held: 100_000, Check: 100_000}, usual, Forecast{0, 1000, 254 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.work.Forecast(c.conditions); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// TestForecastAgreesWithTheWork compares forecasts with what the work takes on a
// platform in virtual time.
func TestForecastAgreesWithTheWork(t *testing.T) {
	t.Parallel()
	const devices, leaving, batch = 20_000, 10_000, 100
	for name, c := range map[string]struct {
		latency time.Duration
		rate    float64
	}{
		"a slow platform":    {2 * time.Second, 10},
		"a small rate limit": {200 * time.Millisecond, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, variants[0], setting{
				devices: devices,
				change:  func(o *simulator.Options) { o.Latency = c.latency },
				config: func(config *aep.Config) {
					config.PageSize, config.MaxConcurrentRequests, config.RequestsPerSecond = 100, 4, c.rate
				},
			}, func(t *testing.T, w *world) {
				if got := w.Conditions(0); got.Measured || got.Latency != time.Second || got.BatchSize != 100 || got.PageSize != 100 {
					t.Errorf("before the first call: %+v", got)
				}
				key, all := w.task(), deviceset.Of(w.DeviceIDs(w.product))
				change := SetChange{Key: key, Protocol: w.protocol, Name: "set", Wants: all, BatchSize: batch, Pending: true}
				apply := func(work Work) {
					t.Helper()
					w.ResetJournal()
					start := time.Now()
					task, err := w.ReadTask(t.Context(), key)
					var result SetResult
					if err == nil {
						result, err = w.ChangeSet(t.Context(), change)
					}
					took, conditions := time.Since(start), w.Conditions(batch)
					if err != nil || len(result.Missing) > 0 || task.ID == 0 {
						t.Fatal(err, result.Missing)
					}
					if !conditions.Measured || conditions.Latency != c.latency {
						t.Errorf("the conditions are %+v", conditions)
					}
					forecast := work.Forecast(conditions)
					if got := len(w.Requests()); !within(got, forecast.Calls(), 8) || !within(took, forecast.Duration, 8) {
						t.Errorf("%d calls in %s; %+v is forecast", got, took, forecast)
					}
					change.Members = result.Members
				}
				apply(Work{Attach: devices})
				change.Wants = all[leaving:]
				apply(Work{Held: devices, Detach: leaving})
			})
		})
	}
}

// within reports whether got differs from want by at most this percentage.
func within[T ~int | ~int64](got, want T, percent T) bool {
	return 100*got >= (100-percent)*want && 100*got <= (100+percent)*want
}
