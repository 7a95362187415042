package simulator

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestJoinLag joins one device before the switch is on and two after it, and
// looks at once, just before the lag has passed, and when it has.
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
					got := []string{rowsShown(c, product, job, ""), rowsShown(c, product, job, ids[1])}
					if left := c.list(OpDevices, ofTask(product, job, "isSelectDevice", "2")).Total; left != len(ids)-3 {
						t.Errorf("%d candidates at once", left)
					}
					time.Sleep(lag - 1)
					got = append(got, rowsShown(c, product, job, ""), rowsShown(c, product, job, ids[1]))
					time.Sleep(time.Nanosecond)
					got = append(got, rowsShown(c, product, job, ""), rowsShown(c, product, job, ids[1]))
					if !slices.Equal(got, want) {
						t.Errorf("got %q, want %q", got, want)
					}
				})
			})
		}
	}
}

// TestHiddenJoinsCount does what needs no list while a join is hidden.
func TestHiddenJoinsCount(t *testing.T) {
	t.Parallel()
	options := Options{Quirks: Quirks{JoinLag: time.Minute}, Upgrade: Upgrade{UpgradeTime: time.Hour}}
	inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
		ids := p.DeviceIDs(LwM2MProduct)[:2]
		job := startable(t, p, LwM2MProduct, ids...)
		c.refused(CodeDevice, OpOperational, nil, lwm2mJoin(job, ids[0]))
		c.ok(OpOperational, nil, onSubtasks(2, LwM2MProduct, job, "59"))
		c.ok(OpControl, only(job), controlBody(LwM2MProduct))
		if got := c.list(OpSubtasks, ofTask(LwM2MProduct, job, "taskStatus", "2")).Total; got != 0 {
			t.Errorf("%d rows at once", got)
		}
		time.Sleep(time.Minute)
		if got := c.list(OpSubtasks, ofTask(LwM2MProduct, job, "taskStatus", "2")).Total; got != 1 || codesOf(p, job) != "10 2" {
			t.Errorf("%d rows after the lag, states %s", got, codesOf(p, job))
		}
	})
}
