package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// devicesScene is a task with one device set.
type devicesScene struct {
	scene
	ids []string // of the product
	set *instance
}

// setConfig is a configuration for a set of the scene's task.
func (s devicesScene) setConfig(arguments object) object {
	config := object{"product_id": lwm2mProduct, "task_id": s.id()}
	maps.Copy(config, arguments)
	return config
}

// withDevices runs test on a platform with one task and, where arguments are
// given, a device set.
func withDevices(t *testing.T, arguments func(ids []string) object, test func(t *testing.T, s devicesScene), change ...func(*simulator.Options)) {
	t.Helper()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		d := devicesScene{scene: s, ids: slices.Sorted(slices.Values(s.p.DeviceIDs(lwm2mProduct))), set: s.absent("aep_upgrade_devices")}
		if arguments != nil {
			s.must(nil, s.apply(s.ctx, d.set, d.setConfig(arguments(d.ids)))...)
			s.settled(s.ctx, d.set, d.setConfig(arguments(d.ids)))
		}
		test(t, d)
	}, change...)
}

// later lets the time pass that lies between two commands of a practitioner.
func (s devicesScene) later() { time.Sleep(time.Minute) }

func firstTen(ids []string) object { return object{"device_ids": ids[:10]} }

func (s devicesScene) expectActive(t *testing.T, want ...string) {
	t.Helper()
	if got := active(s.p, lwm2mProduct); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("%d devices are active, want %d", len(got), len(want))
	}
}

func TestUpgradeDevicesNoOpCosts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		drift string
		want  map[string]int
	}{
		"full":  {"full", map[string]int{simulator.OpQueryTask: 1, simulator.OpDevices: 1}},
		"count": {"count", map[string]int{simulator.OpQueryTask: 1, simulator.OpDevices: 1}},
		"none":  {"none", map[string]int{simulator.OpQueryTask: 1, simulator.OpDevices: 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arguments := func(ids []string) object { return object{"device_ids": ids, "drift_detection": c.drift} }
			withDevices(t, arguments, func(t *testing.T, s devicesScene) {
				s.later()
				s.p.ResetJournal()
				s.settled(s.ctx, s.set, s.setConfig(arguments(s.ids)))
				for operation, want := range c.want {
					if got := s.p.Count(operation); got != want {
						t.Errorf("%d calls of %s, want %d", got, operation, want)
					}
				}
			})
		})
	}
}

func TestUpgradeDevicesTaskFinishedFreezesMembership(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		if err := s.p.Start(s.id()); err != nil {
			t.Fatal(err)
		}
		if err := s.p.Finish(s.id()); err != nil {
			t.Fatal(err)
		}
		s.must(nil, s.refresh(s.ctx, s.set)...)
		s.empty(s.ctx, s.set, s.setConfig(firstTen(s.ids)))
		made := s.plan(s.ctx, s.set, s.setConfig(object{"device_ids": s.ids[:12]}))
		mentions(t, "the plan", made.diags.warnings(), "has finished", "create a new task", "2 devices of the list are not attached")
		if difference, err := s.set.value.Diff(made.planned); made.diags.errors() != "" || err != nil || len(difference) > 0 {
			t.Errorf("the plan changes %v %v %s", difference, err, made.diags.errors())
		}
		s.p.ResetJournal()
		s.must(nil, s.apply(s.ctx, s.set, nil)...)
		if writes := s.p.Writes(); len(writes) != 0 {
			t.Errorf("detaching from a finished task sent %s", writes[0].Operation)
		}
	})
}

func TestUpgradeDevicesOnRemoveKeep(t *testing.T) {
	t.Parallel()
	keep := func(ids []string) object { return object{"device_ids": ids[:10], "on_remove": "keep"} }
	withDevices(t, keep, func(t *testing.T, s devicesScene) {
		fewer := s.setConfig(object{"device_ids": s.ids[:4], "on_remove": "keep"})
		s.must(nil, s.apply(s.ctx, s.set, fewer)...)
		s.settled(s.ctx, s.set, fewer)
		s.must(nil, s.apply(s.ctx, s.set, nil)...)
		s.expectActive(t, s.ids[:10]...)
	})
}

func TestUpgradeDevicesDestroyCancels(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		if err := s.p.Join(s.id(), s.ids[20]); err != nil {
			t.Fatal(err)
		}
		s.must(nil, s.apply(s.ctx, s.set, nil)...)
		s.expectActive(t, s.ids[20]) // another's device is left alone
	})
}

func TestUpgradeDevicesExclusive(t *testing.T) {
	t.Parallel()
	exclusive := func(ids []string) object { return object{"device_ids": ids[:10], "exclusive": true} }
	withDevices(t, exclusive, func(t *testing.T, s devicesScene) {
		if err := s.p.Join(s.id(), s.ids[20], s.ids[21]); err != nil {
			t.Fatal(err)
		}
		s.later()
		config := s.setConfig(exclusive(s.ids))
		s.must(nil, s.refresh(s.ctx, s.set)...)
		made := s.plan(s.ctx, s.set, config)
		if got, want := plainValue(fields(made.planned)["planned_change"]), "+0 −2, to 10 devices"; got != want {
			t.Errorf("the plan announces %q, want %q", got, want)
		}
		s.must(nil, s.apply(s.ctx, s.set, config)...)
		s.settled(s.ctx, s.set, config)
		s.expectActive(t, s.ids[:10]...)
	})
}

func TestUpgradeDevicesCancelledInTheConsole(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]bool{"stays on the list": false, "leaves the list": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
				if err := s.p.Cancel(s.id(), s.ids[0]); err != nil {
					t.Fatal(err)
				}
				mentions(t, "the refresh", s.refresh(s.ctx, s.set).warnings(), "1 device cancelled", s.ids[0])
				wants(t, s.set, map[string]string{"attached_count": "9", "cancelled_count": "1", "missing_count": "0"})
				s.settled(s.ctx, s.set, s.setConfig(firstTen(s.ids)))
				if n := s.p.JoinCount(s.id(), s.ids[0]); n != 1 {
					t.Errorf("the device was joined %d times", n)
				}
			}, func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = leaves })
		})
	}
}

// A device that leaves its set is cancelled; one that comes back must be
// upgraded, not taken for attached because of the subtask that was cancelled.
func TestUpgradeDevicesComeBack(t *testing.T) {
	t.Parallel()
	leave := func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = true }
	for name, c := range map[string]struct {
		change func(*simulator.Options)
		again  bool // the platform lets cancelled devices join again
	}{
		"LwM2M, off the list":            {leave, true},
		"LwM2M, on the list":             {func(*simulator.Options) {}, false},
		"LwM2M of 2019, off the list":    {func(o *simulator.Options) { leave(o); o.Upgrade.Table = simulator.Table2019 }, true},
		"LwM2M of 2019, on the list":     {func(o *simulator.Options) { o.Upgrade.Table = simulator.Table2019 }, false},
		"T-Link, off the list":           {leave, true},
		"T-Link, off the list as failed": {func(o *simulator.Options) { leave(o); o.Quirks.TLinkCancelShowsFailed = true }, true},
		"T-Link, on the list as failed":  {func(o *simulator.Options) { o.Quirks.TLinkCancelShowsFailed = true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			product, config := int64(lwm2mProduct), taskConfig(nil)
			if strings.HasPrefix(name, "T-Link") {
				product = tLinkProduct
				config = object{"product_id": tLinkProduct, "firmware_id": tLinkFirmware, "name": "trackers", "timeout_hours": 5}
			}
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform(t, c.change)
				again := c.again
				c := newCore(t, p, nil)
				task, set := c.absent("aep_upgrade_task"), c.absent("aep_upgrade_devices")
				c.must(nil, c.apply(t.Context(), task, config)...)
				ids := slices.Sorted(slices.Values(p.DeviceIDs(product)))[:6]
				job := p.Tasks(product)[0].ID
				for _, step := range []struct {
					ids  []string
					gone bool // the set is destroyed
				}{{ids: ids}, {ids: ids[:4]}, {ids: ids}, {gone: true}, {ids: ids}} {
					var config object
					if !step.gone {
						config = object{"product_id": product, "task_id": job, "device_ids": step.ids}
					}
					diags := c.apply(t.Context(), set, config)
					c.must(nil, diags...)
					warned := strings.Contains(diags.warnings(), "will not be upgraded")
					if got := active(p, product); !slices.Equal(got, step.ids) && !warned {
						t.Errorf("%d devices are active, want %d, and no warning says so", len(got), len(step.ids))
					}
					if warned && again {
						t.Error(diags.warnings())
					}
					time.Sleep(time.Minute)
					if !step.gone {
						c.settled(t.Context(), set, config)
					}
				}
			})
		})
	}
}

func TestUpgradeDevicesTaskGone(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		if err := s.p.DeleteTask(s.id()); err != nil {
			t.Fatal(err)
		}
		s.must(nil, s.refresh(s.ctx, s.set)...)
		if s.set.exists() {
			t.Error("the state holds a set of a task that is gone")
		}
	})
}

func TestUpgradeDevicesGroup(t *testing.T) {
	t.Parallel()
	for selection, follows := range map[string]bool{"snapshot": false, "continuous": true} {
		t.Run(selection, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				if err := s.p.SetDeviceGroup(lwm2mProduct, "street-7", s.ids[:5]...); err != nil {
					t.Fatal(err)
				}
				config := s.setConfig(object{"device_group_id": "street-7", "selection": selection})
				s.must(nil, s.apply(s.ctx, s.set, config)...)
				s.settled(s.ctx, s.set, config)
				s.expectActive(t, s.ids[:5]...)

				if err := s.p.SetDeviceGroup(lwm2mProduct, "street-7", s.ids[5]); err != nil {
					t.Fatal(err)
				}
				s.must(nil, s.refresh(s.ctx, s.set)...)
				if !follows {
					s.empty(s.ctx, s.set, config)
					return
				}
				s.must(nil, s.apply(s.ctx, s.set, config)...)
				s.settled(s.ctx, s.set, config)
				s.expectActive(t, s.ids[:6]...)
			})
		})
	}
}

func TestUpgradeDevicesPreflight(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		bad := s.setConfig(object{"device_ids": []string{s.ids[0], "no-such-device"}, "preflight": true})
		mentions(t, "the plan", s.plan(s.ctx, s.set, bad).diags.errors(), "no-such-device", "1 of 2")
		good := s.setConfig(object{"device_ids": s.ids[:2], "preflight": true})
		s.must(nil, s.apply(s.ctx, s.set, good)...)
		s.settled(s.ctx, s.set, good)
	})
}

// Terraform plans a set anew before it applies it, and hands nothing of the
// first plan to the provider. So the words are Terraform's own, but nothing is
// sent for a file that has changed.
func TestUpgradeDevicesFileChangedBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		file := filepath.Join(t.TempDir(), "devices.txt")
		write := func(ids ...string) {
			if err := os.WriteFile(file, []byte(strings.Join(ids, "\n")), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(s.ids[:5]...)
		config := s.setConfig(object{"device_ids_file": file})
		made := s.plan(s.ctx, s.set, config)
		s.must(nil, made.diags...)
		write(s.ids[:6]...)
		s.p.ResetJournal()
		again := s.plan(s.ctx, s.set, config)
		s.must(nil, again.diags...)
		for _, name := range []string{"device_ids_sha256", "device_count", "planned_change"} {
			if fields(made.planned)[name].Equal(fields(again.planned)[name]) {
				t.Errorf("%s does not show Terraform that the file has changed", name)
			}
		}
		s.renew()
		mentions(t, "the apply", s.send(s.ctx, s.set, config, made).errors(), "between plan and apply", file)
		if sent := s.p.Writes(); len(sent) != 0 || s.set.exists() {
			t.Errorf("%d requests were sent", len(sent))
		}
	})
}

func TestUpgradeDevicesUnknownAtPlan(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]object{
		"list":          {"device_ids": unknown{}},
		"element":       {"device_ids": []any{"a", unknown{}}},
		"hidden list":   {"device_ids_wo": unknown{}},
		"file":          {"device_ids_file": unknown{}},
		"wave":          {"device_ids": []string{"a"}, "wave": unknown{}},
		"everything":    {"product_id": unknown{}, "task_id": unknown{}, "device_ids": unknown{}},
		"group of none": {"product_id": unknown{}, "device_group_id": "g"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
				made := s.plan(s.ctx, s.set, s.setConfig(arguments))
				s.must(nil, made.diags...)
				if digest := fields(made.planned)["device_ids_sha256"]; digest.IsKnown() {
					t.Errorf("the plan knows the digest %s of unknown devices", text(digest))
				}
			})
		})
	}
}

func TestUpgradeDevicesOutageIsHealed(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.setConfig(object{"device_ids": s.ids[:50], "batch_size": 10})
		joins := 0
		s.p.AfterProcessed(func(r simulator.Request) {
			if r.Operation != simulator.OpOperational {
				return
			}
			if joins++; joins == 3 {
				s.p.Outage(true)
			}
		})
		diags := s.apply(s.ctx, s.set, config)
		mentions(t, "the apply", diags.warnings(), "30 of 50", "503")
		s.p.Outage(false)
		s.later()
		s.must(nil, s.refresh(s.ctx, s.set)...)
		s.must(nil, s.apply(s.ctx, s.set, config)...)
		s.settled(s.ctx, s.set, config)
		for _, id := range s.ids[:50] {
			if n := s.p.JoinCount(s.id(), id); n != 1 {
				t.Errorf("%s was joined %d times", id, n)
			}
		}
	})
}

func TestUpgradeDevicesSeveralSetsOnOneTask(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		other := s.absent("aep_upgrade_devices")
		config := s.setConfig(object{"name": "second", "device_ids": s.ids[10:20]})
		s.must(nil, s.apply(s.ctx, other, config)...)
		s.settled(s.ctx, other, config)
		s.settled(s.ctx, s.set, s.setConfig(firstTen(s.ids)))
		s.must(nil, s.apply(s.ctx, other, nil)...)
		s.expectActive(t, s.ids[:10]...)
		s.settled(s.ctx, s.set, s.setConfig(firstTen(s.ids)))
	})
}

func TestUpgradeDevicesImportedByIdentity(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		for name, identity := range map[string]object{
			"with a name":    {"product_id": lwm2mProduct, "task_id": s.id(), "name": "default"},
			"without a name": {"product_id": lwm2mProduct, "task_id": s.id()},
		} {
			same, diags := s.importedBy(s.ctx, "aep_upgrade_devices", identity)
			s.must(nil, diags...)
			s.empty(s.ctx, same, s.setConfig(firstTen(s.ids)))
			if got := same.get("name"); got != s.set.get("name") {
				t.Errorf("%s: the name is %s", name, got)
			}
		}
		_, diags := s.imported(s.ctx, "aep_upgrade_devices", "10005977-3456")
		mentions(t, "the import", diags.errors(), "<product id>/<task id>")
	})
}
