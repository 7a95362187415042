package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// devicesScene is a task with one device set.
type devicesScene struct {
	scene
	ids []string // of the product
	set *coretest.Instance
}

// setConfig is a configuration for a set of the scene's task.
func (s devicesScene) setConfig(arguments coretest.Config) coretest.Config {
	config := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": s.id()}
	maps.Copy(config, arguments)
	return config
}

// withDevices runs test on a platform with one task and, where arguments are
// given, a device set.
func withDevices(t *testing.T, arguments func(ids []string) coretest.Config, test func(t *testing.T, s devicesScene),
	change ...func(*simulator.Options),
) {
	t.Helper()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		d := devicesScene{scene: s, ids: slices.Sorted(slices.Values(s.p.DeviceIDs(coretest.LwM2MProduct))), set: s.Absent("aep_upgrade_devices")}
		if arguments != nil {
			s.MustApply(s.ctx, d.set, d.setConfig(arguments(d.ids)))
			s.WantSettled(s.ctx, d.set, d.setConfig(arguments(d.ids)))
		}
		test(t, d)
	}, change...)
}

// later lets the time pass that lies between two commands of a practitioner.
func (s devicesScene) later() { time.Sleep(time.Minute) }

func firstTen(ids []string) coretest.Config { return coretest.Config{"device_ids": ids[:10]} }

func (s devicesScene) expectActive(t *testing.T, want ...string) {
	t.Helper()
	coretest.WantDevices(t, "active", coretest.ActiveDevices(s.p, coretest.LwM2MProduct), want)
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
			arguments := func(ids []string) coretest.Config {
				return coretest.Config{"device_ids": ids, "drift_detection": c.drift}
			}
			withDevices(t, arguments, func(t *testing.T, s devicesScene) {
				s.later()
				s.p.ResetJournal()
				s.WantSettled(s.ctx, s.set, s.setConfig(arguments(s.ids)))
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
		s.MustRefresh(s.ctx, s.set)
		s.WantEmpty(s.ctx, s.set, s.setConfig(firstTen(s.ids)))
		made := s.Plan(s.ctx, s.set, s.setConfig(coretest.Config{"device_ids": s.ids[:12]}))
		mentions(t, "the plan", made.Diags.Warnings(), "has finished", "create a new task", "2 devices of the list are not attached")
		if difference, err := s.set.Value.Diff(made.Planned); made.Diags.Errors() != "" || err != nil || len(difference) > 0 {
			t.Errorf("the plan changes %v %v %s", difference, err, made.Diags.Errors())
		}
		s.p.ResetJournal()
		s.MustApply(s.ctx, s.set, nil)
		coretest.WantNoWrites(t, s.p)
	})
}

func TestUpgradeDevicesOnRemoveKeep(t *testing.T) {
	t.Parallel()
	keep := func(ids []string) coretest.Config {
		return coretest.Config{"device_ids": ids[:10], "on_remove": "keep"}
	}
	withDevices(t, keep, func(t *testing.T, s devicesScene) {
		fewer := s.setConfig(coretest.Config{"device_ids": s.ids[:4], "on_remove": "keep"})
		s.MustApply(s.ctx, s.set, fewer)
		s.WantSettled(s.ctx, s.set, fewer)
		s.MustApply(s.ctx, s.set, nil)
		s.expectActive(t, s.ids[:10]...)
	})
}

func TestUpgradeDevicesDestroyCancels(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		if err := s.p.Join(s.id(), s.ids[20]); err != nil {
			t.Fatal(err)
		}
		s.MustApply(s.ctx, s.set, nil)
		s.expectActive(t, s.ids[20]) // a device of no set is not changed
	})
}

func TestUpgradeDevicesExclusive(t *testing.T) {
	t.Parallel()
	exclusive := func(ids []string) coretest.Config { return coretest.Config{"device_ids": ids[:10], "exclusive": true} }
	withDevices(t, exclusive, func(t *testing.T, s devicesScene) {
		if err := s.p.Join(s.id(), s.ids[20], s.ids[21]); err != nil {
			t.Fatal(err)
		}
		s.later()
		config := s.setConfig(exclusive(s.ids))
		s.MustRefresh(s.ctx, s.set)
		made := s.Plan(s.ctx, s.set, config)
		if got, want := coretest.Plain(coretest.Fields(made.Planned)["planned_change"]), "+0 −2, to 10 devices"; got != want {
			t.Errorf("the plan announces %q, want %q", got, want)
		}
		s.MustApply(s.ctx, s.set, config)
		s.WantSettled(s.ctx, s.set, config)
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
				mentions(t, "the refresh", s.Refresh(s.ctx, s.set).Warnings(), "1 device cancelled", s.ids[0])
				wants(t, s.set, map[string]string{"attached_count": "9", "cancelled_count": "1", "missing_count": "0"})
				s.WantSettled(s.ctx, s.set, s.setConfig(firstTen(s.ids)))
				if n := s.p.JoinCount(s.id(), s.ids[0]); n != 1 {
					t.Errorf("the device was joined %d times", n)
				}
			}, func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = leaves })
		})
	}
}

func TestUpgradeDevicesTaskGone(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		if err := s.p.DeleteTask(s.id()); err != nil {
			t.Fatal(err)
		}
		s.MustRefresh(s.ctx, s.set)
		if s.set.Exists() {
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
				if err := s.p.SetDeviceGroup(coretest.LwM2MProduct, "street-7", s.ids[:5]...); err != nil {
					t.Fatal(err)
				}
				config := s.setConfig(coretest.Config{"device_group_id": "street-7", "selection": selection})
				s.MustApply(s.ctx, s.set, config)
				s.WantSettled(s.ctx, s.set, config)
				s.expectActive(t, s.ids[:5]...)

				if err := s.p.SetDeviceGroup(coretest.LwM2MProduct, "street-7", s.ids[5]); err != nil {
					t.Fatal(err)
				}
				s.MustRefresh(s.ctx, s.set)
				if !follows {
					s.WantEmpty(s.ctx, s.set, config)
					return
				}
				s.MustApply(s.ctx, s.set, config)
				s.WantSettled(s.ctx, s.set, config)
				s.expectActive(t, s.ids[:6]...)
			})
		})
	}
}

func TestUpgradeDevicesPreflight(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		bad := s.setConfig(coretest.Config{"device_ids": []string{s.ids[0], "no-such-device"}, "preflight": true})
		mentions(t, "the plan", s.Plan(s.ctx, s.set, bad).Diags.Errors(), "no-such-device", "1 of 2")
		good := s.setConfig(coretest.Config{"device_ids": s.ids[:2], "preflight": true})
		s.MustApply(s.ctx, s.set, good)
		s.WantSettled(s.ctx, s.set, good)
	})
}

// Terraform plans a set again before it applies it, and gives the provider nothing of
// the first plan. So the error is Terraform's own, but nothing is sent for a file that
// has changed.
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
		config := s.setConfig(coretest.Config{"device_ids_file": file})
		made := s.Plan(s.ctx, s.set, config)
		s.NoErrors(made.Diags)
		write(s.ids[:6]...)
		s.p.ResetJournal()
		again := s.Plan(s.ctx, s.set, config)
		s.NoErrors(again.Diags)
		for _, name := range []string{"device_ids_sha256", "device_count", "planned_change"} {
			if coretest.Fields(made.Planned)[name].Equal(coretest.Fields(again.Planned)[name]) {
				t.Errorf("%s does not show Terraform that the file has changed", name)
			}
		}
		s.BeginWalk()
		mentions(t, "the apply", s.Send(s.ctx, s.set, config, made).Errors(), "between plan and apply", file)
		coretest.WantNoWrites(t, s.p)
		if s.set.Exists() {
			t.Error("the state holds a set that was not created")
		}
	})
}

func TestUpgradeDevicesUnknownAtPlan(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]coretest.Config{
		"list":          {"device_ids": coretest.Unknown{}},
		"element":       {"device_ids": []any{"a", coretest.Unknown{}}},
		"hidden list":   {"device_ids_wo": coretest.Unknown{}},
		"file":          {"device_ids_file": coretest.Unknown{}},
		"wave":          {"device_ids": []string{"a"}, "wave": coretest.Unknown{}},
		"everything":    {"product_id": coretest.Unknown{}, "task_id": coretest.Unknown{}, "device_ids": coretest.Unknown{}},
		"group of none": {"product_id": coretest.Unknown{}, "device_group_id": "g"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
				made := s.Plan(s.ctx, s.set, s.setConfig(arguments))
				s.NoErrors(made.Diags)
				if digest := coretest.Fields(made.Planned)["device_ids_sha256"]; digest.IsKnown() {
					t.Errorf("the plan knows the digest %s of unknown devices", coretest.Text(digest))
				}
			})
		})
	}
}

func TestUpgradeDevicesOutageIsHealed(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.setConfig(coretest.Config{"device_ids": s.ids[:50], "batch_size": 10})
		joins := 0
		s.p.AfterProcessed(func(r simulator.Request) {
			if r.Operation != simulator.OpOperational {
				return
			}
			if joins++; joins == 3 {
				s.p.SetOutage(true)
			}
		})
		diags := s.Apply(s.ctx, s.set, config)
		mentions(t, "the apply", diags.Warnings(), "30 of 50", "503")
		s.p.SetOutage(false)
		s.later()
		s.MustRefresh(s.ctx, s.set)
		s.MustApply(s.ctx, s.set, config)
		s.WantSettled(s.ctx, s.set, config)
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
		other := s.Absent("aep_upgrade_devices")
		config := s.setConfig(coretest.Config{"name": "second", "device_ids": s.ids[10:20]})
		s.MustApply(s.ctx, other, config)
		s.WantSettled(s.ctx, other, config)
		s.WantSettled(s.ctx, s.set, s.setConfig(firstTen(s.ids)))
		s.MustApply(s.ctx, other, nil)
		s.expectActive(t, s.ids[:10]...)
		s.WantSettled(s.ctx, s.set, s.setConfig(firstTen(s.ids)))
	})
}

func TestUpgradeDevicesImportedByIdentity(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		for name, identity := range map[string]coretest.Config{
			"with a name":    {"product_id": coretest.LwM2MProduct, "task_id": s.id(), "name": "default"},
			"without a name": {"product_id": coretest.LwM2MProduct, "task_id": s.id()},
		} {
			same, diags := s.ImportBy(s.ctx, "aep_upgrade_devices", identity)
			s.NoErrors(diags)
			s.WantEmpty(s.ctx, same, s.setConfig(firstTen(s.ids)))
			if got := same.Get("name"); got != s.set.Get("name") {
				t.Errorf("%s: the name is %s", name, got)
			}
		}
		_, diags := s.Import(s.ctx, "aep_upgrade_devices", "10005977-3456")
		mentions(t, "the import", diags.Errors(), "<product id>/<task id>")
	})
}
