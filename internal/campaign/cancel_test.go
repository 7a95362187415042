package campaign

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// wantCancelled insists that just these devices of a task were cancelled.
func (w *world) wantCancelled(key aep.TaskKey, ids ...string) {
	w.t.Helper()
	n := 0
	for _, s := range w.Platform.Subtasks(key.TaskID) {
		if s.Phase == simulator.PhaseCancelled || s.Phase == simulator.PhaseFailed && w.protocol == aep.TLink {
			n++
		}
	}
	for _, id := range ids {
		if s, _ := w.Subtask(key.TaskID, id); s.Phase != simulator.PhaseCancelled && s.Phase != simulator.PhaseFailed {
			w.t.Errorf("device %s is %s", id, s.Phase)
		}
	}
	if n != len(ids) {
		w.t.Errorf("%d devices are cancelled, want %d", n, len(ids))
	}
}

func TestDetachTakesFewCalls(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		for _, shown := range []bool{false, true} {
			t.Run(fmt.Sprint(v.name, " failed shown ", shown), func(t *testing.T) {
				t.Parallel()
				change := func(o *simulator.Options) { o.Quirks.TLinkCancelShowsFailed = shown }
				in(t, v, setting{devices: 1000, change: change}, func(t *testing.T, w *world) {
					all := w.devices(1000)
					key := w.task(all...)
					got, err := w.Detach(bg(), DetachRequest{Key: key, Protocol: w.protocol, DeviceIDs: all[100:103], BatchSize: 100, Expected: 1000})
					w.must(err)
					if got.Cancelled != 3 || len(got.Failures)+len(got.Unsettled) > 0 {
						t.Errorf("got %+v", got)
					}
					w.wantCancelled(key, all[100:103]...)
					w.wantCount(simulator.OpOperational, 1)
					most := 3 + 1 + 3 // look up, cancel, read back
					if v.protocol == aep.TLink {
						most = 3 + 1 + 13
					}
					w.wantCalls("detaching 3 of 1,000", most)
				})
			})
		}
	}
}

func TestDetachOfDevicesThatNeedNothing(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 9}, func(t *testing.T, w *world) {
		all := w.devices(9)
		key := w.task(all...)
		w.must(w.cancelled(key, all[0]))
		w.must(w.Start(key.TaskID))
		w.must(w.Finish(key.TaskID))
		ids := deviceset.Set{"unknown"}.Union(all[:4])
		got, err := w.Detach(bg(), DetachRequest{Key: key, Protocol: w.protocol, DeviceIDs: ids, BatchSize: 100, Expected: 9})
		w.must(err)
		if got.Cancelled != 0 || len(got.Failures)+len(got.Unsettled) > 0 {
			t.Errorf("got %+v", got)
		}
		w.wantCount(simulator.OpOperational, 0)
		got, err = w.Detach(bg(), DetachRequest{Key: key, Protocol: w.protocol, DeviceIDs: nil, BatchSize: 100, Expected: 9})
		w.must(err)
		if got.AlreadyFinal != 0 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestCancelWaitsForThePlatform(t *testing.T) {
	t.Parallel()
	delay := func(o *simulator.Options) { o.Upgrade.CancelDelay = 40 * time.Second }
	tests := map[string]struct {
		patience  time.Duration
		unsettled int
		least     time.Duration
	}{
		"not at all": {0, 0, 0},
		"too short":  {10 * time.Second, 20, 0},
		"enough":     {time.Minute, 0, 40 * time.Second},
		"for ever":   {-1, 0, 40 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, variants[0], setting{devices: 20, change: delay}, func(t *testing.T, w *world) {
				key := w.task(w.devices(20)...)
				rows, err := w.Runner.Subtasks(bg(), key, w.protocol)
				w.must(err)
				start := time.Now()
				got, err := w.Runner.Cancel(bg(), CancelRequest{
					Key: key, Protocol: w.protocol, Subtasks: rows, BatchSize: 100, Patience: test.patience,
				})
				w.must(err)
				if got.Cancelled != 20 || len(got.Failures) > 0 || len(got.Unsettled) != test.unsettled {
					t.Errorf("got %+v", got)
				}
				if waited := time.Since(start); waited < test.least || waited > test.least+15*time.Second {
					t.Errorf("it took %s", waited)
				}
				w.wantCount(simulator.OpOperational, 1)
			})
		})
	}
}

// Other readers keep a list in the cache for as long as they read it.
func TestCancelWaitsBesideReadersOfTheSameList(t *testing.T) {
	t.Parallel()
	delay := func(o *simulator.Options) { o.Upgrade.CancelDelay = 5 * time.Second }
	in(t, variants[0], setting{devices: 20, change: delay}, func(t *testing.T, w *world) {
		key := w.task(w.devices(20)...)
		rows, err := w.Runner.Subtasks(bg(), key, w.protocol)
		w.must(err)
		ctx, stop := context.WithCancel(bg())
		var reader sync.WaitGroup
		reader.Go(func() {
			for pause(ctx, 400*time.Millisecond) == nil {
				if _, err := w.Runner.Subtasks(bg(), key, w.protocol); err != nil {
					t.Error(err)
				}
			}
		})
		got, err := w.Runner.Cancel(bg(), CancelRequest{
			Key: key, Protocol: w.protocol, Subtasks: rows, BatchSize: 100, Patience: 20 * time.Second,
		})
		stop()
		reader.Wait()
		w.must(err)
		if got.Cancelled != 20 || len(got.Unsettled) > 0 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestCancelForEverEndsWithItsContext(t *testing.T) {
	t.Parallel()
	never := func(o *simulator.Options) { o.Upgrade.CancelDelay = 1000 * time.Hour }
	in(t, variants[0], setting{devices: 2, change: never}, func(t *testing.T, w *world) {
		key := w.task(w.devices(2)...)
		ctx, cancel := context.WithTimeout(bg(), 10*time.Minute)
		defer cancel()
		got, err := w.CancelActive(ctx, key, w.protocol, -1)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), key.Object()) || got.Cancelled != 2 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestCancelThatThePlatformFailsToCarryOut(t *testing.T) {
	t.Parallel()
	in(t, variants[0], setting{devices: 6}, func(t *testing.T, w *world) {
		all := w.devices(6)
		w.Configure(func(o *simulator.Options) { o.Upgrade.CancelFails = simulator.Among(all[2], all[4]) })
		key := w.task(all...)
		ctx, cancel := context.WithTimeout(bg(), time.Hour)
		defer cancel()
		got, err := w.CancelActive(ctx, key, w.protocol, -1)
		w.must(err)
		if got.Cancelled != 6 || len(got.Failures) != 2 || !strings.Contains(got.Failures[0].Message, "11") {
			t.Errorf("got %+v", got)
		}
	})
}

func TestCancelWithALostAnswer(t *testing.T) {
	t.Parallel()
	for _, fault := range attachFaults {
		t.Run(fmt.Sprint(fault.Kind, " ", fault.Status), func(t *testing.T) {
			t.Parallel()
			slow := func(o *simulator.Options) { o.Upgrade.CancelDelay = 30 * time.Second }
			everywhere(t, setting{devices: 120, change: slow}, func(t *testing.T, w *world) {
				key := w.task(w.devices(120)...)
				injected := fault
				injected.Operation = simulator.OpOperational
				w.Inject(injected)
				got, err := w.CancelActive(bg(), key, w.protocol, -1)
				w.must(err)
				if got.Cancelled != 120 || len(got.Failures)+len(got.Unsettled) > 0 {
					t.Errorf("got %+v", got)
				}
				w.wantCancelled(key, w.devices(120)...)
				w.wantSpent()
				// A cancel that the platform has carried out is not sent again.
				processed := 0
				for _, r := range w.Writes() {
					if r.Succeeded {
						processed++
					}
				}
				if processed != 2 {
					t.Errorf("the platform carried out %d cancels, want 2", processed)
				}
			})
		})
	}
}

func TestCancelOfDevicesThatEndMeanwhile(t *testing.T) {
	t.Parallel()
	for name, mode := range badIDModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := func(o *simulator.Options) { o.Quirks.BadID = mode }
			everywhere(t, setting{devices: 60, change: bad}, func(t *testing.T, w *world) {
				all := w.devices(60)
				key := w.task(all...)
				now, err := w.members(bg(), MemberQuery{Key: key, Protocol: w.protocol, IDs: all, Expected: 60, depth: withStates})
				w.must(err)
				rows := now.subtasks()
				for _, id := range all[:50] {
					code := map[string]int{"lwm2m 2019": 8, "lwm2m 2022": 4, "t_link": 3}[variantOf(w)]
					w.must(w.SetSubtaskCode(key.TaskID, id, code))
				}
				got, err := w.Runner.Cancel(bg(), CancelRequest{
					Key: key, Protocol: w.protocol, Subtasks: rows, BatchSize: 20, Patience: time.Hour,
				})
				w.must(err)
				if len(got.Failures)+len(got.Unsettled) > 0 || got.Cancelled+got.AlreadyFinal != 60 {
					t.Errorf("got %+v", got)
				}
				if h := w.histogram(key, 60); h.MaybeActive() > 0 {
					t.Errorf("still active: %s", h)
				}
			})
		})
	}
}

func variantOf(w *world) string {
	switch {
	case w.protocol == aep.TLink:
		return "t_link"
	case w.optionsTable() == simulator.Table2022:
		return "lwm2m 2022"
	}
	return "lwm2m 2019"
}

func (w *world) optionsTable() (table simulator.CodeTable) {
	w.Configure(func(o *simulator.Options) { table = o.Upgrade.Table })
	return table
}

func TestCancelActiveOfAMixedTask(t *testing.T) {
	t.Parallel()
	steps := func(o *simulator.Options) {
		o.Upgrade = simulator.Upgrade{Table: o.Upgrade.Table, WaitingTime: time.Minute, UpgradeTime: time.Hour, Spread: time.Hour}
	}
	everywhere(t, setting{devices: 50, change: steps}, func(t *testing.T, w *world) {
		key := w.task(w.devices(50)...)
		w.must(w.Start(key.TaskID))
		time.Sleep(75 * time.Minute)
		got, err := w.CancelActive(bg(), key, w.protocol, -1)
		w.must(err)
		if got.Cancelled == 0 || got.AlreadyFinal == 0 || got.Cancelled+got.AlreadyFinal != 50 || len(got.Failures) > 0 {
			t.Errorf("got %+v", got)
		}
		if h := w.histogram(key, 50); h.MaybeActive() > 0 {
			t.Errorf("still active: %s", h)
		}
	})
}

func TestCancelActiveSeesStatesThatNobodyCanAskFor(t *testing.T) {
	t.Parallel()
	in(t, variants[0], setting{devices: 5}, func(t *testing.T, w *world) {
		all := w.devices(5)
		key := w.task(all...)
		w.must(w.SetSubtaskCode(key.TaskID, all[0], 77))
		got, err := w.CancelActive(bg(), key, w.protocol, -1)
		w.must(err)
		if got.Cancelled != 5 {
			t.Errorf("got %+v", got)
		}
		w.wantCancelled(key, all...)
	})
}

func TestCancelAcceptedOfWhatIsFinalByTheNewerTableEnds(t *testing.T) {
	t.Parallel()
	lenient := func(o *simulator.Options) { o.Quirks.IgnoreCancelFinal = true }
	in(t, variants[1], setting{devices: 5, change: lenient}, func(t *testing.T, w *world) {
		all := w.devices(5)
		key := w.task(all...)
		w.must(w.SetSubtaskCode(key.TaskID, all[0], 4))
		_, err := w.CancelActive(bg(), key, w.protocol, -1)
		w.must(err)
	})
}
