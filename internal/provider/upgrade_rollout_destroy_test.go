package provider_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestRolloutCancelsOnDestroy(t *testing.T) {
	hang := func(o *simulator.Options, ids []string) { o.Upgrade.Hang = simulator.Among(ids[1:]...) }
	onEvery(t, 5, hang, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, coretest.Config{"lwm2m_status_codes": f.table})
		i := c.Absent("aep_upgrade_rollout")
		c.MustApply(t.Context(), i, f.rollout(coretest.Config{"on_destroy": "cancel"}))
		time.Sleep(2 * time.Minute)
		made := c.Plan(t.Context(), i, nil)
		mentions(t, "the plan", made.Diags.Warnings(), "Destroying the upgrade rollout cancels 4 devices",
			fmt.Sprintf("Task %d of product %d", f.task, f.product), "4 in progress", "1 succeeded", `on_destroy = "none"`)
		c.NoErrors(c.ApplyPlan(t.Context(), i, nil, made))
		if got := f.phases(); got[simulator.PhaseCancelled] != 4 || got[simulator.PhaseSucceeded] != 1 {
			t.Errorf("phases: %v", got)
		}
	})
}

// No destroy cancels devices unless its plan has said so.
func TestDestroyCancelsOnlyWhatThePlanAnnounced(t *testing.T) {
	nothing := func(*fleet) {}
	for name, one := range map[string]struct {
		arguments        coretest.Config
		first, Plan, end func(f *fleet) // before the create, before and after the plan of the destroy
	}{
		"on_destroy = none": {coretest.Config{"on_destroy": "none"}, nothing, nothing, nothing},
		"all cancelled":     {nil, nothing, func(f *fleet) { f.cancelledBefore(3) }, nothing},
		"all finished":      {nil, nothing, func(*fleet) { time.Sleep(2 * time.Hour) }, nothing},
		"task gone": {nil, nothing, func(f *fleet) {
			f.cancelledBefore(3)
			coretest.Must(f.t, f.DeleteTask(f.task))
		}, nothing},
		"devices that join after the plan": {
			coretest.Config{"expected_device_count": 0},
			func(f *fleet) { f.cancelledBefore(3) }, nothing,
			func(f *fleet) { coretest.Must(f.t, f.Join(f.task, f.DeviceIDs(f.product)[5:7]...)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
				c := coretest.New(t, f.Platform, coretest.Config{"lwm2m_status_codes": f.table})
				i := c.Absent("aep_upgrade_rollout")
				config := f.rollout(coretest.Config{"on_destroy": "cancel"})
				maps.Copy(config, one.arguments)
				one.first(f)
				c.MustApply(t.Context(), i, config)
				one.Plan(f)
				made := c.Plan(t.Context(), i, nil)
				if made.Diags.Errors() != "" || made.Diags.Warnings() != "" {
					t.Errorf("the plan says: %s %s", made.Diags.Errors(), made.Diags.Warnings())
				}
				one.end(f)
				f.ResetJournal()
				c.NoErrors(c.ApplyPlan(t.Context(), i, nil, made))
				if n := len(f.Writes()); n != 0 || i.Exists() {
					t.Errorf("%d writes; the rollout exists: %t", n, i.Exists())
				}
			})
		})
	}
}

// A destroy can be planned without the platform, and still cancels.
func TestDestroyOfARolloutIsPlannedWithoutThePlatform(t *testing.T) {
	hang := func(o *simulator.Options, ids []string) { o.Upgrade.Hang = simulator.Among(ids...) }
	onEvery(t, 3, hang, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		c.MustApply(t.Context(), i, f.rollout(coretest.Config{"on_destroy": "cancel"}))
		f.SetOutage(true)
		made := c.Plan(t.Context(), i, nil)
		c.NoErrors(made.Diags)
		mentions(t, "the plan", made.Diags.Warnings(), "Destroying the upgrade rollout may cancel devices",
			fmt.Sprintf("task %d of product %d", f.task, f.product))
		f.SetOutage(false)
		c.NoErrors(c.ApplyPlan(t.Context(), i, nil, made))
		if got := f.phases(); got[simulator.PhaseCancelled] != 3 {
			t.Errorf("phases: %v", got)
		}
	})
}
