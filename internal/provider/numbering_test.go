package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// undecidedFleet is a running task whose devices are in states that the two
// numberings read differently.
func undecidedFleet(t *testing.T) *fleet {
	t.Helper()
	p := coretest.NewPlatform(t, func(o *simulator.Options) {
		o.Upgrade.Table, o.Upgrade.Hang = simulator.Table2019, func(string) bool { return true }
	})
	f := newFleet(t, p, coretest.LwM2MProduct, coretest.LwM2MFirmware, 12)
	coretest.Must(t, f.Start(f.task))
	for i, id := range f.devices {
		coretest.Must(t, f.SetSubtaskCode(f.task, id, []int{4, 4, 4, 4, 1, 1, 3, 3, 5, 5, 0, 2}[i]))
	}
	for _, id := range f.devices[6:8] {
		coretest.Must(t, f.SetSubtaskResult(f.task, id, "5000", "1.0.0")) // the version of before
	}
	return f
}

// Until the data decides the numbering only what both read alike is reported.
func TestUndecidedStatesAreReportedAsUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := undecidedFleet(t)
		counts := coretest.Config{"waiting": 1, "in_progress": 1, "succeeded": 0, "failed": 0, "cancelled": 0, "unknown": 10}
		r := coretest.NewDataReader(t, f.Platform, nil)
		state, said := r.Read("aep_upgrade_subtasks", coretest.Config{"product_id": f.product, "task_id": f.task})
		coretest.WantMembers(t, state["counts"], counts)
		mentions(t, "the warning", said, "lwm2m_status_codes")
		for _, row := range state["subtasks"].([]any) {
			code, phase := row.(coretest.Config)["state_code"], row.(coretest.Config)["phase"]
			if want := map[string]string{"0": "waiting", "2": "in_progress"}[fmt.Sprint(code)]; phase != want && (want != "" || phase != "unknown") {
				t.Errorf("code %v is %v", code, phase)
			}
		}
		for _, phase := range []string{"failed", "succeeded", "cancelled"} {
			state, _ := r.Read("aep_upgrade_subtasks", coretest.Config{"product_id": f.product, "task_id": f.task, "phases": []string{phase}})
			coretest.WantMembers(t, state, coretest.Config{"total": 0})
		}
		state, _ = r.Read("aep_upgrade_task", coretest.Config{"product_id": f.product, "task_id": f.task})
		coretest.WantMembers(t, state["progress"], coretest.Config{
			"waiting_count": 1, "in_progress_count": 1, "succeeded_count": 0, "failed_count": 0, "cancelled_count": 0, "unknown_count": 10,
		})
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		c.MustApply(t.Context(), i, f.rollout(nil))
		wants(t, i, map[string]string{
			"waiting_count": "1", "in_progress_count": "1", "succeeded_count": "0", "failed_count": "0", "cancelled_count": "0",
			"unknown_count": "10", "failed_device_ids": "[]",
		})
	})
}

// Nothing acts on states that the two numberings read differently.
func TestNothingActsOnUndecidedStates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := undecidedFleet(t)
		c := coretest.New(t, f.Platform, nil)
		for name, selection := range map[string]coretest.Config{
			"all": {"all_failed": true}, "ids": {"device_ids": f.devices[:5]}, "subtasks": {"subtask_ids": f.subtaskIDs(2)},
			"result codes": {"all_failed": true, "result_codes": []string{"5000"}},
		} {
			mentions(t, name, c.PlanAction(t.Context(), "aep_upgrade_retry", f.target(selection)).Errors(), "not certain", "lwm2m_status_codes")
			_, diags := c.Invoke(t.Context(), "aep_upgrade_retry", f.target(selection))
			mentions(t, name, diags.Errors(), "not certain", "lwm2m_status_codes")
		}
		i := c.Absent("aep_upgrade_rollout")
		diags := c.Apply(t.Context(), i, f.rollout(coretest.Config{
			"wait_for": "finished", "abort_failure_percent": 1, "abort_minimum_devices": 1, "timeouts": coretest.Config{"create": "2h"},
		}))
		mentions(t, "the watch", diags.Errors(), "timed out after 2h0m0s", "lwm2m_status_codes")
		coretest.WantNoWrites(t, f.Platform)

		// Devices that may be active can be cancelled.
		previews(t, c.PlanAction(t.Context(), "aep_upgrade_cancel", f.target(coretest.Config{"all": true})),
			"Cancels 8 of 12 (1 waiting, 1 in progress, 6 unknown)")

		// A code of one numbering decides it.
		coretest.Must(t, f.SetSubtaskCode(f.task, f.devices[11], 6))
		previews(t, c.PlanAction(t.Context(), "aep_upgrade_retry", f.target(coretest.Config{"all_failed": true})), "Retries 6 failed devices")
	})
}

// A platform of 2022 proves itself by a version that an upgrade has brought, or
// by a failure that has ended.
func TestEvidenceDecidesTheNumbering(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		change                               func(o *simulator.Options, ids []string)
		succeeded, failed, cancelled, unsure string
	}{
		"a success": {func(*simulator.Options, []string) {}, "3", "0", "1", "0"},
		"a failure": {func(o *simulator.Options, ids []string) {
			o.Upgrade.NoUpgradedVersion, o.Upgrade.Fail = true, simulator.FailDevices("5000", ids[3])
		}, "0", "1", "1", "2"},
		"the version of before": {func(o *simulator.Options, _ []string) { o.Upgrade.NoUpgradedVersion = true }, "0", "0", "0", "4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.Table, o.Upgrade.UpgradeTime = simulator.Table2022, time.Minute })
				f := newFleet(t, p, coretest.LwM2MProduct, coretest.LwM2MFirmware, 4)
				p.Configure(func(o *simulator.Options) { one.change(o, f.devices) })
				f.cancelledBefore(1)
				coretest.Must(t, f.Start(f.task))
				time.Sleep(time.Hour)
				if name == "the version of before" {
					for _, id := range f.devices[1:] {
						coretest.Must(t, f.SetSubtaskResult(f.task, id, "0", "1.0.0"))
					}
				}
				c := coretest.New(t, p, nil)
				i := c.Absent("aep_upgrade_rollout")
				c.MustApply(t.Context(), i, f.rollout(nil))
				wants(t, i, map[string]string{
					"succeeded_count": one.succeeded, "failed_count": one.failed, "cancelled_count": one.cancelled, "unknown_count": one.unsure,
				})
			})
		})
	}
}

func TestCancelAndRetryNameTheMissing(t *testing.T) {
	bad := func(o *simulator.Options, ids []string) { o.Upgrade.Fail = simulator.FailDevices("5000", ids...) }
	onEvery(t, 3, bad, func(t *testing.T, f *fleet) {
		if f.product == coretest.TLinkProduct {
			return // covered by cancelling below, and it has no retry
		}
		coretest.Must(t, f.Start(f.task))
		time.Sleep(time.Hour)
		c := coretest.New(t, f.Platform, nil)
		for _, action := range []string{"aep_upgrade_cancel", "aep_upgrade_retry"} {
			for name, selection := range map[string]coretest.Config{
				"devices": {"device_ids": []string{"stranger-1", "stranger-2"}}, "subtasks": {"subtask_ids": []any{987654, 987655}},
			} {
				planned := c.PlanAction(t.Context(), action, f.target(selection))
				_, diags := c.Invoke(t.Context(), action, f.target(selection))
				for when, text := range map[string]string{"plan": planned.Errors(), "invoke": diags.Errors()} {
					mentions(t, action+" of "+name+", "+when, text, "Not part of the upgrade task", "None of 2 given ids")
				}
			}
			partly := f.target(coretest.Config{"device_ids": []string{"no-member", f.devices[0]}, "wait": false})
			previews(t, c.PlanAction(t.Context(), action, partly), "skipped: no-member")
			_, diags := c.Invoke(t.Context(), action, partly)
			previews(t, diags, "skipped: no-member")
		}
	})
}

func TestStartActionExpectsANumber(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		_, diags := c.Invoke(t.Context(), "aep_upgrade_start", f.target(coretest.Config{"expected_device_count": 4}))
		mentions(t, "the error", diags.Errors(), "holds 3 devices to upgrade, not the 4")
		f.starts(0)
		progress, diags := c.Invoke(t.Context(), "aep_upgrade_start", f.target(coretest.Config{"expected_device_count": 3}))
		ends(t, progress, diags, "is running")
		f.starts(1)
		empty := f.target(coretest.Config{"task_id": f.another(), "expected_device_count": 0, "wait_for": "finished"})
		progress, diags = c.Invoke(t.Context(), "aep_upgrade_start", empty)
		ends(t, progress, diags, "0 devices")
		f.starts(1)
	})
}

// A thousand batches are no thousand lines of progress.
func TestProgressOfActionsIsShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, func(o *simulator.Options) {
			o.Products = simulator.DefaultProducts(1500)
			o.Upgrade.WaitingTime, o.Upgrade.UpgradeTime, o.Upgrade.Spread = time.Minute, time.Hour, 10*time.Hour
		})
		f := newFleet(t, p, coretest.LwM2MProduct, coretest.LwM2MFirmware, 1500)
		p.Configure(func(o *simulator.Options) { o.Upgrade.Hang = simulator.Among(f.devices[:1200]...) })
		c := coretest.New(t, p, coretest.Config{"page_size": 1000})
		watched, diags := c.Invoke(t.Context(), "aep_upgrade_start", f.target(coretest.Config{"wait_for": "started"}))
		ends(t, watched, diags, "1,500 devices")
		time.Sleep(20 * time.Hour)
		cancelled, diags := c.Invoke(t.Context(), "aep_upgrade_cancel", f.target(coretest.Config{"all": true, "batch_size": 5}))
		ends(t, cancelled, diags, "is finished, 1,500 devices: 300 succeeded, 1,200 cancelled")
		const lines = 12 // for 240 batches: ten of progress, the outcome, the task
		if n := len(cancelled); n != lines {
			t.Errorf("%d lines, want %d: %q", n, lines, cancelled)
		}
		if text := strings.Join(cancelled, "\n"); !coretest.Says(text, "Cancelled 1,200 of 1,200 devices") {
			t.Error(text)
		}
	})
}

// A platform may show a timeout for LwM2M tasks too. Their states are not read as
// those of T-Link, where 3 is a success.
func TestVerdictNeedsTheProtocol(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, func(o *simulator.Options) {
			o.Quirks.OutTimeEverywhere, o.Upgrade.UpgradeTime, o.Upgrade.FailureCode = true, time.Minute, 3
			o.Upgrade.Fail = simulator.FailPercent(100, "5000")
		})
		f := newFleet(t, p, coretest.LwM2MProduct, coretest.LwM2MFirmware, 4)
		f.withRetries(0)
		coretest.Must(t, f.Start(f.task))
		time.Sleep(time.Hour)
		c := coretest.New(t, p, coretest.Config{"lwm2m_status_codes": "2019"})
		i := c.Absent("aep_upgrade_rollout")
		mentions(t, "the gate", c.Apply(t.Context(), i, f.rollout(coretest.Config{"wait_for": "finished"})).Errors(), "0 of the 4 devices",
			"4 failed")
		previews(t, c.PlanAction(t.Context(), "aep_upgrade_retry", f.target(coretest.Config{"all_failed": true})), "Retries 4 failed devices")
	})
}
