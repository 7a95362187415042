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

// swaps cancels a listed device in the console, and joins one that is not listed.
func (c *smallCampaign) swaps(t *testing.T, cancelled, joined string) {
	t.Helper()
	id := coretest.Number(c.At(smallTask).Instance, "task_id")
	if err := c.Platform.Cancel(id, cancelled); err != nil {
		t.Fatal(err)
	}
	c.joins(t, joined)
}

// joins joins devices in the console.
func (c *smallCampaign) joins(t *testing.T, ids ...string) {
	t.Helper()
	for _, device := range ids {
		if err := c.Platform.Join(coretest.Number(c.At(smallTask).Instance, "task_id"), device); err != nil {
			t.Fatal(err)
		}
	}
	c.Platform.ResetJournal()
}

// A plan is approved for the devices that it names, not for their number.
func TestExclusiveSetCancelsNoOtherDevicesThanItsPlanNames(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.Platform.DeviceIDs(coretest.LwM2MProduct)
		c.set["exclusive"] = true
		c.do("to be exclusive", coretest.Options{})
		c.joins(t, ids[8])
		time.Sleep(time.Hour)
		saved := c.Plan(c.Ctx, c.blocks(), coretest.Options{})
		mentions(t, "the plan", saved.Diags.Warnings(), "cancels 1 active device of", ids[8])
		c.swaps(t, ids[8], ids[9])
		mentions(t, "the saved plan", c.ApplyPlanned(c.Ctx, saved).Errors(), "1 active devices", "were not announced", "Plan again")
		coretest.WantNoWrites(t, c.Platform)
		c.do("a new plan", coretest.Options{})
		c.holds(t, c.devices...)
	})
}

// An exclusive set that keeps devices cancels nothing, and names what others joined.
func TestExclusiveSetThatKeeps(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.Platform.DeviceIDs(coretest.LwM2MProduct)
		c.set["exclusive"], c.set["on_remove"] = true, "keep"
		c.joins(t, ids[8])
		c.devices = ids[:5]
		mentions(t, "the plan", c.do("the addition", coretest.Options{}).Warnings(),
			"also holds 1 active device that no set of this run lists", ids[8])
		time.Sleep(time.Hour)
		if steps := c.Plan(c.Ctx, c.blocks(), coretest.Options{}).Open(); len(steps) != 0 {
			t.Errorf("planned again: %s", steps[0].Difference())
		}
		c.holds(t, append(ids[:5:5], ids[8])...)
	})
}

// A run that is killed while it attaches leaves devices that no state knows.
func TestRunningTaskWithDevicesThatNoSetListsIsNamed(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.Platform.DeviceIDs(coretest.LwM2MProduct)
		c.expected = len(c.devices)
		c.do("the start", coretest.Options{})
		if said := c.do("a second apply", coretest.Options{}).Warnings(); said != "" {
			t.Errorf("nothing has changed, and the plan says %q", said)
		}
		c.joins(t, ids[8], ids[9])
		for range 2 { // each time, not only once
			mentions(t, "the plan", c.do("no change", coretest.Options{}).Warnings(),
				"is running. It also holds 2 active devices that no set of this run lists", ids[8], ids[9])
		}
		c.devices, c.expected = append(c.devices[:4:4], ids[8], ids[9]), 6
		if said := c.do("to list them", coretest.Options{}).Warnings(); strings.Contains(said, "no set of this run lists") {
			t.Errorf("the devices are listed now, and the plan says %q", said)
		}
	}, slowly)
}

// After the plan one device was cancelled, and another has joined. The number is right,
// whether or not the task lists the cancelled device.
func TestStartIsRefusedAfterASwapSinceThePlan(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]bool{"cancelled devices are listed": false, "cancelled devices are not listed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withCampaign(t, func(t *testing.T, c *smallCampaign) {
				ids := c.Platform.DeviceIDs(coretest.LwM2MProduct)
				c.devices, c.expected = ids[:5], 5
				time.Sleep(time.Hour)
				saved := c.Plan(c.Ctx, c.blocks(), coretest.Options{})
				c.swaps(t, ids[0], ids[8])
				mentions(t, "the apply", c.ApplyPlanned(c.Ctx, saved).Errors(), "1 active devices that no set lists")
				if n := c.Platform.StartCount(coretest.Number(c.At(smallTask).Instance, "task_id")); n != 0 {
					t.Errorf("the task was started %d times", n)
				}
			}, func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = leaves })
		})
	}
}

// A rollout starts its task when it is created. An import creates nothing.
func TestImportOfARolloutBeforeTheStartSaysSo(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		task := coretest.Number(c.At(smallTask).Instance, "task_id")
		c.expected = len(c.devices)
		said := c.Import(c.Ctx, smallRollout, fmt.Sprintf("%d/%d", coretest.LwM2MProduct, task))
		mentions(t, "the import", said.Warnings(), "Imported rollout has not started its task", "terraform state rm")
		c.do("an apply after the import", coretest.Options{})
		if n := c.Platform.StartCount(task); n != 0 {
			t.Errorf("the task was started %d times", n)
		}
		c.Forget(smallRollout)
		c.do("an apply without the import", coretest.Options{})
		if n := c.Platform.StartCount(task); n != 1 {
			t.Errorf("the task was started %d times", n)
		}
	}, slowly)
}

// A list that is not known yet can't be counted for an exclusive set, whichever task it is for.
func TestExclusiveSetWithAnUnknownListIsRefusedBesideANewTask(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		walk := c.BeginWalk()
		if said := walk.PlanOne(c.Ctx, walk.Absent("aep_upgrade_task"), taskConfig(coretest.Config{"name": "other"}),
			coretest.Lifecycle{}).Diags.Errors(); said != "" {
			t.Fatal(said)
		}
		made := walk.PlanOne(c.Ctx, walk.Absent("aep_upgrade_devices"), coretest.Config{
			"product_id": coretest.LwM2MProduct, "task_id": coretest.Unknown{}, "name": "other", "exclusive": true, "device_ids": coretest.Unknown{},
		}, coretest.Lifecycle{})
		mentions(t, "the set", made.Diags.Errors(), "Exclusive device set can't be planned", "device_ids")
	})
}

// An exclusive set announces what it cancels also while its list is not known.
func TestStandingExclusiveSetWithAnUnknownListNamesOthers(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.Platform.DeviceIDs(coretest.LwM2MProduct)
		c.set["exclusive"] = true
		c.do("to be exclusive", coretest.Options{})
		c.joins(t, ids[8])
		c.set["device_ids"] = coretest.Unknown{}
		time.Sleep(time.Hour)
		mentions(t, "the plan", c.Plan(c.Ctx, c.blocks(), coretest.Options{}).Diags.Warnings(), "cancels 1 active device of", ids[8])
	})
}

// A plan counts the devices under way that a list may lack.
func TestUnknownListOfARunningTaskIsAnnounced(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.set["device_ids"] = coretest.Unknown{}
		pending := c.Plan(c.Ctx, c.blocks(), coretest.Options{}).Diags.Warnings()
		if err := c.Platform.Start(coretest.Number(c.At(smallTask).Instance, "task_id")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		running := c.Plan(c.Ctx, c.blocks(), coretest.Options{}).Diags.Warnings()
		mentions(t, "the plan", running, "Upgrades under way may be cancelled", "its 4 devices")
		if strings.Contains(pending, "under way") {
			t.Errorf("before the start the plan says %q", pending)
		}
	}, slowly)
}

// A set gets a new label after its task has finished. Nothing is cancelled, so the old
// set may be planned before or after the new one.
func TestFinishedSetIsRelabelledInEitherOrder(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		task := coretest.Number(c.At(smallTask).Instance, "task_id")
		if err := c.Platform.Start(task); err != nil {
			t.Fatal(err)
		}
		if err := c.Platform.Finish(task); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		config := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task, "device_ids": c.devices}
		for _, planned := range []bool{false, true} {
			walk, old := c.BeginWalk(), *c.At(smallSet).Instance
			if said := walk.Read(c.Ctx, &old).Errors(); said != "" {
				t.Fatal(said)
			}
			if planned {
				if said := walk.PlanOne(c.Ctx, &old, nil, coretest.Lifecycle{}).Diags.Errors(); said != "" {
					t.Errorf("the end of the old set is refused: %s", said)
				}
			}
			if said := walk.PlanOne(c.Ctx, walk.Absent("aep_upgrade_devices"), config, coretest.Lifecycle{}).Diags.Errors(); said != "" {
				t.Errorf("with the old set planned (%t) the new one is refused: %s", planned, said)
			}
		}
	}, slowly)
}

func TestStraysAreNamedWhenASetGrows(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.Platform.DeviceIDs(coretest.LwM2MProduct)
		stray := ids[8]
		if err := c.Platform.Join(coretest.Number(c.At(smallTask).Instance, "task_id"), stray); err != nil {
			t.Fatal(err)
		}
		for _, more := range [][]string{ids[:5], ids[:6]} { // each time, not only once
			c.devices = more
			mentions(t, "the plan", c.do("the addition", coretest.Options{}).Warnings(),
				"also holds 1 active device that no set of this run lists", stray)
		}
		c.devices = ids[:5]
		if said := c.do("the removal", coretest.Options{}).Warnings(); strings.Contains(said, stray) {
			t.Errorf("a plan that adds nothing says %q", said)
		}
	})
}

// A list that is read a moment before the subtasks may lack the devices that have just
// joined. Then it is as short as the list of the set.
func TestStraysAreNamedWhenCancelledDevicesJoinAgain(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		stray := c.Platform.DeviceIDs(coretest.LwM2MProduct)[8]
		if err := c.Platform.Join(coretest.Number(c.At(smallTask).Instance, "task_id"), stray); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if said := c.Apply(c.Ctx, c.blocks()[:1], coretest.Options{}).Errors(); said != "" {
			t.Fatalf("the set is not destroyed: %s", said)
		}
		c.holds(t, stray)
		mentions(t, "the create", c.do("the create", coretest.Options{}).Warnings(), "no set of this run lists", stray)
		c.holds(t, append(slices.Clone(c.devices), stray)...)
	}, func(o *simulator.Options) {
		o.Quirks.CancelledLeaveJoined, o.Quirks.JoinLag, o.Latency = true, time.Second, 700*time.Millisecond
	})
}

// A device that does not join, and one that no set lists, make the number look right.
func TestStraysAreNamedBesideAMissingDevice(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		stray := c.Platform.DeviceIDs(coretest.LwM2MProduct)[8]
		if err := c.Platform.Join(coretest.Number(c.At(smallTask).Instance, "task_id"), stray); err != nil {
			t.Fatal(err)
		}
		c.Forget(smallSet)
		c.devices = append(slices.Clone(c.devices), "unknown-to-the-platform")
		mentions(t, "the create", c.do("the create", coretest.Options{}).Warnings(), "no set of this run lists", stray)
	})
}

// The platform takes devices off its list whose upgrade is over.
func TestStraysAreNamedBesideDevicesThatAreDone(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids, id := c.Platform.DeviceIDs(coretest.LwM2MProduct), coretest.Number(c.At(smallTask).Instance, "task_id")
		if err := c.Platform.Start(id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1000 * time.Hour)
		if err := c.Platform.Join(id, ids[8]); err != nil {
			t.Fatal(err)
		}
		for n := 5; n < 7; n++ { // each time, not only once
			c.devices = ids[:n]
			mentions(t, "the addition", c.do("the addition", coretest.Options{}).Warnings(), "no set of this run lists", ids[8])
		}
	}, func(o *simulator.Options) {
		done := simulator.New(*o).DeviceIDs(coretest.LwM2MProduct)[:2]
		o.Quirks.FinishedLeaveJoined, o.Upgrade.Hang = true, func(id string) bool { return !slices.Contains(done, id) }
	})
}

// A device that -target has handed over is a member of two sets until the other one
// is applied.
func TestStraysAreNamedBesideADeviceOfTwoSets(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		const other = "aep_upgrade_devices.b"
		ids := c.Platform.DeviceIDs(coretest.LwM2MProduct)
		listed := ids[4:6]
		both := func() []*coretest.Block {
			return append(c.blocks(), &coretest.Block{
				Address: other, Needs: []string{smallTask},
				Config: func(value coretest.Lookup) coretest.Config {
					return coretest.Config{
						"product_id": coretest.LwM2MProduct, "task_id": value(smallTask, "task_id"), "device_ids": listed,
						"name": "other",
					}
				},
			})
		}
		apply := func(blocks []*coretest.Block, o coretest.Options) coretest.Diagnostics {
			time.Sleep(time.Hour)
			diags := c.Apply(c.Ctx, blocks, o)
			if said := diags.Errors(); said != "" {
				t.Fatal(said)
			}
			return diags
		}
		apply(both(), coretest.Options{})
		if err := c.Platform.Join(coretest.Number(c.At(smallTask).Instance, "task_id"), ids[8]); err != nil {
			t.Fatal(err)
		}
		c.devices, listed = ids[:3], ids[3:6]
		apply(both(), coretest.Options{Target: []string{other}})
		c.devices = slices.Concat(ids[:3], ids[9:10])
		mentions(t, "the addition", apply(c.blocks(), coretest.Options{}).Warnings(), "no set of this run lists", ids[8])
	})
}

// A new set that can't be read back is in the state afterwards: no later plan adds to it.
func TestStraysAreNamedIfTheReadBackFails(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		ids := c.Platform.DeviceIDs(coretest.LwM2MProduct)
		if err := c.Platform.Join(coretest.Number(c.At(smallTask).Instance, "task_id"), ids[8]); err != nil {
			t.Fatal(err)
		}
		c.Forget(smallSet)
		c.devices = ids[:6]
		joined := false
		c.Platform.AfterProcessed(func(r simulator.Request) { joined = joined || r.Operation == simulator.OpOperational })
		c.Platform.Inject(simulator.Fault{
			Kind: simulator.StatusBefore, Status: http.StatusNotFound, Operation: simulator.OpDevices,
			When: func(simulator.Request) bool { return joined },
		})
		mentions(t, "the create", c.do("the create", coretest.Options{}).Warnings(), "Device set incomplete", "no set of this run lists", ids[8])
	})
}
