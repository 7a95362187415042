package provider_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// setStep is what one run does to one set of a task; a nil config destroys it.
type setStep struct {
	set    *coretest.Instance
	config coretest.Config
}

// planSteps plans steps in one walk, and returns all that was said.
func (s devicesScene) planSteps(steps []setStep) (made []coretest.Change, diags coretest.Diagnostics) {
	s.BeginWalk()
	for _, step := range steps {
		if step.set.Exists() {
			diags = append(diags, s.Read(s.ctx, step.set)...)
		}
		one := s.PlanOne(s.ctx, step.set, step.config, coretest.Lifecycle{})
		if step.config == nil { // some versions of Terraform read a set that goes after planning it
			diags = append(diags, s.Read(s.ctx, step.set)...)
		}
		made, diags = append(made, one), append(diags, one.Diags...)
	}
	return made, diags
}

// applySteps plans steps, and applies them in the same order in a further walk.
func (s devicesScene) applySteps(steps []setStep) (diags coretest.Diagnostics) {
	made, diags := s.planSteps(steps)
	if diags.Errors() != "" {
		return diags
	}
	s.BeginWalk()
	for n, step := range steps {
		diags = append(diags, s.Perform(s.ctx, step.set, step.config, made[n])...)
	}
	return diags
}

// withTwoSets runs a test in both orders of the steps that it returns. The task has two
// sets: a with the devices 0 to 3, and b with the devices 4 to 7.
func withTwoSets(t *testing.T, test func(t *testing.T, s devicesScene, a, b *coretest.Instance) (steps []setStep,
	check func(coretest.Diagnostics)),
) {
	t.Helper()
	for _, order := range []string{"one way", "the other way"} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				a, b := s.Absent("aep_upgrade_devices"), s.Absent("aep_upgrade_devices")
				s.NoErrors(s.applySteps([]setStep{{a, s.named("a", s.ids[:4])}, {b, s.named("b", s.ids[4:8])}}))
				s.later()
				s.p.ResetJournal()
				steps, check := test(t, s, a, b)
				if order != "one way" {
					slices.Reverse(steps)
				}
				check(s.applySteps(steps))
			}, func(o *simulator.Options) { o.Upgrade.Hang = func(string) bool { return true } })
		})
	}
}

func (s devicesScene) named(name string, ids []string, more ...coretest.Config) coretest.Config {
	config := s.setConfig(coretest.Config{"name": name, "device_ids": ids})
	for _, m := range more {
		for k, v := range m {
			config[k] = v
		}
	}
	return config
}

func TestSetsThatContradictEachOtherAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps func(s devicesScene, a, b, other *coretest.Instance) []setStep
		want  []string
	}{
		"a new address": {func(s devicesScene, a, _, other *coretest.Instance) []setStep {
			return []setStep{{a, nil}, {other, s.named("a", s.ids[:4])}}
		}, []string{"moved {", "cancels its devices"}},
		"a new address and a new name": {func(s devicesScene, a, _, other *coretest.Instance) []setStep {
			return []setStep{{a, nil}, {other, s.named("c", s.ids[2:4])}}
		}, []string{"moved {", "2 devices"}},
		"two sets with one name": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, s.named("a", s.ids[:4])}, {b, s.named("a", s.ids[4:8])}}
		}, []string{"Two device sets with one name"}},
		"two new sets with one name": {func(s devicesScene, _, _, other *coretest.Instance) []setStep {
			return []setStep{{s.Absent("aep_upgrade_devices"), s.named("c", s.ids[8:9])}, {other, s.named("c", s.ids[9:10])}}
		}, []string{"Two device sets with one name"}},
		"one device in two sets": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, s.named("a", s.ids[:4])}, {b, s.named("b", s.ids[3:8])}}
		}, []string{"Device in two sets", "ID3", `"a"`, `"b"`}},
		"one device in two new sets": {func(s devicesScene, _, _, other *coretest.Instance) []setStep {
			return []setStep{{s.Absent("aep_upgrade_devices"), s.named("c", s.ids[8:10])}, {other, s.named("d", s.ids[9:11])}}
		}, []string{"Device in two sets"}},
		"a device that moves": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, s.named("a", s.ids[:3])}, {b, s.named("b", s.ids[3:8])}}
		}, []string{"would move between two sets", "ID3", `on_remove = "keep"`}},
		"a set that goes, and its devices in another": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, nil}, {b, s.named("b", s.ids[:8])}}
		}, []string{"moved {", "4 devices"}},
		"an exclusive set beside another": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, s.named("a", s.ids[:4], coretest.Config{"exclusive": true})}, {b, s.named("b", s.ids[4:8])}}
		}, []string{"Exclusive device set beside another"}},
		"a removal beside a list that is not known": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, s.named("a", s.ids[:3])}, {b, s.setConfig(coretest.Config{"name": "b", "device_ids": coretest.Unknown{}})}}
		}, []string{"not known yet"}},
		"an unknown list that may lose a device": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, s.setConfig(coretest.Config{"name": "a", "device_ids": coretest.Unknown{}})}, {b, s.named("b", s.ids[3:8])}}
		}, []string{"would move between two sets", "ID3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withTwoSets(t, func(t *testing.T, s devicesScene, a, b *coretest.Instance) ([]setStep, func(coretest.Diagnostics)) {
				return c.steps(s, a, b, s.Absent("aep_upgrade_devices")), func(diags coretest.Diagnostics) {
					for _, want := range c.want {
						want = strings.ReplaceAll(want, "ID3", s.ids[3])
						if !coretest.Says(diags.Errors(), want) {
							t.Errorf("the plan does not say %q: %q", want, diags.Errors())
						}
					}
					coretest.WantNoWrites(t, s.p)
					s.expectActive(t, s.ids[:8]...)
				}
			})
		})
	}
}

func TestSetsThatAgree(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps          func(s devicesScene, a, b, other *coretest.Instance) []setStep
		joins, cancels int
		active         int
		warning        string
		// early is the warning if the second set is planned before the first is read.
		early string
	}{
		"a device handed over": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, s.named("a", s.ids[:3], coretest.Config{"on_remove": "keep"})}, {b, s.named("b", s.ids[3:8])}}
		}, 0, 0, 8, "gives up 1 device. They stay", ""},
		"other devices in each": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, s.named("a", s.ids[1:4])}, {b, s.named("b", s.ids[4:9])}}
		}, 1, 1, 8, "", "no set of this run lists"},
		"names exchanged": {func(s devicesScene, a, b, _ *coretest.Instance) []setStep {
			return []setStep{{a, s.named("c", s.ids[:4])}, {b, s.named("d", s.ids[4:8])}}
		}, 0, 0, 8, "", ""},
		"one set goes, another comes": {func(s devicesScene, a, _, other *coretest.Instance) []setStep {
			return []setStep{{a, nil}, {other, s.named("c", s.ids[8:10])}}
		}, 1, 1, 6, "no set of this run lists", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withTwoSets(t, func(t *testing.T, s devicesScene, a, b *coretest.Instance) ([]setStep, func(coretest.Diagnostics)) {
				other := s.Absent("aep_upgrade_devices")
				steps := c.steps(s, a, b, other)
				return steps, func(diags coretest.Diagnostics) {
					s.NoErrors(diags)
					want := c.warning
					if steps[0].set == b {
						want = cmp.Or(c.early, want)
					}
					if got := diags.Warnings(); !coretest.Says(got, want) || want == "" && got != "" {
						t.Errorf("warned: %q, want %q", got, want)
					}
					joins, cancels := coretest.Operations(s.p)
					if got := coretest.ActiveDevices(s.p, coretest.LwM2MProduct); joins != c.joins || cancels != c.cancels || len(got) != c.active {
						t.Errorf("%d joins, %d cancels, active: %v; want %d, %d, %d", joins, cancels, got, c.joins, c.cancels, c.active)
					}
					for _, step := range steps {
						if step.config != nil {
							s.WantSettled(s.ctx, step.set, step.config)
						}
					}
				}
			})
		})
	}
}

// A set has no object of its own, so nothing may destroy and create it again.
func TestSetIsNeverReplacedForItsOwnTask(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		config := s.setConfig(firstTen(s.ids))
		for _, cbd := range []bool{false, true} {
			s.BeginWalk()
			made := s.PlanOne(s.ctx, s.set, config, coretest.Lifecycle{Replace: true, CreateFirst: cbd})
			mentions(t, "the plan", made.Diags.Errors(), "can't be replaced", "terraform untaint")
		}
		s.set.Tainted = true
		s.BeginWalk()
		s.Read(s.ctx, s.set)
		mentions(t, "the plan", s.PlanOne(s.ctx, s.set, config, coretest.Lifecycle{}).Diags.Errors(), "exists already", "terraform untaint",
			"moved {")

		for _, cbd := range []bool{false, true} { // as with -refresh=false
			s.set.Tainted = true
			s.p.ResetJournal()
			s.BeginWalk()
			made := s.PlanOne(s.ctx, s.set, config, coretest.Lifecycle{CreateFirst: cbd})
			s.NoErrors(made.Diags)
			s.BeginWalk()
			if cbd {
				deposed := s.Absent("aep_upgrade_devices")
				s.NoErrors(s.CreateFirst(s.ctx, s.set, deposed, config, made))
				s.NoErrors(s.RemoveDeposed(s.ctx, deposed))
			} else {
				s.NoErrors(s.Perform(s.ctx, s.set, config, made))
			}
			if n := len(s.p.Writes()); n != 0 || s.set.Tainted {
				t.Errorf("%d writes were sent; tainted: %t", n, s.set.Tainted)
			}
			s.expectActive(t, s.ids[:10]...)
			s.later()
			s.WantSettled(s.ctx, s.set, config)
		}
	})
}

func TestSetIsRenamedInPlace(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		s.p.ResetJournal()
		config := s.named("north", s.ids[:10])
		made := s.Plan(s.ctx, s.set, config)
		if made.Action.Replaces() {
			t.Error("the plan replaces the set")
		}
		s.MustApply(s.ctx, s.set, config)
		wants(t, s.set, map[string]string{
			"id":   coretest.Text64(coretest.LwM2MProduct) + "/" + coretest.Text64(s.id()) + "/north",
			"name": "north", "attached_count": "10",
		})
		coretest.WantNoWrites(t, s.p)
		s.WantSettled(s.ctx, s.set, config)
	})
}

func TestImportedSetsCancelNothing(t *testing.T) {
	t.Parallel()
	withTwoSets(t, func(t *testing.T, s devicesScene, a, b *coretest.Instance) ([]setStep, func(coretest.Diagnostics)) {
		if err := s.p.Start(s.id()); err != nil {
			t.Fatal(err)
		}
		for name, set := range map[string]*coretest.Instance{"a": a, "b": b} {
			again, diags := s.Import(s.ctx, "aep_upgrade_devices", set.Get("id"))
			s.NoErrors(diags)
			wants(t, again, map[string]string{"name": name, "attached_count": "8", "device_count": "8"})
			*set = *again
		}
		s.p.ResetJournal()
		steps := []setStep{{a, s.named("a", s.ids[:4])}, {b, s.named("b", s.ids[4:8])}}
		return steps, func(diags coretest.Diagnostics) {
			s.NoErrors(diags)
			mentions(t, "the plan", diags.Warnings(), "given up", s.ids[0], s.ids[7])
			coretest.WantNoWrites(t, s.p)
			s.expectActive(t, s.ids[:8]...)
			for _, step := range steps {
				wants(t, step.set, map[string]string{"attached_count": "4", "device_count": "4"})
				s.WantSettled(s.ctx, step.set, step.config)
			}
		}
	})
}

// A set whose private state is lost or damaged cancels nothing.
func TestSetWithoutItsLedgerCancelsNothing(t *testing.T) {
	t.Parallel()
	for name, private := range map[string][]byte{"lost": nil, "damaged": []byte(`{"ledger":"eyJ2ZXJzaW9uIjo5OX0="}`)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
				if err := s.p.Join(s.id(), s.ids[20]); err != nil {
					t.Fatal(err)
				}
				s.set.Private = private
				s.p.ResetJournal()
				fewer := s.setConfig(coretest.Config{"device_ids": s.ids[:8]})
				diags := s.Refresh(s.ctx, s.set)
				s.NoErrors(diags)
				diags = s.Apply(s.ctx, s.set, fewer)
				s.NoErrors(diags)
				mentions(t, "the plan", diags.Warnings(), "given up", s.ids[9], s.ids[20])
				s.WantSettled(s.ctx, s.set, fewer)
				s.set.Private = private
				diags = s.Apply(s.ctx, s.set, nil) // without a refresh
				s.NoErrors(diags)
				coretest.WantNoWrites(t, s.p)
				s.expectActive(t, append(slices.Clone(s.ids[:10]), s.ids[20])...)
			})
		})
	}
}

// The state may be older than the start of the task.
func TestSetOfRunningTaskIsNotDestroyed(t *testing.T) {
	t.Parallel()
	withDevices(t, firstTen, func(t *testing.T, s devicesScene) {
		if err := s.p.Start(s.id()); err != nil {
			t.Fatal(err)
		}
		s.p.ResetJournal()
		s.BeginWalk()
		made := s.PlanOne(s.ctx, s.set, nil, coretest.Lifecycle{})
		mentions(t, "the plan", made.Diags.Errors(), "is running", "10 devices", "force_destroy = true")
		s.MustApply(s.ctx, s.set, s.setConfig(coretest.Config{"device_ids": s.ids[:10], "force_destroy": true}))
		coretest.WantNoWrites(t, s.p)
		s.BeginWalk()
		made = s.PlanOne(s.ctx, s.set, nil, coretest.Lifecycle{})
		mentions(t, "the plan", made.Diags.Warnings(), "cancels 10 devices")
		s.NoErrors(made.Diags)
		s.NoErrors(s.Perform(s.ctx, s.set, nil, made))
		s.expectActive(t)
	}, func(o *simulator.Options) { o.Upgrade.Hang = func(string) bool { return true } })
}
