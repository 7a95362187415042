package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Two sets of one task must not want the same device.
func TestSafeLifeSetsThatOverlap(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	task, a, b := l.task("t"), `name = "north"`, `name = "south"`
	// Both lists are known, the task is not: at the latest the second set is refused
	// before its first call.
	later := l.set("b", b, "depends_on = [aep_upgrade_devices.a]", idList(l.ids[2:5]))
	l.config(task, l.set("a", a, idList(l.ids[:3])), later, l.rollout([]string{"a", "b"}))
	output, code := l.run(apply...)
	if joins, cancels := operations(l.p); code != 1 || joins > 1 || cancels > 0 || l.p.Count(simulator.OpControl) > 0 {
		t.Errorf("the apply ends with %d after %d joins and %d cancels:\n%s", code, joins, cancels, ending(output))
	}
	l.says(output, l.ids[2], "north", "south")
	// The set that was made first has got its devices.
	l.config(task, l.set("a", a, idList(l.ids[:3])), l.set("b", a, idList(l.ids[3:5])))
	l.refused([]string{`"north"`}, apply...)

	sets := []string{"a", "b"}
	north, south := l.set("a", a, idList(l.ids[:3])), l.set("b", b, idList(l.ids[3:5]))
	l.started(sets, task, north, south)
	rollout := l.rollout(sets)
	l.config(task, north, l.set("b", b, idList(l.ids[2:5])), rollout)
	l.refused([]string{l.ids[2], "north", "south"}, apply...)
	l.config(task, north, l.set("b", a, idList(l.ids[3:5])), rollout)
	l.refused([]string{`"north"`}, apply...)
	l.config(task, l.set("a", a, "exclusive = true", idList(l.ids[:3])), south, rollout)
	l.refused([]string{"exclusive", "south"}, apply...)
	l.upgrades(simulatorFirstTask, l.ids[:5]...)
}

// A device changes hands: both orders, and both ways to say so.
func TestSafeLifeDeviceHandedOver(t *testing.T) {
	l := newSafeLife(t, tLinkProduct)
	task, rollout, sets := l.task("t"), l.rollout([]string{"a", "b"}), []string{"a", "b"}
	north := func(ids []string, arguments ...string) string {
		return l.set("a", append(arguments, `name = "north"`, idList(ids))...)
	}
	south := func(ids []string, arguments ...string) string {
		return l.set("b", append(arguments, `name = "south"`, idList(ids))...)
	}
	l.started(sets, task, north(l.ids[:2]), south(l.ids[2:4]))

	l.config(task, north(l.ids[:1]), south(l.ids[1:4]), rollout)
	l.refused([]string{l.ids[1], "north", "south", `on_remove = "keep"`}, apply...)
	l.config(task, north(l.ids[:3]), south(l.ids[3:4]), rollout)
	l.refused([]string{l.ids[2], "north", "south", `on_remove = "keep"`}, apply...)
	// The set that had the device is destroyed.
	l.config(task, north(l.ids[:4]), l.rollout([]string{"a"}))
	l.refused([]string{l.ids[2], "north", "south"}, apply...)

	const keep = `on_remove = "keep"`
	l.config(task, north(l.ids[:2], keep), south(l.ids[2:4], keep), rollout)
	l.quiet("0 added, 2 changed, 0 destroyed")
	l.config(task, north(l.ids[:1], keep), south(l.ids[1:4], keep), rollout)
	l.quiet("0 added, 2 changed, 0 destroyed")
	l.config(task, north(l.ids[:3], keep), south(l.ids[3:4], keep), rollout)
	l.quiet("0 added, 2 changed, 0 destroyed")
	l.empty()
	l.upgrades(simulatorFirstTask, l.ids[:4]...)
}

// An import shows every device of the task in each of its sets.
func TestSafeLifeTwoSetsImported(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	task := simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "campaign", RetryTimes: 1}
	id, err := l.p.CreateTask(task)
	if err == nil {
		err = l.p.Join(id, l.ids[:4]...)
	}
	if err == nil {
		err = l.p.Start(id)
	}
	if err != nil {
		t.Fatal(err)
	}
	blocks := l.task("t") + l.set("a", `name = "a"`, idList(l.ids[:2])) + l.set("b", `name = "b"`, idList(l.ids[2:4]))
	for to, from := range map[string]string{
		"aep_upgrade_task.t": "10005977/3456", "aep_upgrade_devices.a": "10005977/3456/a", "aep_upgrade_devices.b": "10005977/3456/b",
	} {
		blocks += fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", to, from)
	}
	l.config(blocks)
	output := l.quiet("3 imported")
	l.says(output, "Warning:", l.ids[0], l.ids[2])
	l.upgrades(id, l.ids[:4]...)
	l.empty()
	// Private state is lost, as in a state that was edited by hand.
	l.withoutPrivate()
	l.quiet("Apply complete!")
	l.upgrades(id, l.ids[:4]...)
	l.empty()
	l.config(l.task("t"), l.set("a", `name = "a"`, idList(l.ids[:1])), l.set("b", `name = "b"`, idList(l.ids[2:4])))
	l.apply()
	l.upgrades(id, l.ids[0], l.ids[2], l.ids[3])
}

var privateState = regexp.MustCompile(`"private": "[^"]*",?`)

// withoutPrivate takes what providers keep for themselves out of the state.
func (l *safeLife) withoutPrivate() {
	l.t.Helper()
	state, err := os.ReadFile(filepath.Join(l.folder, "terraform.tfstate"))
	if err != nil {
		l.t.Fatal(err)
	}
	l.write("terraform.tfstate", privateState.ReplaceAllString(string(state), ""))
}

// An exclusive set says how many devices of others it will cancel, when it is
// made, too.
func TestSafeLifeExclusive(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	task := l.task("t")
	l.config(task)
	l.apply()
	if err := l.p.Join(simulatorFirstTask, l.ids[10:13]...); err != nil {
		t.Fatal(err)
	}
	alone := l.set("a", "exclusive = true", idList(l.ids[:4]))
	l.config(task, alone)
	output := l.must("plan", "-out=plan")
	l.says(output, "Warning:", "cancels 3 active devices")
	l.must("apply", "plan")
	l.upgrades(simulatorFirstTask, l.ids[:4]...)

	// Devices that nobody lists have joined when the task finishes.
	l.config(task, alone, l.rollout([]string{"a"}))
	l.says(l.apply(), "1 added, 0 changed, 0 destroyed")
	if err := l.p.Join(simulatorFirstTask, l.ids[20:22]...); err != nil {
		t.Fatal(err)
	}
	l.must("apply", "-auto-approve", "-refresh-only")
	if err := l.p.Finish(simulatorFirstTask); err != nil {
		t.Fatal(err)
	}
	l.empty()
	l.p.ResetJournal()
	l.must(destroy...)
	l.sent(0, 0)
}
