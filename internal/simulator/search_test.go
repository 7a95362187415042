package simulator

import (
	"strings"
	"testing"
)

// searchSeeds are devices of both products.
var searchSeeds = []DeviceSeed{
	{ID: "aaaa", Name: "同名", IMEI: "860000000000000", GroupID: "7", FirmwareVersion: "3"},
	{ID: "bbbb", Name: "同名", IMEI: "123456789012345", GroupID: "7"},
	{ID: "cccc", Name: "独名", SN: "sn1", GroupID: "8"},
}

var searchCases = []struct {
	name    string
	tLink   bool
	details bool
	params  []string
	want    string // device ids, or serial numbers of generated devices
}{
	{"id", false, false, []string{"deviceIdSearch", "bbbb"}, "bbbb"},
	{"part of an id", false, false, []string{"deviceIdSearch", "bbb"}, ""},
	{"name of two", false, false, []string{"deviceNameSearch", "同名"}, "aaaa bbbb"},
	{"name and IMEI", false, false, []string{"deviceNameSearch", "同名", "imeiSearch", "123456789012345"}, "bbbb"},
	{"name and another's id", false, false, []string{"deviceNameSearch", "同名", "deviceIdSearch", "cccc"}, ""},
	{"generated name", false, false, []string{"deviceNameSearch", "设备-0000002"}, "2"},
	{"generated IMEI", false, false, []string{"imeiSearch", "860000000000003"}, "3"},
	{"a name is no IMEI", false, false, []string{"imeiSearch", "同名"}, ""},
	{"group", false, false, []string{"deviceGroupIdSearch", "7"}, "aaaa bbbb"},
	{"group and id", false, false, []string{"deviceGroupIdSearch", "7", "deviceIdSearch", "bbbb"}, "bbbb"},
	{"group and the id of a device outside it", false, false, []string{"deviceGroupIdSearch", "8", "deviceIdSearch", "bbbb"}, ""},
	{"unknown group", false, false, []string{"deviceGroupIdSearch", "9"}, ""},
	{"number", true, false, []string{"deviceNoSearch", "sn1"}, "cccc"},
	{"generated number", true, false, []string{"deviceNoSearch", "0000002"}, "2"},
	{"fuzzy id", false, true, []string{"searchValue", "bb"}, "bbbb"},
	{"fuzzy name", false, true, []string{"searchValue", "名"}, "aaaa bbbb cccc"},
	{"fuzzy IMEI", false, true, []string{"searchValue", "3456789"}, "bbbb"},
	{"fuzzy number", true, true, []string{"searchValue", "n1", "taskStatus", "1"}, "cccc"},
	{"fuzzy generated name", false, true, []string{"searchValue", "-000000"}, "1 2 3"},
	{"whole generated id", true, true, []string{"searchValue", "100059860000002", "taskStatus", "1"}, "2"},
	{"whole generated id in another state", true, true, []string{"searchValue", "100059860000002", "taskStatus", "2"}, ""},
	{"longer than any", false, true, []string{"searchValue", strings.Repeat("a", 40)}, ""},
}

func TestSearches(t *testing.T) {
	t.Parallel()
	for _, tc := range searchCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			products := DefaultProducts(3)
			products[0].Devices, products[1].Devices = searchSeeds, searchSeeds
			inBubble(t, Options{Products: products}, func(t *testing.T, p *Platform, c *caller) {
				product := LwM2MProduct
				if tc.tLink {
					product = TLinkProduct
				}
				job := startable(t, p, product)
				devices := func(scope string) string {
					return deviceKeys(c.list(OpDevices, ofTask(product, job, append(tc.params, "isSelectDevice", scope)...)))
				}
				if tc.details {
					must(t, p.Join(job, p.DeviceIDs(product)...))
					wantEqual(t, "subtasks", deviceKeys(c.list(OpSubtasks, ofTask(product, job, tc.params...))), tc.want)
					return
				}
				wantEqual(t, "candidates", devices("2"), tc.want)
				must(t, p.Join(job, p.DeviceIDs(product)...))
				wantEqual(t, "joined", devices("1"), tc.want)
				wantEqual(t, "candidates after the join", devices("2"), "")
			})
		})
	}
}

// deviceKeys returns the device ids of a list, or serial numbers of generated
// devices.
func deviceKeys(l listed) string {
	var keys []string
	for _, row := range l.List {
		key, _ := row["deviceId"].(string)
		if name, _ := row["deviceName"].(string); strings.HasPrefix(name, namePrefix) {
			key = serialOf(row)
		}
		keys = append(keys, key)
	}
	return strings.Join(keys, " ")
}

func TestDeviceRows(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		id := p.DeviceIDs(TLinkProduct)[9]
		job := startable(t, p, TLinkProduct)
		find := func(scope string) map[string]any {
			t.Helper()
			return c.list(OpDevices, ofTask(TLinkProduct, job, "isSelectDevice", scope, "deviceIdSearch", id)).List[0]
		}
		common := map[string]any{
			"deviceId": "100059860000010", "deviceSn": "0000010", "imei": "", "createTime": 1557995303000.0,
			"firmwareVersion": "1.0.0", "netStatus": nil, "onlineAt": nil, "deviceGroupId": "",
		}
		candidate := find("2")
		wantMembers(t, candidate, common)
		wantMembers(t, candidate, map[string]any{"taskId": "", "taskState": "", "resultCode": ""})
		must(t, p.Join(job, id))
		joined := find("1")
		wantMembers(t, joined, common)
		wantMembers(t, joined, map[string]any{"taskId": 59.0, "taskState": "1", "resultCode": "-1"})
		must(t, p.SetDeviceGroup(TLinkProduct, "g", id))
		for scope, total := range map[string]int{"1": 1, "2": 0} {
			got := c.list(OpDevices, ofTask(TLinkProduct, job, "isSelectDevice", scope, "deviceGroupIdSearch", "g"))
			wantEqual(t, "devices of the group with isSelectDevice "+scope, got.Total, total)
		}
	})
}
