package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestUpgradeDevicesDataSource(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Paging.MaxPageSize = 7 })
	lwm2m, joined := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 20)
	tLink, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{
		ProductID: coretest.TLinkProduct, FirmwareID: coretest.TLinkFirmware,
		TimeoutHours: 24,
	}, 15)
	free := p.DeviceIDs(coretest.LwM2MProduct)[20:]
	coretest.Must(t, p.SetDeviceGroup(coretest.LwM2MProduct, "north", joined[0], free[1], free[2]))
	coretest.Must(t, p.SetSubtaskCode(lwm2m, joined[0], 2))

	for _, c := range []struct {
		name      string
		arguments coretest.Config
		rows      int
		first     string
		total     int
		truncated bool
		requests  int
	}{
		{"joined", coretest.Config{"task_id": lwm2m}, 20, joined[0], 20, false, 3},
		{"joined, the first page", coretest.Config{"task_id": lwm2m, "max_results": 7}, 7, joined[0], 20, true, 1},
		{"joined, by group", coretest.Config{"task_id": lwm2m, "device_group_id": "north"}, 1, joined[0], 1, false, 1},
		{"joined, T-Link", coretest.Config{"task_id": tLink, "product_id": coretest.TLinkProduct}, 15, "", 15, false, 3},
		{
			"joined, by number",
			coretest.Config{"task_id": tLink, "product_id": coretest.TLinkProduct, "device_no": "0000003"},
			1,
			"100059860000003", 1, false, 1,
		},
		{"candidates", nil, 80, free[0], 80, false, 12},
		{"candidates, two pages", coretest.Config{"max_results": 8}, 8, free[0], 80, true, 2},
		{"candidates, by group", coretest.Config{"device_group_id": "north"}, 2, free[1], 2, false, 1},
		{"candidates, by id", coretest.Config{"device_id": free[5]}, 1, free[5], 1, false, 1},
		{"candidates, by name", coretest.Config{"device_name": "设备-0000021"}, 1, free[0], 1, false, 1},
		{"candidates, by imei", coretest.Config{"imei": "860000000000021"}, 1, free[0], 1, false, 1},
		{"candidates, one that has joined", coretest.Config{"device_id": joined[1]}, 0, "", 0, false, 1},
		{"candidates, by what contradicts", coretest.Config{"device_id": free[5], "device_name": "设备-0000021"}, 0, "", 0, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := coretest.NewDataReader(t, p, nil)
			arguments := coretest.Config{"product_id": coretest.LwM2MProduct, "scope": "candidates"}
			for name, value := range c.arguments {
				arguments[name] = value
			}
			if arguments["task_id"] != nil {
				arguments["scope"] = "joined"
			}
			state := r.MustRead("aep_upgrade_devices", arguments)
			coretest.WantMembers(t, state, coretest.Config{"total": c.total, "truncated": c.truncated})
			ids := coretest.Column(state, "devices", "device_id")
			if len(ids) != c.rows || c.first != "" && ids[0] != c.first {
				t.Errorf("devices %v, want %d, the first %s", ids, c.rows, c.first)
			}
			if fmt.Sprint(strings.Fields(state["device_ids_text"].(string))) != fmt.Sprint(ids) {
				t.Errorf("device_ids_text = %q", state["device_ids_text"])
			}
			r.WantRequests(map[string]int{"/devices": c.requests})
		})
	}

	r := coretest.NewDataReader(t, p, nil)
	state := r.MustRead("aep_upgrade_devices", coretest.Config{"product_id": coretest.LwM2MProduct, "scope": "joined", "task_id": lwm2m})
	coretest.WantMembers(t, state["devices"].([]any)[0], coretest.Config{
		"name": "设备-0000001", "imei": "860000000000001", "sn": nil, "status": 1, "net_status": 1, "firmware_version": "1.0.0",
		"state_code": 2, "device_group_id": "north", "created_at": "2019-05-16T16:28:23+08:00", "online_at": "2019-05-16T16:28:32+08:00",
	})
	coretest.WantMembers(t, state["devices"].([]any)[9], coretest.Config{
		"net_status": nil, "online_at": nil, "offline_at": nil,
		"result_code": "-1",
	})
	// The same question again costs nothing.
	r.MustRead("aep_upgrade_devices", coretest.Config{"product_id": coretest.LwM2MProduct, "scope": "joined", "task_id": lwm2m})
	r.WantRequests(map[string]int{})
	state = r.MustRead("aep_upgrade_devices", coretest.Config{"product_id": coretest.LwM2MProduct, "scope": "candidates", "max_results": 1})
	coretest.WantMembers(t, state["devices"].([]any)[0], coretest.Config{"subtask_id": nil, "state_code": nil, "result_code": nil})

	// The platform refuses a filter of the other protocol in its own words.
	_, said := r.Read("aep_upgrade_devices", coretest.Config{
		"product_id": coretest.TLinkProduct, "scope": "candidates",
		"imei": "860000000000021",
	})
	if !coretest.Says(said, "imeiSearch仅支持LWM2M协议") {
		t.Error(said)
	}
}
