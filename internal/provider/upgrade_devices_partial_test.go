package provider_test

import (
	"slices"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// A set of which only a part can join is recorded with what has joined.
func TestUpgradeDevicesPartial(t *testing.T) {
	t.Parallel()
	for name, badID := range map[string]simulator.BadID{
		"the batch is rejected": simulator.BadIDRejects,
		"the bad id is skipped": simulator.BadIDSkipped,
		"the bad id is named":   simulator.BadIDReported,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				good := slices.Clone(s.ids[:30])
				with := s.setConfig(coretest.Config{"device_ids": append(slices.Clone(good), "no-such-device")})
				diags := s.Apply(s.ctx, s.set, with)
				mentions(t, "the apply", diags.Warnings(), "1 of 31 devices could not be attached", "no-such-device")
				if diags.Errors() != "" || s.set.Tainted {
					t.Errorf("tainted: %t, errors: %s", s.set.Tainted, diags.Errors())
				}
				wants(t, s.set, map[string]string{
					"attached_count": "30", "missing_count": "1", "cancelled_count": "0", "device_count": "31",
					"planned_change": "+31 −0, to 31 devices",
				})
				if got := s.set.Get("missing_device_ids"); got != "[no-such-device]" {
					t.Errorf("missing_device_ids = %s", got)
				}
				if got := s.set.Get("failures"); !coretest.Says(got, "no-such-device") {
					t.Errorf("failures = %s", got)
				}
				s.expectActive(t, good...)
				made := s.Plan(s.ctx, s.set, with)
				if got := coretest.Plain(coretest.Fields(made.Planned)["planned_change"]); got != "+1 −0, to 31 devices" {
					t.Errorf("the next plan announces %q", got)
				}
				s.MustApply(s.ctx, s.set, s.setConfig(coretest.Config{"device_ids": good}))
				s.WantSettled(s.ctx, s.set, s.setConfig(coretest.Config{"device_ids": good}))
				for _, id := range good {
					if n := s.p.JoinCount(s.id(), id); n != 1 {
						t.Errorf("device %s was joined %d times", id, n)
					}
				}
			}, func(o *simulator.Options) { o.Quirks.BadID = badID })
		})
	}
}
