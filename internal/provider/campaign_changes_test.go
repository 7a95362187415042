package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

const (
	smallTask    = "aep_upgrade_task.t"
	smallSet     = "aep_upgrade_devices.a"
	smallRollout = "aep_upgrade_rollout.t"
)

// smallCampaign is a task with one set and, where expected is not negative, a
// rollout, which are written and applied as a whole.
type smallCampaign struct {
	*coretest.Workspace
	task     coretest.Config // arguments beside the usual ones
	set      coretest.Config
	devices  []string
	expected int
}

func withCampaign(t *testing.T, test func(t *testing.T, c *smallCampaign), change ...func(*simulator.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, change...)
		c := &smallCampaign{
			Workspace: coretest.NewWorkspace(t, p, nil), task: coretest.Config{}, set: coretest.Config{},
			devices: p.DeviceIDs(coretest.LwM2MProduct)[:4], expected: -1,
		}
		c.do("the first apply", coretest.Options{})
		p.ResetJournal()
		test(t, c)
	})
}

func (c *smallCampaign) blocks() []*coretest.Block {
	all := []*coretest.Block{
		{Address: smallTask, Config: func(coretest.Lookup) coretest.Config { return taskConfig(c.task) }},
		{Address: smallSet, Needs: []string{smallTask}, Config: func(value coretest.Lookup) coretest.Config {
			config := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": value(smallTask, "task_id"), "device_ids": c.devices}
			for argument, set := range c.set {
				config[argument] = set
			}
			return config
		}},
	}
	if c.expected >= 0 {
		all = append(all, &coretest.Block{
			Address: smallRollout, Needs: []string{smallTask, smallSet},
			Config: func(value coretest.Lookup) coretest.Config {
				return coretest.Config{
					"product_id": coretest.LwM2MProduct, "task_id": value(smallTask, "task_id"), "expected_device_count": c.expected,
					"wait_for": "started",
				}
			},
		})
	}
	return all
}

// do applies what is written, a while later, and must succeed.
func (c *smallCampaign) do(what string, o coretest.Options) coretest.Diagnostics {
	c.T.Helper()
	time.Sleep(time.Hour)
	diags := c.Apply(c.Ctx, c.blocks(), o)
	if diags.Errors() != "" {
		c.T.Fatalf("%s fails: %s", what, diags.Errors())
	}
	return diags
}

// refused plans what is written. The plan must fail, and nothing is sent.
func (c *smallCampaign) refused(t *testing.T, what string, o coretest.Options, says ...string) {
	t.Helper()
	time.Sleep(time.Hour)
	diags := c.Apply(c.Ctx, c.blocks(), o)
	mentions(t, what, diags.Errors(), says...)
	coretest.WantNoWrites(t, c.Platform)
	if diags.Errors() == "" {
		t.Errorf("%s is not refused", what)
	}
}

// holds insists on the active devices of the only task.
func (c *smallCampaign) holds(t *testing.T, want ...string) {
	t.Helper()
	coretest.WantDevices(t, "active", coretest.ActiveDevices(c.Platform, coretest.LwM2MProduct), want)
}

func TestTaintedTaskTakesItsSetWithIt(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := coretest.Number(c.At(smallTask).Instance, "task_id")
		c.At(smallTask).Tainted = true
		c.refused(t, "without a refresh", coretest.Options{NoRefresh: true}, "terraform untaint", "task_id")
		c.do("the replacement", coretest.Options{})
		if _, there := c.Platform.Task(old); there {
			t.Errorf("task %d is still there", old)
		}
		c.holds(t, c.devices...)
	})
}

// A set whose task has left the state would go to a new one.
func TestSetStaysWhileItsNewTaskIsNotKnown(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.Forget(smallTask)
		c.task["name"] = "another"
		c.refused(t, "without its task in the state", coretest.Options{}, "moved block", "import it", "-target")
		c.holds(t, c.devices...)
	})
}

func TestConsentComesWithTheReplacementItself(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		if err := c.Platform.Start(coretest.Number(c.At(smallTask).Instance, "task_id")); err != nil {
			t.Fatal(err)
		}
		c.Platform.ResetJournal()
		c.task["firmware_id"] = coretest.LwM2MNewer
		c.refused(t, "without consent", coretest.Options{}, "Upgrade task is running", "4 in progress")
		c.task["force_destroy"] = true
		c.refused(t, "with the consent of the task", coretest.Options{}, "Device set of a running task")
		c.set["force_destroy"] = true
		diags := c.do("with the consent of both", coretest.Options{})
		mentions(t, "the plan", diags.Warnings(), "cancels 4 devices", "cancels every device that is not done")
		c.holds(t, c.devices...)
	}, slowly)
}

// The number of devices is right: one is cancelled, and one is in no set.
func TestStartIsRefusedWithAStrayInPlaceOfACancelledDevice(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id, stray := coretest.Number(c.At(smallTask).Instance, "task_id"), c.Platform.DeviceIDs(coretest.LwM2MProduct)[8]
		c.do("a second apply", coretest.Options{}) // the set is no part of the start's run
		if err := c.Platform.Cancel(id, c.devices[0]); err != nil {
			t.Fatal(err)
		}
		if err := c.Platform.Join(id, stray); err != nil {
			t.Fatal(err)
		}
		c.Platform.ResetJournal()
		c.expected = len(c.devices)
		c.refused(t, "the start", coretest.Options{}, "1 active devices that no set lists", stray)
		c.At(smallSet).Tainted, c.set["name"] = true, "another" // the state has a set that no plan follows
		c.refused(t, "the start with a new set", coretest.Options{}, "1 active devices that no set lists", stray)
		if n := c.Platform.StartCount(id); n != 0 {
			t.Errorf("the task was started %d times", n)
		}
	}, func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = true })
}

// An exclusive set counts what it cancels. A set that goes in the same plan would
// change the number, in either order.
func TestExclusiveSetTakesTheSeatOfAnother(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.Platform.DeviceIDs(coretest.LwM2MProduct)
		config := coretest.Config{
			"product_id": coretest.LwM2MProduct, "task_id": coretest.Number(c.At(smallTask).Instance, "task_id"),
			"name": "other", "exclusive": true,
		}
		config["device_ids"] = ids[4:6]
		blocks := append(c.blocks()[:1], &coretest.Block{
			Address: "aep_upgrade_devices.b", Needs: []string{smallTask},
			Config: func(coretest.Lookup) coretest.Config { return config },
		})
		time.Sleep(time.Hour)
		mentions(t, "the plan", c.Apply(c.Ctx, blocks, coretest.Options{}).Errors(), "Exclusive device set beside another", "exclusive = false")
		c.holds(t, c.devices...)

		config["exclusive"] = false
		for _, exclusive := range []bool{false, true} {
			config["exclusive"] = exclusive
			if err := c.Platform.Join(coretest.Number(c.At(smallTask).Instance, "task_id"), ids[8]); err != nil && !exclusive {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			diags := c.Apply(c.Ctx, blocks, coretest.Options{})
			if diags.Errors() != "" {
				t.Fatal(diags.Errors())
			}
			if exclusive {
				mentions(t, "the plan", diags.Warnings(), "cancels 1 active device of", ids[8])
			}
		}
		c.holds(t, ids[4:6]...)
	})
}

// A plan counts the devices that an exclusive set cancels.
func TestExclusiveSetIsPlannedWithKnownValuesOnly(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		for argument, value := range map[string]any{
			"exclusive": coretest.Unknown{}, "device_ids": coretest.Unknown{},
			"task_id": coretest.Unknown{},
		} {
			config := coretest.Config{
				"product_id": coretest.LwM2MProduct, "task_id": coretest.Number(c.At(smallTask).Instance,
					"task_id"), "name": "other", "exclusive": true,
				"device_ids": c.Platform.DeviceIDs(coretest.LwM2MProduct)[4:6],
			}
			config[argument] = value
			made := c.BeginWalk().PlanOne(c.Ctx, c.Core.Absent("aep_upgrade_devices"), config, coretest.Lifecycle{})
			mentions(t, "an unknown "+argument, made.Diags.Errors(), "Exclusive device set can't be planned", argument)
		}
	})
}

// The predecessor of a set is not cancelled while any value of the new set is unknown.
func TestSetRelabelledWithUnknownValues(t *testing.T) {
	t.Parallel()
	for name, unknowns := range map[string]coretest.Config{
		"task": {"task_id": coretest.Unknown{}}, "name": {"name": coretest.Unknown{}}, "devices": {"device_ids": coretest.Unknown{}},
		"provider": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				config := coretest.Config{
					"product_id": coretest.LwM2MProduct, "task_id": coretest.Number(c.At(smallTask).Instance, "task_id"),
					"device_ids": c.devices,
				}
				maps.Copy(config, unknowns)
				if name == "provider" {
					c.Arguments = coretest.Config{"app_secret": coretest.Unknown{}}
				}
				for _, destroyFirst := range []bool{true, false} {
					w := c.BeginWalk()
					destroy := func() coretest.Diagnostics {
						return w.PlanOne(c.Ctx, c.At(smallSet).Instance, nil, coretest.Lifecycle{}).Diags
					}
					var diags coretest.Diagnostics
					if destroyFirst {
						diags = destroy()
					}
					diags = append(diags, w.PlanOne(c.Ctx, c.Core.Absent("aep_upgrade_devices"), config, coretest.Lifecycle{}).Diags...)
					if !destroyFirst {
						diags = append(diags, destroy()...)
					}
					if diags.Errors() == "" {
						t.Errorf("the destroy first: %t: the plan is not refused", destroyFirst)
					}
				}
			})
		})
	}
}

// A started task that gets another label without a moved block would be upgraded again.
func TestStartedTaskIsNotCreatedAgain(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.expected = len(c.devices)
		c.do("the start", coretest.Options{})
		c.Platform.ResetJournal()
		time.Sleep(1000 * time.Hour)
		renamed := c.blocks()
		for _, b := range renamed {
			label := strings.Replace(b.Address, ".", ".new_", 1)
			b.Address = label
			b.Needs = slices.Clone(b.Needs)
			for n := range b.Needs {
				b.Needs[n] = strings.Replace(b.Needs[n], ".", ".new_", 1)
			}
			config := b.Config
			b.Config = func(value coretest.Lookup) coretest.Config {
				return config(func(address, attribute string) any {
					return value(strings.Replace(address, ".", ".new_", 1), attribute)
				})
			}
		}
		diags := c.Apply(c.Ctx, renamed, coretest.Options{})
		mentions(t, "the plan", diags.Errors(), "Upgrade task would be created again", "moved {", "allow_recreate")
		coretest.WantNoWrites(t, c.Platform)
	})
}

// A destroy that failed leaves no mark for the next plan.
func TestFailedDestroyIsForgotten(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id, stray := coretest.Number(c.At(smallTask).Instance, "task_id"), c.Platform.DeviceIDs(coretest.LwM2MProduct)[8]
		if err := c.Platform.Join(id, stray); err != nil {
			t.Fatal(err)
		}
		c.task["firmware_id"] = coretest.LwM2MNewer
		time.Sleep(time.Hour)
		mentions(t, "the replacement", c.Apply(c.Ctx, c.blocks(), coretest.Options{}).Errors(), "1 waiting", "terraform untaint",
			"force_destroy = true")
		if err := c.Platform.Cancel(id, stray); err != nil {
			t.Fatal(err)
		}
		if err := c.Platform.DeleteTask(id); err != nil {
			t.Fatal(err)
		}
		c.task = coretest.Config{"adopt_existing": true}
		c.do("the next apply", coretest.Options{}) // no task is replaced by its own like
		c.holds(t, c.devices...)
	})
}

// An explicit replacement is permitted, in both orders.
func TestStartedTaskIsReplacedOnDemand(t *testing.T) {
	t.Parallel()
	for _, createFirst := range []bool{false, true} {
		withCampaign(t, func(t *testing.T, c *smallCampaign) {
			old := coretest.Number(c.At(smallTask).Instance, "task_id")
			if err := c.Platform.Start(old); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1000 * time.Hour)
			blocks := c.blocks()
			blocks[0].CreateFirst = createFirst
			diags := c.Apply(c.Ctx, blocks, coretest.Options{Replace: []string{smallTask}})
			if diags.Errors() != "" {
				t.Errorf("created first: %t: %s", createFirst, diags.Errors())
			}
			if _, there := c.Platform.Task(old); there || c.Platform.TasksEverCreated() != 2 {
				t.Errorf("created first: %t: task %d is there: %t; %d tasks were made", createFirst, old, there, c.Platform.TasksEverCreated())
			}
		})
	}
}

// A rollout that gets another label without a moved block would cancel its campaign.
func TestRolloutWithANewAddressCancelsNothing(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.expected = len(c.devices)
		c.do("the start", coretest.Options{})
		c.Platform.ResetJournal()
		config := coretest.Config{
			"product_id": coretest.LwM2MProduct, "task_id": coretest.Number(c.At(smallTask).Instance, "task_id"),
			"expected_device_count": len(c.devices), "wait_for": "started", "on_destroy": "cancel",
		}
		c.Core.NoErrors(c.BeginWalk().Apply(c.Ctx, c.At(smallRollout).Instance, config))
		for _, destroyFirst := range []bool{true, false} {
			w := c.BeginWalk()
			destroy := func() coretest.Diagnostics {
				return w.PlanOne(c.Ctx, c.At(smallRollout).Instance, nil, coretest.Lifecycle{}).Diags
			}
			create := func() coretest.Diagnostics {
				return w.PlanOne(c.Ctx, c.Core.Absent("aep_upgrade_rollout"), config, coretest.Lifecycle{}).Diags
			}
			steps := []func() coretest.Diagnostics{create, destroy}
			if destroyFirst {
				slices.Reverse(steps)
			}
			diags := append(steps[0](), steps[1]()...)
			mentions(t, "the plan", diags.Errors(), "Upgrade rollout would cancel its own task", "moved {")
		}
		c.holds(t, c.devices...)
	}, slowly)
}

// A platform that shows a timeout for every task does not make it one of T-Link.
func TestImportFindsTheProtocol(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.task["retry_times"] = 0
		c.do("no retries", coretest.Options{})
		for address, id := range map[string]string{smallTask: c.At(smallTask).Get("id"), smallSet: c.At(smallSet).Get("id")} {
			c.Forget(address)
			if said := c.Import(c.Ctx, address, id).Errors(); said != "" {
				t.Fatal(said)
			}
			if got := c.At(address).Get("protocol"); got != "lwm2m" {
				t.Errorf("%s is imported with the protocol %q", address, got)
			}
		}
		c.devices = c.Platform.DeviceIDs(coretest.LwM2MProduct)[:5]
		c.do("the apply after the import", coretest.Options{})
		c.holds(t, c.devices...)
		if n := c.Platform.TasksEverCreated(); n != 1 {
			t.Errorf("%d tasks were made", n)
		}
	}, func(o *simulator.Options) { o.Quirks.OutTimeEverywhere = true })
}
