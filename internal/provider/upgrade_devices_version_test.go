package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// dealt deals versions to the generated devices in turn.
func dealt(versions ...string) func(*simulator.Options) {
	return func(o *simulator.Options) {
		for i := range o.Products {
			o.Products[i].Versions = versions
		}
	}
}

// reporting returns the devices of ids that report a version.
func (s devicesScene) reporting(ids []string, version string) (all []string) {
	for _, id := range ids {
		if d, _ := s.p.Device(coretest.LwM2MProduct, id); d.FirmwareVersion == version {
			all = append(all, id)
		}
	}
	return all
}

// wantCounts compares the numbers of a set: listed, attached, cancelled, missing and skipped devices.
func (s devicesScene) wantCounts(t *testing.T, what string, counts ...int) {
	t.Helper()
	var got []int
	for _, name := range []string{"device_count", "attached_count", "cancelled_count", "missing_count", "skipped_count"} {
		got = append(got, int(coretest.Number(s.set, name)))
	}
	if !slices.Equal(got, counts) {
		t.Errorf("%s: the counts are %v, want %v", what, got, counts)
	}
	if sum := got[1] + got[2] + got[3] + got[4]; sum != got[0] {
		t.Errorf("%s: the counts %v add up to %d", what, got, sum)
	}
}

// changes plans a configuration and returns the planned change.
func (s devicesScene) changes(config coretest.Config) string {
	made := s.Plan(s.ctx, s.set, config)
	s.NoErrors(made.Diags)
	return fmt.Sprint(coretest.Plain(coretest.Fields(made.Planned)["planned_change"]))
}

func from(versions ...string) coretest.Config { return coretest.Config{"from_versions": versions} }

func TestSetSelectsByVersion(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		listed := s.ids[:12]
		one, two := s.reporting(listed, "1"), s.reporting(listed, "2")
		config := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_ids": listed}))
		if got := s.changes(config); got != "+12 −0, to 12 devices, or fewer by version" {
			t.Errorf("the plan announces %q", got)
		}
		said := s.MustApply(s.ctx, s.set, config)
		mentions(t, "the apply", said, "Devices left out by version", fmt.Sprintf("leaves %d devices out of task", len(two)),
			fmt.Sprintf("%d devices report a version that from_versions does not name", len(two)), two[0], "list them again")
		s.wantCounts(t, "at first", 12, len(one), 0, 0, len(two))
		s.expectActive(t, one...)
		if got := s.set.Get("missing_device_ids"); got != "[]" {
			t.Errorf("missing_device_ids = %s", got)
		}
		s.later()
		s.p.ResetJournal()
		s.WantSettled(s.ctx, s.set, config)
		if task, devices := s.p.Count(simulator.OpQueryTask), s.p.Count(simulator.OpDevices); task != 1 || devices != 1 {
			t.Errorf("a plan without a change takes %d and %d calls", task, devices)
		}

		coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "2", one...))
		coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "1", two...))
		s.later()
		s.WantSettled(s.ctx, s.set, config)
		s.expectActive(t, one...)

		config["device_ids"] = append(slices.Clone(listed), s.ids[12], s.ids[13])
		coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "1", s.ids[12]))
		coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "2", s.ids[13]))
		if got := s.changes(config); got != "+2 −0, to 14 devices, or fewer by version" {
			t.Errorf("the plan announces %q", got)
		}
		said = s.MustApply(s.ctx, s.set, config)
		mentions(t, "the apply", said, "leaves 1 device out of task", s.ids[13])
		s.wantCounts(t, "with two more", 14, len(one)+1, 0, 0, len(two)+1)
		s.expectActive(t, append(slices.Clone(one), s.ids[12])...)
		s.later()
		s.WantSettled(s.ctx, s.set, config)
	}, dealt("1", "2"))
}

// A device that leaves the list is forgotten. If it comes back, the set decides again.
func TestDeviceThatWasLeftOutIsListedAgain(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		two := s.reporting(s.ids[:10], "2")
		all := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_ids": s.ids[:10]}))
		fewer := s.setConfig(coretest.Merge(from("1"), coretest.Config{
			"device_ids": slices.DeleteFunc(slices.Clone(s.ids[:10]), func(id string) bool { return id == two[0] }),
		}))
		s.MustApply(s.ctx, s.set, all)
		s.p.ResetJournal()
		if got := s.changes(fewer); got != "+0 −0, to 9 devices" {
			t.Errorf("the plan announces %q", got)
		}
		s.MustApply(s.ctx, s.set, fewer)
		s.wantCounts(t, "without the device", 9, 10-len(two), 0, 0, len(two)-1)
		if n := len(s.p.Requests()); n != s.p.Count(simulator.OpEcho) {
			t.Errorf("the change takes %d calls", n)
		}
		s.WantSettled(s.ctx, s.set, fewer)
		coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "1", two...))
		if got := s.changes(all); got != "+1 −0, to 10 devices, or fewer by version" {
			t.Errorf("the plan announces %q", got)
		}
		s.MustApply(s.ctx, s.set, all)
		s.wantCounts(t, "with it again", 10, 10-len(two)+1, 0, 0, len(two)-1)
		s.WantSettled(s.ctx, s.set, all)
	}, dealt("1", "2"))
}

// Another selection changes no decision. Without a selection, every device joins.
func TestSelectionByVersionChanges(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		list := coretest.Config{"device_ids": s.ids[:10]}
		one, two := s.reporting(s.ids[:10], "1"), s.reporting(s.ids[:10], "2")
		s.MustApply(s.ctx, s.set, s.setConfig(coretest.Merge(list, from("1"))))
		s.p.ResetJournal()
		for _, other := range []coretest.Config{
			from("2"), from("1", "2"), {"skip_current": true}, coretest.Merge(from("2"), coretest.Config{"unknown_versions": "skip"}),
		} {
			config := s.setConfig(coretest.Merge(list, other))
			said := s.MustApply(s.ctx, s.set, config)
			mentions(t, "the plan", said, "stay left out", fmt.Sprintf("%d devices were left out", len(two)), two[0], "list them again")
			s.wantCounts(t, fmt.Sprint(other), 10, len(one), 0, 0, len(two))
			s.WantEmpty(s.ctx, s.set, config)
		}
		if n := len(s.p.Requests()); n != s.p.Count(simulator.OpEcho) {
			t.Errorf("the changes take %d calls", n)
		}
		coretest.Must(t, s.p.Join(s.id(), two[0]))
		s.later()
		if got := s.changes(s.setConfig(list)); got != fmt.Sprintf("+%d −0, to 10 devices", len(two)) {
			t.Errorf("the plan announces %q", got)
		}
		s.MustApply(s.ctx, s.set, s.setConfig(list))
		s.wantCounts(t, "without a selection", 10, 10, 0, 0, 0)
		s.expectActive(t, s.ids[:10]...)
		s.WantSettled(s.ctx, s.set, s.setConfig(list))
		for _, id := range s.ids[:10] {
			if n := s.p.JoinCount(s.id(), id); n != 1 {
				t.Errorf("device %s was joined %d times", id, n)
			}
		}
		s.MustApply(s.ctx, s.set, s.setConfig(coretest.Merge(list, from("1"))))
		s.wantCounts(t, "with a selection again", 10, 10, 0, 0, 0)
		s.expectActive(t, s.ids[:10]...)
	}, dealt("1", "2"))
}

// A set of which no device joins is created. The next plan is empty.
func TestSetThatLeavesOutAllDevices(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]coretest.Config{
		"from versions": from("3"),
		"skip current":  {"skip_current": true},
		"no version":    {"from_versions": []string{"3"}, "unknown_versions": "skip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			version := map[string]string{"skip current": "1.3251", "no version": simulator.NoVersion}[name]
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				config := s.setConfig(coretest.Merge(arguments, coretest.Config{"device_ids": s.ids[:5]}))
				s.p.ResetJournal()
				said := s.MustApply(s.ctx, s.set, config)
				mentions(t, "the apply", said, "leaves 5 devices out of task", "skipped_count")
				s.wantCounts(t, name, 5, 0, 0, 0, 5)
				if s.set.Tainted {
					t.Error("the set is tainted")
				}
				s.expectActive(t)
				s.later()
				s.WantSettled(s.ctx, s.set, config)
				s.MustApply(s.ctx, s.set, nil)
				coretest.WantNoWrites(t, s.p)
			}, dealt(version))
		})
	}
}

// An imported set, or one whose private state is lost, decides about each device that would join.
func TestSetWithoutItsLedgerDecidesAgain(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*testing.T, devicesScene, *devicesScene){
		"imported": func(t *testing.T, s devicesScene, then *devicesScene) {
			set, diags := s.Import(s.ctx, "aep_upgrade_devices", fmt.Sprintf("%d/%d", coretest.LwM2MProduct, s.id()))
			s.NoErrors(diags)
			then.set = set
		},
		"lost": func(_ *testing.T, s devicesScene, _ *devicesScene) { s.set.Private = nil },
		"damaged": func(_ *testing.T, s devicesScene, _ *devicesScene) {
			s.set.Private = []byte(`{"ledger":"eyJ2ZXJzaW9uIjoyfQ=="}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				one, two := s.reporting(s.ids[:10], "1"), s.reporting(s.ids[:10], "2")
				config := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_ids": s.ids[:10]}))
				s.MustApply(s.ctx, s.set, config)
				coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "2", one...))
				coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "1", two[0]))
				lose(t, s, &s)
				s.later()
				s.MustRefresh(s.ctx, s.set)
				s.MustApply(s.ctx, s.set, config)
				s.wantCounts(t, name, 10, len(one)+1, 0, 0, len(two)-1)
				s.expectActive(t, append(slices.Clone(one), two[0])...)
				s.later()
				s.WantSettled(s.ctx, s.set, config)
			}, dealt("1", "2"))
		})
	}
}

// A device without a known version joins unless the set skips it. A warning names it.
func TestDevicesWithoutAVersionAreNamed(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_ids": append(slices.Clone(s.ids[:15]), "no-such-device")}))
		none := s.reporting(s.ids[:15], "")
		said := s.MustApply(s.ctx, s.set, config)
		mentions(t, "the apply", said, "Devices attached without a known version", fmt.Sprintf("%d devices joined", len(none)), none[0])
		s.expectActive(t, append(s.reporting(s.ids[:15], "1"), none...)...)
	}, dealt("1", simulator.NoVersion, "2"))
}

// An exclusive set lists the devices that it has left out, so it does not cancel them if someone else lets them join.
func TestExclusiveSetKeepsDevicesThatWereLeftOut(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_ids": s.ids[:6], "exclusive": true}))
		one, two := s.reporting(s.ids[:6], "1"), s.reporting(s.ids[:6], "2")
		s.MustApply(s.ctx, s.set, config)
		coretest.Must(t, s.p.Join(s.id(), two[0]))
		s.later()
		s.MustRefresh(s.ctx, s.set)
		s.WantSettled(s.ctx, s.set, config)
		coretest.Must(t, s.p.Join(s.id(), s.ids[10]))
		s.later()
		s.MustRefresh(s.ctx, s.set)
		if got := s.changes(config); got != "+0 −1, to 6 devices" {
			t.Errorf("the plan announces %q", got)
		}
		s.MustApply(s.ctx, s.set, config)
		s.expectActive(t, append(one, two[0])...)
		s.wantCounts(t, "in the end", 6, len(one), 0, 0, len(two))
	}, dealt("1", "2"))
}

// A member that has left the task is decided about like a new device.
func TestMissingMemberIsDecidedAgain(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_ids": append(slices.Clone(s.ids[:6]), "no-such-device")}))
		one, two := s.reporting(s.ids[:6], "1"), s.reporting(s.ids[:6], "2")
		s.MustApply(s.ctx, s.set, config)
		s.wantCounts(t, "with a device that can't join", 7, len(one), 0, 1, len(two))
		config["unknown_versions"] = "skip"
		if got := s.changes(config); got != "+1 −0, to 7 devices, or fewer by version" {
			t.Errorf("the plan announces %q", got)
		}
		s.MustApply(s.ctx, s.set, config)
		s.wantCounts(t, "a device that is not found is not left out", 7, len(one), 0, 1, len(two))
		coretest.Must(t, s.p.Cancel(s.id(), one[0]))
		config["device_ids"] = s.ids[:6]
		s.later()
		s.MustRefresh(s.ctx, s.set)
		s.MustApply(s.ctx, s.set, config)
		s.wantCounts(t, "in the end", 6, len(one)-1, 1, 0, len(two))
		s.later()
		s.WantSettled(s.ctx, s.set, config)
	}, dealt("1", "2"))
}

// If versions can't be read, nothing is touched: neither the platform nor the state.
func TestVersionsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_ids": s.ids[:6]}))
		candidates := func(r simulator.Request) bool {
			return r.Operation == simulator.OpDevices && r.Query.Get("isSelectDevice") == "2"
		}
		fails := func(what string) {
			t.Helper()
			for _, fault := range []simulator.Fault{
				{Kind: simulator.StatusBefore, Status: 500}, {Kind: simulator.EmptyResult}, {Kind: simulator.ResetBefore},
			} {
				fault.Times, fault.When = 1000, candidates
				s.p.Inject(fault)
				s.p.ResetJournal()
				before := s.set.Value
				diags := s.Apply(s.ctx, s.set, config)
				s.p.ClearFaults()
				mentions(t, what, diags.Errors(), "Unable to attach devices")
				coretest.WantNoWrites(t, s.p)
				if !before.Equal(s.set.Value) || s.set.Tainted {
					t.Errorf("%s after %s: the state has changed; tainted: %t", what, fault.Kind, s.set.Tainted)
				}
				s.later()
			}
		}
		fails("the create")
		s.MustApply(s.ctx, s.set, config)
		config["device_ids"] = s.ids[:9]
		fails("the update")
		s.MustApply(s.ctx, s.set, config)
		s.expectActive(t, s.reporting(s.ids[:9], "1")...)
		s.WantSettled(s.ctx, s.set, config)
	}, dealt("1", "2"))
}

// An interrupted create has decided about all devices, and has joined some of them.
func TestInterruptedCreateKeepsItsDecisions(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_ids": s.ids[:40], "batch_size": 5}))
		one, two := s.reporting(s.ids[:40], "1"), s.reporting(s.ids[:40], "2")
		s.p.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: 403, Times: 1000, Skip: 2, Operation: simulator.OpOperational})
		said := s.MustApply(s.ctx, s.set, config)
		mentions(t, "the apply", said, "Device set incomplete", fmt.Sprintf("10 of %d devices", len(one)))
		s.p.ClearFaults()
		s.wantCounts(t, "after the failure", 40, 10, 0, len(one)-10, len(two))
		joined := coretest.ActiveDevices(s.p, coretest.LwM2MProduct)
		coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "2", one...))
		coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "1", two...))
		s.later()
		s.MustRefresh(s.ctx, s.set)
		if got := s.changes(config); got != fmt.Sprintf("+%d −0, to 40 devices, or fewer by version", len(one)-10) {
			t.Errorf("the plan announces %q", got)
		}
		s.MustApply(s.ctx, s.set, config)
		s.wantCounts(t, "in the end", 40, 10, 0, 0, 30)
		s.expectActive(t, joined...)
		s.WantSettled(s.ctx, s.set, config)
	}, dealt("1", "2"))
}

// A finished task keeps its set as it is.
func TestSelectionByVersionOfAFinishedTask(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		list := coretest.Config{"device_ids": s.ids[:10]}
		one, two := s.reporting(s.ids[:10], "1"), s.reporting(s.ids[:10], "2")
		config := s.setConfig(coretest.Merge(list, from("1")))
		s.MustApply(s.ctx, s.set, config)
		coretest.Must(t, s.p.Start(s.id()))
		time.Sleep(100 * time.Hour)
		s.MustRefresh(s.ctx, s.set)
		s.wantCounts(t, "once it has finished", 10, len(one), 0, 0, len(two))
		s.WantSettled(s.ctx, s.set, config)
		s.p.ResetJournal()
		s.MustApply(s.ctx, s.set, s.setConfig(list))
		coretest.WantNoWrites(t, s.p)
		s.wantCounts(t, "without a selection", 10, len(one), 0, 0, len(two))
	}, dealt("1", "2"))
}

// The plan can't know how many devices join, so the apply checks the limit.
func TestLimitOfARunAndVersions(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		s.Arguments = coretest.Config{"max_devices_per_run": 5}
		config := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_ids": s.ids[:20]}))
		one := s.reporting(s.ids[:20], "1")
		made := s.Plan(s.ctx, s.set, config)
		s.NoErrors(made.Diags)
		s.p.ResetJournal()
		diags := s.ApplyPlan(s.ctx, s.set, config, made)
		mentions(t, "the apply", diags.Errors(), "Unable to attach devices", fmt.Sprintf("%d more than the 5", len(one)-5))
		coretest.WantNoWrites(t, s.p)
		config["device_ids"] = s.ids[:slices.Index(s.ids, one[5])]
		s.MustApply(s.ctx, s.set, config)
		s.expectActive(t, one[:5]...)
		made = s.Plan(s.ctx, s.set, s.setConfig(coretest.Config{"device_ids": s.ids[:20]}))
		mentions(t, "the plan without a selection", made.Diags.Errors(), "Unable to attach devices", "max_devices_per_run")
	}, dealt("1", "2"))
}

// TestCampaignByVersion attaches and starts in one apply. The rollout takes the number of devices from the set.
func TestCampaignByVersion(t *testing.T) {
	t.Parallel()
	withCampaign(t, func(t *testing.T, c *smallCampaign) {
		c.devices = c.Platform.DeviceIDs(coretest.LwM2MProduct)[:9]
		c.set["from_versions"] = []string{"1"}
		blocks := func() []*coretest.Block {
			return append(c.blocks(), &coretest.Block{
				Address: smallRollout, Needs: []string{smallTask, smallSet}, Config: func(value coretest.Lookup) coretest.Config {
					return coretest.Config{
						"product_id": coretest.LwM2MProduct, "task_id": value(smallTask, "task_id"),
						"expected_device_count": value(smallSet, "attached_count"), "wait_for": "started",
					}
				},
			})
		}
		time.Sleep(time.Hour)
		if said := c.Apply(c.Ctx, blocks(), coretest.Options{}).Errors(); said != "" {
			t.Fatal(said)
		}
		id := coretest.Number(c.At(smallTask).Instance, "task_id")
		var want []string
		for n, device := range c.devices {
			d, _ := c.Platform.Device(coretest.LwM2MProduct, device)
			if n < 4 || d.FirmwareVersion == "1" { // four devices were members before
				want = append(want, device)
			}
		}
		coretest.WantDevices(t, "active", coretest.ActiveDevices(c.Platform, coretest.LwM2MProduct), want)
		if n := c.Platform.StartCount(id); n != 1 {
			t.Errorf("the task was started %d times", n)
		}
		time.Sleep(time.Hour)
		if made := c.Plan(c.Ctx, blocks(), coretest.Options{}); made.Diags.Errors() != "" || len(made.Open()) > 0 {
			t.Errorf("the next plan is %s %s", made, made.Diags.Errors())
		}
	}, dealt("1", "2"), slowly)
}

// A start is refused while the task has a device that its set has left out: someone else has joined it.
func TestStartIsRefusedWithADeviceThatWasLeftOut(t *testing.T) {
	inEveryOrder(t, func(t *testing.T, c *smallCampaign) {
		c.devices = c.Platform.DeviceIDs(coretest.LwM2MProduct)[:9]
		c.set["from_versions"] = []string{"1"}
		c.do("the selection", coretest.Options{})
		id := coretest.Number(c.At(smallTask).Instance, "task_id")
		var out string
		for _, device := range c.devices[4:] {
			if d, _ := c.Platform.Device(coretest.LwM2MProduct, device); d.FirmwareVersion != "1" {
				out = device
			}
		}
		coretest.Must(t, c.Platform.Join(id, out))
		coretest.Must(t, c.Platform.Cancel(id, c.devices[0]))
		attached := int(coretest.Number(c.At(smallSet).Instance, "attached_count"))
		blocks := append(c.blocks(), c.rolloutOf(smallRollout, coretest.Config{"expected_device_count": attached}))
		time.Sleep(time.Hour)
		said := c.Plan(c.Ctx, blocks, coretest.Options{}).Diags.Errors()
		mentions(t, "the plan", said, "Unable to start upgrade task", "1 active devices that no set lists", out)
		coretest.Must(t, c.Platform.Cancel(id, out))
		blocks = append(c.blocks(), c.rolloutOf(smallRollout, coretest.Config{"expected_device_count": attached - 1}))
		time.Sleep(time.Hour)
		if said := c.Apply(c.Ctx, blocks, coretest.Options{}).Errors(); said != "" || c.Platform.StartCount(id) != 1 {
			t.Errorf("the task was started %d times; errors: %q", c.Platform.StartCount(id), said)
		}
	}, dealt("1", "2"), slowly)
}

func TestInvalidSelectionsByVersion(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		for text, arguments := range map[string]coretest.Config{
			"at least 1":                         {"from_versions": []string{}},
			"duplicate":                          {"from_versions": []string{"1", "1"}},
			"white space":                        {"from_versions": []string{"1 "}},
			"null":                               {"from_versions": []any{nil}},
			"from_versions[0] must not be empty": {"from_versions": []string{""}},
			"unknown_versions":                   {"unknown_versions": "keep"},
		} {
			config := s.setConfig(coretest.Merge(arguments, coretest.Config{"device_ids": s.ids[:2]}))
			if said := s.Plan(s.ctx, s.set, config).Diags.Errors(); !strings.Contains(strings.ToLower(said), strings.ToLower(text)) {
				t.Errorf("%v: %q does not mention %q", arguments, said, text)
			}
		}
	})
}

// A set of which some devices are left out, and the others can't join, is created.
func TestSetWithDevicesThatCannotJoinAndOthersLeftOut(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.setConfig(coretest.Merge(from("3"), coretest.Config{"device_ids": append(slices.Clone(s.ids[:3]), "no-such-device")}))
		said := s.MustApply(s.ctx, s.set, config)
		mentions(t, "the apply", said, "Device set incomplete", "no-such-device", "leaves 3 devices out of task")
		s.wantCounts(t, "the set", 4, 0, 0, 1, 3)
	}, dealt("1", "2"))
}

// While it is not known whether a set still selects, its apply may join devices that were left out.
func TestSelectionByVersionThatIsNotKnown(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]struct {
		arguments coretest.Config
		attached  int
	}{
		"it ends":     {coretest.Config{"from_versions": nil}, 6},
		"it changes":  {from("1"), 0},
		"it stays":    {from("3"), 0},
		"another one": {coretest.Config{"from_versions": nil, "skip_current": true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				list := coretest.Config{"device_ids": s.ids[:6]}
				s.MustApply(s.ctx, s.set, s.setConfig(coretest.Merge(list, from("3"))))
				unknown := coretest.Merge(list, end.arguments, coretest.Config{"from_versions": coretest.Unknown{}})
				made := s.Plan(s.ctx, s.set, s.setConfig(unknown))
				s.NoErrors(made.Diags)
				known := s.setConfig(coretest.Merge(list, end.arguments))
				s.NoErrors(s.ApplyPlan(s.ctx, s.set, known, made))
				s.wantCounts(t, name, 6, end.attached, 0, 0, 6-end.attached)
				s.expectActive(t, s.ids[:end.attached]...)
				s.WantSettled(s.ctx, s.set, known)
			}, dealt("1", "2"))
		})
	}
}

// The number of devices that join is not known while a set selects, so the plan of a start compares ids.
func TestStartIsRefusedWithAStrayBesideASelection(t *testing.T) {
	for name, change := range map[string]func(*smallCampaign){
		"a set that selects": func(c *smallCampaign) { c.set["from_versions"] = []string{"1"} },
		"a new set that selects": func(c *smallCampaign) {
			c.set["from_versions"], c.set["name"] = []string{"1"}, "other"
			c.Forget(smallSet)
		},
		"a set that no longer selects": func(c *smallCampaign) {
			c.set["from_versions"] = []string{"1"}
			c.do("the selection", coretest.Options{})
			delete(c.set, "from_versions")
		},
	} {
		t.Run(name, func(t *testing.T) {
			inEveryOrder(t, func(t *testing.T, c *smallCampaign) {
				ids, id := c.Platform.DeviceIDs(coretest.LwM2MProduct), coretest.Number(c.At(smallTask).Instance, "task_id")
				c.devices = ids[:9]
				change(c)
				expected := 5
				if c.set["from_versions"] == nil {
					expected = 9
				}
				coretest.Must(t, c.Platform.Join(id, ids[20]))
				blocks := append(c.blocks(), c.rolloutOf(smallRollout, coretest.Config{"expected_device_count": expected}))
				time.Sleep(time.Hour)
				mentions(t, "the plan", c.Plan(c.Ctx, blocks, coretest.Options{}).Diags.Errors(), "Unable to start upgrade task",
					"1 active devices that no set lists", ids[20])
			}, dealt("1", "2"), slowly)
		})
	}
}

// The devices of a group are selected by version too. A continuous group adds devices later.
func TestGroupIsSelectedByVersion(t *testing.T) {
	t.Parallel()
	for _, selection := range []string{"snapshot", "continuous"} {
		t.Run(selection, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				coretest.Must(t, s.p.SetDeviceGroup(coretest.LwM2MProduct, "g", s.ids[:8]...))
				one, two := s.reporting(s.ids[:8], "1"), s.reporting(s.ids[:8], "2")
				config := s.setConfig(coretest.Merge(from("1"), coretest.Config{"device_group_id": "g", "selection": selection}))
				s.MustApply(s.ctx, s.set, config)
				s.wantCounts(t, "at first", 8, len(one), 0, 0, len(two))
				coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "1", two...))
				s.later()
				s.WantSettled(s.ctx, s.set, config)
				coretest.Must(t, s.p.SetDeviceVersion(coretest.LwM2MProduct, "1", s.ids[8]))
				coretest.Must(t, s.p.SetDeviceGroup(coretest.LwM2MProduct, "g", s.ids[8]))
				s.later()
				if selection == "snapshot" {
					s.WantSettled(s.ctx, s.set, config)
					return
				}
				s.MustApply(s.ctx, s.set, config)
				s.wantCounts(t, "with one more", 9, len(one)+1, 0, 0, len(two))
				s.WantSettled(s.ctx, s.set, config)
			}, dealt("1", "2"))
		})
	}
}
