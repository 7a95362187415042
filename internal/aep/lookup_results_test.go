package aep

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The rows have the types and values of the documents' examples, or other forms of them.
func TestLookUpResults(t *testing.T) {
	t.Parallel()
	at := func(ms int64) time.Time { return time.UnixMilli(ms).In(ChinaTime) }
	const product = `"productId":10005977,"productName":"Water meters","tenantId":"10007905","productDesc":"水表","productProtocol":3,` +
		`"powerModel":1,"lwm2mEdrxTime":20.48,"apiKey":"0f","deviceCount":12,"onlineDeviceCount":7,"createTime":1557995337000,` +
		`"updateTime":1557995338000,"rootCert":0,"productTypeValue":"智慧城市"`
	const firmware = `"firmwareId":3297,"firmwareName":"fw 1.3251","tenantId":"10007905","productId":10005977,` +
		`"firmwareUrl":"/upload?tenantId=10&token=t","firmwareVersion":"1.3251","upgradeId":12,"firmwareSignature":0,"firmwareDesc":null,` +
		`"createTime":1557995337000,"updateTime":1557995338000,"fileName":"fw.bin","md5":"0123456789abcdef","moduleType":1001,` +
		`"moduleName":"","upgradePlan":1`
	cases := map[string]struct {
		result string // of which a call of the test reads one row
		read   func(*Client) (any, error)
		want   any
	}{
		"product": {`{` + product + `}`, readProduct, Product{
			ID: 10005977, Name: "Water meters", TenantID: "10007905", Description: "水表", Protocol: LwM2M, PowerModel: 1,
			DeviceCount: ptr(int64(12)), OnlineDeviceCount: ptr(int64(7)), CreatedAt: at(1557995337000), UpdatedAt: at(1557995338000),
		}},
		"product, other forms": {
			`{"productId":"10005977","productName":5,"productProtocol":"1","powerModel":"","deviceCount":"","onlineDeviceCount":null,` +
				`"createTime":"1557995337000","updateTime":"","apiKey":null,"lwm2mEdrxTime":""}`, readProduct,
			Product{ID: 10005977, Name: "5", Protocol: TLink, CreatedAt: at(1557995337000)},
		},
		"products": {`{"total":1,"list":[{` + product + `}]}`, func(c *Client) (any, error) {
			return one(c.Products(t.Context(), "", 0))
		}, Product{
			ID: 10005977, Name: "Water meters", TenantID: "10007905", Description: "水表", Protocol: LwM2M, PowerModel: 1,
			DeviceCount: ptr(int64(12)), OnlineDeviceCount: ptr(int64(7)), CreatedAt: at(1557995337000), UpdatedAt: at(1557995338000),
		}},
		"firmware": {`{` + firmware + `}`, readFirmware, Firmware{
			ID: 3297, ProductID: testProduct, Name: "fw 1.3251", Version: "1.3251", FileName: "fw.bin", MD5: "0123456789abcdef",
			UpgradePlan: 1, ModuleType: 1001, CreatedAt: at(1557995337000), UpdatedAt: at(1557995338000),
		}},
		"firmware, other forms": {
			`{"firmwareId":"3297","firmwareVersion":1.10,"md5":12,"moduleType":"1003","moduleName":"m","upgradePlan":"2",` +
				`"firmwareDesc":"d","createTime":"2019-05-16 16:28:57"}`, readFirmware,
			Firmware{
				ID: 3297, ProductID: testProduct, Version: "1.10", MD5: "12", ModuleType: 1003, ModuleName: "m", UpgradePlan: 2,
				Description: "d", CreatedAt: at(1557995337000),
			},
		},
		"firmwares": {`{"total":"1","list":[{` + firmware + `}]}`, func(c *Client) (any, error) {
			return one(c.Firmwares(t.Context(), FirmwareQuery{ProductID: testProduct}, 0))
		}, Firmware{
			ID: 3297, ProductID: testProduct, Name: "fw 1.3251", Version: "1.3251", FileName: "fw.bin", MD5: "0123456789abcdef",
			UpgradePlan: 1, ModuleType: 1001, CreatedAt: at(1557995337000), UpdatedAt: at(1557995338000),
		}},
		"group": {
			`{"total":1,"list":[{"deviceGroupId":196,"tenantId":"1","productId":10005977,"deviceGroupName":"north","description":"d",` +
				`"groupLevel":0,"createTime":1557995337000,"updateTime":1557995338000}]}`, readGroup,
			DeviceGroup{
				ID: 196, ProductID: testProduct, Name: "north", Description: "d", CreatedAt: at(1557995337000), UpdatedAt: at(1557995338000),
			},
		},
		"group over products": {
			`{"total":1,"list":[{"deviceGroupId":"197","productId":null,"deviceGroupName":"all","groupLevel":"1","createTime":""}]}`, readGroup,
			DeviceGroup{ID: 197, Name: "all", Level: GroupOfProducts},
		},
		"group of the older document": {
			`{"total":1,"list":[{"deviceGroupId":196,"productId":"10005977","deviceGroupName":"north","deviceCount":3}]}`, readGroup,
			DeviceGroup{ID: 196, ProductID: testProduct, Name: "north"},
		},
		"group device": {
			`{"total":1,"list":[{"deviceName":"n","deviceId":"d","imei":122344584512546,"deviceSn":"","deviceStatus":"1"}]}`, readMember,
			GroupDevice{ID: "d", Name: "n", IMEI: "122344584512546", Status: 1},
		},
		"group device of the newer document": {
			`{"total":1,"list":[{"deviceName":"n","deviceId":"d","imei":null,"deviceSn":"s","deviceStatus":1,"productId":10005986,` +
				`"productProtocol":1,"productName":"p","nodeType":1}]}`, readMember,
			GroupDevice{ID: "d", Name: "n", SN: "s", ProductID: 10005986, Status: 1},
		},
		"device, T-Link": {
			`{"total":1,"list":[{"deviceSn":"86","deviceId":"1000597786","deviceName":"n","productId":10005977,"firmwareVersion":"",` +
				`"deviceStatus":-1,"createTime":1557995337000,"activeTime":1557995338000,"logoutTime":null,"netStatus":"2",` +
				`"onlineAt":1557995339000,"offlineAt":1557995340000}]}`, readDevice,
			ProductDevice{
				ID: "1000597786", SN: "86", Name: "n", ProductID: testProduct, Status: -1, NetStatus: 2, CreatedAt: at(1557995337000),
				ActivatedAt: at(1557995338000), OnlineAt: at(1557995339000), OfflineAt: at(1557995340000),
			},
		},
		"device, LwM2M": {
			`{"total":1,"list":[{"deviceId":"10339a95176c4bfbb029ef3100000001","imei":"1","imsi":null,"firmwareVersion":null,` +
				`"deviceStatus":1,"autoObserver":0,"netStatus":1,"onlineAt":"","offlineAt":null}]}`, readDevice,
			ProductDevice{ID: "10339a95176c4bfbb029ef3100000001", IMEI: "1", ProductID: testProduct, Status: 1, NetStatus: 1},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.read(newClient(t, play(ok(c.result))))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
}

func readProduct(c *Client) (any, error) { return c.Product(context.Background(), testProduct) }

func readFirmware(c *Client) (any, error) { return c.Firmware(context.Background(), testProduct, 3297) }

func readGroup(c *Client) (any, error) {
	return one(c.DeviceGroups(context.Background(), DeviceGroupQuery{}, 0))
}

func readMember(c *Client) (any, error) {
	return one(c.GroupDevices(context.Background(), testProduct, 196, 0))
}

func readDevice(c *Client) (any, error) {
	return one(c.ProductDevices(context.Background(), ProductDeviceQuery{ProductID: testProduct}, 0))
}

// one returns the only row of a list.
func one[T any](list Listing[T], err error) (any, error) {
	if err == nil && (len(list.Rows) != 1 || list.Total != 1 || list.Truncated) {
		err = fmt.Errorf("got %+v, want one row", list)
	}
	if err != nil {
		return nil, err
	}
	return list.Rows[0], nil
}

// A result that names no object, or another one than the call, is no result.
func TestLookUpsRejectOtherObjects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ call, result, says string }{
		{"QueryProduct", `{"productName":"n"}`, "returned no result"},
		{"QueryProduct", `{"productId":""}`, "returned no result"},
		{"QueryProduct", `{"productId":7}`, "it describes product 7"},
		{"QueryProduct, key", `{"apiKey":"k"}`, "returned no result"},
		{"QueryProduct, key", `{"apiKey":"k","productId":7}`, "it describes product 7"},
		{"QueryProductList", `{"total":1,"list":[{"productName":"n"}]}`, "a product in it has no productId"},
		{"QueryFirmware", `{"firmwareVersion":"1"}`, "returned no result"},
		{"QueryFirmware", `{"firmwareId":3298}`, "it describes firmware 3298"},
		{"QueryFirmware", `{"firmwareId":3297,"productId":7}`, "it describes firmware 3297 of product 7"},
		{"QueryFirmwareList", `{"total":1,"list":[{"firmwareVersion":"1"}]}`, "a firmware in it has no firmwareId"},
		{"QueryFirmwareList", `{"total":1,"list":[{"firmwareId":3297,"productId":7}]}`, "it describes firmware 3297 of product 7"},
		{"QueryFirmwareList", `{"total":1,"list":{"firmwareId":3297}}`, "list: got an object, want a list"},
		{"QueryDeviceGroupList", `{"total":1,"list":[{"deviceGroupId":0}]}`, "a group in it has no deviceGroupId"},
		{"QueryGroupDeviceList", `{"total":1,"list":[{"deviceName":"n"}]}`, "a device in it has no deviceId"},
		{"QueryDeviceList", `{"total":1,"list":[{"deviceId":null}]}`, "a device in it has no deviceId"},
		{"ListDeviceInfo", `[{"deviceName":"n"}]`, "a device in it has no deviceId"},
		{"ListDeviceInfo", `"n"`, "want"},
	} {
		client := newClient(t, play(ok(c.result)), func(c *Config) { c.RetryBudget = -1 })
		if _, err := lookUps[c.call](t.Context(), client); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: got %v, want %q", c.call, c.result, err, c.says)
		}
	}
}

// null is no row if the platform repeats it. No other call proves that.
func TestNullIsAnEmptyLookUp(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(lookUps)) {
		if !strings.Contains(name, "List") {
			continue
		}
		for _, result := range []string{"null", "{}", `""`} {
			platform := play(ok(result))
			rows, err := lookUps[name](t.Context(), newClient(t, platform))
			if calls := len(platform.sent()); err != nil || rows != 0 || calls != 2 {
				t.Errorf("%s of %s: got %d rows, %v after %d calls, want none after 2", name, result, rows, err, calls)
			}
		}
		for _, second := range []step{respond(http.StatusForbidden, ""), ok(`{"total":"x"}`)} {
			platform := play(ok("null"), second)
			if rows, err := lookUps[name](t.Context(), newClient(t, platform, func(c *Config) { c.RetryBudget = -1 })); err == nil {
				t.Errorf("%s: got %d rows after a failure", name, rows)
			}
		}
	}
	for _, name := range []string{"QueryProduct", "QueryProduct, key", "QueryFirmware"} {
		if _, err := lookUps[name](t.Context(), newClient(t, play(ok("null")))); !MaybeGone(err) {
			t.Errorf("%s: got %v, want an object that may be gone", name, err)
		}
	}
}
