package simulator

import (
	"encoding/json"
	"strings"
	"testing"
)

// operation is one operation as its document declares it. key is "optional",
// "required" or "none".
type operation struct {
	method, path, version, key string
	query                      []string
}

// oldGroupList is the list of groups in its version of 2019.
const oldGroupList = OpGroupList + " of 2019"

// lookUpDocument is a second copy of the documents, which checks the first.
var lookUpDocument = map[string]operation{
	"QueryFirmwareList": {
		"GET", "/aep_firmware_management/firmwares", "20190615001608", "optional",
		[]string{"productId", "searchValue", "pageNow", "pageSize"},
	},
	"QueryFirmware": {
		"GET", "/aep_firmware_management/firmware", "20190618151645", "optional", []string{"id", "productId"},
	},
	"QueryProductList": {
		"GET", "/aep_product_management/products", "20190507004824", "none", []string{"searchValue", "pageNow", "pageSize"},
	},
	"QueryProduct": {"GET", "/aep_product_management/product", "20181031202055", "none", []string{"productId"}},
	"QueryDeviceList": {
		"GET", "/aep_device_management/devices", "20190507012134", "required",
		[]string{"productId", "searchValue", "pageNow", "pageSize"},
	},
	"QueryDevice": {
		"GET", "/aep_device_management/device", "20181031202139", "required", []string{"deviceId", "productId"},
	},
	"ListDeviceInfo": {"POST", "/aep_device_management/listByDeviceIds", "20210828062945", "required", nil},
	"QueryProductInfoByImei": {
		"GET", "/aep_device_management/device/getProductInfoFormApiByImei", "20191213161859", "none", []string{"imei"},
	},
	"QueryDeviceGroupList": {
		"GET", "/aep_device_group_management/deviceGroups", "20230218035819", "none",
		[]string{"pageNow", "pageSize", "productId", "deviceGroupId", "deviceGroupName", "groupLevel"},
	},
	oldGroupList: {
		"GET", "/aep_device_group_management/deviceGroups", "20190615001555", "optional",
		[]string{"productId", "searchValue", "pageNow", "pageSize"},
	},
	"QueryGroupDeviceList": {
		"GET", "/aep_device_group_management/groupDeviceList", "20190615001540", "optional",
		[]string{"productId", "searchValue", "pageNow", "pageSize", "deviceGroupId"},
	},
	"getGroupDetailByDeviceId": {
		"GET", "/aep_device_group_management/groupOfDeviceId", "20211014095939", "none", []string{"productId", "deviceId"},
	},
}

// documented returns an operation of one of the documents.
func documented(op string) operation {
	if known, ok := lookUpDocument[op]; ok {
		return known
	}
	var found operation
	for _, e := range upgradeEndpoints {
		if e.operation == op {
			found = operation{e.method, e.path, e.version, "optional", e.query}
		}
	}
	return found
}

// accepted has parameters with which every look-up succeeds on the default
// platform.
var accepted = map[string]map[string]string{
	OpFirmwareList:   pairs("productId", "10005977"),
	OpFirmware:       pairs("productId", "10005977", "id", "3297"),
	OpProductList:    pairs("pageNow", "1"),
	OpProduct:        pairs("productId", "10005977"),
	OpProductDevices: pairs("productId", "10005977", "pageSize", "100"),
	OpProductDevice:  pairs("productId", "10005977", "deviceId", firstMeter),
	OpDevicesByID:    nil,
	OpProductByIMEI:  pairs("imei", "860000000000001"),
	OpGroupList:      pairs("pageNow", "1", "pageSize", "20"),
	oldGroupList:     pairs("pageNow", "1", "pageSize", "20", "productId", "10005977"),
	OpGroupDevices:   pairs("pageNow", "1", "pageSize", "20", "productId", "10005977", "deviceGroupId", "21001"),
	OpGroupOfDevice:  pairs("productId", "10005977", "deviceId", secondMeter),
}

// The ids of the first two LwM2M devices.
var (
	firstMeter  = (&product{id: LwM2MProduct, protocol: ProtocolLwM2M}).deviceID(1)
	secondMeter = (&product{id: LwM2MProduct, protocol: ProtocolLwM2M}).deviceID(2)
)

// acceptedBody returns the body that belongs to accepted.
func acceptedBody(op string) string {
	if op == OpDevicesByID {
		return idBody(LwM2MProduct, firstMeter)
	}
	return ""
}

// idBody returns the body of OpDevicesByID.
func idBody(product int64, ids ...string) string {
	body, _ := json.Marshal(map[string]any{"productId": product, "deviceIdList": ids})
	return string(body)
}

// pairs returns parameters from names and values in turn.
func pairs(text ...string) map[string]string {
	params := map[string]string{}
	for i := 0; i+1 < len(text); i += 2 {
		params[text[i]] = text[i+1]
	}
	return params
}

// meters returns a caller with the MasterKey of the LwM2M product.
func (c *caller) meters() *caller {
	c.masterKey = LwM2MMasterKey
	return c
}

// column returns the texts of a member in all rows, with blanks between.
func (l listed) column(name string) string {
	var all []string
	for _, row := range l.List {
		text, _ := json.Marshal(row[name])
		all = append(all, strings.Trim(string(text), `"`))
	}
	return strings.Join(all, " ")
}

// wantRow reports a row that differs from the members in want.
func wantRow(t *testing.T, what string, got json.RawMessage, want ...string) {
	t.Helper()
	if text := "{" + strings.Join(want, ",") + "}"; string(got) != text {
		t.Errorf("%s:\n got %s\nwant %s", what, got, text)
	}
}

// firstRow returns the text of the first row of a list.
func (c *caller) firstRow(op string, params map[string]string) json.RawMessage {
	c.t.Helper()
	var page struct{ List []json.RawMessage }
	result := c.ok(op, params, "").Result
	if err := json.Unmarshal(result, &page); err != nil || len(page.List) == 0 {
		c.t.Fatalf("%s: got %s, want a page with rows", op, result)
	}
	return page.List[0]
}
