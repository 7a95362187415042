package provider_test

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Destroying or replacing a running campaign takes consent, set by set and of
// the task, however stale the state is.
func TestSafeLifeRunningCampaignDestroyed(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct, func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = true })
	sets := []string{"a", "b"}
	blocks := func(force ...string) []string {
		return []string{
			l.task("t", force...),
			l.set("a", append(force, `name = "a"`, idList(l.ids[:2]))...),
			l.set("b", append(force, `name = "b"`, idList(l.ids[2:4]))...),
		}
	}
	l.started(sets, blocks()...)

	const consent = "force_destroy"
	l.refused([]string{"2 devices", consent}, destroy...)
	l.refused([]string{"2 devices", consent}, "destroy", "-auto-approve", "-refresh=false")
	l.refused([]string{"2 devices", consent}, "destroy", "-auto-approve", "-target=aep_upgrade_devices.a")
	l.refused([]string{"4 devices", consent}, "apply", "-auto-approve", "-replace=aep_upgrade_task.t", "-refresh=false")
	l.config(append(blocks()[:2], l.rollout(sets[:1]))...)
	l.refused([]string{"2 devices", consent}, apply...)

	l.config(l.task("t", "firmware_id = 3298"), blocks()[1], blocks()[2], l.rollout(sets))
	l.refused([]string{"4 devices", consent}, apply...)
	l.refused([]string{"4 devices", consent}, "apply", "-auto-approve", "-refresh=false")
	l.upgrades(simulatorFirstTask, l.ids[:4]...)

	l.config(append(blocks("force_destroy = true"), l.rollout(sets))...)
	l.quiet("0 added, 3 changed, 0 destroyed")
	l.must(destroy...)
	if left := l.p.Tasks(lwm2mProduct); len(left) != 0 || len(l.held()) != 0 {
		t.Errorf("left on the platform: %+v; in the state: %v", left, l.held())
	}
}

// Devices that are under way are taken off a list.
func TestSafeLifeDevicesTakenOut(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	task, rollout := l.task("t"), l.rollout([]string{"a"})
	l.started([]string{"a"}, task, l.set("a", idList(l.ids[:6])))
	l.config(task, l.set("a", idList(l.ids[:4])), rollout)
	l.p.ResetJournal()
	output := l.must("plan", "-out=plan")
	l.says(output, "Warning:", "2 devices", "+0 −2")
	l.wroteNothing()
	l.must("apply", "plan")
	l.sent(0, 1)
	l.upgrades(simulatorFirstTask, l.ids[:4]...)
	l.empty()
	if err := l.p.Cancel(simulatorFirstTask, l.ids[0]); err != nil {
		t.Fatal(err)
	}
	output = l.must("apply", "-auto-approve", "-refresh-only")
	l.says(output, "Warning:", l.ids[0])
	if set := l.held()["aep_upgrade_devices.a"]; set["cancelled_count"] != float64(1) || set["attached_count"] != float64(3) {
		t.Errorf("the state counts %v attached and %v cancelled devices", set["attached_count"], set["cancelled_count"])
	}
}

// An argument that is not known yet must not replace what runs.
func TestSafeLifeUnknownProtocol(t *testing.T) {
	both(t, func(t *testing.T, product int64) {
		l := newSafeLife(t, product)
		kind := map[int64]string{lwm2mProduct: "lwm2m", tLinkProduct: "t_link"}[product]
		task := l.task("t",
			`retry_times = terraform_data.kind.output == "lwm2m" ? 1 : null`,
			`timeout_hours = terraform_data.kind.output == "t_link" ? 24 : null`)
		blocks := func(revision, task string) []string {
			return []string{
				"resource \"terraform_data\" \"kind\" {\n  input = \"" + kind + "\"\n  triggers_replace = " + revision + "\n}\n",
				task, l.set("a", idList(l.ids[:2])), l.rollout([]string{"a"}),
			}
		}
		l.config(blocks("1", l.task("t"))...)
		l.apply()
		l.config(blocks("2", task)...)
		l.p.ResetJournal()
		l.says(l.apply(), "1 added", "1 destroyed") // terraform_data
		l.sent(0, 0)
		if n := l.p.TasksEverCreated(); n != 1 {
			t.Errorf("%d tasks were made", n)
		}
		l.empty()
		l.upgrades(simulatorFirstTask, l.ids[:2]...)
	})
}
