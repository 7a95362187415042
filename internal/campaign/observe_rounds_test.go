package campaign

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestProgressIsCountedSideBySide insists on the round trips of a look, with calls of one second. The task is read
// first, in one of them.
func TestProgressIsCountedSideBySide(t *testing.T) {
	t.Parallel()
	slow := func(o *simulator.Options) { o.Latency = time.Second }
	for name, c := range map[string]struct {
		variant    variant
		table      progress.CodeTable
		concurrent int
		calls      int
		most       int // at once
		took       time.Duration
	}{
		"one at a time":        {variants[0], progress.TableAuto, 1, 13, 1, 13 * time.Second},
		"two at a time":        {variants[0], progress.TableAuto, 2, 13, 2, 7 * time.Second},
		"four at a time":       {variants[0], progress.TableAuto, 4, 13, 4, 4 * time.Second},
		"sixteen at a time":    {variants[1], progress.TableAuto, 16, 13, 4, 4 * time.Second},
		"the table of 2022":    {variants[1], progress.Table2022, 4, 7, 3, 3 * time.Second},
		"t_link":               {variants[2], progress.TableAuto, 4, 5, 2, 4 * time.Second},
		"t_link one at a time": {variants[2], progress.TableAuto, 1, 5, 1, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := func(config *aep.Config) { config.MaxConcurrentRequests = c.concurrent }
			s := setting{devices: 5, change: slow, config: limit, options: Options{Table: c.table}}
			in(t, c.variant, s, func(t *testing.T, w *world) {
				key := w.task(w.devices(5)...)
				w.RememberProtocol(key, w.protocol)
				_ = w.client.Now(bg()) // measures the clock, which takes a call too
				w.ResetJournal()
				start := time.Now()
				now, err := w.Observe(bg(), key)
				w.must(err)
				if took := time.Since(start); took != c.took || w.MaxInFlight() != c.most || now.Histogram.Waiting != 5 {
					t.Errorf("took %s with %d calls at once, want %s and %d; got %s", took, w.MaxInFlight(), c.took, c.most, now)
				}
				w.wantCalls("a look", c.calls)
				w.wantCount(simulator.OpSubtasks, c.calls-1)
				if codes := progress.Codes(w.protocol, c.table); c.concurrent == 1 && !slices.Equal(w.codesAsked(), codes) {
					t.Errorf("asked for the states %v, want %v", w.codesAsked(), codes)
				}
			})
		})
	}
}

// codesAsked are the states of the requests for subtasks, in the order of arrival; -1 for any state.
func (w *world) codesAsked() []aep.SubtaskCode {
	var codes []aep.SubtaskCode
	for _, r := range w.Requests() {
		if r.Operation == simulator.OpSubtasks {
			codes = append(codes, codeOf(r))
		}
	}
	return codes
}

func codeOf(r simulator.Request) aep.SubtaskCode {
	code := aep.SubtaskCode(-1)
	if text := r.Query.Get("taskStatus"); text != "" {
		_, _ = fmt.Sscan(text, &code)
	}
	return code
}

// asks selects the requests for subtasks in a state.
func asks(code aep.SubtaskCode) func(simulator.Request) bool {
	return func(r simulator.Request) bool { return r.Operation == simulator.OpSubtasks && codeOf(r) == code }
}

// TestFailedCountIsReportedInOrder lets calls of one round fail in any order. The error is that of the first
// state, and no further round begins.
func TestFailedCountIsReportedInOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		delayed aep.SubtaskCode // its request takes a minute
		fails   map[aep.SubtaskCode]int
		want    int // HTTP status
		took    time.Duration
	}{
		"the first state at once":       {2, map[aep.SubtaskCode]int{0: 404}, 404, 0},
		"the first state last":          {0, map[aep.SubtaskCode]int{0: 404, 1: 403, 4: 401}, 404, time.Minute},
		"a later state while others go": {0, map[aep.SubtaskCode]int{1: 403}, 403, time.Minute},
		"a later state last":            {4, map[aep.SubtaskCode]int{1: 403, 4: 404}, 403, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patient := func(config *aep.Config) { config.RequestTimeout = 2 * time.Minute }
			in(t, variants[0], setting{devices: 1, config: patient}, func(t *testing.T, w *world) {
				key := w.task(w.devices(1)...)
				_ = w.client.Now(bg())
				w.BeforeRequest(func(r simulator.Request) {
					if asks(c.delayed)(r) {
						time.Sleep(time.Minute)
					}
				})
				for code, status := range c.fails {
					w.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: status, When: asks(code), Times: -1})
				}
				start := time.Now()
				_, err := w.count(bg(), progress.Query{Key: key, Protocol: w.protocol})
				took := time.Since(start)
				e, _ := errors.AsType[*aep.Error](err)
				if e == nil || e.HTTPStatus != c.want || took != c.took {
					t.Errorf("got %v after %s, want HTTP %d after %s", err, took, c.want, c.took)
				}
				for _, code := range w.codesAsked() {
					if !slices.Contains([]aep.SubtaskCode{0, 1, 2, 4}, code) {
						t.Errorf("asked for state %d after a failure in an earlier round", code)
					}
				}
				time.Sleep(2 * time.Minute) // until the simulator has served every request
			})
		})
	}
}

// TestRefusedCodesCountAsUnknownToThePlatform lets the platform refuse the codes that only the table of 2019 has.
// A refusal of any other code is an error.
func TestRefusedCodesCountAsUnknownToThePlatform(t *testing.T) {
	t.Parallel()
	for _, refused := range progress.Codes(aep.LwM2M, progress.TableAuto) {
		in(t, variants[0], setting{devices: 2}, func(t *testing.T, w *world) {
			key := w.task(w.devices(2)...)
			w.Inject(simulator.Fault{Kind: simulator.BusinessError, Code: 1500, Message: "参数错误", When: asks(refused), Times: -1})
			s, err := w.count(bg(), progress.Query{Key: key, Protocol: w.protocol, DeviceCount: 2})
			if refused < 6 != aep.IsRefused(err) || err == nil && (len(s.Asked) != 11 || s.Histogram().Waiting != 2) {
				t.Errorf("with state %d refused: got %v, %s, %v", refused, s.Asked, s.Histogram(), err)
			}
		})
	}
}

// TestLastActiveDeviceIsNotMissed lets the last active device move from state 0 to state 2, after state 2 has been
// counted and before state 0 is. It is in no count, but the task must not look finished. The number of subtasks is
// asked for only if the counts may hide the device, and only while no device looks active.
func TestLastActiveDeviceIsNotMissed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		codes  []int  // states of the devices before the last
		allNum string // as shown by the task, "" for the real number
		calls  int    // of the look that misses the device
	}{
		"the task shows its devices":         {[]int{8, 8, 7}, "", 13},
		"the task shows no number":           {[]int{8, 8, 7}, "null", 14},
		"a cancelled subtask is not counted": {[]int{8, 8, 10}, "3", 14},
		"another device is active":           {[]int{8, 8, 6}, "null", 13},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, variants[0], setting{devices: 4}, func(t *testing.T, w *world) {
				key := w.task(w.devices(4)...)
				w.RememberProtocol(key, w.protocol)
				if c.allNum != "" {
					shown := func(body []byte) []byte {
						return regexp.MustCompile(`"allNum":"?\d+"?`).ReplaceAll(body, []byte(`"allNum":`+c.allNum))
					}
					w.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpQueryDetail, Times: -1, Rewrite: shown})
				}
				last := w.moveWhileCounted(key, c.codes)
				for look, active := range []bool{true, true, false} {
					if !active {
						w.must(w.SetSubtaskCode(key.TaskID, last, 8))
					}
					w.ResetJournal()
					now, err := w.Observe(bg(), key)
					w.must(err)
					active = active || slices.Contains(c.codes, 6)
					calls := map[bool]int{true: c.calls, false: 13}[look == 0]
					if now.Finished() == active || w.calls() != calls {
						t.Errorf("look %d: got %s in %d calls, want %d; active: %t", look, now, w.calls(), calls, active)
					}
				}
			})
		})
	}
}

// moveWhileCounted starts a task and sets the states of its devices. The last device moves while the next look
// counts. It returns that device.
func (w *world) moveWhileCounted(key aep.TaskKey, codes []int) (last string) {
	w.t.Helper()
	w.must(w.Start(key.TaskID))
	for i, s := range w.Platform.Subtasks(key.TaskID) {
		last = s.DeviceID
		code := 0
		if i < len(codes) {
			code = codes[i]
		}
		w.must(w.SetSubtaskCode(key.TaskID, last, code))
	}
	w.BeforeRequest(func(r simulator.Request) {
		if asks(0)(r) {
			time.Sleep(time.Second)
		}
	})
	var once sync.Once
	w.AfterProcessed(func(r simulator.Request) {
		if asks(2)(r) {
			once.Do(func() { w.must(w.SetSubtaskCode(key.TaskID, last, 2)) })
		}
	})
	return last
}

// TestSideBySideKeepsTheOrder insists on results in the order of the items, and on calls in this order where one
// is made at a time.
func TestSideBySideKeepsTheOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		items := []int{5, 4, 3, 2, 1}
		for workers, took := range map[int]time.Duration{1: 15 * time.Second, 5: 5 * time.Second} {
			var began []int
			start := time.Now()
			got, err := sideBySide(t.Context(), workers, items, func(_ context.Context, n int) (string, error) {
				if workers == 1 {
					began = append(began, n)
				}
				time.Sleep(time.Duration(n) * time.Second)
				return fmt.Sprint(n), nil
			})
			if err != nil || !slices.Equal(got, []string{"5", "4", "3", "2", "1"}) || time.Since(start) != took {
				t.Errorf("%d workers: got %v, %v after %s, want %s", workers, got, err, time.Since(start), took)
			}
			if workers == 1 && !slices.Equal(began, items) {
				t.Errorf("the calls began in the order %v, want %v", began, items)
			}
		}
	})
}
