package provider_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// rolloutOf is a rollout of the only task that refers to no set.
func (c *smallCampaign) rolloutOf(address string, arguments coretest.Config) *coretest.Block {
	return &coretest.Block{Address: address, Needs: []string{smallTask}, Config: func(value coretest.Lookup) coretest.Config {
		config := coretest.Config{
			"product_id": coretest.LwM2MProduct, "task_id": value(smallTask, "task_id"),
			"expected_device_count": len(c.devices),
		}
		for argument, set := range arguments {
			config[argument] = set
		}
		return config
	}}
}

// inEveryOrder plans from either end of what Terraform may do next.
func inEveryOrder(t *testing.T, test func(t *testing.T, c *smallCampaign), change ...func(*simulator.Options)) {
	t.Helper()
	t.Parallel()
	for order, choose := range map[string]func(int) int{
		"the first step": func(int) int { return 0 }, "the last step": func(n int) int { return n - 1 },
	} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				c.Choose = choose
				test(t, c)
			}, change...)
		})
	}
}

// A rollout with a literal number does not refer to the sets, and may be planned before them.
func TestStartIsRefusedInEitherOrderOfRolloutAndSets(t *testing.T) {
	inEveryOrder(t, func(t *testing.T, c *smallCampaign) {
		ids, id := c.Platform.DeviceIDs(coretest.LwM2MProduct), coretest.Number(c.At(smallTask).Instance, "task_id")
		c.swaps(t, c.devices[0], ids[8])
		blocks := append(c.blocks(), c.rolloutOf(smallRollout, nil))
		for _, o := range []coretest.Options{{}, {NoRefresh: true}} {
			time.Sleep(time.Hour)
			mentions(t, "the plan", c.Plan(c.Ctx, blocks, o).Diags.Errors(), "Unable to start upgrade task",
				"1 active devices that no set lists", ids[8])
		}
		coretest.Must(t, c.Platform.Cancel(id, ids[8]))
		c.devices = c.devices[1:]
		time.Sleep(time.Hour)
		if said := c.Apply(c.Ctx, blocks, coretest.Options{}).Errors(); said != "" || c.Platform.StartCount(id) != 1 {
			t.Errorf("the task was started %d times; errors: %q", c.Platform.StartCount(id), said)
		}
	}, slowly)
}

// Without the platform a plan can't compare what a task holds with the sets.
func TestStartIsRefusedWhileTheProviderIsNotKnown(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.Arguments = coretest.Config{"app_secret": coretest.Unknown{}}
		plan := func(arguments coretest.Config) coretest.Diagnostics {
			return c.Plan(c.Ctx, append(c.blocks(), c.rolloutOf(smallRollout, arguments)), coretest.Options{}).Diags
		}
		mentions(t, "the plan", plan(nil).Errors(), "Start of an upgrade task can't be checked",
			fmt.Sprintf("of product %d", coretest.LwM2MProduct), "-target")
		for _, arguments := range []coretest.Config{{"expected_device_count": 0}, {"task_id": coretest.Unknown{}}} {
			if said := plan(arguments).Errors(); said != "" {
				t.Errorf("%v: %s", arguments, said)
			}
		}
		c.Arguments, c.expected = nil, len(c.devices)
		c.do("the start", coretest.Options{})
		c.Arguments = coretest.Config{"app_secret": coretest.Unknown{}}
		if said := c.Plan(c.Ctx, c.blocks(), coretest.Options{}).Diags.Errors(); said != "" {
			t.Errorf("a rollout that has started its task: %s", said)
		}
	}, slowly)
}

// A rollout with a new address whose task is gone would start another one.
func TestRelabelledRolloutStartsNoOtherTask(t *testing.T) {
	for name, o := range map[string]coretest.Options{"with a refresh": {}, "without a refresh": {NoRefresh: true}} {
		t.Run(name, func(t *testing.T) {
			inEveryOrder(t, func(t *testing.T, c *smallCampaign) {
				c.expected = len(c.devices)
				c.do("the start", coretest.Options{})
				time.Sleep(1000 * time.Hour)
				coretest.Must(t, c.Platform.DeleteTask(coretest.Number(c.At(smallTask).Instance, "task_id")))
				c.Platform.ResetJournal()
				plan := func(arguments coretest.Config, o coretest.Options) coretest.Diagnostics {
					time.Sleep(time.Hour)
					return c.Plan(c.Ctx, append(c.blocks()[:2], c.rolloutOf("aep_upgrade_rollout.new", arguments)), o).Diags
				}
				refusal := []string{"Upgrade task of a rollout in the state is gone", "allow_recreate", "moved {"}
				mentions(t, "the plan", plan(nil, o).Errors(), refusal...)
				if said := plan(coretest.Config{"allow_recreate": true}, o).Errors(); said != "" {
					t.Errorf("with consent: %s", said)
				}
				c.Forget(smallTask) // as apply -refresh-only does
				c.Forget(smallSet)
				mentions(t, "the plan without the task", plan(nil, o).Errors(), refusal...)
				coretest.WantNoWrites(t, c.Platform)
			})
		})
	}
}

// A destroyed rollout would cancel the task of its successor, whose task is not known yet.
func TestRelabelledRolloutWithAnUnknownTaskCancelsNothing(t *testing.T) {
	for name, arguments := range map[string]coretest.Config{
		"task": {"task_id": coretest.Unknown{}}, "product": {"product_id": coretest.Unknown{}}, "both": {
			"task_id":    coretest.Unknown{},
			"product_id": coretest.Unknown{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inEveryOrder(t, func(t *testing.T, c *smallCampaign) {
				start := append(c.blocks(), c.rolloutOf(smallRollout, coretest.Config{"on_destroy": "cancel"}))
				time.Sleep(time.Hour)
				if said := c.Apply(c.Ctx, start, coretest.Options{}).Errors(); said != "" {
					t.Fatal(said)
				}
				plan := func() coretest.Diagnostics {
					time.Sleep(time.Hour)
					return c.Plan(c.Ctx, append(c.blocks(), c.rolloutOf("aep_upgrade_rollout.new", arguments)), coretest.Options{}).Diags
				}
				mentions(t, "the plan", plan().Errors(), "Upgrade rollout would cancel its own task", "moved {")
				// A task that the plan replaces is not that of the new rollout.
				c.task, c.set = coretest.Config{"firmware_id": coretest.LwM2MNewer, "force_destroy": true}, coretest.Config{"force_destroy": true}
				if said := plan().Errors(); said != "" {
					t.Errorf("with a task that leaves: %s", said)
				}
			}, slowly)
		})
	}
}

// A rollout that follows its task to a new one is not the successor of another.
func TestRolloutMayCancelBesideTheReplacementOfAnother(t *testing.T) {
	inEveryOrder(t, func(t *testing.T, c *smallCampaign) {
		const task, set, rollout = "aep_upgrade_task.u", "aep_upgrade_devices.b", "aep_upgrade_rollout.u"
		other := []*coretest.Block{
			{Address: task, Config: func(coretest.Lookup) coretest.Config { return taskConfig(coretest.Config{"name": "other"}) }},
			{Address: set, Needs: []string{task}, Config: func(value coretest.Lookup) coretest.Config {
				return coretest.Config{
					"product_id": coretest.LwM2MProduct, "task_id": value(task, "task_id"),
					"device_ids": c.Platform.DeviceIDs(coretest.LwM2MProduct)[4:6],
				}
			}},
			{Address: rollout, Needs: []string{task, set}, Config: func(value coretest.Lookup) coretest.Config {
				return coretest.Config{
					"product_id": coretest.LwM2MProduct, "task_id": value(task, "task_id"), "expected_device_count": 2,
					"on_destroy": "cancel",
				}
			}},
		}
		c.expected = len(c.devices)
		time.Sleep(time.Hour)
		if said := c.Apply(c.Ctx, append(c.blocks(), other...), coretest.Options{}).Errors(); said != "" {
			t.Fatal(said)
		}
		c.task, c.set = coretest.Config{"firmware_id": coretest.LwM2MNewer, "force_destroy": true}, coretest.Config{"force_destroy": true}
		time.Sleep(time.Hour)
		diags := c.Apply(c.Ctx, append(c.blocks(), other[:2]...), coretest.Options{})
		mentions(t, "the plan", diags.Warnings(), "Destroying the upgrade rollout cancels 2 devices")
		if said := diags.Errors(); said != "" {
			t.Error(said)
		}
		for address, want := range map[string]int{smallTask: len(c.devices), task: 0} {
			left := slices.DeleteFunc(c.Platform.Subtasks(coretest.Number(c.At(address).Instance, "task_id")),
				func(s simulator.Subtask) bool { return !coretest.IsActive(s) })
			if len(left) != want {
				t.Errorf("%s has the active devices %v, want %d", address, left, want)
			}
		}
	}, slowly)
}

// Terraform applies two rollouts of one task at the same time.
func TestRolloutsOfOneTaskStartItOnce(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		walk := c.BeginWalk()
		var rollouts []*coretest.Instance
		var plans []coretest.Change
		config := c.rolloutOf(smallRollout, nil).Config(c.State.Lookup)
		for range 2 {
			i := c.Core.Absent("aep_upgrade_rollout")
			rollouts, plans = append(rollouts, i), append(plans, walk.PlanOne(c.Ctx, i, config, coretest.Lifecycle{}))
		}
		c.Monitor.Plan = &coretest.Plan{}
		said := make(chan coretest.Diagnostics)
		for n, i := range rollouts {
			go func() { said <- walk.Put(c.Ctx, i, config, plans[n]) }()
		}
		for range rollouts {
			c.Core.NoErrors(<-said)
		}
		id := coretest.Number(c.At(smallTask).Instance, "task_id")
		if n := c.Platform.Count(simulator.OpControl); n != 1 || c.Platform.StartCount(id) != 1 {
			t.Errorf("%d starts were sent, and %d counted", n, c.Platform.StartCount(id))
		}
		if !slices.Equal(coretest.ActiveDevices(c.Platform, coretest.LwM2MProduct), slices.Sorted(slices.Values(c.devices))) {
			t.Errorf("active are %v", coretest.ActiveDevices(c.Platform, coretest.LwM2MProduct))
		}
	}, slowly, func(o *simulator.Options) { o.Latency, o.Quirks.AcceptSecondStart = time.Second, true })
}

// An import starts its task with a change of wait_for, as the import says.
func TestImportedRolloutStartsWithAChangeOfWaitFor(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id := coretest.Number(c.At(smallTask).Instance, "task_id")
		said := c.Import(c.Ctx, smallRollout, fmt.Sprintf("%d/%d", coretest.LwM2MProduct, id))
		mentions(t, "the import", said.Warnings(), "a change of wait_for", "Any other apply starts nothing")
		for starts, waitFor := range []string{"none", "started"} {
			time.Sleep(time.Hour)
			said := c.Apply(c.Ctx, append(c.blocks(), c.rolloutOf(smallRollout, coretest.Config{"wait_for": waitFor})), coretest.Options{}).Errors()
			if n := c.Platform.StartCount(id); said != "" || n != starts {
				t.Errorf("wait_for = %q: the task was started %d times; errors: %q", waitFor, n, said)
			}
		}
	}, slowly)
}

// A list that is not known yet makes the number unknown. Devices that the other sets do
// not list are refused.
func TestStartBesideAnUnknownListIsCompared(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids, task := c.Platform.DeviceIDs(coretest.LwM2MProduct), coretest.Number(c.At(smallTask).Instance, "task_id")
		plan := func() string {
			w := c.BeginWalk()
			set := *c.At(smallSet).Instance
			w.Read(c.Ctx, &set)
			diags := w.PlanOne(c.Ctx, &set, coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task, "device_ids": c.devices},
				coretest.Lifecycle{}).Diags
			diags = append(diags, w.PlanOne(c.Ctx, c.Core.Absent("aep_upgrade_devices"), coretest.Config{
				"product_id": coretest.LwM2MProduct, "task_id": task, "name": "b", "device_ids": coretest.Unknown{},
			}, coretest.Lifecycle{}).Diags...)
			return append(diags, w.PlanOne(c.Ctx, c.Core.Absent("aep_upgrade_rollout"), coretest.Config{
				"product_id": coretest.LwM2MProduct, "task_id": task, "expected_device_count": coretest.Unknown{},
			}, coretest.Lifecycle{}).Diags...).Errors()
		}
		if said := plan(); said != "" {
			t.Errorf("without other devices: %s", said)
		}
		c.swaps(t, ids[0], ids[8])
		time.Sleep(time.Hour)
		mentions(t, "the plan", plan(), "1 active devices that no set lists", ids[8])
	})
}

// A set that goes leaves its device in the task, where it makes up for one that was
// cancelled. Its destroy may be planned after the start.
func TestStartIsRefusedBesideASetThatLeavesItsDevices(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids, task := c.Platform.DeviceIDs(coretest.LwM2MProduct), coretest.Number(c.At(smallTask).Instance, "task_id")
		second := &coretest.Block{Address: "aep_upgrade_devices.b", Needs: []string{smallTask}, Config: func(coretest.Lookup) coretest.Config {
			return coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task, "name": "b", "device_ids": ids[4:5], "on_remove": "keep"}
		}}
		time.Sleep(time.Hour)
		if said := c.Apply(c.Ctx, append(c.blocks(), second), coretest.Options{}).Errors(); said != "" {
			t.Fatal(said)
		}
		if err := c.Platform.Cancel(task, ids[0]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		for _, last := range []bool{false, true} {
			w := c.BeginWalk()
			a, b := *c.At(smallSet).Instance, *c.At(second.Address).Instance
			w.Read(c.Ctx, &a)
			w.Read(c.Ctx, &b)
			diags := w.PlanOne(c.Ctx, &a, coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task, "device_ids": c.devices},
				coretest.Lifecycle{}).Diags
			steps := []func() coretest.Diagnostics{
				func() coretest.Diagnostics { return w.PlanOne(c.Ctx, &b, nil, coretest.Lifecycle{}).Diags },
				func() coretest.Diagnostics {
					return w.PlanOne(c.Ctx, c.Core.Absent("aep_upgrade_rollout"), coretest.Config{
						"product_id": coretest.LwM2MProduct, "task_id": task, "expected_device_count": 4,
					}, coretest.Lifecycle{}).Diags
				},
			}
			if last {
				steps[0], steps[1] = steps[1], steps[0]
			}
			diags = append(append(diags, steps[0]()...), steps[1]()...)
			mentions(t, fmt.Sprintf("with the set planned last: %t, the plan", last), diags.Errors(), "1 active devices that no set lists", ids[4])
		}
	})
}
