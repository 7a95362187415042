package provider_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestDeviceFileIsDescribedAsItIs plans sets from files that hold no devices.
func TestDeviceFileIsDescribedAsItIs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	missing := filepath.Join(folder, "missing.txt")
	binary, utf16 := write("program", "\x7fELF\x02\x01\x00\x00"), write("utf16.txt", "\xff\xfea\x00")
	table, twice := write("devices.csv", "id,region\n"), write("twice.txt", "a\nb\na\n")
	c := coretest.New(t, coretest.NewPlatform(t), nil)
	for path, want := range map[string]string{
		folder:  folder + " is a folder, not a file.",
		missing: missing + " does not exist.\n\nA relative path begins at the folder that Terraform runs in.",
		binary:  binary + ": line 1 is not UTF-8 text.",
		utf16:   utf16 + ": line 1 is not UTF-8 text.",
		table:   table + `: line 1: device id "id,region" contains a comma.`,
		twice:   twice + `: device id "a" is listed more than once: line 1, line 3.`,
	} {
		set := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask, "device_ids_file": path}
		if got := c.Plan(t.Context(), c.Absent("aep_upgrade_devices"), set).Diags.Errors(); !coretest.Says(got, want) {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

// TestRefusedLookUpsNameTheArgument gives a product and a group that the platform does not have.
func TestRefusedLookUpsNameTheArgument(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		c := coretest.New(t, p, coretest.Config{"master_key": simulator.LwM2MMasterKey})
		task := c.Absent("aep_upgrade_task")
		config := coretest.Config{"product_id": 999, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1}
		got := c.Apply(t.Context(), task, config).Errors()
		if !coretest.Says(got, "Nothing was created. Check product_id") || coretest.Says(got, "firmware") {
			t.Errorf("product 999: %s", got)
		}
		config["product_id"] = coretest.LwM2MProduct
		c.MustApply(t.Context(), task, config)
		set := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask, "device_group_id": "north"}
		empty := c.Plan(t.Context(), c.Absent("aep_upgrade_devices"), set).Diags.Warnings()
		if !coretest.Says(empty, "If this is unexpected, check device_group_id: it is a number") {
			t.Errorf("a group without devices: %s", empty)
		}
		time.Sleep(time.Hour) // no read is reused
		p.Inject(simulator.Fault{
			Kind: simulator.BusinessError, Code: 8803, Message: "参数校验失败: id超出范围", Operation: simulator.OpDevices, Times: -1,
		})
		got = c.Plan(t.Context(), c.Absent("aep_upgrade_devices"), set).Diags.Errors()
		if !coretest.Says(got, "Check device_group_id: it is a number, which the console shows under 分组管理.") {
			t.Errorf("group north: %s", got)
		}
	})
}

// TestArgumentsThatSayNothing gives a name without characters, and a selection without a group.
func TestArgumentsThatSayNothing(t *testing.T) {
	t.Parallel()
	c := coretest.New(t, coretest.NewPlatform(t), nil)
	set := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask, "device_ids": []string{"a"}}
	for selection, want := range map[string]bool{"continuous": true, "snapshot": false} {
		said := c.Validate(t.Context(), "aep_upgrade_devices", coretest.Merge(set, coretest.Config{"selection": selection})).Warnings()
		if coretest.Says(said, `selection = "continuous" has no effect without device_group_id`) != want {
			t.Errorf("%s: %q", selection, said)
		}
	}
	if got := configured(c, coretest.Config{"operator": ""}).Errors(); !coretest.Says(got, "The argument operator must not be empty") {
		t.Errorf("operator: %q", got)
	}
}

// TestReplacedRolloutStartsAndCancelsNothing taints a rollout of a running task. The plan says what its replacement
// does, and its apply sends no write.
func TestReplacedRolloutStartsAndCancelsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.UpgradeTime = 10 * time.Hour })
		f := newFleet(t, p, coretest.LwM2MProduct, coretest.LwM2MFirmware, 3)
		c := coretest.New(t, p, nil)
		const said = "Upgrade task is watched, not started"
		rollout := c.Absent("aep_upgrade_rollout")
		config := f.target(coretest.Config{"wait_for": "started", "expected_device_count": 3, "on_destroy": "cancel"})
		if first := c.Plan(t.Context(), rollout, config).Diags.Warnings(); coretest.Says(first, said) || !coretest.Says(first, "Starts task") {
			t.Errorf("the plan of the start: %s", first)
		}
		c.MustApply(t.Context(), rollout, config)
		p.ResetJournal()
		rollout.Tainted = true
		warned := c.Plan(t.Context(), rollout, config).Diags.Warnings()
		watches := coretest.Says(warned, said) && coretest.Says(warned, "is running, so this rollout starts nothing")
		if !watches || coretest.Says(warned, "Starts task") {
			t.Errorf("the plan of the replacement: %s", warned)
		}
		c.MustApply(t.Context(), rollout, config)
		coretest.WantNoWrites(t, p)
		if rollout.Tainted || rollout.Get("status") != "running" {
			t.Errorf("tainted: %v, status %s", rollout.Tainted, rollout.Get("status"))
		}
	})
}
