package campaign

import (
	"errors"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func limited(limit int64) *Runner { return New(nil, Options{MaxDevices: &limit}) }

func wantLimit(t *testing.T, what string, err error, want *LimitError) {
	t.Helper()
	got, _ := errors.AsType[*LimitError](err)
	if (got == nil) != (want == nil) || got != nil && *got != *want {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

func TestReserveCountsOwnersAndUses(t *testing.T) {
	t.Parallel()
	r := limited(10)
	wantLimit(t, "the first owner", r.Reserve(UseStart, "a", 6), nil)
	wantLimit(t, "the same owner again", r.Reserve(UseStart, "a", 7), nil)
	wantLimit(t, "another use", r.Reserve(UseJoin, "a", 10), nil)
	wantLimit(t, "the second owner", r.Reserve(UseStart, "b", 5), &LimitError{Use: UseStart, Limit: 10, Wanted: 12, Excess: 2})
	wantLimit(t, "the second owner with less", r.Reserve(UseStart, "b", 3), nil)
	wantLimit(t, "an owner without a name", r.Reserve(UseStart, "", 1), &LimitError{Use: UseStart, Limit: 10, Wanted: 11, Excess: 1})
	wantLimit(t, "an owner that needs nothing", r.Reserve(UseStart, "c", 0), nil)
	for range 2 {
		_ = r.Reserve(UseRetry, "", 5)
	}
	wantLimit(t, "three owners without a name", r.Reserve(UseRetry, "", 5), &LimitError{Use: UseRetry, Limit: 10, Wanted: 15, Excess: 5})
}

func TestSpendCountsWhatIsSent(t *testing.T) {
	t.Parallel()
	r := limited(10)
	wantLimit(t, "reserved devices", r.Reserve(UseStart, "a", 10), nil)
	wantLimit(t, "the first call", r.Spend(UseStart, 6), nil)
	wantLimit(t, "too many", r.Spend(UseStart, 5), &LimitError{Use: UseStart, Limit: 10, Wanted: 11, Excess: 1})
	wantLimit(t, "the rest", r.Spend(UseStart, 4), nil)
	wantLimit(t, "another use", r.Spend(UseJoin, 10), nil)
	wantLimit(t, "frozen", limited(0).Spend(UseRetry, 1), &LimitError{Use: UseRetry, Limit: 0, Wanted: 1, Excess: 1})
	wantLimit(t, "frozen, with nothing to do", limited(0).Spend(UseRetry, 0), nil)
	wantLimit(t, "no limit", New(nil, Options{}).Spend(UseRetry, 1<<40), nil)
}

// The limit is checked before the call, and nothing is sent beyond it.
func TestStartAndRetryKeepToTheLimit(t *testing.T) {
	t.Parallel()
	two := int64(2)
	bad := func(o *simulator.Options) { o.Upgrade.Fail = simulator.FailPercent(100, "5000") }
	everywhere(t, setting{devices: 10, change: bad, options: Options{MaxDevices: &two}}, func(t *testing.T, w *world) {
		key := w.task(w.devices(3)...)
		_, err := w.StartTask(bg(), key, nil)
		wantLimit(t, "the start", err, &LimitError{Use: UseStart, Limit: 2, Wanted: 3, Excess: 1})
		w.wantCount(simulator.OpControl, 0)
		w.must(w.Platform.Start(key.TaskID))
		w.must(w.Finish(key.TaskID))
		for _, id := range w.devices(3) {
			w.must(w.SetSubtaskCode(key.TaskID, id, map[string]int{"lwm2m 2019": 7, "lwm2m 2022": 4, "t_link": 4}[variantOf(w)]))
		}
		selected, err := w.Select(bg(), key, Selection{All: true}, progress.Failed)
		w.must(err)
		_, err = w.RetryFailed(bg(), RetryRequest{Key: key, Selected: selected, BatchSize: 1})
		if variantOf(w) == "t_link" {
			if !errors.Is(err, ErrTLinkRetry) {
				t.Errorf("got %v", err)
			}
		} else {
			wantLimit(t, "the retry", err, &LimitError{Use: UseRetry, Limit: 2, Wanted: 3, Excess: 1})
		}
		w.wantCount(simulator.OpOperational, 0)
	})
}
