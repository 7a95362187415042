package catalog

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// platform returns a simulated platform with a twin of a firmware, and a catalog of it.
func platform(t *testing.T, change func(*simulator.Options)) (*simulator.Platform, *Catalog) {
	t.Helper()
	options := simulator.Options{Products: simulator.DefaultProducts(20)}
	options.Products[0].Firmware = append(options.Products[0].Firmware,
		simulator.FirmwareSeed{ID: 1, Name: "twin", Version: "2"}, simulator.FirmwareSeed{ID: 2, Name: "twin", Version: "2"})
	if change != nil {
		change(&options)
	}
	p := simulator.New(options)
	t.Cleanup(p.Close)
	client, err := aep.New(aep.Config{
		AppKey: simulator.DefaultAppKey, AppSecret: simulator.DefaultAppSecret, Endpoint: simulator.BaseURL, Transport: p.Transport(),
		MasterKeys:        map[int64]string{simulator.LwM2MProduct: simulator.LwM2MMasterKey, simulator.TLinkProduct: simulator.TLinkMasterKey},
		RequestsPerSecond: -1, RetryBudget: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, New(client)
}

// TestLookUps finds, or does not find, one object of each kind in each way. Each look-up is the first of its run.
func TestLookUps(t *testing.T) {
	t.Parallel()
	const meters = simulator.LwM2MProduct
	product := func(p aep.Product, err error) (any, error) { return p.ID, err }
	firmware := func(f aep.Firmware, err error) (any, error) { return f.ID, err }
	group := func(g aep.DeviceGroup, err error) (any, error) { return g.ID, err }
	for name, one := range map[string]struct {
		look  func(*Catalog) (any, error)
		want  string // id, or error
		calls int
	}{
		"product": {func(c *Catalog) (any, error) { return product(c.Product(t.Context(), meters)) }, "10005977", 1},
		"no product": {
			func(c *Catalog) (any, error) { return product(c.Product(t.Context(), 42)) },
			"product 42 does not exist; 2 of 2", 2,
		},
		"product by name": {func(c *Catalog) (any, error) { return product(c.ProductNamed(t.Context(), "Water meters")) }, "10005977", 1},
		"no product by name": {
			func(c *Catalog) (any, error) { return product(c.ProductNamed(t.Context(), "x")) },
			`product with name "x" does not exist; 2 of 2`, 2,
		},
		"key": {func(c *Catalog) (any, error) { return c.ProductKey(t.Context(), meters) }, simulator.LwM2MMasterKey, 1},
		"no key": {
			func(c *Catalog) (any, error) { return c.ProductKey(t.Context(), 42) },
			"product 42 does not exist; 2 of 2", 2,
		},
		"firmware": {func(c *Catalog) (any, error) { return firmware(c.Firmware(t.Context(), meters, 3297)) }, "3297", 1},
		"no firmware": {
			func(c *Catalog) (any, error) { return firmware(c.Firmware(t.Context(), meters, 3275)) },
			"firmware 3275 of product 10005977 does not exist; 5 of 5", 2,
		},
		"version": {func(c *Catalog) (any, error) {
			return firmware(c.FirmwareOfVersion(t.Context(), meters, "1.3251", false))
		}, "3297", 1},
		"no version": {
			func(c *Catalog) (any, error) { return firmware(c.FirmwareOfVersion(t.Context(), meters, "1.32", true)) },
			`firmware with version "1.32" of product 10005977 does not exist; 5 of 5`, 1,
		},
		"versions": {
			func(c *Catalog) (any, error) { return firmware(c.FirmwareOfVersion(t.Context(), meters, "2", false)) },
			`firmware with version "2" of product 10005977: 2 match; 2 of 2`, 1,
		},
		"newest version": {func(c *Catalog) (any, error) { return firmware(c.FirmwareOfVersion(t.Context(), meters, "2", true)) }, "2", 1},
		"firmware by name": {func(c *Catalog) (any, error) {
			return firmware(c.FirmwareNamed(t.Context(), meters, "Water meter 1.3251", false))
		}, "3297", 1},
		"no firmware by name": {
			func(c *Catalog) (any, error) { return firmware(c.FirmwareNamed(t.Context(), meters, "x", false)) },
			`firmware with name "x" of product 10005977 does not exist; 5 of 5`, 2,
		},
		"firmware of a name": {
			func(c *Catalog) (any, error) { return firmware(c.FirmwareNamed(t.Context(), meters, "twin", false)) },
			`firmware with name "twin" of product 10005977: 2 match; 2 of 2`, 1,
		},
		"newest of a name": {
			func(c *Catalog) (any, error) { return firmware(c.FirmwareNamed(t.Context(), meters, "twin", true)) },
			"2", 1,
		},
		"group": {func(c *Catalog) (any, error) {
			return group(c.DeviceGroup(t.Context(), meters, simulator.LwM2MNorthGroup))
		}, "21001", 1},
		"group of several": {
			func(c *Catalog) (any, error) { return group(c.DeviceGroup(t.Context(), meters, simulator.PilotGroup)) },
			"21005", 1,
		},
		"group of another": {func(c *Catalog) (any, error) {
			return group(c.DeviceGroup(t.Context(), meters, simulator.TLinkNorthGroup))
		}, "device group 21003 belongs to product 10005986, not to product 10005977; 0 of 0", 1},
		"no group": {
			func(c *Catalog) (any, error) { return group(c.DeviceGroup(t.Context(), meters, 9)) },
			"device group 9 of product 10005977 does not exist; 3 of 3", 4,
		},
		"group by name": {
			func(c *Catalog) (any, error) { return group(c.DeviceGroupNamed(t.Context(), meters, "south")) },
			"21002", 1,
		},
		"shared group by name": {
			func(c *Catalog) (any, error) { return group(c.DeviceGroupNamed(t.Context(), meters, "pilot")) },
			"21005", 3,
		},
		"no group by name": {
			func(c *Catalog) (any, error) { return group(c.DeviceGroupNamed(t.Context(), meters, "x")) },
			`device group with name "x" of product 10005977 does not exist; 3 of 3`, 6,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, c := platform(t, nil)
			got, err := one.look(c)
			text := fmt.Sprint(got)
			if e, ok := errors.AsType[*MatchError](err); ok {
				text = fmt.Sprintf("%s; %d of %d", e.outcome(), len(e.Rows), e.Total)
			} else if err != nil {
				text = err.Error()
			}
			if calls := lookUpCalls(p); text != one.want || calls != one.calls {
				t.Errorf("%s in %d calls, want %s in %d", text, calls, one.want, one.calls)
			}
		})
	}
}

func lookUpCalls(p *simulator.Platform) (calls int) {
	for _, r := range p.Requests() {
		if simulator.IsLookUp(r) {
			calls++
		}
	}
	return calls
}

func TestListsOfTheCatalog(t *testing.T) {
	t.Parallel()
	const meters = simulator.LwM2MProduct
	level := aep.GroupOfProducts
	isLwM2M := func(p aep.Product) bool { return p.Protocol == aep.LwM2M }
	isTLink := func(p aep.Product) bool { return p.Protocol == aep.TLink }
	isFirst := func(d aep.ProductDevice) bool { return d.Name == "设备-0000001" }
	pilot := aep.DeviceGroup{ID: simulator.PilotGroup, Level: aep.GroupOfProducts}
	north := aep.DeviceGroup{ID: simulator.LwM2MNorthGroup, ProductID: meters}
	for name, one := range map[string]struct {
		list func(*Catalog) (rows int, total int64, err error)
		want string
	}{
		"products":       {func(c *Catalog) (int, int64, error) { return size(c.Products(t.Context(), "", nil, 1)) }, "1 of 2"},
		"some products":  {func(c *Catalog) (int, int64, error) { return size(c.Products(t.Context(), "", isTLink, 0)) }, "1 of 1"},
		"the first kept": {func(c *Catalog) (int, int64, error) { return size(c.Products(t.Context(), "", isLwM2M, 1)) }, "1 of 1"},
		"found products": {func(c *Catalog) (int, int64, error) { return size(c.Products(t.Context(), "Water", nil, 0)) }, "1 of 1"},
		"firmware":       {func(c *Catalog) (int, int64, error) { return size(c.Firmwares(t.Context(), meters, "")) }, "5 of 5"},
		"found firmware": {func(c *Catalog) (int, int64, error) { return size(c.Firmwares(t.Context(), meters, "1.3")) }, "2 of 2"},
		"groups":         {func(c *Catalog) (int, int64, error) { return size(c.DeviceGroups(t.Context(), 0, nil, 2)) }, "2 of 5"},
		"its groups":     {func(c *Catalog) (int, int64, error) { return size(c.DeviceGroups(t.Context(), meters, nil, 0)) }, "2 of 2"},
		"shared groups":  {func(c *Catalog) (int, int64, error) { return size(c.DeviceGroups(t.Context(), 0, &level, 0)) }, "1 of 1"},
		"devices":        {func(c *Catalog) (int, int64, error) { return size(c.Devices(t.Context(), meters, "", nil, 7)) }, "7 of 20"},
		"some devices":   {func(c *Catalog) (int, int64, error) { return size(c.Devices(t.Context(), meters, "", isFirst, 7)) }, "1 of 1"},
		"found devices": {func(c *Catalog) (int, int64, error) {
			return size(c.Devices(t.Context(), meters, "设备-000002", nil, 0))
		}, "1 of 1"},
		"members":        {func(c *Catalog) (int, int64, error) { return size(c.GroupDevices(t.Context(), meters, north)) }, "7 of 7"},
		"shared members": {func(c *Catalog) (int, int64, error) { return size(c.GroupDevices(t.Context(), meters, pilot)) }, "2 of 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := platform(t, nil)
			rows, total, err := one.list(c)
			if got := fmt.Sprintf("%d of %d", rows, total); got != one.want || err != nil {
				t.Errorf("%s, want %s: %v", got, one.want, err)
			}
		})
	}
}

func size[T any](list aep.Listing[T], err error) (rows int, total int64, failure error) {
	return len(list.Rows), list.Total, err
}

// A group over several products is a candidate too, once, and the rows of a shared list stay as they are.
func TestCandidateGroups(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*simulator.Platform){
		"not listed with the product": func(*simulator.Platform) {},
		"listed with the product": func(p *simulator.Platform) {
			p.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpGroupList, Times: 100, Rewrite: func([]byte) []byte {
				return []byte(`{"code":0,"result":{"total":3,"list":[{"deviceGroupId":21001,"productId":10005977,"deviceGroupName":"north"},
					{"deviceGroupId":21002,"productId":10005977,"deviceGroupName":"south"},{"deviceGroupId":21005,"deviceGroupName":"pilot"}]}}`)
			}})
		},
	} {
		p, c := platform(t, nil)
		change(p)
		list, err := c.candidateGroups(simulator.LwM2MProduct)(t.Context())
		if got := fmt.Sprint(len(list.Rows), list.Total, list.Rows[len(list.Rows)-1].ID); got != "3 3 21005" || err != nil {
			t.Errorf("%s: got %s, %v, want 3 of 3, the shared group last", name, got, err)
		}
	}
}

// A list of devices has no device of another product, even if the platform shows one.
func TestDevicesOfAnotherProduct(t *testing.T) {
	t.Parallel()
	p, c := platform(t, nil)
	p.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpProductDevices, Times: 100, Rewrite: func([]byte) []byte {
		return []byte(`{"code":0,"result":{"total":3,"list":[{"deviceId":"a","productId":10005977},{"deviceId":"b","productId":10005986},
			{"deviceId":"c"}]}}`)
	}})
	list, err := c.Devices(t.Context(), simulator.LwM2MProduct, "", nil, 0)
	if got := fmt.Sprintf("%d %d %s", len(list.Rows), list.Total, list.Rows[len(list.Rows)-1].ID); got != "2 2 c" || err != nil {
		t.Errorf("got %s, %v, want devices a and c", got, err)
	}
}

// A call that fails for another reason does not mean that nothing matches.
func TestLookUpThatFails(t *testing.T) {
	t.Parallel()
	p, c := platform(t, func(o *simulator.Options) { o.Products[0].Firmware = nil })
	if _, err := c.FirmwareOfVersion(t.Context(), simulator.LwM2MProduct, "1", true); fmt.Sprint(err) !=
		`firmware with version "1" of product 10005977 does not exist` {
		t.Error(err)
	}
	p.Inject(simulator.Fault{Kind: simulator.StatusBefore, Operation: simulator.OpFirmware, Status: 403, Times: 10},
		simulator.Fault{Kind: simulator.StatusBefore, Operation: simulator.OpProduct, Status: 403, Times: 10})
	_, err := c.Firmware(t.Context(), simulator.LwM2MProduct, 3297)
	if !aep.IsUnauthorized(err) || p.Count(simulator.OpFirmwareList) != 1 {
		t.Error(err, p.Count(simulator.OpFirmwareList))
	}
	if _, err = c.Product(t.Context(), simulator.LwM2MProduct); !aep.IsUnauthorized(err) || p.Count(simulator.OpProductList) != 0 {
		t.Error(err, p.Count(simulator.OpProductList))
	}
	if _, err = c.ProductKey(t.Context(), simulator.LwM2MProduct); !aep.IsUnauthorized(err) || p.Count(simulator.OpProductList) != 0 {
		t.Error(err, p.Count(simulator.OpProductList))
	}
}

// Without the products of the members it is not known which devices are of the product.
func TestMembersOfUnknownProducts(t *testing.T) {
	t.Parallel()
	_, c := platform(t, func(o *simulator.Options) { o.LookUps.OldMemberRows = true })
	for _, group := range []aep.DeviceGroup{
		{ID: simulator.PilotGroup, Level: aep.GroupOfProducts},
		{ID: simulator.PilotGroup},
		{ID: simulator.PilotGroup, Level: aep.GroupOfProducts, ProductID: simulator.LwM2MProduct},
	} {
		_, err := c.GroupDevices(t.Context(), simulator.LwM2MProduct, group)
		if e, ok := errors.AsType[*UnknownProductError](err); !ok || e.Devices != 4 {
			t.Error(group, err)
		}
	}
	north := aep.DeviceGroup{ID: simulator.LwM2MNorthGroup, ProductID: simulator.LwM2MProduct}
	list, err := c.GroupDevices(t.Context(), simulator.LwM2MProduct, north)
	if err != nil || len(list.Rows) != 7 {
		t.Errorf("%d devices, %v", len(list.Rows), err)
	}
}
