package campaign

import (
	"fmt"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestAttachLearnsTheLimitsOfThePlatform counts every call of an attach of 10,000
// devices: it counts devices and subtasks, joins, counts the devices again and reads them back.
func TestAttachLearnsTheLimitsOfThePlatform(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ids, rows    int
		joins, calls int
	}{
		{1000, 1000, 4 + 9, 3 + 10},     // 100, 200, 400, 800 and 9 times up to 1,000
		{0, 0, 4 + 9, 3 + 10},           // no limit
		{200, 100, 3 + 49, 3 + 100 + 3}, // 400 are refused and looked up
		{100, 100, 2 + 99, 3 + 100 + 1},
	} {
		t.Run(fmt.Sprint(test.ids, " ids, ", test.rows, " rows"), func(t *testing.T) {
			t.Parallel()
			limits := func(o *simulator.Options) {
				o.Quirks.MaxOperationalIDs, o.Paging.MaxPageSize = test.ids, test.rows
			}
			in(t, variants[0], setting{devices: 10_000, change: limits, config: func(c *aep.Config) { c.MaxConcurrentRequests = 4 }},
				func(t *testing.T, w *world) {
					key, all := w.task(), w.devices(10_000)
					got, err := w.Attach(bg(), AttachRequest{Key: key, Protocol: w.protocol, DeviceIDs: all, Pending: true})
					w.must(err)
					w.wantCount(simulator.OpOperational, test.joins)
					if n := w.calls(); n != test.joins+test.calls {
						t.Errorf("the attach took %d calls, want %d", n, test.joins+test.calls)
					}
					w.wantAttached(got, all)
					w.wantJoinedOnce(key, all)
				})
		})
	}
}

var tooManyIDs = map[string]simulator.TooManyIDs{
	"refused":     simulator.TooManyIDsRefused,
	"bad request": simulator.TooManyIDsBadRequest,
	"time-out":    simulator.TooManyIDsTimeout,
	"truncated":   simulator.TooManyIDsTruncated,
	"reported":    simulator.TooManyIDsReported,
}

// On a platform that accepts a second join silently, a device that is sent again
// after it has joined would be upgraded twice.
func TestAttachJoinsEveryDeviceOnceWhateverTheLimit(t *testing.T) {
	t.Parallel()
	for name, above := range tooManyIDs {
		for _, limit := range []struct {
			ids, devices int
			lag          time.Duration
			way          simulator.JoinLagWay
		}{
			{2, 32, 0, 0},
			{60, 130, 29 * time.Second, simulator.JoinLagEach},
			{98, 260, 7 * time.Second, simulator.JoinLagTick},
			{99, 130, 12 * time.Second, simulator.JoinLagWhole},
			{150, 900, 0, 0},
			{700, 900, 12 * time.Second, simulator.JoinLagTail},
		} {
			for badName, bad := range badIDModes {
				v := variants[(len(name)+limit.ids+len(badName))%len(variants)] // one for each platform
				t.Run(fmt.Sprint(name, " above ", limit.ids, ", bad ids ", badName), func(t *testing.T) {
					t.Parallel()
					change := func(o *simulator.Options) {
						o.Quirks.MaxOperationalIDs, o.Quirks.TooManyIDs = limit.ids, above
						o.Quirks.BadID, o.Quirks.JoinLag, o.Quirks.AcceptSecondJoin = bad, limit.lag, true
						o.Quirks.OneRefusal, o.Quirks.JoinLagWay = limit.ids%2 == 0, limit.way
						o.Paging.MaxPageSize = 100
					}
					in(t, v, setting{devices: limit.devices, change: change}, func(t *testing.T, w *world) {
						good := w.devices(limit.devices)
						key := w.task()
						bad := deviceset.Of([]string{"0", good[30] + "0", "y", "z"})
						got, err := w.attach(key, good.Union(bad), 0)
						w.must(err)
						w.wantAttached(got, good)
						w.wantJoinedOnce(key, good)
						if len(got.Failures) != len(bad) {
							t.Errorf("got %d failures, want %d", len(got.Failures), len(bad))
						}
					})
				})
			}
		}
	}
}

func TestCancelReachesEveryDeviceWhateverTheLimit(t *testing.T) {
	t.Parallel()
	for name, above := range tooManyIDs {
		for _, limit := range []int{1, 60, 150} {
			for _, delay := range []time.Duration{0, 90 * time.Second} {
				t.Run(fmt.Sprint(name, " above ", limit, ", delay ", delay), func(t *testing.T) {
					t.Parallel()
					change := func(o *simulator.Options) { o.Upgrade.CancelDelay = delay }
					everywhere(t, setting{devices: 200, change: change}, func(t *testing.T, w *world) {
						all := w.devices(200)
						key := w.task(all...)
						w.Configure(func(o *simulator.Options) { o.Quirks.MaxOperationalIDs, o.Quirks.TooManyIDs = limit, above })
						got, err := w.CancelActive(bg(), key, w.protocol, -1)
						w.must(err)
						if got.Cancelled != len(all) || len(got.Failures)+len(got.Unsettled) > 0 {
							t.Errorf("got %+v", got)
						}
						w.wantCancelled(key, all...)
					})
				})
			}
		}
	}
}

// Half of the devices fail once more: they must not be taken for devices that were
// cut off, and must be upgraded twice, not three times.
func TestRetryReachesEveryDeviceOnceWhateverTheLimit(t *testing.T) {
	t.Parallel()
	for name, above := range tooManyIDs {
		for _, limit := range []int{1, 60, 99} {
			t.Run(fmt.Sprint(name, " above ", limit), func(t *testing.T) {
				t.Parallel()
				for _, v := range variants[:2] {
					in(t, v, setting{devices: 160}, func(t *testing.T, w *world) {
						all := w.devices(160)
						fail := func(id string, try int) string {
							if try == 1 || try == 2 && id < all[80] {
								return "5000"
							}
							return ""
						}
						w.Configure(func(o *simulator.Options) { o.Upgrade.Fail = fail })
						key := w.task(all...)
						w.must(w.Platform.Start(key.TaskID))
						time.Sleep(time.Hour)
						w.Configure(func(o *simulator.Options) { o.Quirks.MaxOperationalIDs, o.Quirks.TooManyIDs = limit, above })
						selected, err := w.Select(bg(), key, Selection{All: true}, progress.Failed)
						w.must(err)
						got, err := w.RetryFailed(bg(), RetryRequest{Key: key, Selected: selected, Wait: true, Interval: 10 * time.Second})
						w.must(err)
						if got.Retried != 160 || got.After == nil || got.After.Failed != 80 || len(got.Failures) > 0 {
							t.Errorf("got %+v, after %v", got, got.After)
						}
						for _, s := range w.Platform.Subtasks(key.TaskID) {
							if s.Tries != 2 {
								t.Fatalf("device %s was upgraded %d times, want 2", s.DeviceID, s.Tries)
							}
						}
					})
				}
			})
		}
	}
}

// While every batch of 100 has bad ids, batches stay smaller, because a refused batch
// that is larger than any accepted one is looked up at once.
func TestAttachOfManyBadIDsTakesFewLooks(t *testing.T) {
	t.Parallel()
	in(t, variants[0], setting{devices: 5000, config: func(c *aep.Config) { c.PageSize = 100 }}, func(t *testing.T, w *world) {
		good := w.devices(5000)
		var bad deviceset.Set
		for i := 25; i < len(good); i += 50 {
			bad = append(bad, good[i]+"0")
		}
		key, start := w.task(), time.Now()
		got, err := w.attach(key, good.Union(bad), 0)
		w.must(err)
		// Refused batches share their waits: six for the first two, and four for all others together.
		if waited := time.Since(start); waited > 11*listPatience {
			t.Errorf("it took %s", waited)
		}
		// The reads are 2 counts, a few looks at the list for all refused batches together, and the read-back.
		joins := w.Count(simulator.OpOperational)
		if reads := w.calls() - joins; joins > 1400 || reads > 310 {
			t.Errorf("it took %d joins and %d reads", joins, reads)
		}
		w.wantAttached(got, good)
		w.wantJoinedOnce(key, good)
	})
}
