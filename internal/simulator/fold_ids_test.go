package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func TestFoldIDs(t *testing.T) {
	t.Parallel()
	for on, want := range map[bool][]int{
		false: {CodeDevice, 0, 0, 0, 1, 1, 1, 0},
		true:  {0, 1, 1, 1, 1, 1, 1, 0},
	} {
		t.Run(strconv.FormatBool(on), func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{Quirks: Quirks{FoldIDs: on}}, func(t *testing.T, p *Platform, c *caller) {
				const id = "AbCdEf0123456789AbCdEf0123456789"
				other := strings.ToUpper(id)
				_, err := p.AddDevices(LwM2MProduct, DeviceSeed{ID: id, Name: "Pump"})
				must(t, err)
				job := startable(t, p, LwM2MProduct)
				got := []int{c.call(OpOperational, nil, lwm2mJoin(job, other)).Code}
				if !on {
					must(t, p.Join(job, id))
				}
				for _, spelling := range []string{other, id} {
					joined := c.list(OpDevices, ofTask(LwM2MProduct, job, "isSelectDevice", "1", "deviceIdSearch", spelling)).List
					for _, row := range joined {
						wantMembers(t, row, map[string]any{"deviceId": id})
					}
					whole := c.list(OpSubtasks, ofTask(LwM2MProduct, job, "searchValue", spelling)).Total
					part := c.list(OpSubtasks, ofTask(LwM2MProduct, job, "searchValue", spelling[:20])).Total
					got = append(got, len(joined), whole, part)
				}
				got = append(got, c.list(OpSubtasks, ofTask(LwM2MProduct, job, "searchValue", "pump")).Total)
				wantEqual(t, "code and totals", fmt.Sprint(got), fmt.Sprint(want))
			})
		})
	}
}

func TestFoldedIDsOfTwoDevices(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Quirks: Quirks{FoldIDs: true}}, func(t *testing.T, p *Platform, c *caller) {
		_, err := p.AddDevices(LwM2MProduct, DeviceSeed{ID: "abc"})
		must(t, err)
		job := startable(t, p, LwM2MProduct)
		c.refused(CodeDevice, OpOperational, nil, lwm2mJoin(job, "ABC", "abc")) // This is one device twice.
		_, err = p.AddDevices(LwM2MProduct, DeviceSeed{ID: "ABC"})
		must(t, err)
		c.ok(OpOperational, nil, lwm2mJoin(job, "ABC", "abc"))
		c.refused(CodeDevice, OpOperational, nil, lwm2mJoin(job, "Abc")) // This is the first device, which has joined.
		_, err = p.AddDevices(LwM2MProduct, DeviceSeed{ID: "xyz"})
		must(t, err)
		c.ok(OpOperational, nil, lwm2mJoin(job, "XYZ"))
	})
}
