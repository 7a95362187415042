package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// fromOne is the configuration of a set that upgrades from version 1 only. withDevices deals versions 1 and 2.
func (s devicesScene) fromOne(arguments coretest.Config) coretest.Config {
	return s.setConfig(coretest.Merge(from("1"), arguments))
}

// candidatesRequest selects the list of devices that may be upgraded.
func candidatesRequest(r simulator.Request) bool {
	return r.Operation == simulator.OpDevices && r.Query.Get("isSelectDevice") == "2"
}

// interrupting returns a context that ends once the platform has processed a join.
func (s devicesScene) interrupting() context.Context {
	ctx, cancel := context.WithCancel(s.ctx)
	s.p.AfterProcessed(func(r simulator.Request) {
		if r.Operation == simulator.OpOperational {
			cancel()
		}
	})
	return ctx
}

func (s devicesScene) wantJoinedOnce(t *testing.T, ids []string) {
	t.Helper()
	for _, id := range ids {
		if n := s.p.JoinCount(s.id(), id); n != 1 {
			t.Errorf("device %s joined %d times, want 1", id, n)
		}
	}
}

// from_versions is not known at plan and turns out null. The plan says that devices may join.
func TestSelectionThatTurnsOutNullIsAnnounced(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		list := coretest.Config{"device_ids": s.ids[:10]}
		s.MustApply(s.ctx, s.set, s.fromOne(list))
		s.later()
		made := s.Plan(s.ctx, s.set, s.setConfig(coretest.Merge(list, coretest.Config{"from_versions": coretest.Unknown{}})))
		if said := made.Diags.Warnings(); strings.Contains(said, "stay out") || !strings.Contains(said, "Devices may no longer be left out") {
			t.Errorf("the plan says:\n%s", said)
		}
		s.NoErrors(s.ApplyPlan(s.ctx, s.set, s.setConfig(list), made))
		s.expectActive(t, s.ids[:10]...)
	}, dealt("1", "2"))
}

// The task finishes between plan and apply, while the set has no member. Its skipped devices stay skipped.
func TestTaskFinishesBesideSkippedDevices(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		two := s.reporting(s.ids, "2")[:5]
		config := s.fromOne(coretest.Config{"device_ids": two})
		s.MustApply(s.ctx, s.set, config)
		coretest.Must(t, s.p.Join(s.id(), two[0]))
		s.later()
		config["device_ids"] = append(slices.Clone(two), s.reporting(s.ids, "1")[0])
		made := s.Plan(s.ctx, s.set, config)
		s.NoErrors(made.Diags)
		coretest.Must(t, s.p.Start(s.id()))
		coretest.Must(t, s.p.Finish(s.id()))
		s.NoErrors(s.ApplyPlan(s.ctx, s.set, config, made))
		s.wantCounts(t, "after the apply", 6, 1, 0, 1, 4)
		s.later()
		s.WantSettled(s.ctx, s.set, config)
	}, dealt("1", "2"))
}

// Another task has the skipped devices of a group for a while, so the group does not list them. Then they report no
// version any more.
func TestGroupRemembersSkippedDevices(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.fromOne(coretest.Config{"device_group_id": "21001", "selection": "continuous"})
		s.MustApply(s.ctx, s.set, config)
		var group []string
		for _, id := range s.ids {
			if d, _ := s.p.Device(coretest.LwM2MProduct, id); d.GroupID == "21001" {
				group = append(group, id)
			}
		}
		one, two := s.reporting(group, "1"), s.reporting(group, "2")
		other, err := s.p.CreateTask(simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: "other"})
		coretest.Must(t, err)
		for _, change := range []func(){
			func() { coretest.Must(t, s.p.Join(other, two...)) },
			func() {
				coretest.Must(t, s.p.Cancel(other, two...))
				s.p.Configure(func(o *simulator.Options) { o.Quirks.HideVersions = simulator.Among(two...) })
			},
		} {
			change()
			s.later()
			s.MustRefresh(s.ctx, s.set)
			s.MustApply(s.ctx, s.set, config)
		}
		s.wantCounts(t, "in the end", len(group), len(one), 0, 0, len(two))
		s.expectActive(t, one...)
	}, dealt("1", "2"))
}

// A device is in another task when versions are read, and free when it would join.
func TestBusyDeviceThatBecomesFree(t *testing.T) {
	t.Parallel()
	for name, subscribed := range map[string]bool{"subscribed": true, "not subscribed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				s.Arguments = coretest.Config{"master_key": coretest.MasterKeys[coretest.LwM2MProduct]}
				one, two := s.reporting(s.ids[:40], "1"), s.reporting(s.ids[:40], "2")
				other, err := s.p.CreateTask(simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: "other"})
				coretest.Must(t, err)
				busy := two[len(two)-1]
				coretest.Must(t, s.p.Join(other, busy))
				freed := false
				s.p.BeforeRequest(func(r simulator.Request) {
					if r.Operation == simulator.OpOperational && !freed {
						freed = true
						coretest.Must(t, s.p.Cancel(other, busy))
					}
				})
				config := s.fromOne(coretest.Config{"device_ids": s.ids[:40], "batch_size": 5})
				s.MustApply(s.ctx, s.set, config)
				s.expectActive(t, one...)
				missing := 1
				if subscribed {
					missing = 0
				}
				s.wantCounts(t, "while it is busy", 40, len(one), 0, missing, len(two)-missing)
				s.later()
				s.MustRefresh(s.ctx, s.set)
				s.MustApply(s.ctx, s.set, config)
				s.wantCounts(t, "in the end", 40, len(one), 0, 0, len(two))
			}, dealt("1", "2"), unsubscribed(!subscribed))
		})
	}
}

// unsubscribed takes the subscription of the service for devices away.
func unsubscribed(yes bool) func(*simulator.Options) {
	return func(o *simulator.Options) {
		if yes {
			o.LookUps.Unsubscribed = map[string]simulator.Unsubscribed{simulator.DeviceService: simulator.Unsubscribed403}
		}
	}
}

// One empty page of candidates is no news.
func TestOneEmptyListDefeatsNoSelection(t *testing.T) {
	t.Parallel()
	for name, subscribed := range map[string]bool{"subscribed": true, "not subscribed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				s.p.Inject(simulator.Fault{Kind: simulator.RewriteBody, Times: 1, When: candidatesRequest, Rewrite: func([]byte) []byte {
					return []byte(`{"code":0,"msg":"ok","result":{"pageNum":1,"pageSize":1000,"total":0,"list":[]}}`)
				}})
				s.MustApply(s.ctx, s.set, s.fromOne(coretest.Config{"device_ids": s.ids[:10]}))
				one := s.reporting(s.ids[:10], "1")
				s.expectActive(t, one...)
				s.wantCounts(t, "after the apply", 10, len(one), 0, 0, 10-len(one))
			}, dealt("1", "2"), unsubscribed(!subscribed))
		})
	}
}

// The list of candidates shows no versions, and the service for devices does.
func TestServiceCompletesTheVersions(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]int{"one page": 1000, "several pages": 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				s.Arguments = coretest.Config{"master_key": coretest.MasterKeys[coretest.LwM2MProduct]}
				listed := s.ids[20:50]
				s.MustApply(s.ctx, s.set, s.fromOne(coretest.Config{"device_ids": listed}))
				s.expectActive(t, s.reporting(listed, "1")...)
			}, dealt("1", "2"), func(o *simulator.Options) {
				o.Paging.MaxPageSize = page
				o.Quirks.HideVersions = simulator.Percent(100)
			})
		})
	}
}

// A run ends right after its join, and the next one begins while the lists lag behind.
// Without a MasterKey, no service knows the versions.
func TestInterruptedJoinAndListsThatLag(t *testing.T) {
	t.Parallel()
	for _, unknown := range []string{"join", "skip"} {
		for _, way := range []simulator.JoinLagWay{simulator.JoinLagWhole, simulator.JoinLagEach, simulator.JoinLagTail} {
			for _, subscribed := range []bool{true, false} {
				t.Run(fmt.Sprint(unknown, way, subscribed), func(t *testing.T) {
					t.Parallel()
					withDevices(t, nil, func(t *testing.T, s devicesScene) {
						one := s.reporting(s.ids, "1")
						config := s.fromOne(coretest.Config{"device_ids": one[:5], "unknown_versions": unknown})
						s.MustApply(s.ctx, s.set, config)
						s.later()
						ctx := s.interrupting()
						config["device_ids"] = one[:8]
						s.Core = s.Restarted(t, s.p, nil)
						s.Apply(ctx, s.set, config)
						time.Sleep(2 * time.Second)
						s.Core = s.Restarted(t, s.p, nil)
						s.MustRefresh(s.ctx, s.set)
						s.MustApply(s.ctx, s.set, config)
						s.wantCounts(t, "after the next apply", 8, 8, 0, 0, 0)
						s.wantJoinedOnce(t, one[:8])
						config["device_ids"] = one[:5]
						s.MustApply(s.ctx, s.set, config)
						s.expectActive(t, one[:5]...)
					}, dealt("1", "2"), unsubscribed(!subscribed), func(o *simulator.Options) {
						o.Quirks.JoinLag, o.Quirks.JoinLagWay = 20*time.Second, way
					})
				})
			}
		}
	}
}

// A create is killed after its join, and the next one begins while the lists lag behind. The platform would accept a
// second join.
func TestKilledCreateAndListsThatLag(t *testing.T) {
	t.Parallel()
	for _, unknown := range []string{"join", "skip"} {
		t.Run(unknown, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				one := s.reporting(s.ids[:10], "1")
				s.later()
				coretest.Must(t, s.p.Join(s.id(), one...)) // by the run that was killed
				s.Core = s.Restarted(t, s.p, nil)
				s.MustApply(s.ctx, s.set, s.fromOne(coretest.Config{"device_ids": s.ids[:10], "unknown_versions": unknown}))
				s.wantCounts(t, "after the apply", 10, len(one), 0, 0, 10-len(one))
				s.wantJoinedOnce(t, one)
			}, dealt("1", "2"), unsubscribed(true), func(o *simulator.Options) {
				o.Quirks.JoinLag, o.Quirks.AcceptSecondJoin = 20*time.Second, true
			})
		})
	}
}

func TestUnknownVersionsWithoutASelectionIsNamed(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		const said = "Argument without effect"
		for name, c := range map[string]struct {
			arguments coretest.Config
			want      bool
		}{
			"skip only":             {coretest.Config{"unknown_versions": "skip"}, true},
			"with a false flag":     {coretest.Config{"unknown_versions": "skip", "skip_current": false}, true},
			"join":                  {coretest.Config{"unknown_versions": "join"}, false},
			"with skip_current":     {coretest.Config{"unknown_versions": "skip", "skip_current": true}, false},
			"with from_versions":    {coretest.Config{"unknown_versions": "skip", "from_versions": []string{"1"}}, false},
			"with an unknown value": {coretest.Config{"unknown_versions": "skip", "from_versions": coretest.Unknown{}}, false},
		} {
			config := s.setConfig(coretest.Merge(c.arguments, coretest.Config{"device_ids": s.ids[:2]}))
			if got := s.Validate(s.ctx, s.set.TypeName, config).Warnings(); strings.Contains(got, said) != c.want {
				t.Errorf("%s: got %q, want the warning: %v", name, got, c.want)
			}
		}
	})
}
