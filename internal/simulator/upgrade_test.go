package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// codesOf lists the states of a task's subtasks in the order of joining.
func codesOf(p *Platform, job int64) string {
	var all []string
	for _, s := range p.Subtasks(job) {
		all = append(all, strconv.Itoa(s.Code))
	}
	return strings.Join(all, " ")
}

func TestSubtasksAdvanceByTime(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	cases := []struct {
		name    string
		product int64
		table   CodeTable
		joined  string
		after   map[time.Duration]string // of five devices: plain, fails, hangs, fails once, plain
	}{
		{"LwM2M 2019", LwM2MProduct, Table2019, "0 0 0 0 0", map[time.Duration]string{
			0: "0 0 0 0 0", 1 * minute: "2 2 2 2 2", 2 * minute: "4 4 4 4 4", 3 * minute: "6 6 6 6 6",
			4 * minute: "8 7 6 7 8", 400 * time.Hour: "8 7 6 7 8",
		}},
		{"LwM2M 2022", LwM2MProduct, Table2022, "0 0 0 0 0", map[time.Duration]string{
			0: "1 1 1 1 1", 1 * minute: "2 2 2 2 2", 2 * minute: "2 2 2 2 2", 4 * minute: "3 4 2 4 3", 400 * time.Hour: "3 4 2 4 3",
		}},
		{"T-Link", TLinkProduct, Table2019, "1 1 1 1 1", map[time.Duration]string{
			0: "1 1 1 1 1", 1 * minute: "2 2 2 2 2", 4*minute - 1: "2 2 2 2 2", 4 * minute: "3 4 2 4 3", 400 * time.Hour: "3 4 2 4 3",
		}},
	}
	for _, tc := range cases {
		for after, want := range tc.after {
			t.Run(fmt.Sprintf("%s after %v", tc.name, after), func(t *testing.T) {
				t.Parallel()
				inBubble(t, Options{Upgrade: Upgrade{Table: tc.table, WaitingTime: minute, UpgradeTime: 3 * minute}}, func(t *testing.T, p *Platform, c *caller) {
					ids := p.DeviceIDs(tc.product)[:5]
					once := FailFirst(1, "9", ids[3])
					never := FailDevices("8", ids[1])
					p.Configure(func(o *Options) {
						o.Upgrade.Hang = Among(ids[2])
						o.Upgrade.Fail = func(id string, try int) string { return never(id, try) + once(id, try) }
					})
					job := startable(t, p, tc.product, ids...)
					if got := codesOf(p, job); got != tc.joined {
						t.Errorf("joined: %s, want %s", got, tc.joined)
					}
					c.ok(OpControl, only(job), controlBody(tc.product))
					time.Sleep(after)
					if got := codesOf(p, job); got != want {
						t.Errorf("%s, want %s", got, want)
					}
					if task, _ := p.Task(job); task.Status != Running {
						t.Errorf("status %d with a device that hangs", task.Status)
					}
				})
			})
		}
	}
}

// startable makes a task with devices at the console.
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
			"taskState": "8", "resultCode": "0", "preUpgradeVersion": "1.0.0", "upgradedVersion": "1.3251",
			"finishTime": "2000-01-01 08:00:00", "updateTime": "2000-01-01 08:00:00", "taskId": 59.0, "tenantId": "10007905",
		})
		wantMembers(t, rows[1], map[string]any{"taskState": "7", "resultCode": "8", "upgradedVersion": "", "finishTime": "2000-01-01 08:00:00"})
		if task, _ := p.Task(job); task.Status != Finished {
			t.Errorf("status %d", task.Status)
		}
		if d, _ := p.Device(LwM2MProduct, ids[0]); d.FirmwareVersion != "1.3251" || d.JobID != 0 {
			t.Errorf("device %+v", d)
		}
	})
}

func TestSpreadIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	ends := func(t *testing.T) (sequence []string) {
		inBubble(t, Options{Upgrade: Upgrade{UpgradeTime: time.Minute, Spread: time.Hour}}, func(t *testing.T, p *Platform, _ *caller) {
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
	if !slices.Equal(first, ends(t)) {
		t.Error("two runs differ")
	}
	if first[0] == first[3] || strings.Contains(first[6], "2") {
		t.Errorf("no spread: %q", first)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		product int64
		options Options
		at, end string // of two devices, of which the second's cancelling fails, if it can
		shown   int    // by /details
	}{
		{"2019", LwM2MProduct, Options{Upgrade: Upgrade{CancelDelay: time.Minute}}, "9 9", "10 11", 2},
		{"2019 at once", LwM2MProduct, Options{}, "10 11", "10 11", 2},
		{"2022", LwM2MProduct, Options{Upgrade: Upgrade{Table: Table2022, CancelDelay: time.Minute}}, "5 5", "5 5", 2},
		{"T-Link vanishes", TLinkProduct, Options{}, "-1 -1", "-1 -1", 0},
		{"T-Link failed", TLinkProduct, Options{Quirks: Quirks{TLinkCancelShowsFailed: true}}, "4 4", "4 4", 2},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.options.Upgrade.UpgradeTime = time.Hour
			inBubble(t, tc.options, func(t *testing.T, p *Platform, c *caller) {
				ids := p.DeviceIDs(tc.product)[:2]
				p.Configure(func(o *Options) { o.Upgrade.CancelFails = Among(ids[1]) })
				job := startable(t, p, tc.product, ids...)
				must(t, p.Start(job))
				c.ok(OpOperational, nil, onSubtasks(2, tc.product, job, "59,60"))
				if got := codesOf(p, job); got != tc.at {
					t.Errorf("at once %s, want %s", got, tc.at)
				}
				time.Sleep(time.Minute)
				if got := codesOf(p, job); got != tc.end {
					t.Errorf("after a minute %s, want %s", got, tc.end)
				}
				total := 0
				for code := 1; code <= 11 && (tc.product == LwM2MProduct || code <= 4); code++ {
					if tc.options.Upgrade.Table == Table2022 && code > 5 {
						break
					}
					total += c.list(OpSubtasks, ofTask(tc.product, job, "taskStatus", strconv.Itoa(code))).Total
				}
				if total != tc.shown {
					t.Errorf("%d rows in all states, want %d", total, tc.shown)
				}
			})
		})
	}
}

func TestCancelThatFailsGoesOn(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Upgrade: Upgrade{UpgradeTime: time.Hour}}, func(t *testing.T, p *Platform, _ *caller) {
		ids := p.DeviceIDs(LwM2MProduct)[:1]
		p.Configure(func(o *Options) { o.Upgrade.CancelFails = Among(ids...) })
		job := startable(t, p, LwM2MProduct, ids...)
		must(t, p.Start(job))
		must(t, p.Cancel(job, ids...))
		if got := codesOf(p, job); got != "11" {
			t.Errorf("%s, want 11", got)
		}
		time.Sleep(time.Hour)
		if task, _ := p.Task(job); codesOf(p, job) != "8" || task.Status != Finished {
			t.Errorf("%s, status %d", codesOf(p, job), task.Status)
		}
	})
}

func TestCancelledDevicesAreFreeAndEndTheTask(t *testing.T) {
	t.Parallel()
	for _, quirk := range []bool{false, true} {
		t.Run(strconv.FormatBool(quirk), func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{Quirks: Quirks{CancelledPendingFinishes: quirk}, Upgrade: Upgrade{UpgradeTime: time.Hour}}, func(t *testing.T, p *Platform, _ *caller) {
				ids := p.DeviceIDs(LwM2MProduct)[:2]
				pending, running := startable(t, p, LwM2MProduct, ids[0]), startable(t, p, LwM2MProduct, ids[1])
				must(t, p.Start(running))
				must(t, p.Cancel(pending, ids[0]))
				must(t, p.Cancel(running, ids[1]))
				want := Pending
				if quirk {
					want = Finished
				}
				if task, _ := p.Task(pending); task.Status != want {
					t.Errorf("pending task has status %d, want %d", task.Status, want)
				}
				if task, _ := p.Task(running); task.Status != Finished {
					t.Errorf("running task has status %d", task.Status)
				}
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
				if task, _ := p.Task(job); task.Status != Running {
					t.Errorf("status %d during a retry", task.Status)
				}
			}
		}
		if want := []string{"7 1 8", "7 2 8", "8 3 0"}; !slices.Equal(seen, want) {
			t.Errorf("%q, want %q", seen, want)
		}
		if task, _ := p.Task(job); task.Status != Finished {
			t.Errorf("status %d at the end", task.Status)
		}
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
		if got := codesOf(p, job); got != "4" {
			t.Fatalf("state %s", got)
		}
		c.refused(CodeProtocol, OpOperational, nil, onSubtasks(3, TLinkProduct, job, "59"))
	})
}
