package provider_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// A file is read when planning. What it held then is what is attached, or
// nothing is.
func TestSafeLifeFile(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	file := func(ids []string) { l.write("devices.txt", strings.Join(ids, "\n")) }
	task, set := l.task("t"), l.set("a", `device_ids_file = "devices.txt"`)
	file(l.ids[:4])
	l.config(task, set)
	l.must("plan", "-out=plan")
	file(l.ids[:6])
	if output, code := l.run("apply", "plan"); code != 1 {
		t.Errorf("a plan of another file ends with %d:\n%s", code, ending(output))
	}
	l.sent(0, 0)
	file(l.ids[:4])
	l.apply()
	l.must("plan", "-replace=aep_upgrade_task.t")

	file(nil)
	l.refused([]string{"devices.txt"}, apply...)
	if err := syscall.Mkfifo(filepath.Join(l.folder, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.config(task, l.set("a", `device_ids_file = "fifo"`))
	l.refused([]string{"fifo", "regular file"}, apply...)

	file(l.ids[:4])
	l.started([]string{"a"}, task, set)
	if err := l.p.Finish(simulatorFirstTask); err != nil {
		t.Fatal(err)
	}
	// A living inventory after the campaign.
	file(l.ids[2:9])
	l.p.ResetJournal()
	output, code := l.run("plan", "-detailed-exitcode")
	if code != 0 {
		t.Errorf("the plan is not empty (%d):\n%s", code, ending(output))
	}
	l.says(output, "Warning:", "finished")
	l.quiet("0 added, 0 changed, 0 destroyed")
}

// A group is asked at every plan, and its answer is not always right.
func TestSafeLifeGroup(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct, func(o *simulator.Options) { o.Quirks.StrictTaskID = true })
	group := func(name string, ids ...string) {
		t.Helper()
		if err := l.p.SetDeviceGroup(lwm2mProduct, name, ids...); err != nil {
			t.Fatal(err)
		}
	}
	group("east", l.ids[:6]...)
	l.config(l.task("t"), l.set("a", `device_group_id = "east"`, `selection = "continuous"`), l.rollout([]string{"a"}))
	l.apply()
	l.upgrades(simulatorFirstTask, l.ids[:6]...)

	group("", l.ids[:6]...)
	l.refused([]string{"east"}, apply...)
	group("east", l.ids[:6]...)
	l.p.Inject(simulator.Fault{Kind: simulator.EmptyResult, Operation: simulator.OpDevices, Times: -1})
	l.refused([]string{"east"}, apply...)
	l.p.ClearFaults()
	l.empty()
	group("", l.ids[5])
	l.says(l.apply(), "Warning:", "+0 −1")
	l.upgrades(simulatorFirstTask, l.ids[:5]...)
}

// A wave that gets no device, and a device set of nobody.
func TestSafeLifeEmptyWave(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	l.config(l.task("t"), l.set("a", idList(l.ids[:4]), "wave = { weights = [1, 0], index = 1 }"), l.rollout([]string{"a"}))
	l.apply()
	l.sent(0, 0)
	if n := l.p.StartCount(simulatorFirstTask); n != 0 {
		t.Errorf("an empty task was started %d times", n)
	}
	l.empty()
}
