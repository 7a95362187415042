package campaign

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// A list that lags is no reason to call a device missing, nor to send it again.
func TestAttachWaitsForListsThatLag(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{1500 * time.Millisecond, 4 * time.Second, 20 * time.Second, 29 * time.Second} {
		for name, faults := range map[string]int{"answered": 0, "one answer lost": 1, "two answers lost": 2} {
			t.Run(lag.String()+" "+name, func(t *testing.T) {
				t.Parallel()
				slow := func(o *simulator.Options) { o.Quirks.JoinLag, o.Quirks.AcceptSecondJoin = lag, true }
				everywhere(t, setting{devices: 30, change: slow}, func(t *testing.T, w *world) {
					key, all := w.task(), w.devices(30)
					if faults > 0 {
						w.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpOperational, Times: faults})
					}
					got, err := w.attach(key, all, 10)
					w.must(err)
					w.wantAttached(got, all)
					w.wantJoinedOnce(key, all)
					w.wantSpent()
				})
			})
		}
	}
}

// A count that agrees by chance does not prove that a device has not joined.
func TestAttachLooksEveryDeviceUpThatMayHaveJoined(t *testing.T) {
	t.Parallel()
	again := func(o *simulator.Options) { o.Quirks.AcceptSecondJoin = true }
	everywhere(t, setting{devices: 30, change: again}, func(t *testing.T, w *world) {
		all := w.devices(30)
		key := w.task(all[:20]...)
		got, err := w.attach(key, all[19:25], 10)
		w.must(err)
		w.wantAttached(got, all[19:25])
		w.wantJoinedOnce(key, all[:25])
	})
}

// The newest subtask of a device says how it is.
func TestMembersWithSeveralSubtasks(t *testing.T) {
	t.Parallel()
	rejoin := func(o *simulator.Options) { o.Quirks.RejoinMakesSubtask = true }
	everywhere(t, setting{devices: 12, change: rejoin}, func(t *testing.T, w *world) {
		all := w.devices(12)
		key := w.task(all[:10]...)
		w.must(w.cancelled(key, all[:4]...))
		w.must(w.Join(key.TaskID, all[:2]...))
		got, err := w.FindMembers(bg(), MemberQuery{Key: key, Protocol: w.protocol, IDs: all, Expected: 12, Pending: true})
		w.must(err)
		if !slices.Equal(got.All, all[:10]) || w.protocol != 1 && !slices.Equal(got.Cancelled, all[2:4]) {
			t.Errorf("members %v, of which cancelled %v", got.All, got.Cancelled)
		}
		unlisted, err := w.Unlisted(bg(), key, w.protocol, all[4:])
		w.must(err)
		if want := all[:2]; w.protocol != 1 && !slices.Equal(unlisted, want) {
			t.Errorf("active besides the set: %v, want %v", unlisted, want)
		}
	})
}

// A device that was joined twice is upgraded twice, unless both are cancelled.
func TestDetachCancelsEverySubtaskOfADevice(t *testing.T) {
	t.Parallel()
	again := func(o *simulator.Options) { o.Quirks.AcceptSecondJoin = true }
	everywhere(t, setting{devices: 6, change: again}, func(t *testing.T, w *world) {
		all := w.devices(6)
		key := w.task(all...)
		w.must(w.Join(key.TaskID, all[0]))
		got, err := w.Detach(bg(), DetachRequest{Key: key, Protocol: w.protocol, DeviceIDs: all[:2], BatchSize: 10, Expected: 7})
		w.must(err)
		if got.Cancelled != 3 {
			t.Errorf("%d subtasks were cancelled, want 3", got.Cancelled)
		}
	})
}

// A platform may find ids without regard to case; nothing is joined again.
func TestAttachNamesIDsInAnotherSpelling(t *testing.T) {
	t.Parallel()
	fold := func(o *simulator.Options) { o.Quirks.FoldIDs = true }
	in(t, variants[0], setting{devices: 8, change: fold}, func(t *testing.T, w *world) {
		key, all := w.task(), w.devices(8)
		upper := strings.ToUpper(all[0])
		asked := deviceset.Of(append([]string{upper}, all[1:]...))
		for try := range 2 {
			got, err := w.attach(key, asked, 10)
			wrong, ok := errors.AsType[*SpellingError](err)
			if !ok || wrong.Asked != upper || wrong.Listed != all[0] {
				t.Errorf("try %d: got %v, want an error that names %s and %s", try, err, upper, all[0])
			}
			if try == 0 && !slices.Equal(got.OtherSpelling, all[:1]) {
				t.Errorf("in another spelling: %v", got.OtherSpelling)
			}
		}
		w.wantJoinedOnce(key, all)
	})
}

func TestDevicesThatStillBelongToTheirGroup(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 8}, func(t *testing.T, w *world) {
		all := w.devices(8)
		w.must(w.SetDeviceGroup(w.product, "north", all[:4]...))
		key := w.task(all[:6]...)
		w.must(w.ConfirmLeft(bg(), key, "north", all[4:7]))
		still, ok := errors.AsType[*StillInGroupError](w.ConfirmLeft(bg(), key, "north", all[3:6]))
		if !ok || still.Device != all[3] || still.GroupID != "north" {
			t.Errorf("got %v", still)
		}
	})
}
