package campaign

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// finish asks to watch a task to its end, with the defaults of the provider.
func (w *world) finish(key aep.TaskKey) WatchRequest {
	return WatchRequest{
		Key: key, Until: WaitFinished, Interval: 30 * time.Second,
		Gates: progress.Gates{MinimumSuccessPercent: 100, AbortMinimumDevices: 10, OnAbort: progress.AbortCancels},
	}
}

// slow lets every device take a while.
func slow(o *simulator.Options) {
	o.Upgrade.WaitingTime, o.Upgrade.UpgradeTime = time.Minute, 3*time.Minute
}

func TestStartAndWatch(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 50, change: slow}, func(t *testing.T, w *world) {
		key := w.task(w.devices(40)...)
		started, err := w.StartTask(bg(), key, ptr[int64](40))
		w.must(err)
		again, err := w.StartTask(bg(), key, ptr[int64](4711))
		w.must(err)
		if !started.Sent || again.Sent || w.StartCount(key.TaskID) != 1 {
			t.Errorf("started %+v, again %+v", started, again)
		}
		w.wantCount(simulator.OpControl, 1)
		w.ResetJournal()
		looks := 0
		q := w.finish(key)
		q.Report = func(progress.Observation) { looks++ }
		began := time.Now()
		o, err := w.Watch(bg(), q)
		w.must(err)
		if o.Histogram.Succeeded != 40 || o.SuccessPercent() != 100 || time.Since(began) > 5*time.Minute {
			t.Errorf("%s after %s", o, time.Since(began))
		}
		each := 1 + 12
		if w.protocol == aep.TLink {
			each = 1 + 4
		}
		w.wantCalls("watching", looks*each)
	})
}

func TestTLinkDevicesThatVanishAreNoSuccess(t *testing.T) {
	t.Parallel()
	in(t, variants[2], setting{devices: 10, change: slow}, func(t *testing.T, w *world) {
		// A platform may go on to count a cancelled device that no state shows.
		o := progress.Observation{
			Task:      aep.Task{DeviceCount: 10, TimeoutHours: 1, Status: aep.TaskFinished},
			Histogram: progress.Histogram{Total: 7, Succeeded: 7},
		}
		err := w.judge(bg(), o, w.finish(w.task()).Gates)
		if gate, ok := errors.AsType[*GateError](err); !ok || !strings.Contains(gate.Error(), "7 of the 10 devices") {
			t.Error(err)
		}
	})
}

func TestNothingIsCancelledOnAChance(t *testing.T) {
	t.Parallel()
	gates := progress.Gates{AbortFailurePercent: ptr(50.0), AbortMinimumDevices: 3}
	for name, one := range map[string]struct {
		h    progress.Histogram
		want bool
	}{
		"certain":           {progress.Histogram{Total: 10, Failed: 3, InProgress: 7}, true},
		"too few are done":  {progress.Histogram{Total: 10, Failed: 2, InProgress: 8}, false},
		"below":             {progress.Histogram{Total: 10, Failed: 3, Succeeded: 4, InProgress: 3}, false},
		"just reached":      {progress.Histogram{Total: 10, Failed: 3, Succeeded: 3, InProgress: 4}, true},
		"none failed":       {progress.Histogram{Total: 10, Succeeded: 10}, false},
		"over, but unclear": {progress.Histogram{Total: 10, Failed: 3, Unknown: 7, Ended: 7}, false},
		"beside cancelled":  {progress.Histogram{Total: 40, Failed: 3, Cancelled: 30, InProgress: 7}, true},
	} {
		if got := gates.TooManyFailures(progress.Observation{Histogram: one.h}); got != one.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	gates.AbortFailurePercent = nil
	if gates.TooManyFailures(progress.Observation{Histogram: progress.Histogram{Total: 10, Failed: 10}}) {
		t.Error("without a limit failures abort")
	}
}

func TestWatchEndsAtOnce(t *testing.T) {
	t.Parallel()
	hang := func(o *simulator.Options) { slow(o); o.Upgrade.Hang = func(string) bool { return true } }
	everywhere(t, setting{devices: 10, change: hang}, func(t *testing.T, w *world) {
		key := w.task(w.devices(5)...)
		w.must(w.Platform.Start(key.TaskID))
		ctx, interrupt := context.WithCancel(bg())
		time.AfterFunc(time.Hour+7*time.Second, interrupt)
		began := time.Now()
		_, err := w.Watch(ctx, w.finish(key))
		ended, ok := errors.AsType[*WatchError](err)
		if !ok || !errors.Is(err, context.Canceled) || ended.Last == nil || ended.Last.Histogram.InProgress != 5 {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != time.Hour+7*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestWatchNamesAnUnknownStatus(t *testing.T) {
	t.Parallel()
	hang := func(o *simulator.Options) { slow(o); o.Upgrade.Hang = func(string) bool { return true } }
	everywhere(t, setting{devices: 10, change: hang}, func(t *testing.T, w *world) {
		key := w.task(w.devices(5)...)
		w.must(w.Platform.Start(key.TaskID))
		w.must(w.SetJobStatusCode(key.TaskID, 99))
		ctx, cancel := context.WithTimeout(bg(), time.Hour)
		defer cancel()
		_, err := w.Watch(ctx, w.finish(key))
		if err == nil || !strings.Contains(err.Error(), "unknown_99") {
			t.Errorf("got %v", err)
		}
	})
}

func TestWatchSeesEverySubtaskFinal(t *testing.T) {
	t.Parallel()
	// The status goes on to say running.
	everywhere(t, setting{devices: 10, change: slow}, func(t *testing.T, w *world) {
		key := w.task(w.devices(5)...)
		w.must(w.Platform.Start(key.TaskID))
		w.must(w.SetJobStatusCode(key.TaskID, 2))
		o, err := w.Watch(bg(), w.finish(key))
		w.must(err)
		if o.Task.Status != aep.TaskRunning || o.Histogram.Succeeded != 5 {
			t.Errorf("got %s", o)
		}
	})
}

func TestRetryWaitsForItsDevicesAlone(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 10, change: slow}, func(t *testing.T, w *world) {
		if w.protocol == aep.TLink {
			_, err := w.RetryFailed(bg(), RetryRequest{Selected: Selected{Observation: progress.Observation{Task: aep.Task{TimeoutHours: 1}}}})
			if !errors.Is(err, ErrTLinkRetry) {
				t.Errorf("got %v", err)
			}
			return
		}
		all := w.devices(6)
		w.Configure(func(o *simulator.Options) {
			o.Upgrade.Fail, o.Upgrade.Hang = simulator.FailFirst(1, "5000", all[:2]...), simulator.Among(all[5])
		})
		key := w.task(all...)
		w.must(w.Platform.Start(key.TaskID))
		time.Sleep(time.Hour)
		selected, err := w.Select(bg(), key, Selection{All: true}, progress.Failed)
		w.must(err)
		got, err := w.RetryFailed(bg(), RetryRequest{Key: key, Selected: selected, BatchSize: 1, Wait: true, Interval: 10 * time.Second})
		w.must(err)
		if got.Retried != 2 || got.After == nil || got.After.Succeeded != 2 || len(got.Failures) != 0 {
			t.Errorf("got %+v", got)
		}
		w.wantCount(simulator.OpOperational, 2)
	})
}
