package provider_test

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Odd answers about a task: a plan may fail, but it proposes no change.
func TestSafeLifeOddAnswers(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	l.started([]string{"a"}, l.task("t"), l.set("a", idList(l.ids[:4])))
	harmless := func(what string) {
		t.Helper()
		if output, code := l.run("plan", "-detailed-exitcode"); code == 2 {
			t.Errorf("%s: a plan proposes a change:\n%s", what, ending(output))
		}
	}
	l.p.SetNullOutage(true)
	harmless("every read answers null")
	l.p.Configure(func(o *simulator.Options) { o.Quirks.NullReads = simulator.NullResponseEmptyObject })
	harmless("every read answers {}")
	l.p.SetNullOutage(false)
	if err := l.p.Finish(simulatorFirstTask); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"firmwareId", "jobName", "jobStatus"} {
		l.p.Configure(func(o *simulator.Options) { o.Quirks.OmitMembers = []string{member} })
		harmless("no " + member)
	}
	l.p.Configure(func(o *simulator.Options) { o.Quirks.OmitMembers, o.Quirks.OutTimeEverywhere = nil, true })
	l.empty()
}

// A device that left and came back is listed twice.
func TestSafeLifeDeviceCameBack(t *testing.T) {
	both(t, func(t *testing.T, product int64) {
		l := newSafeLife(t, product, func(o *simulator.Options) { o.Quirks.RejoinMakesSubtask = true })
		task := l.task("t")
		for _, n := range []int{4, 3} {
			l.config(task, l.set("a", idList(l.ids[:n])))
			l.apply()
			l.upgrades(simulatorFirstTask, l.ids[:n]...)
		}
		l.started([]string{"a"}, task, l.set("a", idList(l.ids[:4])))
		l.upgrades(simulatorFirstTask, l.ids[:4]...)
		l.empty()
		if err := l.p.Finish(simulatorFirstTask); err != nil {
			t.Fatal(err)
		}
		l.must(destroy...)
		if left := l.p.Tasks(product); len(left) > 0 {
			t.Errorf("destroy left %+v", left)
		}
	})
}

// What the state has lost or does not show, the task still holds.
func TestSafeLifeStateForgets(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	task, rollout := l.task("t"), l.rollout([]string{"a"})
	l.started([]string{"a"}, task, l.set("a", idList(l.ids[:4])))

	l.must("state", "rm", "aep_upgrade_devices.a", "aep_upgrade_rollout.r")
	l.stays("2 added, 0 changed, 0 destroyed", l.ids[:4]...)
	l.empty()
	// A set that was forgotten gives up what its new list lacks.
	l.must("state", "rm", "aep_upgrade_devices.a")
	l.config(task, l.set("a", idList(l.ids[:3])), rollout)
	l.says(l.quiet("1 added"), "Warning:", l.ids[3])
	l.upgrades(simulatorFirstTask, l.ids[:4]...)
	// The new address alone is planned: both are in the state then.
	l.config(task, l.set("b", idList(l.ids[:3])), l.rollout([]string{"b"}))
	if _, code := l.run("apply", "-auto-approve", "-target=aep_upgrade_devices.b"); code == 0 {
		l.refused([]string{"removed"}, apply...)
		l.config(task, l.set("b", idList(l.ids[:3])), l.rollout([]string{"b"}),
			"removed {\n  from = aep_upgrade_devices.a\n  lifecycle {\n    destroy = false\n  }\n}\n")
		l.quiet("0 added, 0 changed, 0 destroyed")
	}
	l.upgrades(simulatorFirstTask, l.ids[:4]...)
	if n := l.p.StartCount(simulatorFirstTask); n != 1 {
		t.Errorf("the task was started %d times", n)
	}
}

// A set whose task has finished leaves the state and comes back without a call.
func TestSafeLifeFinishedSetForgotten(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	task, devices := l.task("t"), idList(l.ids[:4])
	l.started([]string{"a"}, task, l.set("a", devices))
	if err := l.p.Finish(simulatorFirstTask); err != nil {
		t.Fatal(err)
	}
	l.must("state", "rm", "aep_upgrade_devices.a")
	l.quiet("1 added, 0 changed, 0 destroyed")
	l.untainted("aep_upgrade_devices.a", 4)
	// The label changes, and no moved block says so.
	l.config(task, l.set("b", devices), l.rollout([]string{"b"}))
	l.quiet("1 added, 0 changed, 1 destroyed")
	l.untainted("aep_upgrade_devices.b", 4)
	l.empty()
}
