package campaign

import (
	"context"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestRetryWaitsThroughAnOutageAndLogsIt(t *testing.T) {
	t.Parallel()
	logged := 0
	log := func(_ context.Context, message string, _ map[string]any) {
		if message == "could not read a task; the wait continues" {
			logged++
		}
	}
	in(t, variants[0], setting{devices: 3, change: slow, options: Options{Log: log}}, func(t *testing.T, w *world) {
		all := w.devices(3)
		w.Configure(func(o *simulator.Options) { o.Upgrade.Fail = simulator.FailFirst(1, "5000", all[0]) })
		key := w.task(all...)
		w.must(w.Platform.Start(key.TaskID))
		time.Sleep(time.Hour)
		selected, err := w.Select(bg(), key, Selection{All: true}, progress.Failed)
		w.must(err)
		w.AfterProcessed(func(r simulator.Request) {
			if r.Operation == simulator.OpOperational {
				w.SetOutage(true)
				time.AfterFunc(time.Hour, func() { w.SetOutage(false) })
			}
		})
		got, err := w.RetryFailed(bg(), RetryRequest{Key: key, Selected: selected, BatchSize: 1, Wait: true, Interval: 10 * time.Second})
		w.must(err)
		if got.Retried != 1 || got.After == nil || got.After.Succeeded != 1 {
			t.Errorf("got %+v", got)
		}
		if logged == 0 {
			t.Error("no failed look was logged")
		}
	})
}
