package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// createdFirst applies what is written, with create_before_destroy on the task alone.
func (c *smallCampaign) createdFirst(o options) diagnostics {
	c.t.Helper()
	time.Sleep(time.Hour)
	blocks := c.blocks()
	blocks[0].createFirst = true
	return c.apply(c.ctx, blocks, o)
}

// replaced insists that the task was replaced by one that holds the devices.
func (c *smallCampaign) replaced(t *testing.T, old int64) {
	t.Helper()
	if _, there := c.p.Task(old); there || c.p.TasksEverCreated() != 2 || len(c.at(smallTask).deposed) > 0 {
		t.Errorf("task %d is there: %t; %d tasks were made; %d objects are deposed", old, there, c.p.TasksEverCreated(), len(c.at(smallTask).deposed))
	}
	c.holds(t, c.devices...)
}

// The sets leave the old task before the new one is created: a pending task of the
// same name is then the predecessor, and not what a killed run has left.
func TestPendingTaskIsReplacedByItsLike(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := number(c.at(smallTask).instance, "task_id")
		if said := c.createdFirst(options{replace: []string{smallTask}}).errors(); said != "" {
			t.Errorf("the replacement fails: %s", said)
		}
		c.replaced(t, old)
		if made := c.plan(c.ctx, c.blocks(), options{}); len(made.open()) > 0 {
			t.Errorf("there is still to do: %v", made)
		}
	})
}

// What a killed run has left is found all the same.
func TestPendingTaskIsNotReplacedBesideAnother(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := number(c.at(smallTask).instance, "task_id")
		c.createdFirst(options{replace: []string{smallTask}})
		held := c.at(smallTask).instance
		made := number(held, "task_id")
		c.forget(smallTask)
		c.forget(smallSet)
		mentions(t, "the create", c.createdFirst(options{}).errors(), "already has a pending task", text64(made))
		if n := c.p.TasksEverCreated(); n != 2 {
			t.Errorf("%d tasks were made beside %d", n, old)
		}
	})
}

// Whatever keeps the new task from being created, the next apply needs no more than
// the cause to be gone.
func TestFailedCreateOfASuccessorIsMadeUpFor(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := number(c.at(smallTask).instance, "task_id")
		c.task["firmware_id"] = lwm2mNewer
		c.p.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusNotFound, Operation: simulator.OpCreate})
		diags := c.createdFirst(options{})
		mentions(t, "the apply", diags.errors(), "Unable to create upgrade task")
		mentions(t, "the apply", diags.warnings(), "Devices cancelled without a new task", text64(old), "apply again")
		c.p.ClearFaults()
		if said := c.createdFirst(options{}).errors(); said != "" {
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
		old := number(c.at(smallTask).instance, "task_id")
		c.task["firmware_id"] = 9999
		mentions(t, "the apply", c.createdFirst(options{}).warnings(), "Devices cancelled without a new task", "-replace")
		delete(c.task, "firmware_id")
		if said := c.createdFirst(options{}).errors(); said != "" {
			t.Errorf("the old configuration fails: %s", said)
		}
		if said := c.createdFirst(options{replace: []string{smallTask}}).errors(); said != "" {
			t.Errorf("the replacement fails: %s", said)
		}
		c.replaced(t, old)
	})
}

// In the usual order the old task is deleted before the new one is created.
func TestFailedCreateAfterTheDeleteNamesNoOldTask(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.task["firmware_id"] = lwm2mNewer
		c.p.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusNotFound, Operation: simulator.OpCreate})
		time.Sleep(time.Hour)
		diags := c.apply(c.ctx, c.blocks(), options{})
		mentions(t, "the apply", diags.errors(), "Unable to create upgrade task")
		if said := diags.warnings(); strings.Contains(said, "without a new task") {
			t.Errorf("the apply says %q", said)
		}
	})
}

// Devices that a set keeps in its task go with the task, which may be planned after it.
func TestKeptDevicesOfATaskThatGoes(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(c *smallCampaign) *planned{
		"terraform destroy": func(c *smallCampaign) *planned { return c.planDestroy(c.ctx, c.blocks(), options{}) },
		"both blocks":       func(c *smallCampaign) *planned { return c.plan(c.ctx, nil, options{}) },
		"replacement": func(c *smallCampaign) *planned {
			return c.plan(c.ctx, c.blocks(), options{replace: []string{smallTask}})
		},
		"the set alone": func(c *smallCampaign) *planned { return c.plan(c.ctx, c.blocks()[:1], options{}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				c.task["force_destroy"], c.set["on_remove"] = true, "keep"
				c.do("the arguments", options{})
				mentions(t, "the plan", remove(c).diags.warnings(), "Devices stay in the task", c.devices[0],
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
		c.do("the argument", options{})
		diags := c.createdFirst(options{replace: []string{smallTask}})
		mentions(t, "the replacement", diags.errors(), "already has a pending task")
		if said := diags.warnings(); strings.Contains(said, "without a new task") {
			t.Errorf("the replacement says %q", said)
		}
		c.holds(t, slices.Clone(c.devices)...)
	})
}
