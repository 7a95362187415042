package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// codesOf returns the state codes of a task's subtasks in the order of joining.
func codesOf(p *Platform, job int64) string {
	var all []string
	for _, s := range p.Subtasks(job) {
		all = append(all, strconv.Itoa(s.Code))
	}
	return strings.Join(all, " ")
}

// progressCases has the states of five devices. The second fails, the third
// hangs, and the fourth fails once.
var progressCases = []struct {
	name    string
	product int64
	table   CodeTable
	joined  string
	after   map[time.Duration]string // the states, by the time after the start
}{
	{"LwM2M 2019", LwM2MProduct, Table2019, "0 0 0 0 0", map[time.Duration]string{
		0: "0 0 0 0 0", 1 * time.Minute: "2 2 2 2 2", 2 * time.Minute: "4 4 4 4 4", 3 * time.Minute: "6 6 6 6 6",
		4 * time.Minute: "8 7 6 7 8", 400 * time.Hour: "8 7 6 7 8",
	}},
	{"LwM2M 2022", LwM2MProduct, Table2022, "0 0 0 0 0", map[time.Duration]string{
		0: "1 1 1 1 1", 1 * time.Minute: "2 2 2 2 2", 2 * time.Minute: "2 2 2 2 2", 4 * time.Minute: "3 4 2 4 3", 400 * time.Hour: "3 4 2 4 3",
	}},
	{"T-Link", TLinkProduct, Table2019, "1 1 1 1 1", map[time.Duration]string{
		0: "1 1 1 1 1", 1 * time.Minute: "2 2 2 2 2", 4*time.Minute - 1: "2 2 2 2 2", 4 * time.Minute: "3 4 2 4 3", 400 * time.Hour: "3 4 2 4 3",
	}},
}

func TestProgress(t *testing.T) {
	t.Parallel()
	for _, tc := range progressCases {
		for after, want := range tc.after {
			t.Run(fmt.Sprintf("%s after %v", tc.name, after), func(t *testing.T) {
				t.Parallel()
				options := Options{Upgrade: Upgrade{Table: tc.table, WaitingTime: time.Minute, UpgradeTime: 3 * time.Minute}}
				inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
					ids := p.DeviceIDs(tc.product)[:5]
					once, always := FailFirst(1, "9", ids[3]), FailDevices("8", ids[1])
					p.Configure(func(o *Options) {
						o.Upgrade.Hang = Among(ids[2])
						o.Upgrade.Fail = func(id string, try int) string { return always(id, try) + once(id, try) }
					})
					job := startable(t, p, tc.product, ids...)
					wantEqual(t, "states before the start", codesOf(p, job), tc.joined)
					c.ok(OpControl, only(job), controlBody(tc.product))
					time.Sleep(after)
					wantEqual(t, "states", codesOf(p, job), want)
					wantStatus(t, p, job, Running)
				})
			})
		}
	}
}

// startable creates a task with devices at the console.
func startable(t *testing.T, p *Platform, product int64, ids ...string) int64 {
	t.Helper()
	firmware := LwM2MFirmware
	if product == TLinkProduct {
		firmware = TLinkFirmware
	}
	job, err := p.CreateTask(TaskDraft{ProductID: product, FirmwareID: firmware, Name: "n"})
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) > 0 {
		must(t, p.Join(job, ids...))
	}
	return job
}

func TestNoTimeMeansAtOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		ids := p.DeviceIDs(LwM2MProduct)[:2]
		p.Configure(func(o *Options) { o.Upgrade.Fail = FailDevices("8", ids[1]) })
		job := startable(t, p, LwM2MProduct, ids...)
		c.ok(OpControl, only(job), controlBody(LwM2MProduct))
		rows := c.list(OpSubtasks, ofTask(LwM2MProduct, job)).List
		wantMembers(t, rows[0], map[string]any{
			"taskState": "8", "resultCode": "1", "preUpgradeVersion": "1.0.0", "upgradedVersion": "1.3251",
			"finishTime": "2000-01-01 08:00:00", "updateTime": "2000-01-01 08:00:00", "taskId": 59.0, "tenantId": "10007905",
		})
		wantMembers(t, rows[1], map[string]any{"taskState": "7", "resultCode": "8", "upgradedVersion": "", "finishTime": "2000-01-01 08:00:00"})
		wantStatus(t, p, job, Finished)
		wantTaskOf(t, p, LwM2MProduct, ids[0], 0)
		d, _ := p.Device(LwM2MProduct, ids[0])
		wantEqual(t, "firmware version", d.FirmwareVersion, "1.3251")
	})
}

func TestSpreadIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	ends := func(t *testing.T) (sequence []string) {
		options := Options{Upgrade: Upgrade{UpgradeTime: time.Minute, Spread: time.Hour}}
		inBubble(t, options, func(t *testing.T, p *Platform, _ *caller) {
			job := startable(t, p, TLinkProduct, p.DeviceIDs(TLinkProduct)[:20]...)
			must(t, p.Start(job))
			for range 7 {
				time.Sleep(10 * time.Minute)
				sequence = append(sequence, codesOf(p, job))
			}
		})
		return sequence
	}
	first := ends(t)
	wantEqual(t, "states of the second run", fmt.Sprintf("%q", ends(t)), fmt.Sprintf("%q", first))
	if first[0] == first[3] || strings.Contains(first[6], "2") {
		t.Errorf("got states %q, want devices that end at different times, all within 70 minutes", first)
	}
}

// cancelCases has the states of two cancelled devices. The cancel of the
// second fails, if it can.
var cancelCases = []struct {
	name    string
	product int64
	options Options
	at, end string // the states at once and after a minute
	shown   int    // rows of /details in all states
}{
	{"2019", LwM2MProduct, Options{Upgrade: Upgrade{CancelDelay: time.Minute}}, "9 9", "10 11", 2},
	{"2019 at once", LwM2MProduct, Options{}, "10 11", "10 11", 2},
	{"2022", LwM2MProduct, Options{Upgrade: Upgrade{Table: Table2022, CancelDelay: time.Minute}}, "5 5", "5 5", 2},
	{"T-Link without state", TLinkProduct, Options{}, "-1 -1", "-1 -1", 0},
	{"T-Link as failed", TLinkProduct, Options{Quirks: Quirks{TLinkCancelShowsFailed: true}}, "4 4", "4 4", 2},
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for _, tc := range cancelCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.options.Upgrade.UpgradeTime = time.Hour
			inBubble(t, tc.options, func(t *testing.T, p *Platform, c *caller) {
				ids := p.DeviceIDs(tc.product)[:2]
				p.Configure(func(o *Options) { o.Upgrade.CancelFails = Among(ids[1]) })
				job := startable(t, p, tc.product, ids...)
				must(t, p.Start(job))
				c.ok(OpOperational, nil, onSubtasks(2, tc.product, job, "59,60"))
				wantEqual(t, "states at once", codesOf(p, job), tc.at)
				time.Sleep(time.Minute)
				wantEqual(t, "states after a minute", codesOf(p, job), tc.end)
				total := 0
				for code := p.tasks[job].codes.low; code <= p.tasks[job].codes.high; code++ {
					total += c.list(OpSubtasks, ofTask(tc.product, job, "taskStatus", strconv.Itoa(code))).Total
				}
				wantEqual(t, "rows in all states", total, tc.shown)
			})
		})
	}
}

func TestCancelThatFails(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Upgrade: Upgrade{UpgradeTime: time.Hour}}, func(t *testing.T, p *Platform, _ *caller) {
		ids := p.DeviceIDs(LwM2MProduct)[:1]
		p.Configure(func(o *Options) { o.Upgrade.CancelFails = Among(ids...) })
		job := startable(t, p, LwM2MProduct, ids...)
		must(t, p.Start(job))
		must(t, p.Cancel(job, ids...))
		wantEqual(t, "state after the cancel", codesOf(p, job), "11")
		time.Sleep(time.Hour)
		wantEqual(t, "state after an hour", codesOf(p, job), "8")
		wantStatus(t, p, job, Finished)
	})
}

func TestCancelledDevicesAreFreeAndEndTheTask(t *testing.T) {
	t.Parallel()
	for quirk, want := range map[bool]Status{false: Pending, true: Finished} {
		t.Run(strconv.FormatBool(quirk), func(t *testing.T) {
			t.Parallel()
			options := Options{Quirks: Quirks{CancelledPendingFinishes: quirk}, Upgrade: Upgrade{UpgradeTime: time.Hour}}
			inBubble(t, options, func(t *testing.T, p *Platform, _ *caller) {
				ids := p.DeviceIDs(LwM2MProduct)[:2]
				pending, running := startable(t, p, LwM2MProduct, ids[0]), startable(t, p, LwM2MProduct, ids[1])
				must(t, p.Start(running))
				must(t, p.Cancel(pending, ids[0]))
				must(t, p.Cancel(running, ids[1]))
				wantStatus(t, p, pending, want)
				wantStatus(t, p, running, Finished)
				startable(t, p, LwM2MProduct, ids...)
			})
		})
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Upgrade: Upgrade{UpgradeTime: time.Hour}}, func(t *testing.T, p *Platform, c *caller) {
		ids := p.DeviceIDs(LwM2MProduct)[:2]
		p.Configure(func(o *Options) { o.Upgrade.Fail = FailFirst(2, "8", ids[0]) })
		job := startable(t, p, LwM2MProduct, ids...)
		must(t, p.Start(job))
		c.refused(CodeSubtask, OpOperational, nil, onSubtasks(3, LwM2MProduct, job, "59"))
		var seen []string
		for range 3 {
			time.Sleep(time.Hour)
			s, _ := p.Subtask(job, ids[0])
			seen = append(seen, fmt.Sprintf("%d %d %s", s.Code, s.Tries, s.ResultCode))
			if s.Phase == PhaseFailed {
				c.ok(OpOperational, nil, onSubtasks(3, LwM2MProduct, job, "59"))
				wantStatus(t, p, job, Running)
			}
		}
		wantEqual(t, "states, tries and results", strings.Join(seen, ", "), "7 1 8, 7 2 8, 8 3 1")
		wantStatus(t, p, job, Finished)
		c.refused(CodeSubtask, OpOperational, nil, onSubtasks(3, LwM2MProduct, job, "60"))
	})
}

func TestTLinkHasNoRetry(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		ids := p.DeviceIDs(TLinkProduct)[:1]
		p.Configure(func(o *Options) { o.Upgrade.Fail = FailDevices("8", ids...) })
		job := startable(t, p, TLinkProduct, ids...)
		must(t, p.Start(job))
		wantEqual(t, "state", codesOf(p, job), "4")
		c.refused(CodeProtocol, OpOperational, nil, onSubtasks(3, TLinkProduct, job, "59"))
	})
}
