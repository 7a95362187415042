package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// createdFirst applies the configuration, with create_before_destroy only on the task.
func (c *smallCampaign) createdFirst(o coretest.Options) coretest.Diagnostics {
	c.T.Helper()
	time.Sleep(time.Hour)
	blocks := c.blocks()
	blocks[0].CreateFirst = true
	return c.Apply(c.Ctx, blocks, o)
}

// replaced insists that the task was replaced by one that holds the devices.
func (c *smallCampaign) replaced(t *testing.T, old int64) {
	t.Helper()
	if _, there := c.Platform.Task(old); there || c.Platform.TasksEverCreated() != 2 || len(c.At(smallTask).Deposed) > 0 {
		t.Errorf("task %d is there: %t; %d tasks were made; %d objects are deposed", old, there, c.Platform.TasksEverCreated(),
			len(c.At(smallTask).Deposed))
	}
	c.holds(t, c.devices...)
}

// The sets leave the old task before the new task is created. So a pending task of the
// same name is the predecessor, and not left over from a killed run.
func TestPendingTaskIsReplacedByItsLike(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := coretest.Number(c.At(smallTask).Instance, "task_id")
		if said := c.createdFirst(coretest.Options{Replace: []string{smallTask}}).Errors(); said != "" {
			t.Errorf("the replacement fails: %s", said)
		}
		c.replaced(t, old)
		if made := c.Plan(c.Ctx, c.blocks(), coretest.Options{}); len(made.Open()) > 0 {
			t.Errorf("there is still to do: %v", made)
		}
	})
}

// A task that is left over from a killed run is found.
func TestPendingTaskIsNotReplacedBesideAnother(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := coretest.Number(c.At(smallTask).Instance, "task_id")
		c.createdFirst(coretest.Options{Replace: []string{smallTask}})
		held := c.At(smallTask).Instance
		made := coretest.Number(held, "task_id")
		c.Forget(smallTask)
		c.Forget(smallSet)
		mentions(t, "the create", c.createdFirst(coretest.Options{}).Errors(), "already has a pending task", coretest.Text64(made))
		if n := c.Platform.TasksEverCreated(); n != 2 {
			t.Errorf("%d tasks were made beside %d", n, old)
		}
	})
}

// If the create of the new task fails, the next apply succeeds once the cause has
// ended.
func TestFailedCreateOfASuccessorIsMadeUpFor(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := coretest.Number(c.At(smallTask).Instance, "task_id")
		c.task["firmware_id"] = coretest.LwM2MNewer
		c.Platform.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusNotFound, Operation: simulator.OpCreate})
		diags := c.createdFirst(coretest.Options{})
		mentions(t, "the apply", diags.Errors(), "Unable to create upgrade task")
		mentions(t, "the apply", diags.Warnings(), "Devices cancelled without a new task", coretest.Text64(old), "apply again")
		c.Platform.ClearFaults()
		if said := c.createdFirst(coretest.Options{}).Errors(); said != "" {
			t.Errorf("the next apply fails: %s", said)
		}
		c.replaced(t, old)
	})
}

// The platform may not take devices back that were cancelled for nothing; another
// task takes them.
func TestFailedCreateOfASuccessorIsUndone(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := coretest.Number(c.At(smallTask).Instance, "task_id")
		c.task["firmware_id"] = 9999
		mentions(t, "the apply", c.createdFirst(coretest.Options{}).Warnings(), "Devices cancelled without a new task", "-replace")
		delete(c.task, "firmware_id")
		if said := c.createdFirst(coretest.Options{}).Errors(); said != "" {
			t.Errorf("the old configuration fails: %s", said)
		}
		if said := c.createdFirst(coretest.Options{Replace: []string{smallTask}}).Errors(); said != "" {
			t.Errorf("the replacement fails: %s", said)
		}
		c.replaced(t, old)
	})
}

// In the usual order the old task is deleted before the new one is created.
func TestFailedCreateAfterTheDeleteNamesNoOldTask(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.task["firmware_id"] = coretest.LwM2MNewer
		c.Platform.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusNotFound, Operation: simulator.OpCreate})
		time.Sleep(time.Hour)
		diags := c.Apply(c.Ctx, c.blocks(), coretest.Options{})
		mentions(t, "the apply", diags.Errors(), "Unable to create upgrade task")
		if said := diags.Warnings(); strings.Contains(said, "without a new task") {
			t.Errorf("the apply says %q", said)
		}
	})
}

// Devices that a set keeps in its task go with the task, which may be planned after it.
func TestKeptDevicesOfATaskThatGoes(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(c *smallCampaign) *coretest.Plan{
		"terraform destroy": func(c *smallCampaign) *coretest.Plan { return c.PlanDestroy(c.Ctx, c.blocks(), coretest.Options{}) },
		"both blocks":       func(c *smallCampaign) *coretest.Plan { return c.Plan(c.Ctx, nil, coretest.Options{}) },
		"replacement": func(c *smallCampaign) *coretest.Plan {
			return c.Plan(c.Ctx, c.blocks(), coretest.Options{Replace: []string{smallTask}})
		},
		"only the set": func(c *smallCampaign) *coretest.Plan { return c.Plan(c.Ctx, c.blocks()[:1], coretest.Options{}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				c.task["force_destroy"], c.set["on_remove"] = true, "keep"
				c.do("the arguments", coretest.Options{})
				mentions(t, "the plan", remove(c).Diags.Warnings(), "Devices stay in the task", c.devices[0],
					"If the task stays, and no other set lists them", "ends the task, its force_destroy = true cancels them")
			})
		})
	}
}

// A set that keeps its devices leaves no task empty: its successor could take none.
func TestKeptDevicesLeaveTheirTaskATwin(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.set["on_remove"] = "keep"
		c.do("the argument", coretest.Options{})
		diags := c.createdFirst(coretest.Options{Replace: []string{smallTask}})
		mentions(t, "the replacement", diags.Errors(), "already has a pending task")
		if said := diags.Warnings(); strings.Contains(said, "without a new task") {
			t.Errorf("the replacement says %q", said)
		}
		c.holds(t, slices.Clone(c.devices)...)
	})
}

// Of a set that is tainted nothing else matters but how to take the taint off.
func TestTaintedSetOfAGroupWhoseTaskIsGone(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		if err := c.Platform.SetDeviceGroup(coretest.LwM2MProduct, "group", c.devices...); err != nil {
			t.Fatal(err)
		}
		c.set = coretest.Config{"device_ids": nil, "device_group_id": "group", "selection": "continuous"}
		c.do("the group", coretest.Options{})
		id := coretest.Number(c.At(smallTask).Instance, "task_id")
		if err := c.Platform.Start(id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1000 * time.Hour)
		c.do("an apply after the end", coretest.Options{})
		if err := c.Platform.DeleteTask(id); err != nil {
			t.Fatal(err)
		}
		c.Platform.ResetJournal()
		c.At(smallSet).Tainted = true
		c.refused(t, "the tainted set", coretest.Options{}, "Device set exists already", "terraform untaint")
		c.At(smallSet).Tainted = false
		c.do("the set without the taint", coretest.Options{})
	})
}

// A rollout whose task may turn out to be a new one can't keep its own, either.
func TestRolloutStaysWhileItsNewTaskIsNotKnown(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.expected = 0
		blocks := slices.Delete(c.blocks(), 1, 2)
		blocks[1].Needs = []string{smallTask}
		time.Sleep(time.Hour)
		if said := c.Apply(c.Ctx, blocks, coretest.Options{}).Errors(); said != "" {
			t.Fatal(said)
		}
		c.Platform.ResetJournal()
		c.At(smallTask).Tainted = true
		diags := c.Apply(c.Ctx, blocks, coretest.Options{NoRefresh: true})
		mentions(t, "without a refresh", diags.Errors(), "Task of an upgrade rollout is not known yet", "terraform untaint", "-target")
		coretest.WantNoWrites(t, c.Platform)
		if said := c.Apply(c.Ctx, blocks, coretest.Options{}).Errors(); said != "" {
			t.Errorf("with a refresh: %s", said)
		}
	})
}
