package provider_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// rolloutOf is a rollout of the only task that refers to no set.
func (c *smallCampaign) rolloutOf(address string, arguments object) *block {
	return &block{address: address, needs: []string{smallTask}, config: func(value lookup) object {
		config := object{"product_id": lwm2mProduct, "task_id": value(smallTask, "task_id"), "expected_device_count": len(c.devices)}
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
				c.choose = choose
				test(t, c)
			}, change...)
		})
	}
}

// A rollout with a literal number does not refer to the sets, and may be planned before them.
func TestStartIsRefusedInEitherOrderOfRolloutAndSets(t *testing.T) {
	inEveryOrder(t, func(t *testing.T, c *smallCampaign) {
		ids, id := c.p.DeviceIDs(lwm2mProduct), number(c.at(smallTask).instance, "task_id")
		c.swaps(t, c.devices[0], ids[8])
		blocks := append(c.blocks(), c.rolloutOf(smallRollout, nil))
		for _, o := range []options{{}, {noRefresh: true}} {
			time.Sleep(time.Hour)
			mentions(t, "the plan", c.plan(c.ctx, blocks, o).diags.errors(), "Unable to start upgrade task", "1 active devices that no set lists", ids[8])
		}
		atConsole(t, c.p.Cancel(id, ids[8]))
		c.devices = c.devices[1:]
		time.Sleep(time.Hour)
		if said := c.apply(c.ctx, blocks, options{}).errors(); said != "" || c.p.StartCount(id) != 1 {
			t.Errorf("the task was started %d times; errors: %q", c.p.StartCount(id), said)
		}
	}, slowly)
}

// Without the platform a plan can't compare what a task holds with the sets.
func TestStartIsRefusedWhileTheProviderIsNotKnown(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.arguments = object{"app_secret": unknown{}}
		plan := func(arguments object) diagnostics {
			return c.plan(c.ctx, append(c.blocks(), c.rolloutOf(smallRollout, arguments)), options{}).diags
		}
		mentions(t, "the plan", plan(nil).errors(), "Start of an upgrade task can't be checked", fmt.Sprintf("Task %d/", lwm2mProduct), "-target")
		for _, arguments := range []object{{"expected_device_count": 0}, {"task_id": unknown{}}} {
			if said := plan(arguments).errors(); said != "" {
				t.Errorf("%v: %s", arguments, said)
			}
		}
		c.arguments, c.expected = nil, len(c.devices)
		c.do("the start", options{})
		c.arguments = object{"app_secret": unknown{}}
		if said := c.plan(c.ctx, c.blocks(), options{}).diags.errors(); said != "" {
			t.Errorf("a rollout that has started its task: %s", said)
		}
	}, slowly)
}

// A rollout with a new address whose task is gone would start another one.
func TestRelabelledRolloutStartsNoOtherTask(t *testing.T) {
	for name, o := range map[string]options{"with a refresh": {}, "without a refresh": {noRefresh: true}} {
		t.Run(name, func(t *testing.T) {
			inEveryOrder(t, func(t *testing.T, c *smallCampaign) {
				c.expected = len(c.devices)
				c.do("the start", options{})
				time.Sleep(1000 * time.Hour)
				atConsole(t, c.p.DeleteTask(number(c.at(smallTask).instance, "task_id")))
				c.p.ResetJournal()
				plan := func(arguments object, o options) diagnostics {
					time.Sleep(time.Hour)
					return c.plan(c.ctx, append(c.blocks()[:2], c.rolloutOf("aep_upgrade_rollout.new", arguments)), o).diags
				}
				refusal := []string{"Upgrade task of a rollout in the state is gone", "allow_recreate", "moved {"}
				mentions(t, "the plan", plan(nil, o).errors(), refusal...)
				if said := plan(object{"allow_recreate": true}, o).errors(); said != "" {
					t.Errorf("with consent: %s", said)
				}
				c.forget(smallTask) // as apply -refresh-only does
				c.forget(smallSet)
				mentions(t, "the plan without the task", plan(nil, o).errors(), refusal...)
				if n := len(c.p.Writes()); n != 0 {
					t.Errorf("%d writes were sent", n)
				}
			})
		})
	}
}

// A destroyed rollout would cancel the task of its successor, whose task is not known yet.
func TestRelabelledRolloutWithAnUnknownTaskCancelsNothing(t *testing.T) {
	for name, arguments := range map[string]object{
		"task": {"task_id": unknown{}}, "product": {"product_id": unknown{}}, "both": {"task_id": unknown{}, "product_id": unknown{}},
	} {
		t.Run(name, func(t *testing.T) {
			inEveryOrder(t, func(t *testing.T, c *smallCampaign) {
				start := append(c.blocks(), c.rolloutOf(smallRollout, object{"on_destroy": "cancel"}))
				time.Sleep(time.Hour)
				if said := c.apply(c.ctx, start, options{}).errors(); said != "" {
					t.Fatal(said)
				}
				plan := func() diagnostics {
					time.Sleep(time.Hour)
					return c.plan(c.ctx, append(c.blocks(), c.rolloutOf("aep_upgrade_rollout.new", arguments)), options{}).diags
				}
				mentions(t, "the plan", plan().errors(), "Upgrade rollout would cancel its own task", "moved {")
				// A task that the plan replaces is not that of the new rollout.
				c.task, c.set = object{"firmware_id": lwm2mNewer, "force_destroy": true}, object{"force_destroy": true}
				if said := plan().errors(); said != "" {
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
		other := []*block{
			{address: task, config: func(lookup) object { return taskConfig(object{"name": "other"}) }},
			{address: set, needs: []string{task}, config: func(value lookup) object {
				return object{"product_id": lwm2mProduct, "task_id": value(task, "task_id"), "device_ids": c.p.DeviceIDs(lwm2mProduct)[4:6]}
			}},
			{address: rollout, needs: []string{task, set}, config: func(value lookup) object {
				return object{"product_id": lwm2mProduct, "task_id": value(task, "task_id"), "expected_device_count": 2, "on_destroy": "cancel"}
			}},
		}
		c.expected = len(c.devices)
		time.Sleep(time.Hour)
		if said := c.apply(c.ctx, append(c.blocks(), other...), options{}).errors(); said != "" {
			t.Fatal(said)
		}
		c.task, c.set = object{"firmware_id": lwm2mNewer, "force_destroy": true}, object{"force_destroy": true}
		time.Sleep(time.Hour)
		diags := c.apply(c.ctx, append(c.blocks(), other[:2]...), options{})
		mentions(t, "the plan", diags.warnings(), "Destroying the upgrade rollout cancels 2 devices")
		if said := diags.errors(); said != "" {
			t.Error(said)
		}
		for address, want := range map[string]int{smallTask: len(c.devices), task: 0} {
			left := slices.DeleteFunc(c.p.Subtasks(number(c.at(address).instance, "task_id")), func(s simulator.Subtask) bool { return !isActive(s) })
			if len(left) != want {
				t.Errorf("%s has %d active devices, want %d", address, len(left), want)
			}
		}
	}, slowly)
}

// Terraform applies two rollouts of one task at the same time.
func TestRolloutsOfOneTaskStartItOnce(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		walk := c.walk()
		var rollouts []*instance
		var plans []change
		config := c.rolloutOf(smallRollout, nil).config(c.state.lookup)
		for range 2 {
			i := c.core.absent("aep_upgrade_rollout")
			rollouts, plans = append(rollouts, i), append(plans, walk.planOne(c.ctx, i, config, lifecycle{}))
		}
		c.watch.plan = &planned{}
		said := make(chan diagnostics)
		for n, i := range rollouts {
			go func() { said <- walk.put(c.ctx, i, config, plans[n]) }()
		}
		for range rollouts {
			c.core.must(nil, <-said...)
		}
		id := number(c.at(smallTask).instance, "task_id")
		if n := c.p.Count(simulator.OpControl); n != 1 || c.p.StartCount(id) != 1 {
			t.Errorf("%d starts were sent, and %d counted", n, c.p.StartCount(id))
		}
		if !slices.Equal(active(c.p, lwm2mProduct), slices.Sorted(slices.Values(c.devices))) {
			t.Errorf("active are %v", active(c.p, lwm2mProduct))
		}
	}, slowly, func(o *simulator.Options) { o.Latency, o.Quirks.AcceptSecondStart = time.Second, true })
}

// An import starts its task with a change of wait_for, as the import says.
func TestImportedRolloutStartsWithAChangeOfWaitFor(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id := number(c.at(smallTask).instance, "task_id")
		said := c.imported(c.ctx, smallRollout, fmt.Sprintf("%d/%d", lwm2mProduct, id))
		mentions(t, "the import", said.warnings(), "a change of wait_for", "Any other apply starts nothing")
		for starts, waitFor := range []string{"none", "started"} {
			time.Sleep(time.Hour)
			said := c.apply(c.ctx, append(c.blocks(), c.rolloutOf(smallRollout, object{"wait_for": waitFor})), options{}).errors()
			if n := c.p.StartCount(id); said != "" || n != starts {
				t.Errorf("wait_for = %q: the task was started %d times; errors: %q", waitFor, n, said)
			}
		}
	}, slowly)
}

// A list that is not known yet makes the number unknown. What the other sets do not
// account for is refused all the same.
func TestStartBesideAnUnknownListIsCompared(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids, task := c.p.DeviceIDs(lwm2mProduct), number(c.at(smallTask).instance, "task_id")
		plan := func() string {
			w := c.walk()
			set := *c.at(smallSet).instance
			w.read(c.ctx, &set)
			diags := w.planOne(c.ctx, &set, object{"product_id": lwm2mProduct, "task_id": task, "device_ids": c.devices}, lifecycle{}).diags
			diags = append(diags, w.planOne(c.ctx, c.core.absent("aep_upgrade_devices"), object{
				"product_id": lwm2mProduct, "task_id": task, "name": "b", "device_ids": unknown{},
			}, lifecycle{}).diags...)
			return append(diags, w.planOne(c.ctx, c.core.absent("aep_upgrade_rollout"), object{
				"product_id": lwm2mProduct, "task_id": task, "expected_device_count": unknown{},
			}, lifecycle{}).diags...).errors()
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
		ids, task := c.p.DeviceIDs(lwm2mProduct), number(c.at(smallTask).instance, "task_id")
		second := &block{address: "aep_upgrade_devices.b", needs: []string{smallTask}, config: func(lookup) object {
			return object{"product_id": lwm2mProduct, "task_id": task, "name": "b", "device_ids": ids[4:5], "on_remove": "keep"}
		}}
		time.Sleep(time.Hour)
		if said := c.apply(c.ctx, append(c.blocks(), second), options{}).errors(); said != "" {
			t.Fatal(said)
		}
		if err := c.p.Cancel(task, ids[0]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		for _, last := range []bool{false, true} {
			w := c.walk()
			a, b := *c.at(smallSet).instance, *c.at(second.address).instance
			w.read(c.ctx, &a)
			w.read(c.ctx, &b)
			diags := w.planOne(c.ctx, &a, object{"product_id": lwm2mProduct, "task_id": task, "device_ids": c.devices}, lifecycle{}).diags
			steps := []func() diagnostics{
				func() diagnostics { return w.planOne(c.ctx, &b, nil, lifecycle{}).diags },
				func() diagnostics {
					return w.planOne(c.ctx, c.core.absent("aep_upgrade_rollout"), object{
						"product_id": lwm2mProduct, "task_id": task, "expected_device_count": 4,
					}, lifecycle{}).diags
				},
			}
			if last {
				steps[0], steps[1] = steps[1], steps[0]
			}
			diags = append(append(diags, steps[0]()...), steps[1]()...)
			mentions(t, fmt.Sprintf("with the set planned last: %t, the plan", last), diags.errors(), "1 active devices that no set lists", ids[4])
		}
	})
}
