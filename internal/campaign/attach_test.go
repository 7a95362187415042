package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func (w *world) attach(key aep.TaskKey, ids deviceset.Set, batch int) (AttachResult, error) {
	return w.Attach(bg(), AttachRequest{Key: key, Protocol: w.protocol, DeviceIDs: ids, BatchSize: batch})
}

func (w *world) wantAttached(got AttachResult, want deviceset.Set) {
	w.t.Helper()
	if !slices.Equal(got.Attached, want) || !got.Verified {
		w.t.Errorf("%d devices are attached (verified: %t), want %d", len(got.Attached), got.Verified, len(want))
	}
}

func TestAttachTakesFewCalls(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		for _, n := range []int{1, 99, 100, 101, 1000} {
			t.Run(fmt.Sprint(v.name, " ", n), func(t *testing.T) {
				t.Parallel()
				in(t, v, setting{devices: n}, func(t *testing.T, w *world) {
					key, ids := w.task(), w.devices(n)
					got, err := w.attach(key, ids, 100)
					w.must(err)
					w.wantAttached(got, ids)
					if got.JoinedTotal != int64(n) || len(got.Failures) > 0 {
						t.Errorf("got %d joined, failures %v", got.JoinedTotal, got.Failures)
					}
					w.wantJoinedOnce(key, ids)
					pages := (n + 99) / 100
					w.wantCount(simulator.OpOperational, pages)
					w.wantCalls("an attach", 2*pages+10)
				})
			})
		}
	}
}

// attachFaults are the ways in which one call of an attach may go wrong.
var attachFaults = []simulator.Fault{
	{Kind: simulator.ConnectionRefused},
	{Kind: simulator.ResetBefore},
	{Kind: simulator.ResetAfter},
	{Kind: simulator.StatusBefore, Status: 500},
	{Kind: simulator.StatusAfter, Status: 500},
	{Kind: simulator.StatusBefore, Status: 503},
	{Kind: simulator.StatusAfter, Status: 504},
	{Kind: simulator.StatusBefore, Status: 429},
	{Kind: simulator.TruncatedJSON},
	{Kind: simulator.NullBody},
	{Kind: simulator.EmptyBody},
	{Kind: simulator.HTMLPage},
	{Kind: simulator.HangBefore},
	{Kind: simulator.HangAfter},
}

func TestAttachJoinsNoDeviceTwiceWhateverGoesWrong(t *testing.T) {
	t.Parallel()
	for _, fault := range attachFaults {
		t.Run(fmt.Sprint(fault.Kind, " ", fault.Status), func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{devices: 25}, func(t *testing.T, w *world) {
				first := w.task()
				w.must(errOf(w.attach(first, w.devices(20), 5)))
				calls := w.calls()
				for index := range calls {
					w.must(w.Platform.DeleteTask(first.TaskID))
					first = w.task(w.DeviceIDs(w.product)[20:]...)
					w.ResetJournal()
					injected := fault
					injected.Skip = index
					w.Inject(injected)
					ids := w.devices(20)
					got, err := w.Attach(bg(), AttachRequest{Key: first, Protocol: w.protocol, DeviceIDs: ids, BatchSize: 5})
					if fault.Status == 500 && err != nil && !aep.Ambiguous(err) {
						continue // a read is not repeated after a 500
					}
					w.must(err)
					w.wantAttached(got, ids)
					w.wantSpent()
					for _, id := range ids {
						if n := w.JoinCount(first.TaskID, id); n != 1 {
							t.Errorf("a fault in call %d let device %s be joined %d times", index, id, n)
						}
					}
				}
			})
		})
	}
}

func errOf(_ AttachResult, err error) error { return err }

func TestAttachSendsOnlyDevicesThatHaveNotJoined(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 30}, func(t *testing.T, w *world) {
		ids := w.devices(20)
		key := w.task(ids[:13]...)
		w.must(w.Join(key.TaskID, w.DeviceIDs(w.product)[20:]...))
		got, err := w.attach(key, ids, 5)
		w.must(err)
		w.wantAttached(got, ids)
		w.wantCount(simulator.OpOperational, 2)
		if got.JoinedTotal != 30 {
			t.Errorf("got %d joined, want 30", got.JoinedTotal)
		}
	})
}

func TestAttachLeavesOutMembersThatAreOffTheList(t *testing.T) {
	t.Parallel()
	leave := func(o *simulator.Options) { o.Quirks.FinishedLeaveJoined = true }
	everywhere(t, setting{devices: 10, change: leave}, func(t *testing.T, w *world) {
		ids := w.devices(4)
		key := w.task(ids[:2]...)
		w.must(w.Start(key.TaskID))
		time.Sleep(time.Hour)
		w.must(w.SetTaskStatus(key.TaskID, simulator.Running))
		got, err := w.attach(key, ids, 5)
		w.must(err)
		w.wantAttached(got, ids)
		w.wantJoinedOnce(key, ids)
	})
}

// A request for a device that was cancelled asks for its upgrade.
func TestAttachTakesCancelledDevicesBack(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]bool{"joins again": true, "is refused": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leave := func(o *simulator.Options) {
				o.Quirks.CancelledLeaveJoined, o.Quirks.TLinkCancelShowsFailed = again, true
			}
			everywhere(t, setting{devices: 10, change: leave}, func(t *testing.T, w *world) {
				ids := w.devices(4)
				key := w.task(ids[:2]...)
				w.must(w.cancelled(key, ids[:2]...))
				got, err := w.Attach(bg(), AttachRequest{Key: key, Protocol: w.protocol, DeviceIDs: ids, BatchSize: 5, Pending: true})
				w.must(err)
				w.wantAttached(got, ids)
				if left := len(got.Cancelled); again && left != 0 || !again && left != 2 {
					t.Errorf("%d devices are reported as left out of the upgrade", left)
				}
				if n := w.JoinCount(key.TaskID, ids[0]); again && n != 2 {
					t.Errorf("a cancelled device was joined %d times, want 2", n)
				}
			})
		})
	}
}

// badIDModes are the ways in which the platform may handle a batch with a bad id.
var badIDModes = map[string]simulator.BadID{
	"batch refused": simulator.BadIDRejects, "skipped": simulator.BadIDSkipped, "reported": simulator.BadIDReported,
	"ends": simulator.BadIDStops,
}

func TestAttachFindsTheDevicesAtFault(t *testing.T) {
	t.Parallel()
	for name, mode := range badIDModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := func(o *simulator.Options) { o.Quirks.BadID = mode }
			everywhere(t, setting{devices: 200, change: bad}, func(t *testing.T, w *world) {
				good := w.devices(200)
				key := w.task()
				unknown := deviceset.Set{"0000", "ffffffffffffffffffffffffffffffffff", "zz"}
				got, err := w.attach(key, good.Union(unknown), 50)
				w.must(err)
				w.wantAttached(got, good)
				w.wantJoinedOnce(key, good)
				if len(got.Failures) != len(unknown) {
					t.Fatalf("got failures %v", got.Failures)
				}
				for i, f := range got.Failures {
					if f.DeviceID != unknown[i] || f.Message == "" || (f.Code == "") != (mode == simulator.BadIDSkipped) {
						t.Errorf("got failure %+v for %s", f, unknown[i])
					}
				}
				if n := w.Count(simulator.OpOperational); n > 40 {
					t.Errorf("%d joins were sent", n)
				}
			})
		})
	}
}

func TestAttachManyBadIDsAtTheHeadOfTheList(t *testing.T) {
	t.Parallel()
	for name, mode := range badIDModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A device that is sent again after it has joined gets a second upgrade.
			change := func(o *simulator.Options) { o.Quirks.BadID, o.Quirks.AcceptSecondJoin = mode, true }
			everywhere(t, setting{devices: 100, change: change}, func(t *testing.T, w *world) {
				good := w.devices(100)
				key := w.task()
				got, err := w.attach(key, good.Union(ids("!", 107)), 20)
				w.must(err)
				w.wantAttached(got, good)
				w.wantJoinedOnce(key, good)
				if len(got.Failures) != 107 {
					t.Errorf("got %d failures, want 107", len(got.Failures))
				}
			})
		})
	}
}

func TestAttachLearnsHowManyIDsACallMayHold(t *testing.T) {
	t.Parallel()
	limit := func(o *simulator.Options) { o.Quirks.MaxOperationalIDs = 30 }
	everywhere(t, setting{devices: 400, change: limit}, func(t *testing.T, w *world) {
		key, all := w.task(), w.devices(400)
		got, err := w.attach(key, all, 100)
		w.must(err)
		w.wantAttached(got, all)
		w.wantJoinedOnce(key, all)
		if n := w.Count(simulator.OpOperational); n > 400/20+18 {
			t.Errorf("%d joins were sent", n)
		}
	})
}

func TestAttachGivesUpEarlyWhereNothingIsAccepted(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 3000}, func(t *testing.T, w *world) {
		key := w.task()
		w.must(w.SetTaskStatus(key.TaskID, simulator.Finished))
		all := w.devices(3000)
		got, err := w.attach(key, all, 1000)
		w.must(err)
		if len(got.Attached) != 0 || len(got.Failures) != 3000 {
			t.Fatalf("%d attached, %d failures", len(got.Attached), len(got.Failures))
		}
		untried := 0
		for _, f := range got.Failures {
			if f.Code != "2504" {
				t.Fatalf("got failure %+v", f)
			}
			if strings.Contains(f.Message, "not attempted") {
				untried++
			}
		}
		if n := w.Count(simulator.OpOperational); n > 20 || untried < 2900 {
			t.Errorf("%d joins were sent, %d devices not tried", n, untried)
		}
	})
}

func TestAttachThatIsCutOffSaysWhatItKnows(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 60}, func(t *testing.T, w *world) {
		key, all := w.task(), w.devices(60)
		ctx, cancel := context.WithCancelCause(bg())
		stop := errors.New("stopped by hand")
		w.AfterProcessed(func(r simulator.Request) {
			if w.Count(simulator.OpOperational) == 3 {
				cancel(stop)
			}
		})
		start := time.Now()
		got, err := w.Attach(ctx, AttachRequest{Key: key, Protocol: w.protocol, DeviceIDs: all, BatchSize: 10})
		if !errors.Is(err, stop) || !strings.Contains(err.Error(), key.Object()) {
			t.Errorf("got %v", err)
		}
		if !slices.Equal(got.Attached, all[:30]) || got.Verified {
			t.Errorf("got %d attached", len(got.Attached))
		}
		if waited := time.Since(start); waited > time.Second {
			t.Errorf("it took %s", waited)
		}
		w.wantCount(simulator.OpOperational, 3)
	})
}

func TestAttachInAnOutageSaysWhatItKnows(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 60}, func(t *testing.T, w *world) {
		key, all := w.task(), w.devices(60)
		w.AfterProcessed(func(r simulator.Request) {
			if w.Count(simulator.OpOperational) == 3 {
				w.SetOutage(true)
			}
		})
		got, err := w.attach(key, all, 10)
		if !aep.IsTransient(err) {
			t.Errorf("got %v", err)
		}
		if !slices.Equal(got.Attached, all[:30]) || got.Verified {
			t.Errorf("got %d attached", len(got.Attached))
		}
		w.SetOutage(false)
		time.Sleep(time.Minute)
		got, err = w.attach(key, all, 10)
		w.must(err)
		w.wantAttached(got, all)
		w.wantJoinedOnce(key, all)
	})
}

func TestAttachBesideAnotherSet(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 60}, func(t *testing.T, w *world) {
		key, all := w.task(), w.devices(60)
		mine, theirs := all[:30], all[30:]
		// Just when a join of ours is lost, others join as many.
		joined := 0
		w.BeforeRequest(func(r simulator.Request) {
			if r.Operation == simulator.OpOperational && joined < len(theirs) {
				w.must(w.Join(key.TaskID, theirs[joined:joined+10]...))
				joined += 10
			}
		})
		w.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: 502, Operation: simulator.OpOperational, Times: 2})
		got, err := w.attach(key, mine, 10)
		w.must(err)
		w.wantAttached(got, mine)
		w.wantJoinedOnce(key, all)
		w.wantSpent()
	})
}

// cancelled cancels devices at the console.
func (w *world) cancelled(key aep.TaskKey, ids ...string) error {
	return w.Platform.Cancel(key.TaskID, ids...)
}

func TestAttachThatBreaksOffAfterBadIDsKeepsItsSetInOrder(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 60}, func(t *testing.T, w *world) {
		key, all := w.task(), w.devices(60)
		w.AfterProcessed(func(r simulator.Request) {
			if len(w.Platform.Subtasks(key.TaskID)) >= 30 {
				w.SetOutage(true)
			}
		})
		got, err := w.attach(key, all.Union(ids("!", 20)), 10)
		if err == nil || len(got.Attached) < 20 || !slices.IsSorted(got.Attached) || len(got.Attached.Minus(all)) > 0 {
			t.Errorf("got %d attached, in order: %t, %v", len(got.Attached), slices.IsSorted(got.Attached), err)
		}
	})
}

// The read-back must not answer a start that follows.
func TestAttachLeavesNothingInTheCache(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 10}, func(t *testing.T, w *world) {
		key, all := w.task(), w.devices(10)
		w.must(errOf(w.attach(key, all[:5], 5)))
		w.must(w.Join(key.TaskID, all[5]))
		got, err := w.Unlisted(bg(), key, w.protocol, all[:5])
		w.must(err)
		if !slices.Equal(got, all[5:6]) {
			t.Errorf("got %v, want %v", got, all[5:6])
		}
	})
}
