package provider_test

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Odd answers about a task: a plan may fail, but it proposes no change.
func TestSafeLifeOddAnswers(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	l.Started([]string{"a"}, l.Task("t"), l.Set("a", cli.DeviceIDs(l.IDs[:4])))
	harmless := func(what string) {
		t.Helper()
		if output, code := l.Run("plan", "-detailed-exitcode"); code == 2 {
			t.Errorf("%s: a plan proposes a change:\n%s", what, cli.Ending(output))
		}
	}
	l.Platform.SetNullOutage(true)
	harmless("every read answers null")
	l.Platform.Configure(func(o *simulator.Options) { o.Quirks.NullReads = simulator.NullResponseEmptyObject })
	harmless("every read answers {}")
	l.Platform.SetNullOutage(false)
	if err := l.Platform.Finish(coretest.FirstTask); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"firmwareId", "jobName", "jobStatus"} {
		l.Platform.Configure(func(o *simulator.Options) { o.Quirks.OmitMembers = []string{member} })
		harmless("no " + member)
	}
	l.Platform.Configure(func(o *simulator.Options) { o.Quirks.OmitMembers, o.Quirks.OutTimeEverywhere = nil, true })
	l.Empty()
}

// A device that left and came back is listed twice.
func TestSafeLifeDeviceCameBack(t *testing.T) {
	cli.OnBothProtocols(t, func(t *testing.T, product int64) {
		l := cli.NewCampaign(t, product, func(o *simulator.Options) { o.Quirks.RejoinMakesSubtask = true })
		task := l.Task("t")
		for _, n := range []int{4, 3} {
			l.Config(task, l.Set("a", cli.DeviceIDs(l.IDs[:n])))
			l.Apply()
			l.WantActive(coretest.FirstTask, l.IDs[:n]...)
		}
		l.Started([]string{"a"}, task, l.Set("a", cli.DeviceIDs(l.IDs[:4])))
		l.WantActive(coretest.FirstTask, l.IDs[:4]...)
		l.Empty()
		if err := l.Platform.Finish(coretest.FirstTask); err != nil {
			t.Fatal(err)
		}
		l.Must(destroy...)
		if left := l.Platform.Tasks(product); len(left) > 0 {
			t.Errorf("destroy left %+v", left)
		}
	})
}

// The task still holds devices that the state has lost or does not show.
func TestSafeLifeStateForgets(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	l.Needs("1.8", "1.10") // for the lifecycle of a removed block
	task, rollout := l.Task("t"), l.Rollout([]string{"a"})
	l.Started([]string{"a"}, task, l.Set("a", cli.DeviceIDs(l.IDs[:4])))

	l.Must("state", "rm", "aep_upgrade_devices.a", "aep_upgrade_rollout.r")
	l.Stays("2 added, 0 changed, 0 destroyed", l.IDs[:4]...)
	l.Empty()
	// A set that was forgotten gives up what its new list lacks.
	l.Must("state", "rm", "aep_upgrade_devices.a")
	l.Config(task, l.Set("a", cli.DeviceIDs(l.IDs[:3])), rollout)
	l.Says(l.Quiet("1 added"), "Warning:", l.IDs[3])
	l.WantActive(coretest.FirstTask, l.IDs[:4]...)
	// Only the new address is planned: then both are in the state.
	l.Config(task, l.Set("b", cli.DeviceIDs(l.IDs[:3])), l.Rollout([]string{"b"}))
	if _, code := l.Run("apply", "-auto-approve", "-target=aep_upgrade_devices.b"); code == 0 {
		l.Refused([]string{"removed"}, apply...)
		l.Config(task, l.Set("b", cli.DeviceIDs(l.IDs[:3])), l.Rollout([]string{"b"}),
			"removed {\n  from = aep_upgrade_devices.a\n  lifecycle {\n    destroy = false\n  }\n}\n")
		l.Quiet("0 added, 0 changed, 0 destroyed")
	}
	l.WantActive(coretest.FirstTask, l.IDs[:4]...)
	if n := l.Platform.StartCount(coretest.FirstTask); n != 1 {
		t.Errorf("the task was started %d times", n)
	}
}

// A set whose task has finished leaves the state and comes back without a call.
func TestSafeLifeFinishedSetForgotten(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	task, devices := l.Task("t"), cli.DeviceIDs(l.IDs[:4])
	l.Started([]string{"a"}, task, l.Set("a", devices))
	if err := l.Platform.Finish(coretest.FirstTask); err != nil {
		t.Fatal(err)
	}
	l.Must("state", "rm", "aep_upgrade_devices.a")
	l.Quiet("1 added, 0 changed, 0 destroyed")
	untainted(l, "aep_upgrade_devices.a", 4)
	// The label changes, and no moved block says so.
	l.Config(task, l.Set("b", devices), l.Rollout([]string{"b"}))
	l.Quiet("1 added, 0 changed, 1 destroyed")
	untainted(l, "aep_upgrade_devices.b", 4)
	l.Empty()
}
