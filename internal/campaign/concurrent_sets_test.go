package campaign

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Several sets of one task join in one run, as Terraform applies them: no list
// changes under its reader, and one reading serves them all.
func TestSetsOfOneTaskShareTheReadingBack(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		for name, latency := range map[string]time.Duration{"": 0, " slowly": 20 * time.Millisecond} {
			t.Run(v.name+name, func(t *testing.T) {
				t.Parallel()
				slow := func(o *simulator.Options) { o.Latency, o.Quirks.TLinkCancelShowsFailed = latency, true }
				in(t, v, setting{devices: 5000, change: slow}, func(t *testing.T, w *world) {
					key, sets := w.task(), slices.Collect(slices.Chunk(w.devices(5000), 1000))
					var all sync.WaitGroup
					for _, ids := range sets {
						all.Go(func() {
							got, err := w.attach(key, ids, 100)
							if err != nil || !slices.Equal(got.Attached, ids) || latency > 0 && got.JoinedTotal != 5000 {
								t.Errorf("got %d attached, %d joined, %v", len(got.Attached), got.JoinedTotal, err)
							}
						})
					}
					all.Wait()
					w.wantCount(simulator.OpOperational, 50)
					if latency > 0 { // else one can be through before another begins
						w.wantCalls("five attaches", 50+50+5*(1+4)+1)
					}

					for _, ids := range sets {
						all.Go(func() {
							got, err := w.Detach(bg(), DetachRequest{Key: key, Protocol: w.protocol, DeviceIDs: ids[:900], BatchSize: 100, Expected: 5000})
							if err != nil || got.Cancelled != 900 || len(got.Failures)+len(got.Unsettled) > 0 {
								t.Errorf("got %+v, %v", got, err)
							}
						})
					}
					all.Wait()
				})
			})
		}
	}
}
