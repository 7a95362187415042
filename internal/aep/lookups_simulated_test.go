package aep

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// The client reads the same from every platform that the API documents permit, and
// sends nothing that they do not declare.
func TestLookUpsOfEveryPlatform(t *testing.T) {
	t.Parallel()
	paged := func(rows int, way simulator.PageTooLarge) simulator.LookUps {
		paging := simulator.Paging{MaxPageSize: rows, TooLarge: way}
		devices := simulator.Paging{MaxPageSize: min(rows, 100), TooLarge: way}
		return simulator.LookUps{Paging: paging, ListPaging: map[string]simulator.Paging{simulator.OpProductDevices: devices}}
	}
	for name, options := range map[string]simulator.Options{
		"as documented":       {},
		"numbers as text":     {LookUps: simulator.LookUps{NumbersAsText: true}},
		"empty for null":      {LookUps: simulator.LookUps{NumbersAsText: true, EmptyForNull: true}},
		"null for none":       {LookUps: simulator.LookUps{None: simulator.NoneNull}},
		"a page for none":     {LookUps: simulator.LookUps{None: simulator.NonePage, Paging: simulator.Paging{NullList: true}}},
		"exact":               {LookUps: simulator.LookUps{ExactProducts: true, ExactFirmware: true, ExactGroups: true, ExactDevices: true}},
		"capped at 40":        {LookUps: paged(40, simulator.PageTooLargeCapped)},
		"refused above 40":    {LookUps: paged(40, simulator.PageTooLargeRefused)},
		"refused above 25":    {LookUps: paged(25, simulator.PageTooLargeBadRequest)},
		"one row a page":      {LookUps: paged(1, simulator.PageTooLargeCapped)},
		"rows come twice":     {LookUps: simulator.LookUps{Paging: simulator.Paging{RepeatRow: true}}},
		"signs what it gets":  {Quirks: simulator.Quirks{SignReceived: true}},
		"wants the MasterKey": {RequireMasterKey: true},
		"takes a few ids":     {LookUps: simulator.LookUps{MaxIDs: 3, TooManyIDs: simulator.TooManyIDsTruncated}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				const devices = 130
				options.Products = simulator.DefaultProducts(devices)
				client, platform := simulated(t, options, oneAtATime)
				for call, c := range simulatedLookUps(platform, devices) {
					if got := c.read(t.Context(), client); got != c.want {
						t.Errorf("%s\ngot  %s\nwant %s", call, got, c.want)
					}
				}
				for _, r := range platform.Requests() {
					if r.UndeclaredKey || r.Write || len(r.Query.Get("pageSize")) > len("100") {
						t.Errorf("got %s %s with an undeclared key %t, a write %t", r.Method, r.Path, r.UndeclaredKey, r.Write)
					}
				}
			})
		})
	}
}

type simulatedLookUp struct {
	read func(context.Context, *Client) string
	want string
}

// simulatedLookUps has look-ups with their results, from the seeds of the simulator.
func simulatedLookUps(p *simulator.Platform, devices int) map[string]simulatedLookUp {
	const meters, lamps = simulator.LwM2MProduct, simulator.TLinkProduct
	ids := p.DeviceIDs(meters)
	var north []string // every third device from the second
	for i := 1; i < devices; i += 3 {
		north = append(north, ids[i])
	}
	list := func(err error, rows, total int, what string) string {
		return fmt.Sprintf("%d of %d: %s (%v)", rows, total, what, err)
	}
	firmware := func(f Firmware) string { return fmt.Sprintf("%d=%s", f.ID, f.Version) }
	group := func(g DeviceGroup) string {
		return fmt.Sprintf("%d %s of %d, level %d", g.ID, g.Name, g.ProductID, g.Level)
	}
	return map[string]simulatedLookUp{
		"product": {func(ctx context.Context, c *Client) string {
			p, err := c.Product(ctx, meters)
			return fmt.Sprint(p.ID, p.Name, p.Protocol, *p.DeviceCount, err)
		}, fmt.Sprint(meters, simulator.LwM2MProductName, LwM2M, devices, error(nil))},
		"key": {func(ctx context.Context, c *Client) string {
			key, err := c.ProductKey(ctx, lamps)
			return fmt.Sprint(key, err)
		}, fmt.Sprint(simulator.TLinkMasterKey, error(nil))},
		"products": {func(ctx context.Context, c *Client) string {
			l, err := c.Products(ctx, "", 0)
			return list(err, len(l.Rows), int(l.Total), texts(l.Rows, func(p Product) string { return p.Name }))
		}, "2 of 2: Street lamps, Water meters (<nil>)"},
		"products by name": {func(ctx context.Context, c *Client) string {
			l, err := c.Products(ctx, "Water meters", 0)
			return list(err, len(l.Rows), int(l.Total), texts(l.Rows, func(p Product) string { return p.Name }))
		}, "1 of 1: Water meters (<nil>)"},
		"no products": {func(ctx context.Context, c *Client) string {
			l, err := c.Products(ctx, "tractors", 0)
			return list(err, len(l.Rows), int(l.Total), "")
		}, "0 of 0:  (<nil>)"},
		"one firmware": {func(ctx context.Context, c *Client) string {
			f, err := c.Firmware(ctx, lamps, simulator.TLinkFirmware)
			return fmt.Sprint(firmware(f), f.ProductID, f.FileName, err)
		}, fmt.Sprint("3275=10.3", lamps, "3275.bin", error(nil))},
		"firmware": {func(ctx context.Context, c *Client) string {
			l, err := c.Firmwares(ctx, FirmwareQuery{ProductID: meters}, 0)
			return list(err, len(l.Rows), int(l.Total), texts(l.Rows, firmware))
		}, "3 of 3: 3296=1.3000, 3297=1.3251, 3298=1.4000 (<nil>)"},
		"no firmware": {func(ctx context.Context, c *Client) string {
			l, err := c.Firmwares(ctx, FirmwareQuery{ProductID: meters, NameContains: "tractor"}, 0)
			return list(err, len(l.Rows), int(l.Total), "")
		}, "0 of 0:  (<nil>)"},
		"groups": {func(ctx context.Context, c *Client) string {
			l, err := c.DeviceGroups(ctx, DeviceGroupQuery{}, 0)
			return list(err, len(l.Rows), int(l.Total), texts(l.Rows, group))
		}, "5 of 5: 21001 north of 10005977, level 0, 21002 south of 10005977, level 0, 21003 north of 10005986, level 0, " +
			"21004 south of 10005986, level 0, 21005 pilot of 0, level 1 (<nil>)"},
		"one group": {func(ctx context.Context, c *Client) string {
			l, err := c.DeviceGroups(ctx, DeviceGroupQuery{ProductID: meters, Name: "north", ID: 21001, Level: ptr(GroupOfProduct)}, 0)
			return list(err, len(l.Rows), int(l.Total), texts(l.Rows, group))
		}, "1 of 1: 21001 north of 10005977, level 0 (<nil>)"},
		"groups over products": {func(ctx context.Context, c *Client) string {
			l, err := c.DeviceGroups(ctx, DeviceGroupQuery{Level: ptr(GroupOfProducts)}, 0)
			return list(err, len(l.Rows), int(l.Total), texts(l.Rows, group))
		}, "1 of 1: 21005 pilot of 0, level 1 (<nil>)"},
		"no groups": {func(ctx context.Context, c *Client) string {
			l, err := c.DeviceGroups(ctx, DeviceGroupQuery{ProductID: meters, Name: "west"}, 0)
			return list(err, len(l.Rows), int(l.Total), "")
		}, "0 of 0:  (<nil>)"},
		"members": {func(ctx context.Context, c *Client) string {
			l, err := c.GroupDevices(ctx, meters, simulator.LwM2MNorthGroup, 0)
			return list(err, len(l.Rows), int(l.Total), texts(l.Rows, func(d GroupDevice) string { return d.ID }))
		}, "43 of 43: " + strings.Join(sorted(north), ", ") + " (<nil>)"},
		"members of products": {func(ctx context.Context, c *Client) string {
			l, err := c.GroupDevices(ctx, meters, simulator.PilotGroup, 0)
			return list(err, len(l.Rows), int(l.Total), "")
		}, "26 of 26:  (<nil>)"},
		"no members": {func(ctx context.Context, c *Client) string {
			l, err := c.GroupDevices(ctx, meters, 9, 0)
			return list(err, len(l.Rows), int(l.Total), "")
		}, "0 of 0:  (<nil>)"},
		"devices": {func(ctx context.Context, c *Client) string {
			l, err := c.ProductDevices(ctx, ProductDeviceQuery{ProductID: meters}, 0)
			return list(err, len(l.Rows), int(l.Total), texts(l.Rows, func(d ProductDevice) string { return d.ID }))
		}, fmt.Sprintf("%d of %d: %s (<nil>)", devices, devices, strings.Join(sorted(ids), ", "))},
		"devices by id": {func(ctx context.Context, c *Client) string {
			l, err := c.ProductDevices(ctx, ProductDeviceQuery{ProductID: meters, Search: ids[7]}, 0)
			return list(err, len(l.Rows), int(l.Total), texts(l.Rows, func(d ProductDevice) string { return d.ID + " " + d.FirmwareVersion }))
		}, "1 of 1: " + ids[7] + " 1.0.0 (<nil>)"},
		"the first devices": {func(ctx context.Context, c *Client) string {
			l, err := c.ProductDevices(ctx, ProductDeviceQuery{ProductID: meters}, 7)
			return list(err, len(l.Rows), int(l.Total), fmt.Sprint(l.Truncated))
		}, fmt.Sprintf("7 of %d: true (<nil>)", devices)},
		"named devices": {func(ctx context.Context, c *Client) string {
			rows, err := c.DevicesByID(ctx, meters, []string{ids[3], "no device", ids[2], ids[3]})
			return list(err, len(rows), 0, texts(rows, func(d ProductDevice) string { return d.ID + " " + d.FirmwareVersion }))
		}, "2 of 0: " + ids[2] + " 1.0.0, " + ids[3] + " 1.0.0 (<nil>)"},
	}
}

// texts returns a text of each row, sorted.
func texts[T any](rows []T, text func(T) string) string {
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = text(row)
	}
	return strings.Join(sorted(all), ", ")
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// A service that the application has not subscribed to fails with the platform's words
// and the service's name. The upgrade API still works.
func TestServiceWithoutASubscription(t *testing.T) {
	t.Parallel()
	says := map[simulator.Unsubscribed]string{
		simulator.Unsubscribed403: "HTTP 403, ", simulator.Unsubscribed401: "HTTP 401, ", simulator.Unsubscribed404: "HTTP 404, ",
		simulator.Unsubscribed400: "HTTP 400, ", simulator.UnsubscribedBusiness: "应用未订阅服务",
	}
	for way, words := range says {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				client, platform := simulated(t, simulator.Options{LookUps: simulator.LookUps{Unsubscribed: map[string]simulator.Unsubscribed{
					simulator.FirmwareService: way,
				}}})
				_, err := client.Firmwares(t.Context(), FirmwareQuery{ProductID: simulator.LwM2MProduct}, 0)
				service, is := LookUpService(err)
				if !is || service != simulator.FirmwareService || !strings.Contains(err.Error(), words) || IsTransient(err) {
					t.Errorf("got %v of %q, want %q", err, service, words)
				}
				if n := platform.Count(simulator.OpFirmwareList); n > 3 {
					t.Errorf("got %d requests, want at most 3: a page of 100, 40 and 20 rows", n)
				}
				if _, err := client.Products(t.Context(), "", 0); err != nil {
					t.Error(err)
				}
				if _, err := client.Tasks(t.Context(), TaskQuery{ProductID: simulator.LwM2MProduct}, 0); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A missing object is a refusal or an empty result.
func TestMissingObjects(t *testing.T) {
	t.Parallel()
	for _, way := range []simulator.Missing{
		simulator.MissingError, simulator.MissingNull, simulator.MissingEmptyObject, simulator.MissingEmptyText,
	} {
		client, _ := simulated(t, simulator.Options{LookUps: simulator.LookUps{MissingProduct: way, MissingFirmware: way}})
		_, product := client.Product(t.Context(), 1)
		_, key := client.ProductKey(t.Context(), 1)
		_, firmware := client.Firmware(t.Context(), simulator.LwM2MProduct, simulator.TLinkFirmware)
		for _, err := range []error{product, key, firmware} {
			if !MaybeGone(err) || IsTransient(err) {
				t.Errorf("got %v, want an object that may be gone", err)
			}
		}
	}
}

// The device list needs the MasterKey. Without one the platform says so.
func TestDevicesNeedTheMasterKey(t *testing.T) {
	t.Parallel()
	client, platform := simulated(t, simulator.Options{}, func(c *Config) { c.MasterKey, c.MasterKeys = "", nil })
	_, err := client.ProductDevices(t.Context(), ProductDeviceQuery{ProductID: simulator.LwM2MProduct}, 0)
	if !IsBadRequest(err) || failureOf(t, err).HTTPStatus != http.StatusBadRequest ||
		!strings.HasSuffix(err.Error(), "Required head parameter 'MasterKey' can not be null") {
		t.Errorf("got %v, want the platform's words", err)
	}
	if _, err := client.Products(t.Context(), "", 0); err != nil {
		t.Error(err)
	}
	if n := platform.Count(simulator.OpProductList); n != 1 {
		t.Errorf("got %d requests for products, want 1", n)
	}
}
