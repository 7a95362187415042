package provider_test

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// The state says that the task is pending: it was never refreshed.
func TestUpgradeTaskEndIsJudgedByThePlatform(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		s.run(t, 3)
		s.p.ResetJournal()
		newer := taskConfig(object{"firmware_id": lwm2mNewer})
		for name, one := range map[string]struct {
			config object
			how    lifecycle
		}{
			"destroy":                  {nil, lifecycle{}},
			"-replace":                 {taskConfig(nil), lifecycle{replace: true}},
			"-replace, created first":  {taskConfig(nil), lifecycle{replace: true, createFirst: true}},
			"other firmware":           {newer, lifecycle{}},
			"other firmware, at first": {newer, lifecycle{createFirst: true}},
		} {
			s.renew()
			made := s.planOne(s.ctx, s.task, one.config, one.how)
			mentions(t, name, made.diags.errors(), "Upgrade task is running", "3 devices: 3 in progress", "force_destroy = true")
		}
		s.must(nil, s.apply(s.ctx, s.task, taskConfig(object{"force_destroy": true}))...)
		s.renew()
		made := s.planOne(s.ctx, s.task, nil, lifecycle{})
		mentions(t, "the forced destroy", made.diags.warnings(), "3 in progress", "cancels every device")
		s.must(nil, made.diags...)
		if n := len(s.p.Writes()); n != 0 {
			t.Errorf("%d writes were sent", n)
		}
	}, slowly)
}

// What is not known yet may turn out to be as it is.
func TestUpgradeTaskUnknownArgumentReplacesNothing(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]object{
		"product_id":            {"product_id": unknown{}},
		"firmware_id":           {"firmware_id": unknown{}},
		"name":                  {"name": unknown{}},
		"description":           {"description": unknown{}},
		"retry_times":           {"retry_times": unknown{}},
		"timeout_hours instead": {"retry_times": nil, "timeout_hours": unknown{}},
		"one or the other":      {"retry_times": unknown{}, "timeout_hours": unknown{}},
		"force_destroy":         {"force_destroy": unknown{}},
		"allow_recreate":        {"allow_recreate": unknown{}},
		"adopt_existing":        {"adopt_existing": unknown{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
				made := s.plan(s.ctx, s.task, taskConfig(changes))
				s.must(nil, made.diags...)
				if made.action.replaces() {
					t.Errorf("the plan is to %s", made.action)
				}
				s.renew()
				created := s.planOne(s.ctx, s.absent("aep_upgrade_task"), taskConfig(changes), lifecycle{})
				s.must(nil, created.diags...)
				if protocol := fields(created.planned)["protocol"]; name == "one or the other" && protocol.IsKnown() {
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
		s.settled(s.ctx, s.task, taskConfig(nil))
		wants(t, s.task, map[string]string{"protocol": "lwm2m", "timeout_hours": "null", "retry_times": "1"})
	}, func(o *simulator.Options) { o.Quirks.OutTimeEverywhere = true })
}

func TestUpgradeTaskKeepsItsProtocolWhateverComes(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		s.p.Configure(func(o *simulator.Options) { o.Quirks.OutTimeEverywhere = true })
		s.settled(s.ctx, s.task, taskConfig(nil))
		s.p.Configure(func(o *simulator.Options) { o.Quirks.OmitMembers = []string{"firmwareId"} })
		diags := s.refresh(s.ctx, s.task)
		mentions(t, "the refresh", diags.errors(), "firmwareId")
		wants(t, s.task, map[string]string{"protocol": "lwm2m", "firmware_id": text64(lwm2mFirmware)})
	})
}
