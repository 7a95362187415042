package aep

import (
	"context"
	"fmt"
	"net/http"
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

func TestGroupDevicesNeedsAGroup(t *testing.T) {
	t.Parallel()
	for _, ids := range [][2]int64{{testProduct, 0}, {testProduct, -1}, {0, 196}, {-1, 196}} {
		platform := play(ok(`{"total":0,"list":[]}`))
		_, err := newClient(t, platform).GroupDevices(t.Context(), ids[0], ids[1], 0)
		says := fmt.Sprintf("the group id %d and the product id %d must be positive", ids[1], ids[0])
		if !isKind(err, kindInvalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: got %v, want a refusal that names the ids", ids, err)
		}
		if n := len(platform.sent()) + platform.echoes; n != 0 {
			t.Errorf("%v: got %d requests, want none", ids, n)
		}
	}
}

func TestDevicesByID(t *testing.T) {
	t.Parallel()
	const b = `{"deviceId":"b","firmwareVersion":"2"}`
	const rows = `[` + b + `,{"deviceId":"other"},{"deviceId":"c","productId":9},{"deviceId":"a"},` + b + `,{"deviceId":"B"}]`
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

// A look-up is a read, also by POST: it is repeated, and ends with its context. ListDeviceInfo is not repeated, because
// its caller has another source.
func TestLookUpsAreReads(t *testing.T) {
	t.Parallel()
	for name, call := range lookUps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				platform := play(lost, respond(http.StatusBadGateway, ""), respond(http.StatusNotFound, ""))
				_, err := call(t.Context(), newClient(t, platform))
				want := 3
				if name == listDeviceInfo.operation {
					want = 1
				}
				if IsUnknownApplication(err) != (want == 3) || err == nil || Ambiguous(err) || len(platform.sent()) != want {
					t.Errorf("got %v after %d requests, want %d", err, len(platform.sent()), want)
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

// Only the product service and the list of groups declare no MasterKey.
func TestTakesMasterKey(t *testing.T) {
	t.Parallel()
	for name, call := range lookUps {
		_, err := call(t.Context(), newClient(t, play(respond(http.StatusForbidden, ""))))
		want := !strings.HasPrefix(name, "QueryProduct") && !strings.HasPrefix(name, "QueryDeviceGroup")
		if got := TakesMasterKey(err); got != want {
			t.Errorf("%s: got %t, want %t", name, got, want)
		}
	}
	if err := aRead(t.Context(), newClient(t, play(respond(http.StatusForbidden, "")))); !TakesMasterKey(err) {
		t.Errorf("the upgrade API: got false for %v", err)
	}
}

func TestProductIsMissing(t *testing.T) {
	t.Parallel()
	gone := respond(http.StatusOK, `{"code":1002,"msg":"产品不存在"}`)
	for name, call := range lookUps {
		platform := play(gone)
		_, err := call(t.Context(), newClient(t, platform))
		if !IsProductMissing(err) || !IsRefused(err) {
			t.Errorf("%s: got no missing product for %v", name, err)
		} else if len(platform.sent()) != 1 {
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
