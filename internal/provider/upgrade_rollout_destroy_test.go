package provider_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestRolloutCancelsOnDestroy(t *testing.T) {
	hang := func(o *simulator.Options, ids []string) { o.Upgrade.Hang = simulator.Among(ids[1:]...) }
	onEvery(t, 5, hang, func(t *testing.T, f *fleet) {
		c := newCore(t, f.Platform, object{"lwm2m_status_codes": f.table})
		i := c.absent("aep_upgrade_rollout")
		c.must(nil, c.apply(t.Context(), i, f.rollout(object{"on_destroy": "cancel"}))...)
		time.Sleep(2 * time.Minute)
		made := c.plan(t.Context(), i, nil)
		mentions(t, "the plan", made.diags.warnings(), "Destroying the upgrade rollout cancels 4 devices",
			fmt.Sprintf("Task %d of product %d", f.task, f.product), "4 in progress", "1 succeeded", `on_destroy = "none"`)
		c.must(nil, c.carryOut(t.Context(), i, nil, made)...)
		if got := f.phases(); got[simulator.PhaseCancelled] != 4 || got[simulator.PhaseSucceeded] != 1 {
			t.Errorf("phases: %v", got)
		}
	})
}

// No destroy cancels devices unless its plan has said so.
func TestDestroyCancelsOnlyWhatThePlanAnnounced(t *testing.T) {
	nothing := func(*fleet) {}
	for name, one := range map[string]struct {
		arguments           object
		first, planned, end func(f *fleet) // before the create, before and after the plan of the destroy
	}{
		"on_destroy = none": {object{"on_destroy": "none"}, nothing, nothing, nothing},
		"all cancelled":     {nil, nothing, func(f *fleet) { f.cancelledBefore(3) }, nothing},
		"all finished":      {nil, nothing, func(*fleet) { time.Sleep(2 * time.Hour) }, nothing},
		"task gone": {nil, nothing, func(f *fleet) {
			f.cancelledBefore(3)
			atConsole(f.t, f.DeleteTask(f.task))
		}, nothing},
		"devices that join after the plan": {
			object{"expected_device_count": 0},
			func(f *fleet) { f.cancelledBefore(3) }, nothing,
			func(f *fleet) { atConsole(f.t, f.Join(f.task, f.DeviceIDs(f.product)[5:7]...)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
				c := newCore(t, f.Platform, object{"lwm2m_status_codes": f.table})
				i := c.absent("aep_upgrade_rollout")
				config := f.rollout(object{"on_destroy": "cancel"})
				maps.Copy(config, one.arguments)
				one.first(f)
				c.must(nil, c.apply(t.Context(), i, config)...)
				one.planned(f)
				made := c.plan(t.Context(), i, nil)
				if made.diags.errors() != "" || made.diags.warnings() != "" {
					t.Errorf("the plan says: %s %s", made.diags.errors(), made.diags.warnings())
				}
				one.end(f)
				f.ResetJournal()
				c.must(nil, c.carryOut(t.Context(), i, nil, made)...)
				if n := len(f.Writes()); n != 0 || i.exists() {
					t.Errorf("%d writes; the rollout exists: %t", n, i.exists())
				}
			})
		})
	}
}

// A destroy can be planned without the platform, and still cancels.
func TestDestroyOfARolloutIsPlannedWithoutThePlatform(t *testing.T) {
	hang := func(o *simulator.Options, ids []string) { o.Upgrade.Hang = simulator.Among(ids...) }
	onEvery(t, 3, hang, func(t *testing.T, f *fleet) {
		c := newCore(t, f.Platform, nil)
		i := c.absent("aep_upgrade_rollout")
		c.must(nil, c.apply(t.Context(), i, f.rollout(object{"on_destroy": "cancel"}))...)
		f.SetOutage(true)
		made := c.plan(t.Context(), i, nil)
		c.must(nil, made.diags...)
		mentions(t, "the plan", made.diags.warnings(), "Destroying the upgrade rollout may cancel devices",
			fmt.Sprintf("task %d of product %d", f.task, f.product))
		f.SetOutage(false)
		c.must(nil, c.carryOut(t.Context(), i, nil, made)...)
		if got := f.phases(); got[simulator.PhaseCancelled] != 3 {
			t.Errorf("phases: %v", got)
		}
	})
}
