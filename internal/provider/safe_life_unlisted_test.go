package provider_test

import (
	"slices"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// untainted insists that the state holds a set as one that was made.
func (l *safeLife) untainted(address string, attached int) {
	l.t.Helper()
	held := l.held()[address]
	if held == nil || held["tainted"] != nil || held["attached_count"] != float64(attached) {
		l.t.Errorf("the state holds %v of %s, want %d attached devices and no taint", held, address, attached)
	}
}

// Whatever ends the create of a set, what has joined is in the state.
func TestSafeLifeCreateCutShort(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct, func(o *simulator.Options) { o.Quirks.BadID = simulator.BadIDReported })
	task, devices := l.task("t"), idList(l.ids[:6])
	l.environ = append(l.environ, "AEP_RETRY_BUDGET=1s")
	// An outage after the first batch.
	l.config(task, l.set("a", devices, "batch_size = 2"))
	l.p.AfterProcessed(once(1, isCall(simulator.OpOperational, joinBody), func() { l.p.SetOutage(true) }))
	output, code := l.run(apply...)
	l.p.SetOutage(false)
	if code != 0 {
		t.Errorf("a set that was attached in part ends with %d:\n%s", code, ending(output))
	}
	l.says(output, "Warning:")
	if n := len(l.underWay(simulatorFirstTask)); n != 2 {
		t.Errorf("%d devices have joined, want 2", n)
	}
	l.untainted("aep_upgrade_devices.a", 2)
	l.apply()
	l.upgrades(simulatorFirstTask, l.ids[:6]...)
	// A shorter list: what has joined leaves the task.
	l.config(task, l.set("a", idList(l.ids[:3]), "batch_size = 2"))
	l.apply()
	l.upgrades(simulatorFirstTask, l.ids[:3]...)

	// Devices that the platform refuses.
	odd := l.set("b", `name = "b"`, idList([]string{l.ids[10], "no-such-device", l.ids[11]}))
	l.config(task, l.set("a", idList(l.ids[:3]), "batch_size = 2"), odd)
	l.says(l.apply(), "1 added, 0 changed, 0 destroyed", "Warning:", "no-such-device")
	l.untainted("aep_upgrade_devices.b", 2)
	l.upgrades(simulatorFirstTask, l.ids[0], l.ids[1], l.ids[2], l.ids[10], l.ids[11])
}

// The answer to the first join is lost, and nothing answers from then on.
func TestSafeLifeFirstJoinUnanswered(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	l.environ = append(l.environ, "AEP_RETRY_BUDGET=1s")
	task := l.task("t")
	l.config(task, l.set("a", idList(l.ids[:6]), "batch_size = 2"))
	l.p.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpOperational})
	l.p.AfterProcessed(once(1, isCall(simulator.OpOperational, joinBody), func() { l.p.SetOutage(true) }))
	output, code := l.run(apply...)
	l.p.SetOutage(false)
	joined := l.underWay(simulatorFirstTask)
	if held := l.held()["aep_upgrade_devices.a"]; code != 0 || held == nil || held["tainted"] != nil || len(joined) != 2 {
		t.Errorf("%d devices have joined; the apply ends with %d, and the state holds %v:\n%s", len(joined), code, held, ending(output))
	}
	// The list no longer holds what has joined.
	rest := slices.DeleteFunc(slices.Clone(l.ids[:6]), func(id string) bool { return slices.Contains(joined, id) })
	l.config(task, l.set("a", idList(rest)))
	if output := l.apply(); len(l.underWay(simulatorFirstTask)) > len(rest) {
		l.says(output, "Warning:", joined[0], joined[1])
	}
	l.empty()
}

// A provider that was killed leaves devices in the task that no state knows of.
func TestSafeLifeKilledWhileAttaching(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	task, rollout := l.task("t"), l.rollout([]string{"a"})
	l.config(task, l.set("a", idList(l.ids[:8]), "batch_size = 4"), rollout)
	l.p.AfterProcessed(once(1, isCall(simulator.OpOperational, joinBody), l.kill))
	l.fails("(*GRPCProvider)", apply...)
	joined := l.underWay(simulatorFirstTask)
	if len(joined) != 4 {
		t.Fatalf("%d devices have joined, want 4", len(joined))
	}
	l.config(task, l.set("a", idList(joined[:2])), rollout)
	l.refused([]string{"2 active devices", joined[2], joined[3], "Nothing was started"}, apply...)
	// An exclusive set cancels them.
	l.config(task, l.set("a", idList(joined[:2]), "exclusive = true"), rollout)
	l.apply()
	l.upgrades(simulatorFirstTask, joined[:2]...)
	if n := l.p.StartCount(simulatorFirstTask); n != 1 {
		t.Errorf("the task was started %d times", n)
	}
}

// A task that somebody has filled is not adopted with its devices.
func TestSafeLifeFullTaskAdopted(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	draft := simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "campaign", RetryTimes: 3}
	id, err := l.p.CreateTask(draft)
	if err == nil {
		err = l.p.Join(id, l.ids[10:20]...)
	}
	if err != nil {
		t.Fatal(err)
	}
	l.config(l.task("t", "adopt_existing = true"), l.set("a", idList(l.ids[:3])), l.rollout([]string{"a"}))
	l.refused([]string{"10 devices", "10005977/3456"}, apply...)
	if l.p.StartCount(id) != 0 {
		t.Error("the task was started")
	}
	// Without them it is, and says what that changes.
	if err := l.p.Cancel(id, l.ids[10:20]...); err != nil {
		t.Fatal(err)
	}
	l.says(l.apply(), "Existing upgrade task adopted", "retry_times")
	l.upgrades(id, l.ids[:3]...)
	if task, _ := l.p.Task(id); task.RetryTimes != 1 || l.p.TasksEverCreated() != 1 {
		t.Errorf("the platform holds %+v of %d tasks", task, l.p.TasksEverCreated())
	}
}
