package campaign

import (
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Devices that leave a large set are looked up once. Later reads list only the few
// subtasks in a new state.
func TestDetachOfManyReadsBackInPages(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		for name, delay := range map[string]time.Duration{"at once": 0, "after a while": 3 * time.Second} {
			t.Run(v.name+" "+name, func(t *testing.T) {
				t.Parallel()
				change := func(o *simulator.Options) {
					o.Quirks.TLinkCancelShowsFailed, o.Upgrade.CancelDelay = true, delay
				}
				in(t, v, setting{devices: 5000, change: change, config: func(c *aep.Config) { c.PageSize = 10 }}, func(t *testing.T, w *world) {
					all := w.devices(5000)
					key := w.task(all...)
					leaving := make(deviceset.Set, 0, 400)
					for i := 0; i < len(all) && len(leaving) < 400; i += 12 {
						leaving = append(leaving, all[i])
					}
					got, err := w.Detach(bg(), DetachRequest{Key: key, Protocol: w.protocol, DeviceIDs: leaving, BatchSize: 100, Expected: 5000})
					w.must(err)
					if got.Cancelled != 400 || len(got.Failures)+len(got.Unsettled) > 0 {
						t.Errorf("got %+v", got)
					}
					w.wantCancelled(key, leaving...)
					w.wantCount(simulator.OpOperational, 4)
					const sent, list = 400 + 4, 40
					reads := 2 + list // a sample of the cancelled state in each numbering
					switch {
					case w.protocol == aep.TLink:
						reads = 4 + list
					case v.table == simulator.Table2019 && delay == 0:
						reads = 1 + list
					case v.table == simulator.Table2019:
						reads = 2*(2+12+list) + 1 + list // two looks find the subtasks in another state
					}
					if n := w.calls() - sent; n != reads {
						t.Errorf("the states of 400 of 5,000 took %d calls, want %d", n, reads)
					}
				})
			})
		}
	}
}

// A subtask that is in its old state is looked up, too, and waited for.
func TestDetachOfManyFindsThoseThatStay(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 300, change: func(o *simulator.Options) {
		o.Quirks.TLinkCancelShowsFailed = true
	}}, func(t *testing.T, w *world) {
		all := w.devices(300)
		key := w.task(all...)
		stuck := all[7]
		w.AfterProcessed(func(r simulator.Request) {
			if r.Operation == simulator.OpOperational && r.Write && w.protocol != aep.TLink {
				// The platform accepts the cancel, but does not cancel this device.
				w.must(w.SetSubtaskCode(key.TaskID, stuck, 2))
			}
		})
		got, err := w.Detach(bg(), DetachRequest{Key: key, Protocol: w.protocol, DeviceIDs: all[:250], BatchSize: 50, Expected: 300})
		w.must(err)
		want := 0
		if w.protocol != aep.TLink {
			want = 1
		}
		if len(got.Unsettled) != want || want == 1 && got.Unsettled[0] != stuck {
			t.Errorf("got %+v", got)
		}
	})
}
