package provider_test

import (
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// A device that left and came back has two subtasks. The list of ids may feed a
// device set, which takes no id twice.
func TestUpgradeDevicesDataSourceFoldsADeviceListedTwice(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Quirks.RejoinMakesSubtask = true })
	id, ids := coretest.ConsoleTask(t, p, simulator.TaskDraft{Name: "n", ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware}, 3)
	coretest.Must(t, p.Cancel(id, ids[1]))
	coretest.Must(t, p.Join(id, ids[1]))
	state := coretest.NewDataReader(t, p, nil).MustRead("aep_upgrade_devices", coretest.Config{"product_id": coretest.LwM2MProduct, "scope": "joined", "task_id": id})
	coretest.WantMembers(t, state, coretest.Config{"total": 3, "truncated": false})
	if text := state["device_ids_text"].(string); strings.Count(text, ids[1]) != 1 || strings.Count(text, "\n") != 2 {
		t.Errorf("the ids are %q", text)
	}
	for _, row := range state["devices"].([]any) {
		if one := row.(map[string]any); one["device_id"] == ids[1] && one["state_code"] != nil {
			coretest.WantMembers(t, one, coretest.Config{"state_code": 0})
		}
	}
}
