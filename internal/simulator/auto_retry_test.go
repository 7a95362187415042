package simulator

import (
	"fmt"
	"strconv"
	"testing"
	"time"
)

// failing returns options under which an upgrade takes an hour and fails at
// the first tries.
func failing(auto bool, tries int, id string) Options {
	return Options{Upgrade: Upgrade{
		UpgradeTime: time.Hour, Fail: FailFirst(tries, "8", id), AutoRetry: auto, AutoRetryPause: 10 * time.Minute,
	}}
}

// retryable starts a task of one device with retryTimes 2.
func retryable(t *testing.T, p *Platform, product int64) (job int64, id string) {
	t.Helper()
	id = p.DeviceIDs(product)[0]
	job = startable(t, p, product, id)
	must(t, p.ModifyTask(job, func(task *Task) { task.RetryTimes = 2 }))
	must(t, p.Start(job))
	return job, id
}

// TestAutoRetry reads the state after each hour and after each pause.
func TestAutoRetry(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		product int64
		auto    bool
		tries   int // that fail
		want    []string
	}{
		{"off", LwM2MProduct, false, 1, []string{"7 finished 1", "7 finished 1", "7 finished 1", "7 finished 1"}},
		{"once", LwM2MProduct, true, 1, []string{"7 running 1", "2 running 2", "8 finished 2", "8 finished 2"}},
		{"too often", LwM2MProduct, true, 3, []string{"7 running 1", "2 running 2", "7 running 2", "7 finished 3"}},
		{"T-Link", TLinkProduct, true, 1, []string{"4 finished 1", "4 finished 1", "4 finished 1", "4 finished 1"}},
	}
	names := map[Status]string{Running: "running", Finished: "finished"}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			id := New(Options{}).DeviceIDs(tc.product)[0]
			inBubble(t, failing(tc.auto, tc.tries, id), func(t *testing.T, p *Platform, _ *caller) {
				job, id := retryable(t, p, tc.product)
				var got []string
				for _, wait := range []time.Duration{time.Hour, 10 * time.Minute, time.Hour, 70 * time.Minute} {
					time.Sleep(wait)
					task, _ := p.Task(job)
					s, _ := p.Subtask(job, id)
					got = append(got, fmt.Sprintf("%d %s %d", s.Code, names[task.Status], p.Upgrades(id)))
					d, _ := p.Device(tc.product, id)
					wantEqual(t, "the task has the device", d.JobID == job, task.Status == Running)
				}
				wantEqual(t, "states", fmt.Sprintf("%q", got), fmt.Sprintf("%q", tc.want))
			})
		})
	}
}

// TestPauseBeforeAutoRetry cancels, retries and finishes a device in the pause
// before a retry of the platform.
func TestPauseBeforeAutoRetry(t *testing.T) {
	t.Parallel()
	id := New(Options{}).DeviceIDs(LwM2MProduct)[0]
	cases := []struct {
		name     string
		do       func(t *testing.T, p *Platform, c *caller, job int64)
		end      int
		upgrades int
	}{
		{"cancel", func(_ *testing.T, _ *Platform, c *caller, job int64) {
			c.ok(OpOperational, nil, onSubtasks(2, LwM2MProduct, job, "59"))
		}, 10, 1},
		{"retry", func(_ *testing.T, _ *Platform, c *caller, job int64) {
			c.ok(OpOperational, nil, onSubtasks(3, LwM2MProduct, job, "59"))
		}, 8, 2},
		{"force", func(t *testing.T, p *Platform, _ *caller, job int64) { must(t, p.SetSubtaskCode(job, id, 7)) }, 7, 1},
		{"finish", func(t *testing.T, p *Platform, _ *caller, job int64) { must(t, p.Finish(job)) }, 8, 1},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, failing(true, 1, id), func(t *testing.T, p *Platform, c *caller) {
				job, _ := retryable(t, p, LwM2MProduct)
				time.Sleep(time.Hour)
				other := startable(t, p, LwM2MProduct)
				c.refused(CodeDevice, OpOperational, nil, lwm2mJoin(other, id))
				tc.do(t, p, c, job)
				time.Sleep(24 * time.Hour)
				wantEqual(t, "states", codesOf(p, job), strconv.Itoa(tc.end))
				wantEqual(t, "upgrades", p.Upgrades(id), tc.upgrades)
				wantStatus(t, p, job, Finished)
				c.ok(OpOperational, nil, lwm2mJoin(other, id))
				checkIndexes(t, p)
			})
		})
	}
}
