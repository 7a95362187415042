package provider_test

import (
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// A device that left and came back has two subtasks. The list of ids may feed a
// device set, which takes no id twice.
func TestUpgradeDevicesDataSourceFoldsADeviceListedTwice(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, func(o *simulator.Options) { o.Quirks.RejoinMakesSubtask = true })
	id, ids := consoleTask(t, p, simulator.TaskDraft{Name: "n", ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware}, 3)
	atConsole(t, p.Cancel(id, ids[1]))
	atConsole(t, p.Join(id, ids[1]))
	state := newDataReader(t, p, nil).quiet("aep_upgrade_devices", object{"product_id": lwm2mProduct, "scope": "joined", "task_id": id})
	wantMembers(t, state, object{"total": 3, "truncated": false})
	if text := state["device_ids_text"].(string); strings.Count(text, ids[1]) != 1 || strings.Count(text, "\n") != 2 {
		t.Errorf("the ids are %q", text)
	}
	for _, row := range state["devices"].([]any) {
		if one := row.(map[string]any); one["device_id"] == ids[1] && one["state_code"] != nil {
			wantMembers(t, one, object{"state_code": 0})
		}
	}
}
