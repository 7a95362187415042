package campaign

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
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

func TestRoomLetsInWhoGetsOn(t *testing.T) {
	t.Parallel()
	in(t, variants[0], setting{}, func(t *testing.T, w *world) {
		var (
			r      rooms
			mu     sync.Mutex
			inside = map[purpose]int{}
			most   = map[purpose]int{}
			all    sync.WaitGroup
		)
		key := aep.TaskKey{ProductID: 1, TaskID: 1}
		step := func(p purpose, n int) {
			mu.Lock()
			defer mu.Unlock()
			inside[p] += n
			most[p] = max(most[p], inside[p])
			busy := 0
			for _, n := range inside {
				if n > 0 {
					busy++
				}
			}
			if busy > 1 {
				t.Errorf("inside are %v", inside)
			}
		}
		for i := range 30 {
			all.Go(func() {
				p := purpose(i % 3)
				ctx, cancel := context.WithCancelCause(bg())
				gone := errors.New("gone")
				if i%5 == 0 {
					time.AfterFunc(time.Duration(i)*time.Millisecond, func() { cancel(gone) })
				}
				err := r.visit(ctx, key, p, func() error {
					step(p, 1)
					time.Sleep(10 * time.Millisecond)
					step(p, -1)
					return nil
				})
				if err != nil && !errors.Is(err, gone) {
					t.Error(err)
				}
				cancel(nil)
			})
		}
		all.Wait()
		if most[reading] < 2 || most[joining] < 2 || most[cancelling] != 1 {
			t.Errorf("at a time were inside %v", most)
		}
		if len(r.byTask) > 0 {
			t.Errorf("%d rooms are left", len(r.byTask))
		}
	})
}
