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

// lookUps has a call of each operation of the services for look-ups. It returns the
// number of rows.
var lookUps = map[string]func(context.Context, *Client) (int, error){
	"QueryProduct": func(ctx context.Context, c *Client) (int, error) {
		_, err := c.Product(ctx, testProduct)
		return 1, err
	},
	"QueryProduct, key": func(ctx context.Context, c *Client) (int, error) {
		_, err := c.ProductKey(ctx, testProduct)
		return 1, err
	},
	"QueryProductList": func(ctx context.Context, c *Client) (int, error) {
		list, err := c.Products(ctx, "Water meters", 0)
		return len(list.Rows), err
	},
	"QueryFirmware": func(ctx context.Context, c *Client) (int, error) {
		_, err := c.Firmware(ctx, testProduct, 3297)
		return 1, err
	},
	"QueryFirmwareList": func(ctx context.Context, c *Client) (int, error) {
		list, err := c.Firmwares(ctx, FirmwareQuery{ProductID: testProduct, NameContains: "1.3 &"}, 0)
		return len(list.Rows), err
	},
	"QueryDeviceGroupList": func(ctx context.Context, c *Client) (int, error) {
		list, err := c.DeviceGroups(ctx, DeviceGroupQuery{
			ProductID: testProduct, ID: 196, Name: "north", Level: ptr(GroupOfProduct),
		}, 0)
		return len(list.Rows), err
	},
	"QueryDeviceGroupList, all": func(ctx context.Context, c *Client) (int, error) {
		list, err := c.DeviceGroups(ctx, DeviceGroupQuery{}, 0)
		return len(list.Rows), err
	},
	"QueryGroupDeviceList": func(ctx context.Context, c *Client) (int, error) {
		list, err := c.GroupDevices(ctx, testProduct, 196, 0)
		return len(list.Rows), err
	},
	"QueryDeviceList": func(ctx context.Context, c *Client) (int, error) {
		list, err := c.ProductDevices(ctx, ProductDeviceQuery{ProductID: testProduct, Search: "8600"}, 0)
		return len(list.Rows), err
	},
	"ListDeviceInfo": func(ctx context.Context, c *Client) (int, error) {
		rows, err := c.DevicesByID(ctx, testProduct, []string{"a", "b"})
		return len(rows), err
	},
}

// Every look-up sends and signs every declared parameter, and the MasterKey only where
// it is declared. The signed texts are written by hand from the API documents.
func TestLookUpsOnTheWire(t *testing.T) {
	t.Parallel()
	const key, product = "MasterKey:0123456789abcdef0123456789abcdef\n", "productId:10005977\n"
	for name, want := range map[string]struct{ method, uri, version, signed string }{
		"QueryProduct": {
			"GET", "/aep_product_management/product?productId=10005977", "20181031202055", product,
		},
		"QueryProduct, key": {
			"GET", "/aep_product_management/product?productId=10005977", "20181031202055", product,
		},
		"QueryProductList": {
			"GET", "/aep_product_management/products?pageNow=1&pageSize=100&searchValue=Water%20meters", "20190507004824",
			"pageNow:1\npageSize:100\nsearchValue:Water meters\n",
		},
		"QueryFirmware": {
			"GET", "/aep_firmware_management/firmware?id=3297&productId=10005977", "20190618151645", key + "id:3297\n" + product,
		},
		"QueryFirmwareList": {
			"GET", "/aep_firmware_management/firmwares?pageNow=1&pageSize=100&productId=10005977&searchValue=1.3%20%26", "20190615001608",
			key + "pageNow:1\npageSize:100\n" + product + "searchValue:1.3 &\n",
		},
		"QueryDeviceGroupList": {
			"GET", "/aep_device_group_management/deviceGroups?deviceGroupId=196&deviceGroupName=north&groupLevel=0&" +
				"pageNow=1&pageSize=100&productId=10005977", "20230218035819",
			"deviceGroupId:196\ndeviceGroupName:north\ngroupLevel:0\npageNow:1\npageSize:100\n" + product,
		},
		"QueryDeviceGroupList, all": {
			"GET", "/aep_device_group_management/deviceGroups?deviceGroupId=&deviceGroupName=&groupLevel=&" +
				"pageNow=1&pageSize=100&productId=", "20230218035819",
			"deviceGroupId:\ndeviceGroupName:\ngroupLevel:\npageNow:1\npageSize:100\nproductId:\n",
		},
		"QueryGroupDeviceList": {
			"GET", "/aep_device_group_management/groupDeviceList?deviceGroupId=196&pageNow=1&pageSize=100&productId=10005977&searchValue=",
			"20190615001540", key + "deviceGroupId:196\npageNow:1\npageSize:100\n" + product + "searchValue:\n",
		},
		"QueryDeviceList": {
			"GET", "/aep_device_management/devices?pageNow=1&pageSize=100&productId=10005977&searchValue=8600", "20190507012134",
			key + "pageNow:1\npageSize:100\n" + product + "searchValue:8600\n",
		},
		"ListDeviceInfo": {
			"POST", "/aep_device_management/listByDeviceIds", "20210828062945",
			key + `{"productId":10005977,"deviceIdList":["a","b"]}` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			platform := play(respond(http.StatusBadRequest, ""))
			client := newClient(t, platform, pageSize(1000), func(c *Config) { c.ReadOnly = true })
			if _, err := lookUps[name](t.Context(), client); !IsBadRequest(err) {
				t.Fatalf("got %v, want a bad request", err)
			}
			r := platform.sent()[0]
			if r.Method != want.method || r.URL.RequestURI() != want.uri || r.Header.Get("version") != want.version {
				t.Errorf("got %s %s %s\nwant %s %s %s", r.Method, r.URL.RequestURI(), r.Header.Get("version"), want.method, want.uri, want.version)
			}
			text := "application:dAaFG7DiPt8\ntimestamp:" + r.Header.Get("timestamp") + "\n" + want.signed
			if got := r.Header.Get("signature"); got != sign("Zx9Yw8Vu7T", text) {
				t.Errorf("got a signature of another text than %q", text)
			}
			_, sent := r.Header["Masterkey"]
			if sent != strings.HasPrefix(want.signed, key) || !strings.HasSuffix(want.signed, r.body+"\n") && r.body != "" {
				t.Errorf("got the MasterKey %t and the body %q", sent, r.body)
			}
		})
	}
}

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
			`{"total":1,"list":[{"deviceGroupId":196,"productId":"10005977","deviceGroupName":"north","deviceCount":3,"activeCount":1}]}`,
			readGroup, DeviceGroup{ID: 196, ProductID: testProduct, Name: "north"},
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

func TestGroupDevicesNeedsAGroup(t *testing.T) {
	t.Parallel()
	for _, ids := range [][2]int64{{testProduct, 0}, {testProduct, -1}, {0, 196}, {-1, 196}} {
		platform := play(ok(`{"total":0,"list":[]}`))
		_, err := newClient(t, platform).GroupDevices(t.Context(), ids[0], ids[1], 0)
		if !isKind(err, kindInvalid) || !strings.Contains(err.Error(), fmt.Sprintf("the group id %d and the product id %d must be", ids[1], ids[0])) {
			t.Errorf("%v: got %v, want a refusal that names the ids", ids, err)
		}
		if n := len(platform.sent()) + platform.echoes; n != 0 {
			t.Errorf("%v: got %d requests, want none", ids, n)
		}
	}
}

func TestDevicesByID(t *testing.T) {
	t.Parallel()
	const rows = `[{"deviceId":"b","firmwareVersion":"2"},{"deviceId":"other"},{"deviceId":"a"},{"deviceId":"b","firmwareVersion":"2"},{"deviceId":"B"}]`
	for _, result := range []string{rows, `{"list":` + rows + `}`, `{"total":5,"pageNum":"","list":` + rows + `}`} {
		got, err := newClient(t, play(ok(result))).DevicesByID(t.Context(), testProduct, []string{"a", "b", "c"})
		want := []ProductDevice{{ID: "b", ProductID: testProduct, FirmwareVersion: "2"}, {ID: "a", ProductID: testProduct}}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", result, got, err, want)
		}
	}
	for none, calls := range map[string]int{`[]`: 1, `{"list":[]}`: 1, `{"list":null}`: 2, `{"total":0}`: 2} {
		platform := play(ok(none))
		got, err := newClient(t, platform).DevicesByID(t.Context(), testProduct, []string{"a"})
		if err != nil || len(got) != 0 || len(platform.sent()) != calls {
			t.Errorf("%s: got %+v, %v after %d calls, want none after %d", none, got, err, len(platform.sent()), calls)
		}
	}
	platform := play(lost)
	if got, err := newClient(t, platform).DevicesByID(t.Context(), testProduct, nil); err != nil || len(got)+len(platform.sent()) != 0 {
		t.Errorf("no ids: got %+v, %v after %d requests", got, err, len(platform.sent()))
	}
}

// A look-up is a read, also by POST: it is repeated, and ends with its context.
func TestLookUpsAreReads(t *testing.T) {
	t.Parallel()
	for name, call := range lookUps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				platform := play(lost, respond(http.StatusBadGateway, ""), respond(http.StatusNotFound, ""))
				_, err := call(t.Context(), newClient(t, platform))
				if !IsUnknownApplication(err) || Ambiguous(err) || len(platform.sent()) != 3 {
					t.Errorf("got %v after %d requests, want HTTP 404 after 3", err, len(platform.sent()))
				}
				ctx, cancel := contextFor(t, time.Second)
				defer cancel()
				start := time.Now()
				if _, err := call(ctx, newClient(t, play(hang))); !IsCanceled(err) || time.Since(start) != time.Second {
					t.Errorf("got %v after %s, want a cancelled call after 1s", err, time.Since(start))
				}
			})
		})
	}
}

// An error names its service, unless it is of the upgrade API.
func TestErrorsNameTheService(t *testing.T) {
	t.Parallel()
	services := map[string]string{
		"QueryP": "aep_product_management", "QueryF": "aep_firmware_management", "QueryDeviceG": "aep_device_group_management",
		"QueryG": "aep_device_group_management", "QueryDeviceL": "aep_device_management", "ListD": "aep_device_management",
	}
	for name, call := range lookUps {
		_, err := call(t.Context(), newClient(t, play(respond(http.StatusForbidden, "not subscribed"))))
		var want string
		for prefix, service := range services {
			if strings.HasPrefix(name, prefix) {
				want = service
			}
		}
		if got, is := LookUpService(fmt.Errorf("reading: %w", err)); !is || got != want || failureOf(t, err).Service != want {
			t.Errorf("%s: got %q, %t, want %q", name, got, is, want)
		}
	}
	err := aRead(t.Context(), newClient(t, play(respond(http.StatusForbidden, ""))))
	if got, is := LookUpService(err); is || got != "" {
		t.Errorf("the upgrade API: got %q, %t", got, is)
	}
	if got, is := LookUpService(context.Canceled); is || got != "" {
		t.Errorf("another error: got %q, %t", got, is)
	}
	_, err = lookUps["QueryFirmwareList"](t.Context(), newClient(t, play(respond(http.StatusForbidden, "not subscribed"))))
	if got := err.Error(); got != "QueryFirmwareList of product 10005977: HTTP 403, not subscribed" {
		t.Errorf("got %q", got)
	}
}

func TestProductIsMissing(t *testing.T) {
	t.Parallel()
	gone := respond(http.StatusOK, `{"code":1002,"msg":"产品不存在"}`)
	for name, call := range lookUps {
		platform := play(gone)
		_, err := call(t.Context(), newClient(t, platform))
		if got, want := IsProductMissing(err), strings.HasPrefix(name, "QueryProduct"); got != want || !IsRefused(err) {
			t.Errorf("%s: got %t for %v, want %t", name, got, err, want)
		} else if got && len(platform.sent()) != 1 {
			t.Errorf("%s: got %d requests, want 1: a smaller page is of no use", name, len(platform.sent()))
		}
	}
	if err := aRead(t.Context(), newClient(t, play(gone))); IsProductMissing(err) {
		t.Errorf("got a missing product for %v", err)
	}
	_, err := newClient(t, play(respond(http.StatusOK, `{"code":8800,"msg":"x"}`))).Product(t.Context(), testProduct)
	if IsProductMissing(err) || !IsRefused(err) {
		t.Errorf("got a missing product for %v", err)
	}
}
