package provider_test

import "testing"

var (
	apply   = []string{"apply", "-auto-approve"}
	destroy = []string{"destroy", "-auto-approve"}
)

// A set is destroyed and created side by side when its address changes: what one
// cancels the other would have to join.
func TestSafeLifeSetRelabelled(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	devices := idList(l.ids[:4])
	task := l.task("t")
	l.config(task, l.set("a", devices))
	l.apply()

	l.config(task, l.set("b", devices))
	l.refused([]string{"moved {"}, apply...)
	l.config(task, l.set("b", devices, `name = "other"`))
	l.refused([]string{"moved {"}, apply...)
	l.config(task, l.set("b", devices), moved("aep_upgrade_devices.a", "aep_upgrade_devices.b"))
	l.quiet("0 added, 0 changed, 0 destroyed")

	l.started([]string{"b"}, task, l.set("b", devices))
	l.config(task, l.set("c", devices), l.rollout([]string{"c"}))
	l.refused([]string{"moved {"}, apply...)
	l.config(task, l.set("c", devices), l.rollout([]string{"c"}), moved("aep_upgrade_devices.b", "aep_upgrade_devices.c"))
	l.stays("0 added, 0 changed, 0 destroyed", l.ids[:4]...)
}

// Every key of for_each changes, and with it the name of every set.
func TestSafeLifeSetsIndexedAnew(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	task := l.task("t")
	sets := func(first, second string) string {
		return l.set("s", "for_each = { "+first+" = "+list(l.ids[:2])+", "+second+" = "+list(l.ids[2:4])+" }",
			"name = each.key", "device_ids = each.value")
	}
	l.config(task, sets("east", "west"))
	l.apply()
	if err := l.p.Start(simulatorFirstTask); err != nil {
		t.Fatal(err)
	}
	l.config(task, sets("north", "south"))
	l.refused([]string{"moved {"}, apply...)
	l.config(task, sets("north", "south"),
		moved(`aep_upgrade_devices.s["east"]`, `aep_upgrade_devices.s["north"]`),
		moved(`aep_upgrade_devices.s["west"]`, `aep_upgrade_devices.s["south"]`))
	l.stays("0 added, 2 changed, 0 destroyed", l.ids[:4]...)
}

// The name of a set is its own affair: no call, and no other set.
func TestSafeLifeSetRenamed(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	devices := idList(l.ids[:4])
	task := l.task("t")
	l.started([]string{"a"}, task, l.set("a", devices))

	rollout := l.rollout([]string{"a"})
	l.config(task, l.set("a", devices, `name = "second"`), rollout)
	l.quiet("0 added, 1 changed, 0 destroyed")
	l.config(task, l.set("a", devices, `name = "third"`, createBeforeDestroy), rollout)
	l.quiet("0 added, 1 changed, 0 destroyed")
	// Terraform lets what it depends on inherit the order.
	heir := "resource \"terraform_data\" \"heir\" {\n  input = aep_upgrade_devices.a.device_count\n  " + createBeforeDestroy + "\n}\n"
	l.config(task, l.set("a", devices, `name = "fourth"`), rollout, heir)
	l.stays("1 added, 1 changed, 0 destroyed", l.ids[:4]...)
	l.empty()
}

// A set has no object of its own that could be made anew.
func TestSafeLifeSetReplaced(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	devices := idList(l.ids[:4])
	task, rollout := l.task("t"), l.rollout([]string{"a"})
	trigger := func(revision string) string {
		return "resource \"terraform_data\" \"trigger\" {\n  input = " + revision + "\n}\n"
	}
	triggered := l.set("a", devices, "lifecycle {\n    replace_triggered_by = [terraform_data.trigger]\n  }")
	l.started([]string{"a"}, task, triggered, trigger("1"))

	l.refused([]string{"terraform untaint"}, "apply", "-auto-approve", "-replace=aep_upgrade_devices.a")
	l.config(task, triggered, trigger("2"), rollout)
	l.refused([]string{"terraform untaint"}, apply...)
	l.config(task, l.set("a", devices, createBeforeDestroy), trigger("1"), rollout)
	l.refused([]string{"terraform untaint"}, "apply", "-auto-approve", "-replace=aep_upgrade_devices.a")
	l.must("taint", "aep_upgrade_devices.a")
	l.refused([]string{"terraform untaint"}, apply...)
	l.config(task, l.set("a", devices), trigger("1"), rollout)
	l.refused([]string{"terraform untaint"}, apply...)
	l.must("untaint", "aep_upgrade_devices.a")
	l.quiet("0 added, 0 changed, 0 destroyed")
	// A tainted set that is not read is planned as a new one.
	l.must("taint", "aep_upgrade_devices.a")
	output, _ := l.run("apply", "-auto-approve", "-refresh=false")
	if l.sent(0, 0); t.Failed() {
		t.Log(ending(output))
	}
	l.upgrades(simulatorFirstTask, l.ids[:4]...)
}

// A campaign that has not begun makes room for another with the same devices.
func TestSafeLifeCampaignMakesRoomForAnother(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	devices := idList(l.ids[:4])
	l.config(l.task("t"), l.set("a", devices))
	l.apply()
	next := l.block("aep_upgrade_devices", "b", devices, "task_id = aep_upgrade_task.next.task_id")
	l.config(l.task("next", `name = "next"`), next)
	for range 5 { // in any order
		l.says(l.must("plan"), "2 to add, 0 to change, 2 to destroy")
	}
	l.apply()
	if got := active(l.p, lwm2mProduct); len(got) != 4 {
		t.Errorf("active are %v", got)
	}
}

// A set gets a new label, and its task is known only after apply. The task that the
// plan creates is another one.
func TestSafeLifeSetRelabelledBehindAnUnknownTask(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	devices := idList(l.ids[:4])
	task := l.task("t")
	l.config(task, l.set("a", devices))
	l.apply()
	l.config(task, l.task("other", `name = "other"`), "resource \"terraform_data\" \"id\" {\n  input = aep_upgrade_task.t.task_id\n}\n",
		l.block("aep_upgrade_devices", "b", devices, "task_id = terraform_data.id.output"))
	l.refused([]string{"would be destroyed and created again", "moved {", "-target"}, apply...)
}
