package provider_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestTwoRunsOnOneTask lets two practitioners with the same state change the
// same task at the same time.
func TestTwoRunsOnOneTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, want := standing(t)
		rival := coretest.NewCampaigns(t, e.Platform, coretest.LwM2MProduct, e.Like)
		for n, i := range rival.Instances() {
			*i = *e.Instances()[n]
		}
		ids := e.Platform.DeviceIDs(coretest.LwM2MProduct)
		ours, theirs := want, want
		ours.Names[0], theirs.Names[0] = "ours", "theirs"
		ours.Devices[1] = append(slices.Clone(want.Devices[1]), ids[9])
		theirs.Devices[1] = append(slices.Clone(want.Devices[1]), ids[10])
		var both sync.WaitGroup
		both.Go(func() { e.Run(&ours) })
		both.Go(func() { rival.Run(&theirs) })
		both.Wait()
		// The change of the later run shows as drift. The next apply of either run repairs it.
		e.Converge(coretest.Stage{Want: &ours})
		if left := e.Remaining(&ours); left != "" {
			t.Error("left to do: " + left)
		}
		if todo := rival.Remaining(&theirs); !coretest.Says(todo, "ours") {
			t.Errorf("the other run does not see it: %s", todo)
		}
		for _, id := range ids[:11] {
			for _, task := range e.Platform.Tasks(coretest.LwM2MProduct) {
				if n := e.Platform.JoinCount(task.ID, id); n > 1 {
					t.Errorf("device %s was joined %d times", id, n)
				}
			}
		}
	})
}

// TestDeviceMovedToAnotherTask moves a device to another task at the console. That is
// drift. The device returns only with a plan that says so.
func TestDeviceMovedToAnotherTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := coretest.NewSmallCampaigns(t, coretest.LwM2MProduct, nil)
		e.Platform.Configure(func(o *simulator.Options) {
			o.Quirks.CancelledLeaveJoined, o.Quirks.TLinkCancelShowsFailed = true, true
		})
		ids := e.Platform.DeviceIDs(coretest.LwM2MProduct)
		taken, err := e.Platform.CreateTask(simulator.TaskDraft{
			ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware,
			Name: "elsewhere",
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Platform.Join(taken, ids[2]); err != nil {
			t.Fatal(err)
		}
		want := coretest.CampaignsConfig{Names: [2]string{"north", "south"}, Devices: [2][]string{ids[:4], ids[4:6]}}
		diags := e.Run(&want)
		if diags.Errors() != "" || !coretest.Says(diags.Warnings(), ids[2]) {
			t.Errorf("an attach of a device that belongs elsewhere: %s\n%s", diags.Errors(), diags.Warnings())
		}
		if got := e.Sets[0].Get("missing_count"); got != "1" {
			t.Errorf("%s devices are missing, want 1", got)
		}
		if todo := e.Remaining(&want); !coretest.Says(todo, "planned_change") {
			t.Errorf("the plan does not say that a device is missing: %s", todo)
		}
		if s, _ := e.Platform.Subtask(taken, ids[2]); s.Joins != 1 || s.Phase == simulator.PhaseCancelled {
			t.Errorf("the device was taken from its task: %+v", s)
		}
		// As soon as it is free, the apply of that plan attaches it.
		if err := e.Platform.Cancel(taken, ids[2]); err != nil {
			t.Fatal(err)
		}
		e.Converge(coretest.Stage{Want: &want})
		if n := e.Platform.JoinCount(coretest.Number(e.Tasks[0], "task_id"), ids[2]); n != 1 {
			t.Errorf("the device was joined %d times", n)
		}
	})
}
