package simulator

import (
	"fmt"
	"strconv"
	"testing"
	"time"
)

const rejoinRefused = "refused"

var rejoinCases = []struct {
	name   string
	quirks Quirks
	cancel bool   // between the two joins
	lwm2m  string // "states: joined, details, allNum", or rejoinRefused
	tLink  string
}{
	{"active", Quirks{}, false, rejoinRefused, rejoinRefused},
	{"active, RejoinMakesSubtask", Quirks{RejoinMakesSubtask: true}, false, rejoinRefused, rejoinRefused},
	{"active, AcceptSecondJoin", Quirks{AcceptSecondJoin: true}, false, "0 0: 2, 2, 2", "1 1: 2, 2, 2"},
	{"cancelled", Quirks{}, true, rejoinRefused, rejoinRefused},
	{"cancelled, CancelledLeaveJoined", Quirks{CancelledLeaveJoined: true}, true, "0: 1, 1, 1", "1: 1, 1, 1"},
	{"cancelled, RejoinMakesSubtask", Quirks{RejoinMakesSubtask: true}, true, "10 0: 2, 2, 2", "-1 1: 2, 1, 1"},
	{"cancelled, AcceptSecondJoin", Quirks{AcceptSecondJoin: true}, true, "10 0: 2, 2, 2", "-1 1: 2, 1, 1"},
	{
		"cancelled, leave and rejoin",
		Quirks{CancelledLeaveJoined: true, RejoinMakesSubtask: true},
		true, "10 0: 1, 2, 2", "-1 1: 1, 1, 1",
	},
}

// TestJoiningAgain joins a device twice to one task.
func TestJoiningAgain(t *testing.T) {
	t.Parallel()
	for _, tc := range rejoinCases {
		for product, want := range map[int64]string{LwM2MProduct: tc.lwm2m, TLinkProduct: tc.tLink} {
			t.Run(fmt.Sprintf("%s, product %d", tc.name, product), func(t *testing.T) {
				t.Parallel()
				inBubble(t, Options{Quirks: tc.quirks}, func(t *testing.T, p *Platform, c *caller) {
					job := startable(t, p, product, p.DeviceIDs(product)[0])
					if tc.cancel {
						c.ok(OpOperational, nil, onSubtasks(2, product, job, "59"))
					}
					joinAgain(t, p, c, job, product, want)
				})
			})
		}
	}
}

// joinAgain joins the first device of a product to a task that has it.
func joinAgain(t *testing.T, p *Platform, c *caller, job, product int64, want string) {
	t.Helper()
	id := p.DeviceIDs(product)[0]
	body := lwm2mJoin(job, id)
	if product == TLinkProduct {
		body = tLinkJoin(job, id)
	}
	if want == rejoinRefused {
		c.refused(CodeDevice, OpOperational, nil, body)
		return
	}
	c.ok(OpOperational, nil, body)
	for _, search := range []string{"", id} {
		wantEqual(t, "states and rows of search "+search, codesOf(p, job)+": "+rowsShown(c, product, job, search), want)
	}
	wantEqual(t, "joins", p.JoinCount(job, id), 2)
}

// rowsShown returns the number of joined rows and of subtasks that a search
// finds, and allNum.
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
		wantEqual(t, "upgrades of a waiting device", p.Upgrades(ids[0]), 0)
		c.ok(OpOperational, nil, onSubtasks(2, LwM2MProduct, job, "60"))
		wantTaskOf(t, p, LwM2MProduct, ids[0], job)
		p.Configure(func(o *Options) { o.Quirks = Quirks{RejoinMakesSubtask: true} })
		c.refused(CodeDevice, OpOperational, nil, lwm2mJoin(job, ids[0]))
		p.Configure(func(o *Options) { o.Quirks = Quirks{AcceptSecondJoin: true} })
		c.ok(OpOperational, nil, lwm2mJoin(job, ids[0]))
		time.Sleep(2 * time.Hour)
		wantEqual(t, "states", codesOf(p, job), "8 10 8 8")
		var ofDevice []any
		for _, row := range c.list(OpSubtasks, ofTask(LwM2MProduct, job, "searchValue", ids[0])).List {
			ofDevice = append(ofDevice, row["taskId"])
		}
		wantEqual(t, "subtasks of the first device", fmt.Sprint(ofDevice), "[59 60 62]")
		for i, want := range []int{2, 1, 0} {
			wantEqual(t, fmt.Sprintf("upgrades of device %d", i), p.Upgrades(ids[i]), want)
		}
		wantStatus(t, p, job, Finished)
		wantTaskOf(t, p, LwM2MProduct, ids[0], 0)
	})
}

func TestConsoleCancelsEverySubtaskOfADevice(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Quirks: Quirks{AcceptSecondJoin: true}}, func(t *testing.T, p *Platform, _ *caller) {
		id := p.DeviceIDs(LwM2MProduct)[0]
		job := startable(t, p, LwM2MProduct, id, id)
		must(t, p.Cancel(job, id))
		wantEqual(t, "states", codesOf(p, job), "10 10")
		must(t, p.SetDeviceGroup(LwM2MProduct, "g", id))
		must(t, p.SetSubtaskCode(job, id, 42))
		wantEqual(t, "states after the newest is set", codesOf(p, job), "10 42")
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
		must(t, p.Cancel(second, id)) // The cancel fails, and the upgrade begins.
		note()
		wantEqual(t, "upgrades after each act", fmt.Sprint(got), "[1 2 3 3 4]")
	})
}
