package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

const againSummary = "Upgrade task would be created again"

// ended runs the campaign to its end. It returns the id of the task.
func (c *smallCampaign) ended(t *testing.T) int64 {
	t.Helper()
	id := coretest.Number(c.At(smallTask).Instance, "task_id")
	if err := c.Platform.Start(id); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1000 * time.Hour)
	c.Platform.ResetJournal()
	return id
}

// beside plans the destroy of the campaign's task and the create of another in one
// walk, in both orders, and returns the errors.
func (c *smallCampaign) beside(config coretest.Config) [2]string {
	return c.replacedBeside(nil, config)
}

// replacedBeside does the same for a task that is planned with a configuration of its own.
func (c *smallCampaign) replacedBeside(own, config coretest.Config) (errors [2]string) {
	for n := range errors {
		w := c.BeginWalk()
		steps := []func() coretest.Diagnostics{
			func() coretest.Diagnostics {
				return w.PlanOne(c.Ctx, c.At(smallTask).Instance, own, coretest.Lifecycle{}).Diags
			},
			func() coretest.Diagnostics {
				return w.PlanOne(c.Ctx, c.Core.Absent("aep_upgrade_task"), config, coretest.Lifecycle{}).Diags
			},
		}
		if n == 1 {
			slices.Reverse(steps)
		}
		errors[n] = append(steps[0](), steps[1]()...).Errors()
	}
	return errors
}

// againOnlyWith insists on a refusal in both orders. The consent, another name and
// another product are always possible.
func (c *smallCampaign) againOnlyWith(t *testing.T, unknowns coretest.Config, says ...string) {
	t.Helper()
	for _, said := range c.beside(taskConfig(unknowns)) {
		mentions(t, "the plan", said, append(says, againSummary, "moved {", "allow_recreate")...)
	}
	for argument, value := range (coretest.Config{"allow_recreate": true, "name": "another", "firmware_id": coretest.LwM2MNewer}) {
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
	coretest.WantNoWrites(t, c.Platform)
}

// The state can't tell whether a task was started that is gone.
func TestTaskThatIsGoneIsNotCreatedAgain(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		if err := c.Platform.DeleteTask(c.ended(t)); err != nil {
			t.Fatal(err)
		}
		c.againOnlyWith(t, coretest.Config{}, "no longer exists")
	})
}

// A finished task stays in the state when it is gone, also with a refresh.
func TestFinishedTaskThatIsGoneIsNotCreatedAgain(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id := c.ended(t)
		c.do("an apply after the end", coretest.Options{})
		if err := c.Platform.DeleteTask(id); err != nil {
			t.Fatal(err)
		}
		c.Platform.ResetJournal()
		blocks := c.blocks()[:1]
		blocks[0].Address = "aep_upgrade_task.new"
		time.Sleep(time.Hour)
		mentions(t, "the plan", c.Apply(c.Ctx, blocks, coretest.Options{}).Errors(), againSummary, "no longer exists")
		coretest.WantNoWrites(t, c.Platform)
	})
}

// With tasks that are counted, each may get the settings of the one before.
func TestReplacedTaskIsNotCreatedAgainElsewhere(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.ended(t)
		for _, said := range c.replacedBeside(taskConfig(coretest.Config{"firmware_id": coretest.LwM2MNewer}), taskConfig(nil)) {
			mentions(t, "the plan", said, againSummary)
		}
		for _, said := range c.replacedBeside(taskConfig(coretest.Config{"firmware_id": coretest.LwM2MNewer}),
			taskConfig(coretest.Config{"name": "another"})) {
			if said != "" {
				t.Errorf("with another name the plan fails: %s", said)
			}
		}
	})
}

// An unknown value may turn out to be the same.
func TestStartedTaskIsNotCreatedAgainWithUnknownValues(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"name"}, {"firmware_id"}, {"product_id"}, {"product_id", "firmware_id"}} {
		t.Run(strings.Join(names, "+"), func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				c.ended(t)
				unknowns, says := coretest.Config{}, []string{"known only after apply", "-target"}
				for _, name := range names {
					unknowns[name], says = coretest.Unknown{}, append(says, name)
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
		c.Arguments = coretest.Config{"app_secret": coretest.Unknown{}}
		c.againOnlyWith(t, coretest.Config{}, "provider configuration is not known yet", "-target")
		c.againOnlyWith(t, coretest.Config{"firmware_id": coretest.Unknown{}}, "provider configuration is not known yet", "firmware_id")
	})
}

// A task that is pending harms nothing under a new address: it is as it was.
func TestPendingTaskIsCreatedAgain(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		for _, config := range []coretest.Config{{}, {"name": coretest.Unknown{}}} {
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
	for name, way := range map[string]func(c *smallCampaign, o *coretest.Options){
		"-replace": func(_ *smallCampaign, o *coretest.Options) { o.Replace = []string{smallTask} },
		"firmware": func(c *smallCampaign, _ *coretest.Options) { c.task["firmware_id"] = coretest.LwM2MNewer },
	} {
		for _, createFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, created first: %t", name, createFirst), func(t *testing.T) {
				t.Parallel()
				withCampaign(t, func(t *testing.T, c *smallCampaign) {
					old := c.ended(t)
					if err := c.Platform.DeleteTask(old); err != nil {
						t.Fatal(err)
					}
					o := coretest.Options{NoRefresh: true}
					way(c, &o)
					blocks := c.blocks()
					blocks[0].CreateFirst = createFirst
					time.Sleep(time.Hour)
					if said := c.Apply(c.Ctx, blocks, o).Errors(); said != "" {
						t.Fatal(said)
					}
					if now := coretest.Number(c.At(smallTask).Instance, "task_id"); now == old || c.Platform.TasksEverCreated() != 2 {
						t.Errorf("the state has task %d; %d tasks were made", now, c.Platform.TasksEverCreated())
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
		if err := c.Platform.DeleteTask(c.ended(t)); err != nil {
			t.Fatal(err)
		}
		c.At(smallTask).Tainted = true
		made := c.BeginWalk().PlanOne(c.Ctx, c.At(smallTask).Instance, taskConfig(nil), coretest.Lifecycle{})
		if said := made.Diags.Errors(); said != "" || made.Action != coretest.ReplaceIt {
			t.Errorf("planned is %s; errors: %s", made.Action, said)
		}
	})
}

// Nothing is created in a destroy of everything.
func TestTaskThatIsGoneIsDestroyed(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]coretest.Config{"gone": nil, "without a connection": {"app_secret": coretest.Unknown{}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				if err := c.Platform.DeleteTask(c.ended(t)); err != nil {
					t.Fatal(err)
				}
				c.Arguments = arguments
				made := c.PlanDestroy(c.Ctx, c.blocks(), coretest.Options{NoRefresh: true})
				c.Arguments = nil
				diags := append(made.Diags, c.ApplyPlan(c.Ctx, made)...)
				if said := diags.Errors(); said != "" || len(c.State.Addresses()) != 0 {
					t.Errorf("the state has %v; errors: %s", c.State.Addresses(), said)
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
		next := &coretest.Block{Address: "aep_upgrade_task.next", Config: func(coretest.Lookup) coretest.Config {
			return taskConfig(coretest.Config{"name": "next"})
		}}
		time.Sleep(time.Hour)
		if said := c.Apply(c.Ctx, []*coretest.Block{next}, coretest.Options{}).Errors(); said != "" {
			t.Fatal(said)
		}
		if _, there := c.Platform.Task(old); there || c.Platform.TasksEverCreated() != 2 {
			t.Errorf("task %d is there: %t; %d tasks were made", old, there, c.Platform.TasksEverCreated())
		}
	})
}

// A for_each key is often the name of the task, too. Then the plan creates a task of
// another name. Its set lists the devices of the task that is destroyed.
func TestDevicesOfAnEndedTaskAreNotUpgradedAgainUnderAnotherName(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.ended(t)
		plans := func(task coretest.Config, devices []string, order ...int) string {
			w := c.BeginWalk()
			set, old := *c.At(smallSet).Instance, *c.At(smallTask).Instance
			w.Read(c.Ctx, &old)
			w.Read(c.Ctx, &set)
			var diags coretest.Diagnostics
			for _, step := range order {
				switch step {
				case 0:
					diags = append(diags, w.PlanOne(c.Ctx, &old, nil, coretest.Lifecycle{}).Diags...)
				case 1:
					diags = append(diags, w.PlanOne(c.Ctx, &set, nil, coretest.Lifecycle{}).Diags...)
				case 2: // a set is planned after its task
					diags = append(diags, w.PlanOne(c.Ctx, c.Core.Absent("aep_upgrade_task"), taskConfig(task), coretest.Lifecycle{}).Diags...)
					diags = append(diags, w.PlanOne(c.Ctx, c.Core.Absent("aep_upgrade_devices"), coretest.Config{
						"product_id": coretest.LwM2MProduct, "task_id": coretest.Unknown{}, "device_ids": devices,
					}, coretest.Lifecycle{}).Diags...)
				}
			}
			return diags.Errors()
		}
		others := c.Platform.DeviceIDs(coretest.LwM2MProduct)[4:6]
		for _, order := range [][]int{{0, 1, 2}, {1, 0, 2}, {2, 0, 1}, {2, 1, 0}, {0, 2, 1}, {1, 2, 0}} {
			mentions(t, fmt.Sprint("in the order ", order), plans(coretest.Config{"name": "another"}, c.devices, order...),
				"Devices would be upgraded again", "4 devices", "moved {", "allow_recreate")
			for what, said := range map[string]string{
				"other devices":  plans(coretest.Config{"name": "another"}, others, order...),
				"other firmware": plans(coretest.Config{"name": "another", "firmware_id": coretest.LwM2MNewer}, c.devices, order...),
				"with consent":   plans(coretest.Config{"name": "another", "allow_recreate": true}, c.devices, order...),
			} {
				if said != "" {
					t.Errorf("%s in the order %v: %s", what, order, said)
				}
			}
		}
	})
}

// Devices that were cancelled in the last moments of a task are counted after its end.
func TestDevicesCancelledBeforeTheEndAreCounted(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id := coretest.Number(c.At(smallTask).Instance, "task_id")
		c.do("a second apply", coretest.Options{})
		if err := c.Platform.Start(id); err != nil {
			t.Fatal(err)
		}
		if err := c.Platform.Cancel(id, c.devices[0]); err != nil {
			t.Fatal(err)
		}
		if err := c.Platform.Finish(id); err != nil {
			t.Fatal(err)
		}
		mentions(t, "the plan", c.do("after the end", coretest.Options{}).Warnings(), "1 device cancelled", c.devices[0])
		wants(t, c.At(smallSet).Instance, map[string]string{"attached_count": "3", "cancelled_count": "1", "missing_count": "0"})
		c.Platform.ResetJournal()
		c.do("later", coretest.Options{})
		wants(t, c.At(smallSet).Instance, map[string]string{"attached_count": "3", "cancelled_count": "1", "missing_count": "0"})
	}, slowly)
}

// An index of count shifts: the started task gets another name, and its own goes to a
// new task.
func TestStartedTaskGivesItsNameToNoOther(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		renamed := taskConfig(coretest.Config{"name": "another"})
		for _, said := range c.replacedBeside(renamed, taskConfig(coretest.Config{})) {
			if said != "" {
				t.Errorf("before the start: %s", said)
			}
		}
		c.ended(t)
		for _, said := range c.replacedBeside(renamed, taskConfig(coretest.Config{})) {
			mentions(t, "the plan", said, againSummary, "This plan renames it", "moved {", "allow_recreate")
		}
		for _, config := range []coretest.Config{{"allow_recreate": true}, {"name": "a third"}, {"firmware_id": coretest.LwM2MNewer}} {
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
			c.Platform.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusNotFound, Operation: simulator.OpQueryTask, Times: 1})
		}
		for _, said := range c.replacedBeside(taskConfig(coretest.Config{"name": "another"}), taskConfig(coretest.Config{})) {
			mentions(t, "the plan", said, "Unable to read upgrade task", "HTTP 404")
		}
	})
}
