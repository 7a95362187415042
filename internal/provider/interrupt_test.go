package provider_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// once calls do for the n-th request that matches, and for no other.
func once(n int, matches func(simulator.Request) bool, do func()) func(simulator.Request) {
	var seen atomic.Int64
	return func(r simulator.Request) {
		if matches(r) && seen.Add(1) == int64(n) {
			do()
		}
	}
}

func isCall(operation string, part ...string) func(simulator.Request) bool {
	return func(r simulator.Request) bool {
		return r.Operation == operation && strings.Contains(string(r.Body), strings.Join(part, ""))
	}
}

const (
	joinBody   = `"operational":1`
	cancelBody = `"operational":2`
)

// TestProviderKilled kills the provider at one stage after the other of one
// campaign; every next apply has to go on where the last one was cut off.
func TestProviderKilled(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, func(o *simulator.Options) { o.Upgrade.WaitingTime = 1000 * time.Hour })
	ids := p.DeviceIDs(lwm2mProduct)[:6]
	c := newCLI(t, p)
	// Terraform says "did not respond" or "was cancelled", whichever it notices first.
	const crashed = "(*GRPCProvider)"
	waits := "wait_for = \"finished\"\npoll_interval = \"1s\""
	c.configure(campaignHCL(ids, "force_destroy = true", waits))

	p.BeforeRequest(once(1, isCall(simulator.OpCreate), c.kill))
	c.fails(crashed, "apply", "-auto-approve")
	p.AfterProcessed(once(2, isCall(simulator.OpCreate), c.kill)) // the first one was never answered, but may have been processed
	if p.TasksEverCreated() == 0 {
		c.fails(crashed, "apply", "-auto-approve")
	}
	if n := p.TasksEverCreated(); n != 1 {
		t.Fatalf("%d tasks were made, want 1", n)
	}
	c.fails(`id = "10005977/3456"`, "apply", "-auto-approve")
	if n := p.TasksEverCreated(); n != 1 || len(c.held()) != 0 {
		t.Fatalf("a second apply made %d tasks and recorded %v", n, c.held())
	}
	c.must("import", "aep_upgrade_task.test", "10005977/3456")

	p.AfterProcessed(once(2, isCall(simulator.OpOperational, joinBody), c.kill))
	c.fails(crashed, "apply", "-auto-approve")
	p.AfterProcessed(once(1, isCall(simulator.OpControl), c.kill))
	c.fails(crashed, "apply", "-auto-approve")
	if held := c.held(); held["aep_upgrade_devices.test"] == nil || held["aep_upgrade_rollout.test"] != nil {
		t.Errorf("after a crash in the start the state holds %v", held)
	}
	p.BeforeRequest(once(3, func(r simulator.Request) bool {
		return r.Operation == simulator.OpQueryDetail && p.StartCount(simulatorFirstTask) > 0
	}, c.kill))
	c.fails(crashed, "apply", "-auto-approve")
	if err := p.Finish(simulatorFirstTask); err != nil {
		t.Fatal(err)
	}
	c.must("apply", "-auto-approve")
	c.empty()
	for _, id := range ids {
		if n := p.JoinCount(simulatorFirstTask, id); n != 1 {
			t.Errorf("device %s was joined %d times", id, n)
		}
	}
	if n := p.StartCount(simulatorFirstTask); n != 1 {
		t.Errorf("the task was started %d times", n)
	}
	p.AfterProcessed(once(1, isCall(simulator.OpDelete), c.kill))
	c.fails(crashed, "destroy", "-auto-approve")
	c.must("destroy", "-auto-approve")
	if left := c.held(); len(left) != 0 || len(p.Tasks(lwm2mProduct)) != 0 {
		t.Errorf("left in the state: %v; on the platform: %v", left, p.Tasks(lwm2mProduct))
	}
}

// TestInterrupted presses Ctrl-C where the provider would go on for hours.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, func(o *simulator.Options) { o.Upgrade.WaitingTime = 1000 * time.Hour })
	ids := p.DeviceIDs(lwm2mProduct)[:10]
	c := newCLI(t, p)
	c.environ = append(c.environ, "AEP_RETRY_BUDGET=100h")
	c.configure(campaignHCL(ids, "", "wait_for = \"finished\"\npoll_interval = \"1h\""))

	// While the create is on its way: the task must be recorded.
	p.Inject(simulator.Fault{Kind: simulator.Late, Operation: simulator.OpCreate, Interval: 2 * time.Second})
	p.BeforeRequest(once(1, isCall(simulator.OpCreate), c.interrupt))
	c.fails("Interrupt received", "apply", "-auto-approve")
	if held := c.held()["aep_upgrade_task.test"]; held == nil || held["tainted"] != nil {
		t.Fatalf("interrupted in a create, the state holds %v", c.held())
	}
	// Between retries, of which there would be more for a hundred hours.
	p.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusServiceUnavailable, Operation: simulator.OpOperational, RetryAfter: "59", Times: -1})
	p.BeforeRequest(once(1, isCall(simulator.OpOperational), c.interrupt))
	c.fails("Interrupt received", "apply", "-auto-approve")
	p.ClearFaults()
	// Between two batches: what has joined is recorded.
	p.AfterProcessed(once(2, isCall(simulator.OpOperational, joinBody), c.interrupt))
	p.Inject(simulator.Fault{Kind: simulator.Late, Operation: simulator.OpOperational, Interval: 2 * time.Second, Skip: 2})
	c.fails("Interrupt received", "apply", "-auto-approve")
	p.ClearFaults()
	held := c.held()["aep_upgrade_devices.test"]
	if attached := held["attached_count"]; held == nil || held["tainted"] != nil || attached == float64(0) || attached == float64(len(ids)) {
		t.Errorf("interrupted in an attach, the state holds %v", held)
	}
	// In the wait for the end of the upgrade, with an hour until the next look.
	p.AfterProcessed(once(1, isCall(simulator.OpControl), func() { time.AfterFunc(3*time.Second, c.interrupt) }))
	c.fails("Interrupt received", "apply", "-auto-approve")

	if err := p.Finish(simulatorFirstTask); err != nil {
		t.Fatal(err)
	}
	c.must("apply", "-auto-approve")
	c.empty()
	for _, id := range ids {
		if n := p.JoinCount(simulatorFirstTask, id); n != 1 {
			t.Errorf("device %s was joined %d times", id, n)
		}
	}
	if starts, made := p.StartCount(simulatorFirstTask), p.TasksEverCreated(); starts != 1 || made != 1 {
		t.Errorf("%d starts, %d tasks made, want one of each", starts, made)
	}
	c.must("destroy", "-auto-approve")
}
