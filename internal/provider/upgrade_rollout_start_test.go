package provider_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// everyCancel are the ways in which a platform shows cancelled devices.
func everyCancel(t *testing.T, test func(t *testing.T, shown func(*simulator.Options, []string))) {
	onBothTLinkCancels(t, func(t *testing.T, failed func(*simulator.Options, []string)) {
		for _, leave := range []bool{false, true} {
			t.Run(fmt.Sprint("cancelled devices leave the joined list: ", leave), func(t *testing.T) {
				test(t, func(o *simulator.Options, ids []string) {
					failed(o, ids)
					o.Quirks.CancelledLeaveJoined = leave
				})
			})
		}
	})
}

func TestRolloutOfAnEmptyWave(t *testing.T) {
	for _, waitFor := range []string{"none", "started", "finished"} {
		t.Run(waitFor, func(t *testing.T) {
			everyCancel(t, func(t *testing.T, shown func(*simulator.Options, []string)) {
				onEvery(t, 3, shown, func(t *testing.T, f *fleet) {
					f.cancelledBefore(3)
					c := coretest.New(t, f.Platform, coretest.Config{"lwm2m_status_codes": f.table})
					i := c.Absent("aep_upgrade_rollout")
					config := f.rollout(coretest.Config{"wait_for": waitFor, "expected_device_count": 0})
					if said := c.Plan(t.Context(), i, config).Diags.Warnings(); said != "" {
						t.Errorf("the plan warns: %s", said)
					}
					c.MustApply(t.Context(), i, config)
					wants(t, i, map[string]string{"status": "pending", "total_count": "0", "failed_count": "0", "success_percent": "0"})
					c.WantSettled(t.Context(), i, config)
					f.starts(0)

					// Devices that come later are started once they are expected.
					coretest.Must(t, f.Join(f.task, f.DeviceIDs(f.product)[10:12]...))
					config["expected_device_count"] = 2
					c.MustApply(t.Context(), i, config)
					wants(t, i, map[string]string{"total_count": "2", "failed_count": "0"})
					f.starts(1)
				})
			})
		})
	}
}

// A task without devices takes one look at the list of joined devices.
func TestRolloutOfATaskWithoutDevices(t *testing.T) {
	onEvery(t, 0, nil, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		c.MustApply(t.Context(), i, f.rollout(nil))
		wants(t, i, map[string]string{"status": "pending", "total_count": "0"})
		f.starts(0)
		if n := f.Count(simulator.OpDevices); n != 1 {
			t.Errorf("/devices was asked %d times", n)
		}
	})
}

func TestRolloutStartsNothingThatWasCancelled(t *testing.T) {
	everyCancel(t, func(t *testing.T, shown func(*simulator.Options, []string)) {
		onEvery(t, 3, shown, func(t *testing.T, f *fleet) {
			f.cancelledBefore(3)
			c := coretest.New(t, f.Platform, coretest.Config{"lwm2m_status_codes": f.table})
			i := c.Absent("aep_upgrade_rollout")
			said := c.Apply(t.Context(), i, f.rollout(nil)).Errors()
			// A T-Link task that lists no device in any state may still upgrade them all.
			if !coretest.Says(said, "has no device") && !coretest.Says(said, "没有可升级的设备") {
				t.Errorf("the apply says %q", said)
			}
			if task, _ := f.Task(f.task); i.Exists() || task.Status != simulator.Pending {
				t.Errorf("the rollout exists: %t; the task is %+v", i.Exists(), task)
			}
		})
	})
}

// A platform may count devices before the start that it lists in no state.
func TestPreviewOfAStartCountsDevicesInNoState(t *testing.T) {
	onEvery(t, 0, nil, func(t *testing.T, f *fleet) {
		f.Inject(simulator.Fault{
			Kind: simulator.RewriteBody, Operation: simulator.OpQueryDetail, Times: -1,
			Rewrite: func(body []byte) []byte { return bytes.Replace(body, []byte(`"allNum":0`), []byte(`"allNum":3`), 1) },
		})
		c := coretest.New(t, f.Platform, nil)
		previews(t, c.PlanAction(t.Context(), "aep_upgrade_start", f.target(nil)), fmt.Sprintf("Starts task %d 'seeded' on 3 devices", f.task))
		frozen := coretest.New(t, f.Platform, coretest.Config{"max_devices_per_run": 2})
		mentions(t, "the plan", frozen.PlanAction(t.Context(), "aep_upgrade_start", f.target(nil)).Errors(), "start 3 devices, 1 more than the 2")
	})
}
