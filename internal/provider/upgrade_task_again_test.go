package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

const againSummary = "Upgrade task would be created again"

// ended runs the campaign to its end. It returns the id of the task.
func (c *smallCampaign) ended(t *testing.T) int64 {
	t.Helper()
	id := number(c.at(smallTask).instance, "task_id")
	if err := c.p.Start(id); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1000 * time.Hour)
	c.p.ResetJournal()
	return id
}

// beside plans the destroy of the campaign's task and the create of another in one
// walk, in both orders, and returns the errors.
func (c *smallCampaign) beside(config object) [2]string { return c.replacedBeside(nil, config) }

// replacedBeside does the same for a task that is planned with a configuration of its own.
func (c *smallCampaign) replacedBeside(own, config object) (errors [2]string) {
	for n := range errors {
		w := c.walk()
		steps := []func() diagnostics{
			func() diagnostics { return w.planOne(c.ctx, c.at(smallTask).instance, own, lifecycle{}).diags },
			func() diagnostics {
				return w.planOne(c.ctx, c.core.absent("aep_upgrade_task"), config, lifecycle{}).diags
			},
		}
		if n == 1 {
			slices.Reverse(steps)
		}
		errors[n] = append(steps[0](), steps[1]()...).errors()
	}
	return errors
}

// againOnlyWith insists on a refusal in both orders. The consent, another name and
// another product are always possible.
func (c *smallCampaign) againOnlyWith(t *testing.T, unknowns object, says ...string) {
	t.Helper()
	for _, said := range c.beside(taskConfig(unknowns)) {
		mentions(t, "the plan", said, append(says, againSummary, "moved {", "allow_recreate")...)
	}
	for argument, value := range (object{"allow_recreate": true, "name": "another", "firmware_id": lwm2mNewer}) {
		if _, asked := unknowns[argument]; asked {
			continue
		}
		config := taskConfig(unknowns)
		config[argument] = value
		for _, said := range c.beside(config) {
			if said != "" {
				t.Errorf("with %s = %v the plan fails: %s", argument, value, said)
			}
		}
	}
	if n := len(c.p.Writes()); n != 0 {
		t.Errorf("%d writes were sent", n)
	}
}

// The state can't tell whether a task was started that is gone.
func TestTaskThatIsGoneIsNotCreatedAgain(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		if err := c.p.DeleteTask(c.ended(t)); err != nil {
			t.Fatal(err)
		}
		c.againOnlyWith(t, object{}, "no longer exists")
	})
}

// A finished task stays in the state when it is gone, also with a refresh.
func TestFinishedTaskThatIsGoneIsNotCreatedAgain(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id := c.ended(t)
		c.do("an apply after the end", options{})
		if err := c.p.DeleteTask(id); err != nil {
			t.Fatal(err)
		}
		c.p.ResetJournal()
		blocks := c.blocks()[:1]
		blocks[0].address = "aep_upgrade_task.new"
		time.Sleep(time.Hour)
		mentions(t, "the plan", c.apply(c.ctx, blocks, options{}).errors(), againSummary, "no longer exists")
		if n := len(c.p.Writes()); n != 0 {
			t.Errorf("%d writes were sent", n)
		}
	})
}

// With tasks that are counted, each may get the settings of the one before.
func TestReplacedTaskIsNotCreatedAgainElsewhere(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.ended(t)
		for _, said := range c.replacedBeside(taskConfig(object{"firmware_id": lwm2mNewer}), taskConfig(nil)) {
			mentions(t, "the plan", said, againSummary)
		}
		for _, said := range c.replacedBeside(taskConfig(object{"firmware_id": lwm2mNewer}), taskConfig(object{"name": "another"})) {
			if said != "" {
				t.Errorf("with another name the plan fails: %s", said)
			}
		}
	})
}

// What is not known yet may turn out to be the same.
func TestStartedTaskIsNotCreatedAgainWithUnknownValues(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"name"}, {"firmware_id"}, {"product_id"}, {"product_id", "firmware_id"}} {
		t.Run(strings.Join(names, "+"), func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				c.ended(t)
				unknowns, says := object{}, []string{"known only after apply", "-target"}
				for _, name := range names {
					unknowns[name], says = unknown{}, append(says, name)
				}
				c.againOnlyWith(t, unknowns, says...)
			})
		})
	}
}

// Without a connection no plan knows whether a task was started: the state may be older.
func TestTaskIsNotCreatedAgainWithoutAConnection(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.ended(t)
		c.arguments = object{"app_secret": unknown{}}
		c.againOnlyWith(t, object{}, "provider configuration is not known yet", "-target")
		c.againOnlyWith(t, object{"firmware_id": unknown{}}, "provider configuration is not known yet", "firmware_id")
	})
}

// A task that is pending harms nothing under a new address: it is as it was.
func TestPendingTaskIsCreatedAgain(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		for _, config := range []object{{}, {"name": unknown{}}} {
			for _, said := range c.beside(taskConfig(config)) {
				if said != "" {
					t.Errorf("with %v the plan fails: %s", config, said)
				}
			}
		}
	})
}

// A replacement is no new address, whether its task is there or not.
func TestTaskThatIsGoneIsReplaced(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]func(c *smallCampaign, o *options){
		"-replace": func(_ *smallCampaign, o *options) { o.replace = []string{smallTask} },
		"firmware": func(c *smallCampaign, _ *options) { c.task["firmware_id"] = lwm2mNewer },
	} {
		for _, createFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, created first: %t", name, createFirst), func(t *testing.T) {
				t.Parallel()
				withCampaign(t, func(t *testing.T, c *smallCampaign) {
					old := c.ended(t)
					if err := c.p.DeleteTask(old); err != nil {
						t.Fatal(err)
					}
					o := options{noRefresh: true}
					way(c, &o)
					blocks := c.blocks()
					blocks[0].createFirst = createFirst
					time.Sleep(time.Hour)
					if said := c.apply(c.ctx, blocks, o).errors(); said != "" {
						t.Fatal(said)
					}
					if now := number(c.at(smallTask).instance, "task_id"); now == old || c.p.TasksEverCreated() != 2 {
						t.Errorf("the state has task %d; %d tasks were made", now, c.p.TasksEverCreated())
					}
				})
			})
		}
	}
}

// A tainted task is planned as if it were new.
func TestTaintedTaskThatIsGoneIsPlannedAnew(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		if err := c.p.DeleteTask(c.ended(t)); err != nil {
			t.Fatal(err)
		}
		c.at(smallTask).tainted = true
		made := c.walk().planOne(c.ctx, c.at(smallTask).instance, taskConfig(nil), lifecycle{})
		if said := made.diags.errors(); said != "" || made.action != replaceIt {
			t.Errorf("planned is %s; errors: %s", made.action, said)
		}
	})
}

// Nothing is created in a destroy of everything.
func TestTaskThatIsGoneIsDestroyed(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]object{"gone": nil, "without a connection": {"app_secret": unknown{}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				if err := c.p.DeleteTask(c.ended(t)); err != nil {
					t.Fatal(err)
				}
				c.arguments = arguments
				made := c.planDestroy(c.ctx, c.blocks(), options{noRefresh: true})
				c.arguments = nil
				diags := append(made.diags, c.applyPlan(c.ctx, made)...)
				if said := diags.errors(); said != "" || len(c.state.addresses()) != 0 {
					t.Errorf("the state has %v; errors: %s", c.state.addresses(), said)
				}
			})
		})
	}
}

// A new campaign may begin while the one before it goes.
func TestNewCampaignBesideTheEndOfAnother(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := c.ended(t)
		next := &block{address: "aep_upgrade_task.next", config: func(lookup) object { return taskConfig(object{"name": "next"}) }}
		time.Sleep(time.Hour)
		if said := c.apply(c.ctx, []*block{next}, options{}).errors(); said != "" {
			t.Fatal(said)
		}
		if _, there := c.p.Task(old); there || c.p.TasksEverCreated() != 2 {
			t.Errorf("task %d is there: %t; %d tasks were made", old, there, c.p.TasksEverCreated())
		}
	})
}

// A for_each key is often the name of the task, too: then the plan creates a task of
// another name. Its set lists the devices of the one that goes.
func TestDevicesOfAnEndedTaskAreNotUpgradedAgainUnderAnotherName(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.ended(t)
		plans := func(task object, devices []string, order ...int) string {
			w := c.walk()
			set, old := *c.at(smallSet).instance, *c.at(smallTask).instance
			w.read(c.ctx, &old)
			w.read(c.ctx, &set)
			var diags diagnostics
			for _, step := range order {
				switch step {
				case 0:
					diags = append(diags, w.planOne(c.ctx, &old, nil, lifecycle{}).diags...)
				case 1:
					diags = append(diags, w.planOne(c.ctx, &set, nil, lifecycle{}).diags...)
				case 2: // a set is planned after its task
					diags = append(diags, w.planOne(c.ctx, c.core.absent("aep_upgrade_task"), taskConfig(task), lifecycle{}).diags...)
					diags = append(diags, w.planOne(c.ctx, c.core.absent("aep_upgrade_devices"), object{
						"product_id": lwm2mProduct, "task_id": unknown{}, "device_ids": devices,
					}, lifecycle{}).diags...)
				}
			}
			return diags.errors()
		}
		others := c.p.DeviceIDs(lwm2mProduct)[4:6]
		for _, order := range [][]int{{0, 1, 2}, {1, 0, 2}, {2, 0, 1}, {2, 1, 0}, {0, 2, 1}, {1, 2, 0}} {
			mentions(t, fmt.Sprint("in the order ", order), plans(object{"name": "another"}, c.devices, order...),
				"Devices would be upgraded again", "4 devices", "moved {", "allow_recreate")
			for what, said := range map[string]string{
				"other devices":  plans(object{"name": "another"}, others, order...),
				"other firmware": plans(object{"name": "another", "firmware_id": lwm2mNewer}, c.devices, order...),
				"with consent":   plans(object{"name": "another", "allow_recreate": true}, c.devices, order...),
			} {
				if said != "" {
					t.Errorf("%s in the order %v: %s", what, order, said)
				}
			}
		}
	})
}

// What was cancelled in the last moments of a task is counted once more when it is over.
func TestDevicesCancelledBeforeTheEndAreCounted(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id := number(c.at(smallTask).instance, "task_id")
		c.do("a second apply", options{})
		if err := c.p.Start(id); err != nil {
			t.Fatal(err)
		}
		if err := c.p.Cancel(id, c.devices[0]); err != nil {
			t.Fatal(err)
		}
		if err := c.p.Finish(id); err != nil {
			t.Fatal(err)
		}
		mentions(t, "the plan", c.do("after the end", options{}).warnings(), "1 device cancelled", c.devices[0])
		wants(t, c.at(smallSet).instance, map[string]string{"attached_count": "3", "cancelled_count": "1", "missing_count": "0"})
		c.p.ResetJournal()
		c.do("later", options{})
		wants(t, c.at(smallSet).instance, map[string]string{"attached_count": "3", "cancelled_count": "1", "missing_count": "0"})
	}, slowly)
}

// An index of count shifts: the started task gets another name, and its own goes to a
// new task.
func TestStartedTaskGivesItsNameToNoOther(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		renamed := taskConfig(object{"name": "another"})
		for _, said := range c.replacedBeside(renamed, taskConfig(object{})) {
			if said != "" {
				t.Errorf("before the start: %s", said)
			}
		}
		c.ended(t)
		for _, said := range c.replacedBeside(renamed, taskConfig(object{})) {
			mentions(t, "the plan", said, againSummary, "This plan renames it", "moved {", "allow_recreate")
		}
		for _, config := range []object{{"allow_recreate": true}, {"name": "a third"}, {"firmware_id": lwm2mNewer}} {
			for _, said := range c.replacedBeside(renamed, taskConfig(config)) {
				if said != "" {
					t.Errorf("with %v: %s", config, said)
				}
			}
		}
	})
}

// A plan that can't read the task does not know whether it gives its name to a new one.
func TestTaskThatCannotBeReadIsNotRenamed(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.ended(t)
		for range 2 { // each order plans the renamed task once
			c.p.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusNotFound, Operation: simulator.OpQueryTask, Times: 1})
		}
		for _, said := range c.replacedBeside(taskConfig(object{"name": "another"}), taskConfig(object{})) {
			mentions(t, "the plan", said, "Unable to read upgrade task", "HTTP 404")
		}
	})
}
