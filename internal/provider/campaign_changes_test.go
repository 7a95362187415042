package provider_test

import (
	"maps"
	"net/http"
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

// A list that is read a moment before the subtasks may lack the devices that have
// joined: it is then no longer than what the set lists.
func TestStraysAreNamedWhenCancelledDevicesJoinAgain(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		stray := c.p.DeviceIDs(lwm2mProduct)[8]
		if err := c.p.Join(number(c.at(smallTask).instance, "task_id"), stray); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if said := c.apply(c.ctx, c.blocks()[:1], options{}).errors(); said != "" {
			t.Fatalf("the set is not destroyed: %s", said)
		}
		c.holds(t, stray)
		mentions(t, "the create", c.do("the create", options{}).warnings(), "no set of this run lists", stray)
		c.holds(t, append(slices.Clone(c.devices), stray)...)
	}, func(o *simulator.Options) {
		o.Quirks.CancelledLeaveJoined, o.Quirks.JoinLag, o.Latency = true, time.Second, 700*time.Millisecond
	})
}

// A device that does not join, and one that no set lists, make the number look right.
func TestStraysAreNamedBesideAMissingDevice(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		stray := c.p.DeviceIDs(lwm2mProduct)[8]
		if err := c.p.Join(number(c.at(smallTask).instance, "task_id"), stray); err != nil {
			t.Fatal(err)
		}
		c.forget(smallSet)
		c.devices = append(slices.Clone(c.devices), "unknown-to-the-platform")
		mentions(t, "the create", c.do("the create", options{}).warnings(), "no set of this run lists", stray)
	})
}

// The platform takes devices off its list whose upgrade is over.
func TestStraysAreNamedBesideDevicesThatAreDone(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids, id := c.p.DeviceIDs(lwm2mProduct), number(c.at(smallTask).instance, "task_id")
		if err := c.p.Start(id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1000 * time.Hour)
		if err := c.p.Join(id, ids[8]); err != nil {
			t.Fatal(err)
		}
		for n := 5; n < 7; n++ { // each time, not only once
			c.devices = ids[:n]
			mentions(t, "the addition", c.do("the addition", options{}).warnings(), "no set of this run lists", ids[8])
		}
	}, func(o *simulator.Options) {
		done := simulator.New(*o).DeviceIDs(lwm2mProduct)[:2]
		o.Quirks.FinishedLeaveJoined, o.Upgrade.Hang = true, func(id string) bool { return !slices.Contains(done, id) }
	})
}

// A device that -target has handed over is a member of two sets until the other one
// is applied.
func TestStraysAreNamedBesideADeviceOfTwoSets(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		const other = "aep_upgrade_devices.b"
		ids := c.p.DeviceIDs(lwm2mProduct)
		listed := ids[4:6]
		both := func() []*block {
			return append(c.blocks(), &block{address: other, needs: []string{smallTask}, config: func(value lookup) object {
				return object{"product_id": lwm2mProduct, "task_id": value(smallTask, "task_id"), "device_ids": listed, "name": "other"}
			}})
		}
		apply := func(blocks []*block, o options) diagnostics {
			time.Sleep(time.Hour)
			diags := c.apply(c.ctx, blocks, o)
			if said := diags.errors(); said != "" {
				t.Fatal(said)
			}
			return diags
		}
		apply(both(), options{})
		if err := c.p.Join(number(c.at(smallTask).instance, "task_id"), ids[8]); err != nil {
			t.Fatal(err)
		}
		c.devices, listed = ids[:3], ids[3:6]
		apply(both(), options{target: []string{other}})
		c.devices = slices.Concat(ids[:3], ids[9:10])
		mentions(t, "the addition", apply(c.blocks(), options{}).warnings(), "no set of this run lists", ids[8])
	})
}

// A new set that can't be read back is in the state afterwards: no later plan adds to it.
func TestStraysAreNamedIfTheReadBackFails(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.p.DeviceIDs(lwm2mProduct)
		if err := c.p.Join(number(c.at(smallTask).instance, "task_id"), ids[8]); err != nil {
			t.Fatal(err)
		}
		c.forget(smallSet)
		c.devices = ids[:6]
		joined := false
		c.p.AfterProcessed(func(r simulator.Request) { joined = joined || r.Operation == simulator.OpOperational })
		c.p.Inject(simulator.Fault{
			Kind: simulator.StatusBefore, Status: http.StatusNotFound, Operation: simulator.OpDevices,
			When: func(simulator.Request) bool { return joined },
		})
		mentions(t, "the create", c.do("the create", options{}).warnings(), "Device set incomplete", "no set of this run lists", ids[8])
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
		c.at(smallSet).tainted, c.set["name"] = true, "another" // the state has a set that no plan follows
		c.refused(t, "the start with a new set", options{}, "1 active devices that no set lists", stray)
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

// A platform that shows a timeout for every task does not make it one of T-Link.
func TestImportFindsTheProtocol(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.task["retry_times"] = 0
		c.do("no retries", options{})
		for address, id := range map[string]string{smallTask: c.at(smallTask).get("id"), smallSet: c.at(smallSet).get("id")} {
			c.forget(address)
			if said := c.imported(c.ctx, address, id).errors(); said != "" {
				t.Fatal(said)
			}
			if got := c.at(address).get("protocol"); got != "lwm2m" {
				t.Errorf("%s is imported with the protocol %q", address, got)
			}
		}
		c.devices = c.p.DeviceIDs(lwm2mProduct)[:5]
		c.do("the apply after the import", options{})
		c.holds(t, c.devices...)
		if n := c.p.TasksEverCreated(); n != 1 {
			t.Errorf("%d tasks were made", n)
		}
	}, func(o *simulator.Options) { o.Quirks.OutTimeEverywhere = true })
}

// Of a set that is tainted nothing else matters but how to take the taint off.
func TestTaintedSetOfAGroupWhoseTaskIsGone(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		if err := c.p.SetDeviceGroup(lwm2mProduct, "group", c.devices...); err != nil {
			t.Fatal(err)
		}
		c.set = object{"device_ids": nil, "device_group_id": "group", "selection": "continuous"}
		c.do("the group", options{})
		id := number(c.at(smallTask).instance, "task_id")
		if err := c.p.Start(id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1000 * time.Hour)
		c.do("an apply after the end", options{})
		if err := c.p.DeleteTask(id); err != nil {
			t.Fatal(err)
		}
		c.p.ResetJournal()
		c.at(smallSet).tainted = true
		c.refused(t, "the tainted set", options{}, "Device set exists already", "terraform untaint")
		c.at(smallSet).tainted = false
		c.do("the set without the taint", options{})
	})
}

// A rollout whose task may turn out to be a new one can't keep its own, either.
func TestRolloutStaysWhileItsNewTaskIsNotKnown(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.expected = 0
		blocks := slices.Delete(c.blocks(), 1, 2)
		blocks[1].needs = []string{smallTask}
		time.Sleep(time.Hour)
		if said := c.apply(c.ctx, blocks, options{}).errors(); said != "" {
			t.Fatal(said)
		}
		c.p.ResetJournal()
		c.at(smallTask).tainted = true
		diags := c.apply(c.ctx, blocks, options{noRefresh: true})
		mentions(t, "without a refresh", diags.errors(), "Task of an upgrade rollout is not known yet", "terraform untaint", "-target")
		if n := len(c.p.Writes()); n != 0 {
			t.Errorf("%d writes were sent", n)
		}
		if said := c.apply(c.ctx, blocks, options{}).errors(); said != "" {
			t.Errorf("with a refresh: %s", said)
		}
	})
}
