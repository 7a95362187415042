package provider_test

import (
	"slices"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// untainted insists that the state holds a set as one that was made.
func untainted(l *cli.Campaign, address string, attached int) {
	l.T.Helper()
	held := l.Held()[address]
	if held == nil || held["tainted"] != nil || held["attached_count"] != float64(attached) {
		l.T.Errorf("the state holds %v of %s, want %d attached devices and no taint", held, address, attached)
	}
}

// A create of a set may end early. The devices that have joined are in the state.
func TestSafeLifeCreateCutShort(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct, func(o *simulator.Options) { o.Quirks.BadID = simulator.BadIDReported })
	task, devices := l.Task("t"), cli.DeviceIDs(l.IDs[:6])
	l.Environ = append(l.Environ, "AEP_RETRY_BUDGET=1s")
	// An outage after the first batch.
	l.Config(task, l.Set("a", devices, "batch_size = 2"))
	l.Platform.AfterProcessed(coretest.Once(1, coretest.Calls(simulator.OpOperational, coretest.JoinBody),
		func() { l.Platform.SetOutage(true) }))
	output, code := l.Run(apply...)
	l.Platform.SetOutage(false)
	if code != 0 {
		t.Errorf("a set that was attached in part ends with %d:\n%s", code, cli.Ending(output))
	}
	l.Says(output, "Warning:")
	if n := len(l.Active(coretest.FirstTask)); n != 2 {
		t.Errorf("%d devices have joined, want 2", n)
	}
	untainted(l, "aep_upgrade_devices.a", 2)
	l.Apply()
	l.WantActive(coretest.FirstTask, l.IDs[:6]...)
	// A shorter list: what has joined leaves the task.
	l.Config(task, l.Set("a", cli.DeviceIDs(l.IDs[:3]), "batch_size = 2"))
	l.Apply()
	l.WantActive(coretest.FirstTask, l.IDs[:3]...)

	// Devices that the platform refuses.
	odd := l.Set("b", `name = "b"`, cli.DeviceIDs([]string{l.IDs[10], "no-such-device", l.IDs[11]}))
	l.Config(task, l.Set("a", cli.DeviceIDs(l.IDs[:3]), "batch_size = 2"), odd)
	l.Says(l.Apply(), "1 added, 0 changed, 0 destroyed", "Warning:", "no-such-device")
	untainted(l, "aep_upgrade_devices.b", 2)
	l.WantActive(coretest.FirstTask, l.IDs[0], l.IDs[1], l.IDs[2], l.IDs[10], l.IDs[11])
}

// The answer to the first join is lost, and nothing answers from then on.
func TestSafeLifeFirstJoinUnanswered(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	l.Environ = append(l.Environ, "AEP_RETRY_BUDGET=1s")
	task := l.Task("t")
	l.Config(task, l.Set("a", cli.DeviceIDs(l.IDs[:6]), "batch_size = 2"))
	l.Platform.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpOperational})
	l.Platform.AfterProcessed(coretest.Once(1, coretest.Calls(simulator.OpOperational, coretest.JoinBody),
		func() { l.Platform.SetOutage(true) }))
	output, code := l.Run(apply...)
	l.Platform.SetOutage(false)
	joined := l.Active(coretest.FirstTask)
	if held := l.Held()["aep_upgrade_devices.a"]; code != 0 || held == nil || held["tainted"] != nil || len(joined) != 2 {
		t.Errorf("%d devices have joined; the apply ends with %d, and the state holds %v:\n%s", len(joined), code, held, cli.Ending(output))
	}
	// The list no longer holds what has joined.
	rest := slices.DeleteFunc(slices.Clone(l.IDs[:6]), func(id string) bool { return slices.Contains(joined, id) })
	l.Config(task, l.Set("a", cli.DeviceIDs(rest)))
	if output := l.Apply(); len(l.Active(coretest.FirstTask)) > len(rest) {
		l.Says(output, "Warning:", joined[0], joined[1])
	}
	l.Empty()
}

// A provider that was killed leaves devices in the task that no state knows of.
func TestSafeLifeKilledWhileAttaching(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	task, rollout := l.Task("t"), l.Rollout([]string{"a"})
	l.Config(task, l.Set("a", cli.DeviceIDs(l.IDs[:8]), "batch_size = 4"), rollout)
	l.Platform.AfterProcessed(coretest.Once(1, coretest.Calls(simulator.OpOperational, coretest.JoinBody), l.Kill))
	l.Fails("(*GRPCProvider)", apply...)
	joined := l.Active(coretest.FirstTask)
	if len(joined) != 4 {
		t.Fatalf("%d devices have joined, want 4", len(joined))
	}
	l.Config(task, l.Set("a", cli.DeviceIDs(joined[:2])), rollout)
	l.Refused([]string{"2 active devices", joined[2], joined[3], "Nothing was started"}, apply...)
	// An exclusive set cancels them.
	l.Config(task, l.Set("a", cli.DeviceIDs(joined[:2]), "exclusive = true"), rollout)
	l.Apply()
	l.WantActive(coretest.FirstTask, joined[:2]...)
	if n := l.Platform.StartCount(coretest.FirstTask); n != 1 {
		t.Errorf("the task was started %d times", n)
	}
}

// A task with devices of the console is not adopted with them.
func TestSafeLifeFullTaskAdopted(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	draft := simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: "campaign", RetryTimes: 3}
	id, err := l.Platform.CreateTask(draft)
	if err == nil {
		err = l.Platform.Join(id, l.IDs[10:20]...)
	}
	if err != nil {
		t.Fatal(err)
	}
	l.Config(l.Task("t", "adopt_existing = true"), l.Set("a", cli.DeviceIDs(l.IDs[:3])), l.Rollout([]string{"a"}))
	l.Refused([]string{"10 devices", "Task 3456 of product 10005977"}, apply...)
	if l.Platform.StartCount(id) != 0 {
		t.Error("the task was started")
	}
	// Without them it is, and says what that changes.
	if err := l.Platform.Cancel(id, l.IDs[10:20]...); err != nil {
		t.Fatal(err)
	}
	l.Says(l.Apply(), "Existing upgrade task adopted", "retry_times")
	l.WantActive(id, l.IDs[:3]...)
	if task, _ := l.Platform.Task(id); task.RetryTimes != 1 || l.Platform.TasksEverCreated() != 1 {
		t.Errorf("the platform holds %+v of %d tasks", task, l.Platform.TasksEverCreated())
	}
}
