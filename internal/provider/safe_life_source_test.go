package provider_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// A file is read when planning. Exactly the devices of that plan are attached, or none.
func TestSafeLifeFile(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	file := func(ids []string) { l.Write("devices.txt", strings.Join(ids, "\n")) }
	task, set := l.Task("t"), l.Set("a", `device_ids_file = "devices.txt"`)
	file(l.IDs[:4])
	l.Config(task, set)
	l.Must("plan", "-out=plan")
	file(l.IDs[:6])
	if output, code := l.Run("apply", "plan"); code != 1 {
		t.Errorf("a plan of another file ends with %d:\n%s", code, cli.Ending(output))
	}
	l.WantSent(0, 0)
	file(l.IDs[:4])
	l.Apply()
	l.Must("plan", "-replace=aep_upgrade_task.t")

	file(nil)
	l.Refused([]string{"devices.txt"}, apply...)
	if err := syscall.Mkfifo(filepath.Join(l.Folder, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.Config(task, l.Set("a", `device_ids_file = "fifo"`))
	l.Refused([]string{"fifo", "regular file"}, apply...)

	file(l.IDs[:4])
	l.Started([]string{"a"}, task, set)
	if err := l.Platform.Finish(coretest.FirstTask); err != nil {
		t.Fatal(err)
	}
	// A living inventory after the campaign.
	file(l.IDs[2:9])
	l.Platform.ResetJournal()
	output, code := l.Run("plan", "-detailed-exitcode")
	if code != 0 {
		t.Errorf("the plan is not empty (%d):\n%s", code, cli.Ending(output))
	}
	l.Says(output, "Warning:", "finished")
	l.Quiet("0 added, 0 changed, 0 destroyed")
}

// A group is asked at every plan, and its answer is not always right.
func TestSafeLifeGroup(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct, func(o *simulator.Options) { o.Quirks.StrictTaskID = true })
	group := func(name string, ids ...string) {
		t.Helper()
		if err := l.Platform.SetDeviceGroup(coretest.LwM2MProduct, name, ids...); err != nil {
			t.Fatal(err)
		}
	}
	group("east", l.IDs[:6]...)
	l.Config(l.Task("t"), l.Set("a", `device_group_id = "east"`, `selection = "continuous"`), l.Rollout([]string{"a"}))
	l.Apply()
	l.WantActive(coretest.FirstTask, l.IDs[:6]...)

	group("", l.IDs[:6]...)
	l.Refused([]string{"east"}, apply...)
	group("east", l.IDs[:6]...)
	l.Platform.Inject(simulator.Fault{Kind: simulator.EmptyResult, Operation: simulator.OpDevices, Times: -1})
	l.Refused([]string{"east"}, apply...)
	l.Platform.ClearFaults()
	l.Empty()
	group("", l.IDs[5])
	l.Says(l.Apply(), "Warning:", "+0 −1")
	l.WantActive(coretest.FirstTask, l.IDs[:5]...)
}

// A wave without devices, and a set without devices.
func TestSafeLifeEmptyWave(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	l.Config(l.Task("t"), l.Set("a", cli.DeviceIDs(l.IDs[:4]), "wave = { weights = [1, 0], index = 1 }"), l.Rollout([]string{"a"}))
	l.Apply()
	l.WantSent(0, 0)
	if n := l.Platform.StartCount(coretest.FirstTask); n != 0 {
		t.Errorf("an empty task was started %d times", n)
	}
	l.Empty()
}
