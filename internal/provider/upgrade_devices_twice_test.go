package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// A device that left and came back has two subtasks. The list of ids may feed a
// device set, which takes no id twice.
func TestUpgradeDevicesDataSourceFoldsADeviceListedTwice(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Quirks.RejoinMakesSubtask = true })
	id, ids := coretest.ConsoleTask(t, p, simulator.TaskDraft{
		Name: "n", ProductID: coretest.LwM2MProduct,
		FirmwareID: coretest.LwM2MFirmware,
	}, 3)
	coretest.Must(t, p.Cancel(id, ids[1]))
	coretest.Must(t, p.Join(id, ids[1]))
	state := coretest.NewDataReader(t, p, nil).MustRead("aep_upgrade_devices",
		coretest.Config{"product_id": coretest.LwM2MProduct, "scope": "joined", "task_id": id})
	coretest.WantMembers(t, state, coretest.Config{"total": 3, "truncated": false})
	if text := state["device_ids_text"].(string); strings.Count(text, ids[1]) != 1 || strings.Count(text, "\n") != 3 {
		t.Errorf("the ids are %q", text)
	}
	for _, row := range state["devices"].([]any) {
		if one := row.(map[string]any); one["device_id"] == ids[1] && one["state_code"] != nil {
			coretest.WantMembers(t, one, coretest.Config{"state_code": 0})
		}
	}
}

// A device that leaves its set is cancelled. If it comes back, it joins again. The
// cancelled subtask does not count as attached.
func TestUpgradeDevicesComeBack(t *testing.T) {
	t.Parallel()
	leave := func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = true }
	for name, c := range map[string]struct {
		change func(*simulator.Options)
		again  bool // the platform lets cancelled devices join again
	}{
		"LwM2M, off the list":            {leave, true},
		"LwM2M, on the list":             {func(*simulator.Options) {}, false},
		"LwM2M of 2019, off the list":    {func(o *simulator.Options) { leave(o); o.Upgrade.Table = simulator.Table2019 }, true},
		"LwM2M of 2019, on the list":     {func(o *simulator.Options) { o.Upgrade.Table = simulator.Table2019 }, false},
		"T-Link, off the list":           {leave, true},
		"T-Link, off the list as failed": {func(o *simulator.Options) { leave(o); o.Quirks.TLinkCancelShowsFailed = true }, true},
		"T-Link, on the list as failed":  {func(o *simulator.Options) { o.Quirks.TLinkCancelShowsFailed = true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			product, config := int64(coretest.LwM2MProduct), taskConfig(nil)
			if strings.HasPrefix(name, "T-Link") {
				product = coretest.TLinkProduct
				config = coretest.Config{
					"product_id": coretest.TLinkProduct, "firmware_id": coretest.TLinkFirmware, "name": "trackers",
					"timeout_hours": 5,
				}
			}
			synctest.Test(t, func(t *testing.T) {
				p := coretest.NewPlatform(t, c.change)
				again := c.again
				c := coretest.New(t, p, nil)
				task, set := c.Absent("aep_upgrade_task"), c.Absent("aep_upgrade_devices")
				c.MustApply(t.Context(), task, config)
				ids := slices.Sorted(slices.Values(p.DeviceIDs(product)))[:6]
				job := p.Tasks(product)[0].ID
				var lost []string // devices that were cancelled, and can't join again
				for _, listed := range [][]string{ids, ids[:4], ids, nil, ids} {
					var config coretest.Config // nil destroys the set
					if listed != nil {
						config = coretest.Config{"product_id": product, "task_id": job, "device_ids": listed}
					}
					for _, id := range coretest.ActiveDevices(p, product) {
						if !again && !slices.Contains(listed, id) {
							lost = append(lost, id)
						}
					}
					want := slices.DeleteFunc(slices.Clone(listed), func(id string) bool { return slices.Contains(lost, id) })
					warnings := c.MustApply(t.Context(), set, config)
					if got := coretest.ActiveDevices(p, product); !slices.Equal(got, want) {
						t.Errorf("with %v listed, active are %v, want %v", listed, got, want)
					}
					if left := len(listed) - len(want); left > 0 {
						mentions(t, "the apply", warnings, fmt.Sprintf("does not let %d devices join task %d of product %d again", left, job, product))
					} else if warnings != "" {
						t.Errorf("with %v listed, the apply warns %q", listed, warnings)
					}
					time.Sleep(time.Minute)
					if listed != nil {
						c.WantSettled(t.Context(), set, config)
					}
				}
			})
		})
	}
}
