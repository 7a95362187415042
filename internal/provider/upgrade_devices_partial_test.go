package provider_test

import (
	"slices"
	"strings"
	"testing"

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
				with := s.setConfig(object{"device_ids": append(slices.Clone(good), "no-such-device")})
				diags := s.apply(s.ctx, s.set, with)
				mentions(t, "the apply", diags.warnings(), "refused to attach 1 of 31 devices", "no-such-device")
				if diags.errors() != "" || s.set.tainted {
					t.Errorf("tainted: %t, errors: %s", s.set.tainted, diags.errors())
				}
				wants(t, s.set, map[string]string{
					"attached_count": "30", "missing_count": "1", "cancelled_count": "0", "device_count": "31", "planned_change": "+31 −0, to 31 devices",
				})
				if got := s.set.get("missing_device_ids"); got != "[no-such-device]" {
					t.Errorf("missing_device_ids = %s", got)
				}
				if got := s.set.get("failures"); !strings.Contains(got, "no-such-device") {
					t.Errorf("failures = %s", got)
				}
				s.expectActive(t, good...)
				made := s.plan(s.ctx, s.set, with)
				if got := plainValue(fields(made.planned)["planned_change"]); got != "+1 −0, to 31 devices" {
					t.Errorf("the next plan announces %q", got)
				}
				s.must(nil, s.apply(s.ctx, s.set, s.setConfig(object{"device_ids": good}))...)
				s.settled(s.ctx, s.set, s.setConfig(object{"device_ids": good}))
				for _, id := range good {
					if n := s.p.JoinCount(s.id(), id); n != 1 {
						t.Errorf("device %s was joined %d times", id, n)
					}
				}
			}, func(o *simulator.Options) { o.Quirks.BadID = badID })
		})
	}
}
