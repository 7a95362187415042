package provider_test

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// The state says that the task is pending: it was never refreshed.
func TestUpgradeTaskEndIsJudgedByThePlatform(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		s.run(t, 3)
		s.p.ResetJournal()
		newer := taskConfig(coretest.Config{"firmware_id": coretest.LwM2MNewer})
		for name, one := range map[string]struct {
			config coretest.Config
			how    coretest.Lifecycle
		}{
			"destroy":                  {nil, coretest.Lifecycle{}},
			"-replace":                 {taskConfig(nil), coretest.Lifecycle{Replace: true}},
			"-replace, created first":  {taskConfig(nil), coretest.Lifecycle{Replace: true, CreateFirst: true}},
			"other firmware":           {newer, coretest.Lifecycle{}},
			"other firmware, at first": {newer, coretest.Lifecycle{CreateFirst: true}},
		} {
			s.BeginWalk()
			made := s.PlanOne(s.ctx, s.task, one.config, one.how)
			mentions(t, name, made.Diags.Errors(), "Upgrade task is running", "3 devices: 3 in progress", "force_destroy = true")
		}
		s.MustApply(s.ctx, s.task, taskConfig(coretest.Config{"force_destroy": true}))
		s.BeginWalk()
		made := s.PlanOne(s.ctx, s.task, nil, coretest.Lifecycle{})
		mentions(t, "the forced destroy", made.Diags.Warnings(), "3 in progress", "cancels every device")
		s.NoErrors(made.Diags)
		coretest.WantNoWrites(t, s.p)
	}, slowly)
}

// An unknown value may turn out to be the current one.
func TestUpgradeTaskUnknownArgumentReplacesNothing(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]coretest.Config{
		"product_id":            {"product_id": coretest.Unknown{}},
		"firmware_id":           {"firmware_id": coretest.Unknown{}},
		"name":                  {"name": coretest.Unknown{}},
		"description":           {"description": coretest.Unknown{}},
		"retry_times":           {"retry_times": coretest.Unknown{}},
		"timeout_hours instead": {"retry_times": nil, "timeout_hours": coretest.Unknown{}},
		"one or the other":      {"retry_times": coretest.Unknown{}, "timeout_hours": coretest.Unknown{}},
		"force_destroy":         {"force_destroy": coretest.Unknown{}},
		"allow_recreate":        {"allow_recreate": coretest.Unknown{}},
		"adopt_existing":        {"adopt_existing": coretest.Unknown{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
				made := s.Plan(s.ctx, s.task, taskConfig(changes))
				s.NoErrors(made.Diags)
				if made.Action.Replaces() {
					t.Errorf("the plan is to %s", made.Action)
				}
				s.BeginWalk()
				created := s.PlanOne(s.ctx, s.Absent("aep_upgrade_task"), taskConfig(changes), coretest.Lifecycle{})
				s.NoErrors(created.Diags)
				if protocol := coretest.Fields(created.Planned)["protocol"]; name == "one or the other" && protocol.IsKnown() {
					t.Errorf("a new task is planned with protocol %s", protocol)
				}
			})
		})
	}
}

// An answer may show an argument of the other protocol.
func TestUpgradeTaskKeepsItsProtocol(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		s.WantSettled(s.ctx, s.task, taskConfig(nil))
		wants(t, s.task, map[string]string{"protocol": "lwm2m", "timeout_hours": "null", "retry_times": "1"})
	}, func(o *simulator.Options) { o.Quirks.OutTimeEverywhere = true })
}

func TestUpgradeTaskKeepsItsProtocolWhateverComes(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		s.p.Configure(func(o *simulator.Options) { o.Quirks.OutTimeEverywhere = true })
		s.WantSettled(s.ctx, s.task, taskConfig(nil))
		s.p.Configure(func(o *simulator.Options) { o.Quirks.OmitMembers = []string{"firmwareId"} })
		diags := s.Refresh(s.ctx, s.task)
		mentions(t, "the refresh", diags.Errors(), "firmwareId")
		wants(t, s.task, map[string]string{"protocol": "lwm2m", "firmware_id": coretest.Text64(coretest.LwM2MFirmware)})
	})
}
