package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Two sets of one task must not want the same device.
func TestSafeLifeSetsThatOverlap(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	task, a, b := l.Task("t"), `name = "north"`, `name = "south"`
	// Both lists are known, the task is not: at the latest the second set is refused
	// before its first call.
	later := l.Set("b", b, "depends_on = [aep_upgrade_devices.a]", cli.DeviceIDs(l.IDs[2:5]))
	l.Config(task, l.Set("a", a, cli.DeviceIDs(l.IDs[:3])), later, l.Rollout([]string{"a", "b"}))
	output, code := l.Run(apply...)
	if joins, cancels := coretest.Operations(l.Platform); code != 1 || joins > 1 || cancels > 0 || l.Platform.Count(simulator.OpControl) > 0 {
		t.Errorf("the apply ends with %d after %d joins and %d cancels:\n%s", code, joins, cancels, cli.Ending(output))
	}
	l.Says(output, l.IDs[2], "north", "south")
	// The set that was made first has got its devices.
	l.Config(task, l.Set("a", a, cli.DeviceIDs(l.IDs[:3])), l.Set("b", a, cli.DeviceIDs(l.IDs[3:5])))
	l.Refused([]string{`"north"`}, apply...)

	sets := []string{"a", "b"}
	north, south := l.Set("a", a, cli.DeviceIDs(l.IDs[:3])), l.Set("b", b, cli.DeviceIDs(l.IDs[3:5]))
	l.Started(sets, task, north, south)
	rollout := l.Rollout(sets)
	l.Config(task, north, l.Set("b", b, cli.DeviceIDs(l.IDs[2:5])), rollout)
	l.Refused([]string{l.IDs[2], "north", "south"}, apply...)
	l.Config(task, north, l.Set("b", a, cli.DeviceIDs(l.IDs[3:5])), rollout)
	l.Refused([]string{`"north"`}, apply...)
	l.Config(task, l.Set("a", a, "exclusive = true", cli.DeviceIDs(l.IDs[:3])), south, rollout)
	l.Refused([]string{"exclusive", "south"}, apply...)
	l.WantActive(coretest.FirstTask, l.IDs[:5]...)
}

// A device changes hands: both orders, and both ways to say so.
func TestSafeLifeDeviceHandedOver(t *testing.T) {
	l := cli.NewCampaign(t, coretest.TLinkProduct)
	task, rollout, sets := l.Task("t"), l.Rollout([]string{"a", "b"}), []string{"a", "b"}
	north := func(ids []string, arguments ...string) string {
		return l.Set("a", append(arguments, `name = "north"`, cli.DeviceIDs(ids))...)
	}
	south := func(ids []string, arguments ...string) string {
		return l.Set("b", append(arguments, `name = "south"`, cli.DeviceIDs(ids))...)
	}
	l.Started(sets, task, north(l.IDs[:2]), south(l.IDs[2:4]))

	l.Config(task, north(l.IDs[:1]), south(l.IDs[1:4]), rollout)
	l.Refused([]string{l.IDs[1], "north", "south", `on_remove = "keep"`}, apply...)
	l.Config(task, north(l.IDs[:3]), south(l.IDs[3:4]), rollout)
	l.Refused([]string{l.IDs[2], "north", "south", `on_remove = "keep"`}, apply...)
	// The set that had the device is destroyed.
	l.Config(task, north(l.IDs[:4]), l.Rollout([]string{"a"}))
	l.Refused([]string{l.IDs[2], "north", "south"}, apply...)

	const keep = `on_remove = "keep"`
	l.Config(task, north(l.IDs[:2], keep), south(l.IDs[2:4], keep), rollout)
	l.Quiet("0 added, 2 changed, 0 destroyed")
	l.Config(task, north(l.IDs[:1], keep), south(l.IDs[1:4], keep), rollout)
	l.Quiet("0 added, 2 changed, 0 destroyed")
	l.Config(task, north(l.IDs[:3], keep), south(l.IDs[3:4], keep), rollout)
	l.Quiet("0 added, 2 changed, 0 destroyed")
	l.Empty()
	l.WantActive(coretest.FirstTask, l.IDs[:4]...)
}

// An import shows every device of the task in each of its sets.
func TestSafeLifeTwoSetsImported(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	task := simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: "campaign", RetryTimes: 1}
	id, err := l.Platform.CreateTask(task)
	if err == nil {
		err = l.Platform.Join(id, l.IDs[:4]...)
	}
	if err == nil {
		err = l.Platform.Start(id)
	}
	if err != nil {
		t.Fatal(err)
	}
	blocks := l.Task("t") + l.Set("a", `name = "a"`, cli.DeviceIDs(l.IDs[:2])) + l.Set("b", `name = "b"`, cli.DeviceIDs(l.IDs[2:4]))
	for to, from := range map[string]string{
		"aep_upgrade_task.t": "10005977/3456", "aep_upgrade_devices.a": "10005977/3456/a", "aep_upgrade_devices.b": "10005977/3456/b",
	} {
		blocks += fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", to, from)
	}
	l.Config(blocks)
	output := l.Quiet("3 imported")
	l.Says(output, "Warning:", l.IDs[0], l.IDs[2])
	l.WantActive(id, l.IDs[:4]...)
	l.Empty()
	// Private state is lost, as in a state that was edited by hand.
	withoutPrivate(l)
	l.Quiet("Apply complete!")
	l.WantActive(id, l.IDs[:4]...)
	l.Empty()
	l.Config(l.Task("t"), l.Set("a", `name = "a"`, cli.DeviceIDs(l.IDs[:1])), l.Set("b", `name = "b"`, cli.DeviceIDs(l.IDs[2:4])))
	l.Apply()
	l.WantActive(id, l.IDs[0], l.IDs[2], l.IDs[3])
}

var privateState = regexp.MustCompile(`"private": "[^"]*",?`)

// withoutPrivate takes what providers keep for themselves out of the state.
func withoutPrivate(l *cli.Campaign) {
	l.T.Helper()
	state, err := os.ReadFile(filepath.Join(l.Folder, "terraform.tfstate"))
	if err != nil {
		l.T.Fatal(err)
	}
	l.Write("terraform.tfstate", privateState.ReplaceAllString(string(state), ""))
}

// An exclusive set says how many devices of others it will cancel, when it is
// made, too.
func TestSafeLifeExclusive(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	task := l.Task("t")
	l.Config(task)
	l.Apply()
	if err := l.Platform.Join(coretest.FirstTask, l.IDs[10:13]...); err != nil {
		t.Fatal(err)
	}
	alone := l.Set("a", "exclusive = true", cli.DeviceIDs(l.IDs[:4]))
	l.Config(task, alone)
	output := l.Must("plan", "-out=plan")
	l.Says(output, "Warning:", "cancels 3 active devices")
	l.Must("apply", "plan")
	l.WantActive(coretest.FirstTask, l.IDs[:4]...)

	// Devices that no set lists have joined when the task finishes.
	l.Config(task, alone, l.Rollout([]string{"a"}))
	l.Says(l.Apply(), "1 added, 0 changed, 0 destroyed")
	if err := l.Platform.Join(coretest.FirstTask, l.IDs[20:22]...); err != nil {
		t.Fatal(err)
	}
	l.Must("apply", "-auto-approve", "-refresh-only")
	if err := l.Platform.Finish(coretest.FirstTask); err != nil {
		t.Fatal(err)
	}
	l.Empty()
	l.Platform.ResetJournal()
	l.Must(destroy...)
	l.WantSent(0, 0)
}
