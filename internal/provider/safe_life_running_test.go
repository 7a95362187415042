package provider_test

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Destroying or replacing a running campaign takes consent, set by set and of
// the task, however stale the state is.
func TestSafeLifeRunningCampaignDestroyed(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct, func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = true })
	sets := []string{"a", "b"}
	blocks := func(force ...string) []string {
		return []string{
			l.Task("t", force...),
			l.Set("a", append(force, `name = "a"`, cli.DeviceIDs(l.IDs[:2]))...),
			l.Set("b", append(force, `name = "b"`, cli.DeviceIDs(l.IDs[2:4]))...),
		}
	}
	l.Started(sets, blocks()...)

	const consent = "force_destroy"
	l.Refused([]string{"2 devices", consent}, destroy...)
	l.Refused([]string{"2 devices", consent}, "destroy", "-auto-approve", "-refresh=false")
	l.Refused([]string{"2 devices", consent}, "destroy", "-auto-approve", "-target=aep_upgrade_devices.a")
	l.Refused([]string{"4 devices", consent}, "apply", "-auto-approve", "-replace=aep_upgrade_task.t", "-refresh=false")
	l.Config(append(blocks()[:2], l.Rollout(sets[:1]))...)
	l.Refused([]string{"2 devices", consent}, apply...)

	l.Config(l.Task("t", "firmware_id = 3298"), blocks()[1], blocks()[2], l.Rollout(sets))
	l.Refused([]string{"4 devices", consent}, apply...)
	l.Refused([]string{"4 devices", consent}, "apply", "-auto-approve", "-refresh=false")
	l.WantActive(coretest.FirstTask, l.IDs[:4]...)

	l.Config(append(blocks("force_destroy = true"), l.Rollout(sets))...)
	l.Quiet("0 added, 3 changed, 0 destroyed")
	l.Must(destroy...)
	if left := l.Platform.Tasks(coretest.LwM2MProduct); len(left) != 0 || len(l.Held()) != 0 {
		t.Errorf("left on the platform: %+v; in the state: %v", left, l.Held())
	}
}

// Devices that are under way are taken off a list.
func TestSafeLifeDevicesTakenOut(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	task, rollout := l.Task("t"), l.Rollout([]string{"a"})
	l.Started([]string{"a"}, task, l.Set("a", cli.DeviceIDs(l.IDs[:6])))
	l.Config(task, l.Set("a", cli.DeviceIDs(l.IDs[:4])), rollout)
	l.Platform.ResetJournal()
	output := l.Must("plan", "-out=plan")
	l.Says(output, "Warning:", "2 devices", "+0 −2")
	l.WroteNothing()
	l.Must("apply", "plan")
	l.WantSent(0, 1)
	l.WantActive(coretest.FirstTask, l.IDs[:4]...)
	l.Empty()
	if err := l.Platform.Cancel(coretest.FirstTask, l.IDs[0]); err != nil {
		t.Fatal(err)
	}
	output = l.Must("apply", "-auto-approve", "-refresh-only")
	l.Says(output, "Warning:", l.IDs[0])
	if set := l.Held()["aep_upgrade_devices.a"]; set["cancelled_count"] != float64(1) || set["attached_count"] != float64(3) {
		t.Errorf("the state counts %v attached and %v cancelled devices", set["attached_count"], set["cancelled_count"])
	}
}

// An argument that is not known yet must not replace what runs.
func TestSafeLifeUnknownProtocol(t *testing.T) {
	cli.OnBothProtocols(t, func(t *testing.T, product int64) {
		l := cli.NewCampaign(t, product)
		kind := map[int64]string{coretest.LwM2MProduct: "lwm2m", coretest.TLinkProduct: "t_link"}[product]
		task := l.Task("t",
			`retry_times = terraform_data.kind.output == "lwm2m" ? 1 : null`,
			`timeout_hours = terraform_data.kind.output == "t_link" ? 24 : null`)
		blocks := func(revision, task string) []string {
			return []string{
				"resource \"terraform_data\" \"kind\" {\n  input = \"" + kind + "\"\n  triggers_replace = " + revision + "\n}\n",
				task, l.Set("a", cli.DeviceIDs(l.IDs[:2])), l.Rollout([]string{"a"}),
			}
		}
		l.Config(blocks("1", l.Task("t"))...)
		l.Apply()
		l.Config(blocks("2", task)...)
		l.Platform.ResetJournal()
		l.Says(l.Apply(), "1 added", "1 destroyed") // terraform_data
		l.WantSent(0, 0)
		if n := l.Platform.TasksEverCreated(); n != 1 {
			t.Errorf("%d tasks were made", n)
		}
		l.Empty()
		l.WantActive(coretest.FirstTask, l.IDs[:2]...)
	})
}
