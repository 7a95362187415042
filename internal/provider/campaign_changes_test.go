package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
	*workspace
	task     object // arguments beside the usual ones
	set      object
	devices  []string
	expected int
}

func withCampaign(t *testing.T, test func(t *testing.T, c *smallCampaign), change ...func(*simulator.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t, change...)
		c := &smallCampaign{
			workspace: newWorkspace(t, p, nil), task: object{}, set: object{}, devices: p.DeviceIDs(lwm2mProduct)[:4], expected: -1,
		}
		c.do("the first apply", options{})
		p.ResetJournal()
		test(t, c)
	})
}

func (c *smallCampaign) blocks() []*block {
	all := []*block{
		{address: smallTask, config: func(lookup) object { return taskConfig(c.task) }},
		{address: smallSet, needs: []string{smallTask}, config: func(value lookup) object {
			config := object{"product_id": lwm2mProduct, "task_id": value(smallTask, "task_id"), "device_ids": c.devices}
			for argument, set := range c.set {
				config[argument] = set
			}
			return config
		}},
	}
	if c.expected >= 0 {
		all = append(all, &block{address: smallRollout, needs: []string{smallTask, smallSet}, config: func(value lookup) object {
			return object{
				"product_id": lwm2mProduct, "task_id": value(smallTask, "task_id"), "expected_device_count": c.expected, "wait_for": "started",
			}
		}})
	}
	return all
}

// do applies what is written, a while later, and must succeed.
func (c *smallCampaign) do(what string, o options) diagnostics {
	c.t.Helper()
	time.Sleep(time.Hour)
	diags := c.apply(c.ctx, c.blocks(), o)
	if diags.errors() != "" {
		c.t.Fatalf("%s fails: %s", what, diags.errors())
	}
	return diags
}

// refused plans what is written. The plan must fail, and nothing is sent.
func (c *smallCampaign) refused(t *testing.T, what string, o options, says ...string) {
	t.Helper()
	time.Sleep(time.Hour)
	diags := c.apply(c.ctx, c.blocks(), o)
	mentions(t, what, diags.errors(), says...)
	if n := len(c.p.Writes()); n != 0 || diags.errors() == "" {
		t.Errorf("%s: %d writes were sent; errors: %q", what, n, diags.errors())
	}
}

// holds insists on the active devices of the only task.
func (c *smallCampaign) holds(t *testing.T, want ...string) {
	t.Helper()
	if got := active(c.p, lwm2mProduct); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("active are %v, want %v", got, want)
	}
}

func TestTaintedTaskTakesItsSetWithIt(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		old := number(c.at(smallTask).instance, "task_id")
		c.at(smallTask).tainted = true
		c.refused(t, "without a refresh", options{noRefresh: true}, "terraform untaint", "task_id")
		c.do("the replacement", options{})
		if _, there := c.p.Task(old); there {
			t.Errorf("task %d is still there", old)
		}
		c.holds(t, c.devices...)
	})
}

// A set whose task has left the state would go to a new one.
func TestSetStaysWhileItsNewTaskIsNotKnown(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.forget(smallTask)
		c.task["name"] = "another"
		c.refused(t, "without its task in the state", options{}, "moved block", "import it", "-target")
		c.holds(t, c.devices...)
	})
}

func TestConsentComesWithTheReplacementItself(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		if err := c.p.Start(number(c.at(smallTask).instance, "task_id")); err != nil {
			t.Fatal(err)
		}
		c.p.ResetJournal()
		c.task["firmware_id"] = lwm2mNewer
		c.refused(t, "without consent", options{}, "Upgrade task is running", "4 in progress")
		c.task["force_destroy"] = true
		c.refused(t, "with the consent of the task", options{}, "Device set of a running task")
		c.set["force_destroy"] = true
		diags := c.do("with the consent of both", options{})
		mentions(t, "the plan", diags.warnings(), "cancels 4 devices", "cancels every device that is not done")
		c.holds(t, c.devices...)
	}, slowly)
}

func TestStraysAreNamedWhenASetGrows(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.p.DeviceIDs(lwm2mProduct)
		stray := ids[8]
		if err := c.p.Join(number(c.at(smallTask).instance, "task_id"), stray); err != nil {
			t.Fatal(err)
		}
		for _, more := range [][]string{ids[:5], ids[:6]} { // each time, not only once
			c.devices = more
			mentions(t, "the plan", c.do("the addition", options{}).warnings(), "also holds 1 active device that no set of this run lists", stray)
		}
		c.devices = ids[:5]
		if said := c.do("the removal", options{}).warnings(); strings.Contains(said, stray) {
			t.Errorf("a plan that adds nothing says %q", said)
		}
	})
}

// A cancelled device and one that nobody lists make the number look right.
func TestStartIsRefusedWithAStrayInPlaceOfACancelledDevice(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id, stray := number(c.at(smallTask).instance, "task_id"), c.p.DeviceIDs(lwm2mProduct)[8]
		c.do("a second apply", options{}) // the set is no part of the start's run
		if err := c.p.Cancel(id, c.devices[0]); err != nil {
			t.Fatal(err)
		}
		if err := c.p.Join(id, stray); err != nil {
			t.Fatal(err)
		}
		c.p.ResetJournal()
		c.expected = len(c.devices)
		c.refused(t, "the start", options{}, "1 active devices that no set lists", stray)
		if n := c.p.StartCount(id); n != 0 {
			t.Errorf("the task was started %d times", n)
		}
	}, func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = true })
}

// An exclusive set counts what it cancels. A set that goes in the same plan would
// change the number, in either order.
func TestExclusiveSetTakesTheSeatOfAnother(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.p.DeviceIDs(lwm2mProduct)
		config := object{"product_id": lwm2mProduct, "task_id": number(c.at(smallTask).instance, "task_id"), "name": "other", "exclusive": true}
		config["device_ids"] = ids[4:6]
		blocks := append(c.blocks()[:1], &block{address: "aep_upgrade_devices.b", needs: []string{smallTask}, config: func(lookup) object { return config }})
		time.Sleep(time.Hour)
		mentions(t, "the plan", c.apply(c.ctx, blocks, options{}).errors(), "Exclusive device set beside another", "exclusive = false")
		c.holds(t, c.devices...)

		config["exclusive"] = false
		for _, exclusive := range []bool{false, true} {
			config["exclusive"] = exclusive
			if err := c.p.Join(number(c.at(smallTask).instance, "task_id"), ids[8]); err != nil && !exclusive {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			diags := c.apply(c.ctx, blocks, options{})
			if diags.errors() != "" {
				t.Fatal(diags.errors())
			}
			if exclusive {
				mentions(t, "the plan", diags.warnings(), "cancels 1 active devices", ids[8])
			}
		}
		c.holds(t, ids[4:6]...)
	})
}

// What an exclusive set cancels has to be counted when planning.
func TestExclusiveSetIsPlannedWithKnownValuesOnly(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		for argument, value := range map[string]any{"exclusive": unknown{}, "device_ids": unknown{}, "task_id": unknown{}} {
			config := object{
				"product_id": lwm2mProduct, "task_id": number(c.at(smallTask).instance, "task_id"), "name": "other", "exclusive": true,
				"device_ids": c.p.DeviceIDs(lwm2mProduct)[4:6],
			}
			config[argument] = value
			made := c.walk().planOne(c.ctx, c.core.absent("aep_upgrade_devices"), config, lifecycle{})
			mentions(t, "an unknown "+argument, made.diags.errors(), "Exclusive device set can't be planned", argument)
		}
	})
}

// Whatever of the new set is not known, its predecessor is not cancelled.
func TestSetRelabelledWithUnknownValues(t *testing.T) {
	t.Parallel()
	for name, unknowns := range map[string]object{
		"task": {"task_id": unknown{}}, "name": {"name": unknown{}}, "devices": {"device_ids": unknown{}}, "provider": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				config := object{"product_id": lwm2mProduct, "task_id": number(c.at(smallTask).instance, "task_id"), "device_ids": c.devices}
				maps.Copy(config, unknowns)
				if name == "provider" {
					c.arguments = object{"app_secret": unknown{}}
				}
				for _, destroyFirst := range []bool{true, false} {
					w := c.walk()
					destroy := func() diagnostics { return w.planOne(c.ctx, c.at(smallSet).instance, nil, lifecycle{}).diags }
					var diags diagnostics
					if destroyFirst {
						diags = destroy()
					}
					diags = append(diags, w.planOne(c.ctx, c.core.absent("aep_upgrade_devices"), config, lifecycle{}).diags...)
					if !destroyFirst {
						diags = append(diags, destroy()...)
					}
					if diags.errors() == "" {
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
		c.do("the start", options{})
		c.p.ResetJournal()
		time.Sleep(1000 * time.Hour)
		renamed := c.blocks()
		for _, b := range renamed {
			label := strings.Replace(b.address, ".", ".new_", 1)
			b.address = label
			b.needs = slices.Clone(b.needs)
			for n := range b.needs {
				b.needs[n] = strings.Replace(b.needs[n], ".", ".new_", 1)
			}
			config := b.config
			b.config = func(value lookup) object {
				return config(func(address, attribute string) any {
					return value(strings.Replace(address, ".", ".new_", 1), attribute)
				})
			}
		}
		diags := c.apply(c.ctx, renamed, options{})
		mentions(t, "the plan", diags.errors(), "Upgrade task would be created again", "moved {", "allow_recreate")
		if n := len(c.p.Writes()); n != 0 {
			t.Errorf("%d writes were sent", n)
		}
	})
}

// A destroy that failed leaves no mark behind: what comes next is planned anew.
func TestFailedDestroyIsForgotten(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		id, stray := number(c.at(smallTask).instance, "task_id"), c.p.DeviceIDs(lwm2mProduct)[8]
		if err := c.p.Join(id, stray); err != nil {
			t.Fatal(err)
		}
		c.task["firmware_id"] = lwm2mNewer
		time.Sleep(time.Hour)
		mentions(t, "the replacement", c.apply(c.ctx, c.blocks(), options{}).errors(), "1 waiting", "terraform untaint", "force_destroy = true")
		if err := c.p.Cancel(id, stray); err != nil {
			t.Fatal(err)
		}
		if err := c.p.DeleteTask(id); err != nil {
			t.Fatal(err)
		}
		c.task = object{"adopt_existing": true}
		c.do("the next apply", options{}) // no task is replaced by its own like
		c.holds(t, c.devices...)
	})
}

// Who asks for a replacement in so many words gets it, in both orders.
func TestStartedTaskIsReplacedOnDemand(t *testing.T) {
	t.Parallel()
	for _, createFirst := range []bool{false, true} {
		withCampaign(t, func(t *testing.T, c *smallCampaign) {
			old := number(c.at(smallTask).instance, "task_id")
			if err := c.p.Start(old); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1000 * time.Hour)
			blocks := c.blocks()
			blocks[0].createFirst = createFirst
			diags := c.apply(c.ctx, blocks, options{replace: []string{smallTask}})
			if diags.errors() != "" {
				t.Errorf("created first: %t: %s", createFirst, diags.errors())
			}
			if _, there := c.p.Task(old); there || c.p.TasksEverCreated() != 2 {
				t.Errorf("created first: %t: task %d is there: %t; %d tasks were made", createFirst, old, there, c.p.TasksEverCreated())
			}
		})
	}
}

// A rollout that gets another label without a moved block would cancel its campaign.
func TestRolloutWithANewAddressCancelsNothing(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.expected = len(c.devices)
		c.do("the start", options{})
		c.p.ResetJournal()
		config := object{
			"product_id": lwm2mProduct, "task_id": number(c.at(smallTask).instance, "task_id"),
			"expected_device_count": len(c.devices), "wait_for": "started", "on_destroy": "cancel",
		}
		c.core.must(nil, c.walk().apply(c.ctx, c.at(smallRollout).instance, config)...)
		for _, destroyFirst := range []bool{true, false} {
			w := c.walk()
			destroy := func() diagnostics { return w.planOne(c.ctx, c.at(smallRollout).instance, nil, lifecycle{}).diags }
			create := func() diagnostics {
				return w.planOne(c.ctx, c.core.absent("aep_upgrade_rollout"), config, lifecycle{}).diags
			}
			steps := []func() diagnostics{create, destroy}
			if destroyFirst {
				slices.Reverse(steps)
			}
			diags := append(steps[0](), steps[1]()...)
			mentions(t, "the plan", diags.errors(), "Upgrade rollout would cancel its own task", "moved {")
		}
		c.holds(t, c.devices...)
	}, slowly)
}
