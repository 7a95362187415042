package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestJoinLag joins one device before the switch is on and two after it. It
// reads the rows at once, one nanosecond before the end of the lag, and at its
// end.
func TestJoinLag(t *testing.T) {
	t.Parallel()
	const lag = 4 * time.Second
	for _, product := range []int64{LwM2MProduct, TLinkProduct} {
		for on, want := range map[bool][]string{
			false: {"3, 3, 3", "1, 1, 3", "3, 3, 3", "1, 1, 3", "3, 3, 3", "1, 1, 3"},
			true:  {"1, 1, 1", "0, 0, 1", "1, 1, 1", "0, 0, 1", "3, 3, 3", "1, 1, 3"},
		} {
			t.Run(fmt.Sprintf("product %d, %t", product, on), func(t *testing.T) {
				t.Parallel()
				inBubble(t, Options{Upgrade: Upgrade{UpgradeTime: time.Hour}}, func(t *testing.T, p *Platform, c *caller) {
					ids := p.DeviceIDs(product)
					job := startable(t, p, product, ids[0])
					if on {
						p.Configure(func(o *Options) { o.Quirks.JoinLag = lag })
					}
					must(t, p.Join(job, ids[1]))
					must(t, p.Join(job, ids[2]))
					candidates := c.list(OpDevices, ofTask(product, job, "isSelectDevice", "2")).Total
					wantEqual(t, "candidates at once", candidates, len(ids)-3)
					var got []string
					for _, wait := range []time.Duration{0, lag - 1, 1} {
						time.Sleep(wait)
						got = append(got, rowsShown(c, product, job, ""), rowsShown(c, product, job, ids[1]))
					}
					wantEqual(t, "rows", fmt.Sprintf("%q", got), fmt.Sprintf("%q", want))
				})
			})
		}
	}
}

// TestJoinLagWays joins 200 devices in one call, three seconds after lists were
// refreshed. It counts the rows after 0, 1, 2, 3 and 4 s.
func TestJoinLagWays(t *testing.T) {
	t.Parallel()
	for way, want := range map[JoinLagWay]string{
		JoinLagWhole: "0 0 0 0 200", JoinLagTail: "100 100 100 100 200", JoinLagTick: "0 200 200 200 200",
		JoinLagEach: "0 49 102 146 200",
	} {
		options := Options{Products: DefaultProducts(200), Quirks: Quirks{JoinLag: 4 * time.Second, JoinLagWay: way}}
		inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
			job := startable(t, p, LwM2MProduct)
			time.Sleep(time.Until(time.Now().Truncate(4 * time.Second).Add(3 * time.Second)))
			must(t, p.Join(job, p.DeviceIDs(LwM2MProduct)...))
			var got []string
			for n := range 5 {
				time.Sleep(min(time.Second, time.Duration(n)*time.Second))
				got = append(got, strconv.Itoa(c.list(OpDevices, ofTask(LwM2MProduct, job, "isSelectDevice", "1", "pageSize", "1000")).Total))
			}
			wantEqual(t, fmt.Sprintf("way %d: rows", way), strings.Join(got, " "), want)
		})
	}
}

// TestHiddenJoinsCount cancels and starts while no list shows a join.
func TestHiddenJoinsCount(t *testing.T) {
	t.Parallel()
	options := Options{Quirks: Quirks{JoinLag: time.Minute}, Upgrade: Upgrade{UpgradeTime: time.Hour}}
	inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
		ids := p.DeviceIDs(LwM2MProduct)[:2]
		job := startable(t, p, LwM2MProduct, ids...)
		c.refused(CodeDevice, OpOperational, nil, lwm2mJoin(job, ids[0]))
		c.ok(OpOperational, nil, onSubtasks(2, LwM2MProduct, job, "59"))
		c.ok(OpControl, only(job), controlBody(LwM2MProduct))
		inProgress := ofTask(LwM2MProduct, job, "taskStatus", "2")
		wantEqual(t, "rows at once", c.list(OpSubtasks, inProgress).Total, 0)
		time.Sleep(time.Minute)
		wantEqual(t, "rows after the lag", c.list(OpSubtasks, inProgress).Total, 1)
		wantEqual(t, "states", codesOf(p, job), "10 2")
	})
}
