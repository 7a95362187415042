package provider_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"go.uber.org/goleak"
)

// turns watches how many writes to one task are under way at once.
type turns struct {
	mu     sync.Mutex
	busy   map[int64]int
	most   int
	writes int
}

func (w *turns) watch(p *simulator.Platform) {
	w.busy = map[int64]int{}
	p.BeforeRequest(func(r simulator.Request) { w.count(r, 1) })
	p.AfterProcessed(func(r simulator.Request) { w.count(r, -1) })
}

func (w *turns) count(r simulator.Request, n int) {
	if !r.Write || r.JobID == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy[r.JobID] += n
	w.most = max(w.most, w.busy[r.JobID])
	w.writes += max(0, n)
}

// TestTwoHundredResourcesSideBySide lets Terraform work on far more resources
// at once than the provider may send requests: ten sets for each of eighteen tasks.
func TestTwoHundredResourcesSideBySide(t *testing.T) {
	t.Parallel()
	const tasks, sets, limit = 18, 10, 3
	p := coretest.NewPlatform(t, func(o *simulator.Options) {
		o.Products = simulator.DefaultProducts(2 * tasks * sets)
		o.Latency = 5 * time.Millisecond
	})
	var w turns
	w.watch(p)
	c := cli.New(t, p)
	c.Environ = append(c.Environ, fmt.Sprintf("AEP_MAX_CONCURRENT_REQUESTS=%d", limit))
	c.Write("devices.txt", strings.Join(p.DeviceIDs(coretest.LwM2MProduct), "\n"))
	c.Configure(fmt.Sprintf(`
locals {
  ids = split("\n", file("devices.txt"))
}

resource "aep_upgrade_task" "test" {
  count       = %d
  product_id  = %d
  firmware_id = %d
  name        = "task ${count.index}"
  retry_times = 1
}

resource "aep_upgrade_devices" "test" {
  count      = %d
  product_id = %[2]d
  task_id    = aep_upgrade_task.test[count.index %% %[1]d].task_id
  name       = "set ${count.index}"
  device_ids = slice(local.ids, 2 * count.index, 2 * count.index + 2)
}`, tasks, coretest.LwM2MProduct, coretest.LwM2MFirmware, tasks*sets))
	c.Must("apply", "-auto-approve", "-parallelism=50")
	c.Empty()
	if most := p.MaxInFlight(); most != limit {
		t.Errorf("%d requests were under way at once, want %d, no more and no less", most, limit)
	}
	if n := p.TasksEverCreated(); n != tasks {
		t.Errorf("%d tasks were made, want %d", n, tasks)
	}
	for _, task := range p.Tasks(coretest.LwM2MProduct) {
		joined := p.Subtasks(task.ID)
		if len(joined) != 2*sets {
			t.Errorf("task %d has %d devices, want %d", task.ID, len(joined), 2*sets)
		}
		for _, s := range joined {
			if s.Joins != 1 {
				t.Errorf("device %s was joined %d times", s.DeviceID, s.Joins)
			}
		}
	}
	c.Must("destroy", "-auto-approve", "-parallelism=50")
	if w.most != 1 || w.writes < tasks*(sets+1) {
		t.Errorf("of %d writes up to %d to one task were under way at once, want 1", w.writes, w.most)
	}
	if left := p.Tasks(coretest.LwM2MProduct); len(left) != 0 {
		t.Errorf("destroy left %d tasks", len(left))
	}
}

// TestNoGoroutineIsLeft runs a campaign outside virtual time, too: inside it a
// goroutine that is left behind fails every test of the matrix.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := goleak.IgnoreCurrent()
	p := simulator.New(simulator.Options{})
	e := coretest.NewCampaigns(t, p, coretest.LwM2MProduct, nil)
	ids := p.DeviceIDs(coretest.LwM2MProduct)
	want := coretest.CampaignsConfig{Names: [2]string{"north", "south"}, Devices: [2][]string{ids[:4], ids[4:6]}}
	p.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpOperational})
	if diags := e.Apply(t.Context(), want); diags.Errors() != "" {
		t.Error(diags.Errors())
	}
	if diags := e.Destroy(t.Context()); diags.Errors() != "" {
		t.Error(diags.Errors())
	}
	p.Close()
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

// TestCreatesOfOneNameSideBySide lets two resources of one name be created at
// once while answers are lost: each must get a task of its own.
func TestCreatesOfOneNameSideBySide(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		c := coretest.New(t, p, nil)
		p.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpCreate, Times: 2})
		config := coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "twins", "retry_times": 1}
		var twins [2]*coretest.Instance
		var said [2]coretest.Diagnostics
		var made [2]coretest.Change
		for n := range twins {
			twins[n] = c.Absent("aep_upgrade_task")
			made[n] = c.Plan(t.Context(), twins[n], config)
		}
		var both sync.WaitGroup
		c.BeginWalk()
		for n := range twins {
			both.Go(func() { said[n] = c.Perform(t.Context(), twins[n], config, made[n]) })
		}
		both.Wait()
		if twins[0].Get("task_id") == twins[1].Get("task_id") || p.TasksEverCreated() != 2 {
			t.Errorf("tasks %s and %s of %d made: %s%s", twins[0].Get("task_id"), twins[1].Get("task_id"),
				p.TasksEverCreated(), said[0].Errors(), said[1].Errors())
		}
	})
}
