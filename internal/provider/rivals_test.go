package provider_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestTwoRunsOnOneTask lets two practitioners with the same state change the
// same task at the same time.
func TestTwoRunsOnOneTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, want := standing(t)
		rival := newEstate(t, e.p, lwm2mProduct, e.like)
		for n, i := range rival.instances() {
			*i = *e.instances()[n]
		}
		ids := e.p.DeviceIDs(lwm2mProduct)
		ours, theirs := want, want
		ours.names[0], theirs.names[0] = "ours", "theirs"
		ours.devices[1] = append(slices.Clone(want.devices[1]), ids[9])
		theirs.devices[1] = append(slices.Clone(want.devices[1]), ids[10])
		var both sync.WaitGroup
		both.Go(func() { e.run(&ours) })
		both.Go(func() { rival.run(&theirs) })
		both.Wait()
		// Whoever came last shows as drift, which the next apply of one of them heals for good.
		e.converge(stage{want: &ours})
		if left := e.open(&ours); left != "" {
			t.Error("left to do: " + left)
		}
		if todo := rival.open(&theirs); !strings.Contains(todo, "ours") {
			t.Errorf("the other run does not see it: %s", todo)
		}
		for _, id := range ids[:11] {
			for _, task := range e.p.Tasks(lwm2mProduct) {
				if n := e.p.JoinCount(task.ID, id); n > 1 {
					t.Errorf("device %s was joined %d times", id, n)
				}
			}
		}
	})
}

// TestDeviceMovedToAnotherTask has a device that somebody took to a task of
// their own: it is drift, and not stolen back without a plan that says so.
func TestDeviceMovedToAnotherTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newMatrixEstate(t, lwm2mProduct, nil)
		e.p.Configure(func(o *simulator.Options) {
			o.Quirks.CancelledLeaveJoined, o.Quirks.TLinkCancelShowsFailed = true, true
		})
		ids := e.p.DeviceIDs(lwm2mProduct)
		taken, err := e.p.CreateTask(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "elsewhere"})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.p.Join(taken, ids[2]); err != nil {
			t.Fatal(err)
		}
		want := wish{names: [2]string{"north", "south"}, devices: [2][]string{ids[:4], ids[4:6]}}
		diags := e.run(&want)
		if diags.errors() != "" || !strings.Contains(diags.warnings(), ids[2]) {
			t.Errorf("an attach of a device that belongs elsewhere: %s\n%s", diags.errors(), diags.warnings())
		}
		if got := e.sets[0].get("missing_count"); got != "1" {
			t.Errorf("%s devices are missing, want 1", got)
		}
		if todo := e.open(&want); !strings.Contains(todo, "planned_change") {
			t.Errorf("the plan does not say that a device is missing: %s", todo)
		}
		if s, _ := e.p.Subtask(taken, ids[2]); s.Joins != 1 || s.Phase == simulator.PhaseCancelled {
			t.Errorf("the device was taken from its task: %+v", s)
		}
		// As soon as it is free, the apply of that plan attaches it.
		if err := e.p.Cancel(taken, ids[2]); err != nil {
			t.Fatal(err)
		}
		e.converge(stage{want: &want})
		if n := e.p.JoinCount(number(e.tasks[0], "task_id"), ids[2]); n != 1 {
			t.Errorf("the device was joined %d times", n)
		}
	})
}
