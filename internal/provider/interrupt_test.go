package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestProviderKilled kills the provider at each stage of a campaign. Every next apply
// continues at that stage.
func TestProviderKilled(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.WaitingTime = 1000 * time.Hour })
	ids := p.DeviceIDs(coretest.LwM2MProduct)[:6]
	c := cli.New(t, p)
	// Terraform says "did not respond" or "was cancelled", whichever it notices first.
	const crashed = "(*GRPCProvider)"
	waits := "wait_for = \"finished\"\npoll_interval = \"1s\""
	c.Configure(cli.CampaignHCL(ids, "force_destroy = true", waits))

	p.BeforeRequest(coretest.Once(1, coretest.Calls(simulator.OpCreate), c.Kill))
	c.Fails(crashed, "apply", "-auto-approve")
	p.AfterProcessed(coretest.Once(2, coretest.Calls(simulator.OpCreate),
		c.Kill)) // the first one was never answered, but may have been processed
	if p.TasksEverCreated() == 0 {
		c.Fails(crashed, "apply", "-auto-approve")
	}
	if n := p.TasksEverCreated(); n != 1 {
		t.Fatalf("%d tasks were made, want 1", n)
	}
	c.Fails(`id = "10005977/3456"`, "apply", "-auto-approve")
	if n := p.TasksEverCreated(); n != 1 || len(c.Held()) != 0 {
		t.Fatalf("a second apply made %d tasks and recorded %v", n, c.Held())
	}
	c.Must("import", "aep_upgrade_task.test", "10005977/3456")

	p.AfterProcessed(coretest.Once(2, coretest.Calls(simulator.OpOperational, coretest.JoinBody), c.Kill))
	c.Fails(crashed, "apply", "-auto-approve")
	p.AfterProcessed(coretest.Once(1, coretest.Calls(simulator.OpControl), c.Kill))
	c.Fails(crashed, "apply", "-auto-approve")
	if held := c.Held(); held["aep_upgrade_devices.test"] == nil || held["aep_upgrade_rollout.test"] != nil {
		t.Errorf("after a crash in the start the state holds %v", held)
	}
	p.BeforeRequest(coretest.Once(3, func(r simulator.Request) bool {
		return r.Operation == simulator.OpQueryDetail && p.StartCount(coretest.FirstTask) > 0
	}, c.Kill))
	c.Fails(crashed, "apply", "-auto-approve")
	if err := p.Finish(coretest.FirstTask); err != nil {
		t.Fatal(err)
	}
	c.Must("apply", "-auto-approve")
	c.Empty()
	for _, id := range ids {
		if n := p.JoinCount(coretest.FirstTask, id); n != 1 {
			t.Errorf("device %s was joined %d times", id, n)
		}
	}
	if n := p.StartCount(coretest.FirstTask); n != 1 {
		t.Errorf("the task was started %d times", n)
	}
	p.AfterProcessed(coretest.Once(1, coretest.Calls(simulator.OpDelete), c.Kill))
	c.Fails(crashed, "destroy", "-auto-approve")
	c.Must("destroy", "-auto-approve")
	if left := c.Held(); len(left) != 0 || len(p.Tasks(coretest.LwM2MProduct)) != 0 {
		t.Errorf("left in the state: %v; on the platform: %v", left, p.Tasks(coretest.LwM2MProduct))
	}
}

// TestInterrupted presses Ctrl-C where the provider would continue for hours.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.WaitingTime = 1000 * time.Hour })
	ids := p.DeviceIDs(coretest.LwM2MProduct)[:10]
	c := cli.New(t, p)
	c.Environ = append(c.Environ, "AEP_RETRY_BUDGET=100h")
	c.Configure(cli.CampaignHCL(ids, "", "wait_for = \"finished\"\npoll_interval = \"1h\""))

	// While the create is on its way: the task must be recorded.
	p.Inject(simulator.Fault{Kind: simulator.Late, Operation: simulator.OpCreate, Interval: 2 * time.Second})
	p.BeforeRequest(coretest.Once(1, coretest.Calls(simulator.OpCreate), c.Interrupt))
	c.Fails("Interrupt received", "apply", "-auto-approve")
	if held := c.Held()["aep_upgrade_task.test"]; held == nil || held["tainted"] != nil {
		t.Fatalf("interrupted in a create, the state holds %v", c.Held())
	}
	// Between retries, of which there would be more for a hundred hours.
	p.Inject(simulator.Fault{
		Kind: simulator.StatusBefore, Status: http.StatusServiceUnavailable, Operation: simulator.OpOperational,
		RetryAfter: "59", Times: -1,
	})
	p.BeforeRequest(coretest.Once(1, coretest.Calls(simulator.OpOperational), c.Interrupt))
	c.Fails("Interrupt received", "apply", "-auto-approve")
	p.ClearFaults()
	// Between two batches: what has joined is recorded.
	p.AfterProcessed(coretest.Once(2, coretest.Calls(simulator.OpOperational, coretest.JoinBody), c.Interrupt))
	p.Inject(simulator.Fault{Kind: simulator.Late, Operation: simulator.OpOperational, Interval: 2 * time.Second, Skip: 2})
	c.Fails("Interrupt received", "apply", "-auto-approve")
	p.ClearFaults()
	held := c.Held()["aep_upgrade_devices.test"]
	if attached := held["attached_count"]; held == nil || held["tainted"] != nil || attached == float64(0) || attached == float64(len(ids)) {
		t.Errorf("interrupted in an attach, the state holds %v", held)
	}
	// In the wait for the end of the upgrade, with an hour until the next look.
	p.AfterProcessed(coretest.Once(1, coretest.Calls(simulator.OpControl), func() { time.AfterFunc(3*time.Second, c.Interrupt) }))
	c.Fails("Interrupt received", "apply", "-auto-approve")

	if err := p.Finish(coretest.FirstTask); err != nil {
		t.Fatal(err)
	}
	c.Must("apply", "-auto-approve")
	c.Empty()
	for _, id := range ids {
		if n := p.JoinCount(coretest.FirstTask, id); n != 1 {
			t.Errorf("device %s was joined %d times", id, n)
		}
	}
	if starts, made := p.StartCount(coretest.FirstTask), p.TasksEverCreated(); starts != 1 || made != 1 {
		t.Errorf("%d starts, %d tasks made, want one of each", starts, made)
	}
	c.Must("destroy", "-auto-approve")
}
