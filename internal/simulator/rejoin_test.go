package simulator

import (
	"fmt"
	"strconv"
	"testing"
	"time"
)

// TestJoiningAgain joins a device twice to one task, with a cancel between
// the joins or without one.
func TestJoiningAgain(t *testing.T) {
	t.Parallel()
	const refused = "refused"
	accept, rejoin, leave := Quirks{AcceptSecondJoin: true}, Quirks{RejoinMakesSubtask: true}, Quirks{CancelledLeaveJoined: true}
	leaveAndRejoin := Quirks{CancelledLeaveJoined: true, RejoinMakesSubtask: true}
	cases := []struct {
		name   string
		quirks Quirks
		cancel bool
		lwm2m  string // "states: joined, details, allNum", or refused
		tLink  string
	}{
		{"active", Quirks{}, false, refused, refused},
		{"active, RejoinMakesSubtask", rejoin, false, refused, refused},
		{"active, AcceptSecondJoin", accept, false, "0 0: 2, 2, 2", "1 1: 2, 2, 2"},
		{"cancelled", Quirks{}, true, refused, refused},
		{"cancelled, CancelledLeaveJoined", leave, true, "0: 1, 1, 1", "1: 1, 1, 1"},
		{"cancelled, RejoinMakesSubtask", rejoin, true, "10 0: 2, 2, 2", "-1 1: 2, 1, 1"},
		{"cancelled, AcceptSecondJoin", accept, true, "10 0: 2, 2, 2", "-1 1: 2, 1, 1"},
		{"cancelled, both leave and rejoin", leaveAndRejoin, true, "10 0: 1, 2, 2", "-1 1: 1, 1, 1"},
	}
	for _, tc := range cases {
		for product, want := range map[int64]string{LwM2MProduct: tc.lwm2m, TLinkProduct: tc.tLink} {
			t.Run(fmt.Sprintf("%s, product %d", tc.name, product), func(t *testing.T) {
				t.Parallel()
				inBubble(t, Options{Quirks: tc.quirks}, func(t *testing.T, p *Platform, c *caller) {
					id := p.DeviceIDs(product)[0]
					job := startable(t, p, product, id)
					if tc.cancel {
						c.ok(OpOperational, nil, onSubtasks(2, product, job, "59"))
					}
					body := lwm2mJoin(job, id)
					if product == TLinkProduct {
						body = tLinkJoin(job, id)
					}
					if want == refused {
						c.refused(CodeDevice, OpOperational, nil, body)
						return
					}
					c.ok(OpOperational, nil, body)
					for _, search := range []string{"", id} {
						if got := codesOf(p, job) + ": " + rowsShown(c, product, job, search); got != want {
							t.Errorf("search %q: got %s, want %s", search, got, want)
						}
					}
					if got := p.JoinCount(job, id); got != 2 {
						t.Errorf("joined %d times", got)
					}
				})
			})
		}
	}
}

// rowsShown counts the joined rows and the subtasks that a search for a
// device finds, and reads allNum.
func rowsShown(c *caller, product, job int64, search string) string {
	c.t.Helper()
	states, details := []string{""}, 0
	if product == TLinkProduct {
		states = []string{"1", "2", "3", "4"}
	}
	for _, state := range states {
		details += c.list(OpSubtasks, ofTask(product, job, "taskStatus", state, "searchValue", search)).Total
	}
	joined := c.list(OpDevices, ofTask(product, job, "isSelectDevice", "1", "deviceIdSearch", search)).Total
	return fmt.Sprintf("%d, %d, %v", joined, details, c.object(OpQueryDetail, ofTask(product, job))["allNum"])
}

func TestSecondJoinUpgradesTwice(t *testing.T) {
	t.Parallel()
	options := Options{Quirks: Quirks{AcceptSecondJoin: true}, Upgrade: Upgrade{WaitingTime: time.Minute, UpgradeTime: time.Hour}}
	inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
		ids := p.DeviceIDs(LwM2MProduct)[:3]
		job := startable(t, p, LwM2MProduct, ids[0], ids[0], ids[1])
		c.ok(OpControl, only(job), controlBody(LwM2MProduct))
		if got := p.Upgrades(ids[0]); got != 0 {
			t.Errorf("%d upgrades while the device waits", got)
		}
		c.ok(OpOperational, nil, onSubtasks(2, LwM2MProduct, job, "60"))
		if d, _ := p.Device(LwM2MProduct, ids[0]); d.JobID != job {
			t.Errorf("device %+v: its first subtask is active", d)
		}
		p.Configure(func(o *Options) { o.Quirks = Quirks{RejoinMakesSubtask: true} })
		c.refused(CodeDevice, OpOperational, nil, lwm2mJoin(job, ids[0]))
		p.Configure(func(o *Options) { o.Quirks = Quirks{AcceptSecondJoin: true} })
		c.ok(OpOperational, nil, lwm2mJoin(job, ids[0]))
		time.Sleep(2 * time.Hour)
		if got, want := codesOf(p, job), "8 10 8 8"; got != want {
			t.Errorf("states %s, want %s", got, want)
		}
		for i, want := range []int{2, 1, 0} {
			if got := p.Upgrades(ids[i]); got != want {
				t.Errorf("device %d: %d upgrades, want %d", i, got, want)
			}
		}
		if task, _ := p.Task(job); task.Status != Finished {
			t.Errorf("status %d", task.Status)
		}
		if d, _ := p.Device(LwM2MProduct, ids[0]); d.JobID != 0 {
			t.Errorf("device %+v is not free", d)
		}
	})
}

func TestConsoleCancelsEverySubtaskOfADevice(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Quirks: Quirks{AcceptSecondJoin: true}}, func(t *testing.T, p *Platform, _ *caller) {
		id := p.DeviceIDs(LwM2MProduct)[0]
		job := startable(t, p, LwM2MProduct, id, id)
		must(t, p.Cancel(job, id))
		if got := codesOf(p, job); got != "10 10" {
			t.Errorf("states %s", got)
		}
		must(t, p.SetDeviceGroup(LwM2MProduct, "g", id))
		must(t, p.SetSubtaskCode(job, id, 42))
		if got := codesOf(p, job); got != "10 42" {
			t.Errorf("states %s: a forced state is the newest subtask's", got)
		}
		checkIndexes(t, p)
	})
}

func TestUpgradesCountEachTryAndEachTask(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, _ *caller) {
		id := p.DeviceIDs(LwM2MProduct)[0]
		p.Configure(func(o *Options) { o.Upgrade.Fail = FailFirst(1, "8", id) })
		var got []string
		note := func() { got = append(got, strconv.Itoa(p.Upgrades(id))) }
		first := startable(t, p, LwM2MProduct, id)
		must(t, p.Start(first))
		note()
		must(t, p.Retry(first, id))
		note()
		must(t, p.DeleteTask(first))
		must(t, p.Finish(startable(t, p, LwM2MProduct, id)))
		note()
		p.Configure(func(o *Options) { o.Upgrade.WaitingTime, o.Upgrade.CancelFails = time.Hour, Among(id) })
		second := startable(t, p, LwM2MProduct, id)
		must(t, p.Start(second))
		note()
		must(t, p.Cancel(second, id)) // fails: the device goes on
		note()
		if got := fmt.Sprint(got); got != "[1 2 3 3 4]" {
			t.Errorf("upgrades %s", got)
		}
	})
}
