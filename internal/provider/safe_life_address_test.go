package provider_test

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
)

var (
	apply   = []string{"apply", "-auto-approve"}
	destroy = []string{"destroy", "-auto-approve"}
)

// A set is destroyed and created side by side when its address changes: what one
// cancels the other would have to join.
func TestSafeLifeSetRelabelled(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	devices := cli.DeviceIDs(l.IDs[:4])
	task := l.Task("t")
	l.Config(task, l.Set("a", devices))
	l.Apply()

	l.Config(task, l.Set("b", devices))
	l.Refused([]string{"moved {"}, apply...)
	l.Config(task, l.Set("b", devices, `name = "other"`))
	l.Refused([]string{"moved {"}, apply...)
	l.Config(task, l.Set("b", devices), cli.Moved("aep_upgrade_devices.a", "aep_upgrade_devices.b"))
	l.Quiet("0 added, 0 changed, 0 destroyed")

	l.Started([]string{"b"}, task, l.Set("b", devices))
	l.Config(task, l.Set("c", devices), l.Rollout([]string{"c"}))
	l.Refused([]string{"moved {"}, apply...)
	l.Config(task, l.Set("c", devices), l.Rollout([]string{"c"}), cli.Moved("aep_upgrade_devices.b", "aep_upgrade_devices.c"))
	l.Stays("0 added, 0 changed, 0 destroyed", l.IDs[:4]...)
}

// Every key of for_each changes, and with it the name of every set.
func TestSafeLifeSetsIndexedAnew(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	task := l.Task("t")
	sets := func(first, second string) string {
		return l.Set("s", "for_each = { "+first+" = "+cli.List(l.IDs[:2])+", "+second+" = "+cli.List(l.IDs[2:4])+" }",
			"name = each.key", "device_ids = each.value")
	}
	l.Config(task, sets("east", "west"))
	l.Apply()
	if err := l.Platform.Start(coretest.FirstTask); err != nil {
		t.Fatal(err)
	}
	l.Config(task, sets("north", "south"))
	l.Refused([]string{"moved {"}, apply...)
	l.Config(task, sets("north", "south"),
		cli.Moved(`aep_upgrade_devices.s["east"]`, `aep_upgrade_devices.s["north"]`),
		cli.Moved(`aep_upgrade_devices.s["west"]`, `aep_upgrade_devices.s["south"]`))
	l.Stays("0 added, 2 changed, 0 destroyed", l.IDs[:4]...)
}

// The name of a set is its own affair: no call, and no other set.
func TestSafeLifeSetRenamed(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	devices := cli.DeviceIDs(l.IDs[:4])
	task := l.Task("t")
	l.Started([]string{"a"}, task, l.Set("a", devices))

	rollout := l.Rollout([]string{"a"})
	l.Config(task, l.Set("a", devices, `name = "second"`), rollout)
	l.Quiet("0 added, 1 changed, 0 destroyed")
	l.Config(task, l.Set("a", devices, `name = "third"`, cli.CreateBeforeDestroy), rollout)
	l.Quiet("0 added, 1 changed, 0 destroyed")
	// Terraform lets what it depends on inherit the order.
	heir := "resource \"terraform_data\" \"heir\" {\n  input = aep_upgrade_devices.a.device_count\n  " + cli.CreateBeforeDestroy + "\n}\n"
	l.Config(task, l.Set("a", devices, `name = "fourth"`), rollout, heir)
	l.Stays("1 added, 1 changed, 0 destroyed", l.IDs[:4]...)
	l.Empty()
}

// A set has no object of its own that could be created again.
func TestSafeLifeSetReplaced(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	devices := cli.DeviceIDs(l.IDs[:4])
	task, rollout := l.Task("t"), l.Rollout([]string{"a"})
	trigger := func(revision string) string {
		return "resource \"terraform_data\" \"trigger\" {\n  input = " + revision + "\n}\n"
	}
	triggered := l.Set("a", devices, "lifecycle {\n    replace_triggered_by = [terraform_data.trigger]\n  }")
	l.Started([]string{"a"}, task, triggered, trigger("1"))

	l.Refused([]string{"terraform untaint"}, "apply", "-auto-approve", "-replace=aep_upgrade_devices.a")
	l.Config(task, triggered, trigger("2"), rollout)
	l.Refused([]string{"terraform untaint"}, apply...)
	l.Config(task, l.Set("a", devices, cli.CreateBeforeDestroy), trigger("1"), rollout)
	l.Refused([]string{"terraform untaint"}, "apply", "-auto-approve", "-replace=aep_upgrade_devices.a")
	l.Must("taint", "aep_upgrade_devices.a")
	l.Refused([]string{"terraform untaint"}, apply...)
	l.Config(task, l.Set("a", devices), trigger("1"), rollout)
	l.Refused([]string{"terraform untaint"}, apply...)
	l.Must("untaint", "aep_upgrade_devices.a")
	l.Quiet("0 added, 0 changed, 0 destroyed")
	// A tainted set that is not read is planned as a new one.
	l.Must("taint", "aep_upgrade_devices.a")
	output, _ := l.Run("apply", "-auto-approve", "-refresh=false")
	if l.WantSent(0, 0); t.Failed() {
		t.Log(cli.Ending(output))
	}
	l.WantActive(coretest.FirstTask, l.IDs[:4]...)
}

// A campaign that has not begun makes room for another with the same devices.
func TestSafeLifeCampaignMakesRoomForAnother(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	devices := cli.DeviceIDs(l.IDs[:4])
	l.Config(l.Task("t"), l.Set("a", devices))
	l.Apply()
	next := l.Block("aep_upgrade_devices", "b", devices, "task_id = aep_upgrade_task.next.task_id")
	l.Config(l.Task("next", `name = "next"`), next)
	for range 5 { // in any order
		l.Says(l.Must("plan"), "2 to add, 0 to change, 2 to destroy")
	}
	l.Apply()
	if got := coretest.ActiveDevices(l.Platform, coretest.LwM2MProduct); len(got) != 4 {
		t.Errorf("active are %v", got)
	}
}

// A set gets a new label, and its task is known only after apply. The task that the
// plan creates is another one.
func TestSafeLifeSetRelabelledBehindAnUnknownTask(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	devices := cli.DeviceIDs(l.IDs[:4])
	task := l.Task("t")
	l.Config(task, l.Set("a", devices))
	l.Apply()
	l.Config(task, l.Task("other", `name = "other"`), "resource \"terraform_data\" \"id\" {\n  input = aep_upgrade_task.t.task_id\n}\n",
		l.Block("aep_upgrade_devices", "b", devices, "task_id = terraform_data.id.output"))
	l.Refused([]string{"would be destroyed and created again", "moved {", "-target"}, apply...)
}
