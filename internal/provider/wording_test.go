package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
)

// TestWrongValuesAreNamedInOneSentence gives values of the wrong form. Each has one error.
func TestWrongValuesAreNamedInOneSentence(t *testing.T) {
	t.Parallel()
	c := coretest.New(t, coretest.NewPlatform(t), nil)
	task := coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1}
	set := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask, "device_ids": []string{"a"}}
	rollout := coretest.Config{
		"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask, "expected_device_count": 1, "wait_for": "finished",
	}
	for want, one := range map[string]struct {
		typeName     string
		base, change coretest.Config
	}{
		"firmware_id has the value 3297.5, which is not a whole number.": {
			"aep_upgrade_task", task, coretest.Config{"firmware_id": 3297.5},
		},
		"wave has the value 2.5, which is not a whole number.": {
			"aep_upgrade_devices", set, coretest.Config{"wave": coretest.Config{"weights": []any{1, 2.5}, "index": 0}},
		},
		"poll_interval must be a duration such as 30s, 5m or 1h30m, not \"5\".": {
			"aep_upgrade_rollout", rollout, coretest.Config{"poll_interval": "5"},
		},
		"poll_interval must be a duration of at least 1s, not 500ms.": {
			"aep_upgrade_rollout", rollout, coretest.Config{"poll_interval": "500ms"},
		},
		"timeouts.create must be a duration such as 30s, 5m or 1h30m, not \"abc\".": {
			"aep_upgrade_rollout", rollout, coretest.Config{"timeouts": coretest.Config{"create": "abc"}},
		},
		"minimum_success_percent must be a number from 0 to 100, not 100.5.": {
			"aep_upgrade_rollout", rollout, coretest.Config{"minimum_success_percent": 100.5},
		},
		"abort_failure_percent must be a number from 0 to 100, not -1.": {
			"aep_upgrade_rollout", rollout, coretest.Config{"abort_failure_percent": -1},
		},
		"wait_for must be started, none or finished, not \"done\".": {
			"aep_upgrade_rollout", rollout, coretest.Config{"wait_for": "done"},
		},
		"retry_times and timeout_hours exclude each other. LwM2M products take retry_times, and T-Link products take timeout_hours.": {
			"aep_upgrade_task", task, coretest.Config{"timeout_hours": 24},
		},
		"Set retry_times or timeout_hours. LwM2M products take retry_times": {
			"aep_upgrade_task", task, coretest.Config{"retry_times": nil},
		},
		"device_ids and device_ids_file exclude each other.": {
			"aep_upgrade_devices", set, coretest.Config{"device_ids_file": "x"},
		},
		"Set device_ids, device_ids_wo, device_ids_file or device_group_id.": {
			"aep_upgrade_devices", set, coretest.Config{"device_ids": nil},
		},
	} {
		diags := c.Validate(t.Context(), one.typeName, coretest.Merge(one.base, one.change))
		if len(diags) != 1 || !coretest.Says(diags.Errors(), want) {
			t.Errorf("got %d diagnostics, %s\nwant one: %s", len(diags), diags.Errors(), want)
		}
	}
	// A value that is not known yet may turn out to be null.
	for _, retries := range []any{1, nil} {
		change := coretest.Config{"retry_times": retries, "timeout_hours": coretest.Unknown{}}
		if diags := c.Validate(t.Context(), "aep_upgrade_task", coretest.Merge(task, change)); len(diags) != 0 {
			t.Errorf("%v: %s", change, diags.Errors())
		}
	}
}

// TestFractionsAsPercentagesAreWarnedOf gives percentages that look like a fraction of 1, and others beside them.
func TestFractionsAsPercentagesAreWarnedOf(t *testing.T) {
	t.Parallel()
	c := coretest.New(t, coretest.NewPlatform(t), nil)
	rollout := coretest.Config{
		"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask, "expected_device_count": 1, "wait_for": "finished",
	}
	for percent, want := range map[float64]string{
		0: "", 1: "", 99.5: "",
		0.98: "minimum_success_percent is 0.98 %. If it is meant as a fraction, write 98.",
		0.07: "minimum_success_percent is 0.07 %. If it is meant as a fraction, write 7.",
	} {
		diags := c.Validate(t.Context(), "aep_upgrade_rollout", coretest.Merge(rollout, coretest.Config{"minimum_success_percent": percent}))
		if diags.Errors() != "" || (want == "") != (diags.Warnings() == "") || !coretest.Says(diags.Warnings(), want) {
			t.Errorf("%v: %s%s\nwant %s", percent, diags.Errors(), diags.Warnings(), want)
		}
	}
}

// TestNewSetWithoutDevicesIsWarnedOf plans a set from an empty file, and one whose wave is empty.
func TestNewSetWithoutDevicesIsWarnedOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := coretest.New(t, coretest.NewPlatform(t), nil)
		task := c.Absent("aep_upgrade_task")
		c.MustApply(t.Context(), task, coretest.Config{
			"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1,
		})
		set := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask}
		empty := filepath.Join(t.TempDir(), "devices.txt")
		if err := os.WriteFile(empty, []byte("# none\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		plan := c.Plan(t.Context(), c.Absent("aep_upgrade_devices"), coretest.Merge(set, coretest.Config{"device_ids_file": empty}))
		if plan.Diags.Errors() != "" || !coretest.Says(plan.Diags.Warnings(), "devices.txt) has no device. The set is created without devices.") {
			t.Errorf("%s%s", plan.Diags.Errors(), plan.Diags.Warnings())
		}
		plan = c.Plan(t.Context(), c.Absent("aep_upgrade_devices"), coretest.Merge(set, coretest.Config{
			"name": "b", "device_ids": []string{"a"}, "wave": coretest.Config{"weights": []any{0, 1}, "index": 0},
		}))
		if len(plan.Diags) != 0 {
			t.Errorf("an empty wave: %s%s", plan.Diags.Errors(), plan.Diags.Warnings())
		}
	})
}

// TestWrongDurationOfTheProviderIsNamedOnce gives the provider block a duration without a unit.
func TestWrongDurationOfTheProviderIsNamedOnce(t *testing.T) {
	t.Parallel()
	like := coretest.New(t, coretest.NewPlatform(t), nil)
	diags := configured(like.Restarted(t, coretest.NewPlatform(t), nil), coretest.Config{"request_timeout": "5"})
	if len(diags) != 1 || !coretest.Says(diags.Errors(), `The argument request_timeout must be a positive duration such as 60s, not "5".`) {
		t.Errorf("%d diagnostics: %s", len(diags), diags.Errors())
	}
}

// TestWrongArgumentsOfActions gives actions the arguments that the framework words for programmers.
func TestWrongArgumentsOfActions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := coretest.New(t, coretest.NewPlatform(t), nil)
		for want, one := range map[string]struct {
			action string
			change coretest.Config
		}{
			"all must be true, or not set. To choose devices, remove it": {
				"aep_upgrade_cancel", coretest.Config{"all": false},
			},
			"all_failed must be true, or not set.": {
				"aep_upgrade_retry", coretest.Config{"all_failed": false},
			},
			"Set all, device_ids, device_ids_file or subtask_ids. all = true names every device.": {"aep_upgrade_cancel", nil},
			"all_failed and subtask_ids exclude each other. all_failed = true names every failed device.": {
				"aep_upgrade_retry", coretest.Config{"all_failed": true, "subtask_ids": []any{1}},
			},
			"task_id has the value 2.5, which is not a whole number.": {
				"aep_upgrade_wait", coretest.Config{"task_id": 2.5},
			},
			"phases[0] must be waiting, in_progress or unknown, not \"failed\".": {
				"aep_upgrade_cancel", coretest.Config{"all": true, "phases": []string{"failed"}},
			},
			"wait_for must be started or finished, not \"none\".": {
				"aep_upgrade_wait", coretest.Config{"wait_for": "none"},
			},
			"poll_interval must be a duration such as 30s, 5m or 1h30m, not \"soon\".": {
				"aep_upgrade_wait", coretest.Config{"poll_interval": "soon"},
			},
			"timeouts.invoke must be a duration such as 30s, 5m or 1h30m, not \"1 hour\".": {
				"aep_upgrade_wait", coretest.Config{"timeouts": coretest.Config{"invoke": "1 hour"}},
			},
		} {
			config := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask}
			maps.Copy(config, one.change)
			diags := c.PlanAction(t.Context(), one.action, config)
			if len(diags) != 1 || !coretest.Says(diags.Errors(), want) {
				t.Errorf("%s: got %d diagnostics, %s\nwant one: %s", one.action, len(diags), diags.Errors(), want)
			}
		}
	})
}
