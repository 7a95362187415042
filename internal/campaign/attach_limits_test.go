package campaign

import (
	"fmt"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestAttachLearnsTheLimitsOfThePlatform counts every call of an attach of 10,000
// devices: it asks for the clock, counts devices and subtasks, joins and reads back.
func TestAttachLearnsTheLimitsOfThePlatform(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ids, rows    int
		joins, calls int
	}{
		{1000, 1000, 4 + 9, 2 + 10},         // 100, 200, 400, 800 and 9 times up to 1,000
		{0, 0, 4 + 9, 2 + 10},               // no limit
		{200, 100, 3 + 49, 2 + 100 + 1 + 6}, // 400 are refused; one device and 400 are looked up
		{100, 100, 2 + 99, 2 + 100 + 1 + 2},
	} {
		t.Run(fmt.Sprint(test.ids, " ids, ", test.rows, " rows"), func(t *testing.T) {
			t.Parallel()
			limits := func(o *simulator.Options) {
				o.Quirks.MaxOperationalIDs, o.Paging.MaxPageSize = test.ids, test.rows
			}
			in(t, variants[0], setting{devices: 10_000, change: limits, config: func(c *aep.Config) { c.MaxConcurrentRequests = 4 }},
				func(t *testing.T, w *world) {
					key, all := w.task(), w.devices(10_000)
					got, err := w.attach(key, all, 0)
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
