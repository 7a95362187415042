package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestUpgradeDevicesDataSource(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, func(o *simulator.Options) { o.Paging.MaxPageSize = 7 })
	lwm2m, joined := consoleTask(t, p, simulator.TaskDraft{}, 20)
	tLink, _ := consoleTask(t, p, simulator.TaskDraft{ProductID: tLinkProduct, FirmwareID: tLinkFirmware, TimeoutHours: 24}, 15)
	free := p.DeviceIDs(lwm2mProduct)[20:]
	atConsole(t, p.SetDeviceGroup(lwm2mProduct, "north", joined[0], free[1], free[2]))
	atConsole(t, p.SetSubtaskCode(lwm2m, joined[0], 2))

	for _, c := range []struct {
		name      string
		arguments object
		rows      int
		first     string
		total     int
		truncated bool
		requests  int
	}{
		{"joined", object{"task_id": lwm2m}, 20, joined[0], 20, false, 3},
		{"joined, the first page", object{"task_id": lwm2m, "max_results": 7}, 7, joined[0], 20, true, 1},
		{"joined, by group", object{"task_id": lwm2m, "device_group_id": "north"}, 1, joined[0], 1, false, 1},
		{"joined, T-Link", object{"task_id": tLink, "product_id": tLinkProduct}, 15, "", 15, false, 3},
		{"joined, by number", object{"task_id": tLink, "product_id": tLinkProduct, "device_no": "0000003"}, 1, "100059860000003", 1, false, 1},
		{"candidates", nil, 80, free[0], 80, false, 12},
		{"candidates, two pages", object{"max_results": 8}, 8, free[0], 80, true, 2},
		{"candidates, by group", object{"device_group_id": "north"}, 2, free[1], 2, false, 1},
		{"candidates, by id", object{"device_id": free[5]}, 1, free[5], 1, false, 1},
		{"candidates, by name", object{"device_name": "设备-0000021"}, 1, free[0], 1, false, 1},
		{"candidates, by imei", object{"imei": "860000000000021"}, 1, free[0], 1, false, 1},
		{"candidates, one that has joined", object{"device_id": joined[1]}, 0, "", 0, false, 1},
		{"candidates, by what contradicts", object{"device_id": free[5], "device_name": "设备-0000021"}, 0, "", 0, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newDataReader(t, p, nil)
			arguments := object{"product_id": lwm2mProduct, "scope": "candidates"}
			for name, value := range c.arguments {
				arguments[name] = value
			}
			if arguments["task_id"] != nil {
				arguments["scope"] = "joined"
			}
			state := r.quiet("aep_upgrade_devices", arguments)
			wantMembers(t, state, object{"total": c.total, "truncated": c.truncated})
			ids := rowsOf(state, "devices", "device_id")
			if len(ids) != c.rows || c.first != "" && ids[0] != c.first {
				t.Errorf("devices %v, want %d, the first %s", ids, c.rows, c.first)
			}
			if fmt.Sprint(strings.Fields(state["device_ids_text"].(string))) != fmt.Sprint(ids) {
				t.Errorf("device_ids_text = %q", state["device_ids_text"])
			}
			r.wantRequests(map[string]int{"/devices": c.requests})
		})
	}

	r := newDataReader(t, p, nil)
	state := r.quiet("aep_upgrade_devices", object{"product_id": lwm2mProduct, "scope": "joined", "task_id": lwm2m})
	wantMembers(t, state["devices"].([]any)[0], object{
		"name": "设备-0000001", "imei": "860000000000001", "sn": nil, "status": 1, "net_status": 1, "firmware_version": "1.0.0",
		"state_code": 2, "device_group_id": "north", "created_at": "2019-05-16T16:28:23+08:00", "online_at": "2019-05-16T16:28:32+08:00",
	})
	wantMembers(t, state["devices"].([]any)[9], object{"net_status": nil, "online_at": nil, "offline_at": nil, "result_code": "-1"})
	// The same question again costs nothing.
	r.quiet("aep_upgrade_devices", object{"product_id": lwm2mProduct, "scope": "joined", "task_id": lwm2m})
	r.wantRequests(map[string]int{})
	state = r.quiet("aep_upgrade_devices", object{"product_id": lwm2mProduct, "scope": "candidates", "max_results": 1})
	wantMembers(t, state["devices"].([]any)[0], object{"subtask_id": nil, "state_code": nil, "result_code": nil})

	// The platform refuses a filter of the other protocol in its own words.
	_, said := r.read("aep_upgrade_devices", object{"product_id": tLinkProduct, "scope": "candidates", "imei": "860000000000021"})
	if !strings.Contains(said, "imeiSearch仅支持LWM2M协议") {
		t.Error(said)
	}
}
