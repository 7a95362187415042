package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// every returns each n-th device id, beginning with the number from, as text with one id a line.
func every(p *simulator.Platform, product int64, n, from int) string {
	var ids []string
	for i, id := range p.DeviceIDs(product) {
		if i+1 >= from && (i+1-from)%n == 0 {
			ids = append(ids, id)
		}
	}
	return strings.Join(ids, "\n") + "\n"
}

func TestDeviceGroupDataSource(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		arguments cfg
		change    func(*simulator.Options)
		want      cfg
		n, from   int // of the members
		requests  map[string]int
	}{
		"by name": {
			cfg{"name": "north"},
			nil,
			cfg{"group_id": simulator.LwM2MNorthGroup, "description": "Devices in the north", "level": 0, "created_at": "2019-05-16T16:28:23+08:00"},
			3, 2,
			sent{"/deviceGroups": 1, "/groupDeviceList": 1},
		},
		"by name in exact search": {
			cfg{"name": "north"},
			func(o *simulator.Options) { o.LookUps.ExactGroups = true },
			cfg{"group_id": simulator.LwM2MNorthGroup},
			3, 2,
			sent{"/deviceGroups": 1, "/groupDeviceList": 1},
		},
		"by id": {
			cfg{"group_id": simulator.LwM2MSouthGroup},
			nil,
			cfg{"name": "south", "level": 0},
			3, 3,
			sent{"/deviceGroups": 1, "/groupDeviceList": 1},
		},
		"of the other product": {
			cfg{"product_id": coretest.TLinkProduct, "name": "north"},
			nil,
			cfg{"group_id": simulator.TLinkNorthGroup},
			3, 2,
			sent{"/deviceGroups": 1, "/groupDeviceList": 1},
		},
		"over several products, by name": {
			cfg{"name": "pilot"},
			nil,
			cfg{"group_id": simulator.PilotGroup, "level": 1},
			10, 5,
			sent{"/deviceGroups": 3, "/groupDeviceList": 1},
		},
		"over several products, if the platform filters them": {
			cfg{"name": "pilot"},
			func(o *simulator.Options) {
				o.LookUps.ProductSelectsMembers, o.LookUps.ProductShowsSeveral = true, true
			},
			cfg{"group_id": simulator.PilotGroup, "level": 1},
			10, 5,
			sent{"/deviceGroups": 1, "/groupDeviceList": 1},
		},
		"over several products, by id": {
			cfg{"group_id": simulator.PilotGroup},
			nil,
			cfg{"name": "pilot", "level": 1},
			10, 5,
			sent{"/deviceGroups": 1, "/groupDeviceList": 1},
		},
		"before a group over several products of the same name": {
			cfg{"name": "pilot"},
			func(o *simulator.Options) {
				o.LookUps.ProductShowsSeveral = false
				o.Products[0].Groups = append(o.Products[0].Groups, simulator.GroupSeed{ID: 1, Name: "pilot", Every: 7, From: 4})
			},
			cfg{"group_id": 1, "level": 0},
			7, 4,
			sent{"/deviceGroups": 1, "/groupDeviceList": 1},
		},
		"whose name others contain, in pages of one row": {
			cfg{"name": "nor"},
			func(o *simulator.Options) {
				o.LookUps.Paging.MaxPageSize = 1
				o.Products[0].Groups = append(o.Products[0].Groups, simulator.GroupSeed{ID: 1, Name: "nor", Every: 50, From: 4})
			},
			cfg{"group_id": 1},
			50, 4,
			sent{"/deviceGroups": 2, "/groupDeviceList": 2},
		},
		"with numbers as text": {
			cfg{"group_id": simulator.LwM2MNorthGroup},
			func(o *simulator.Options) {
				o.LookUps.NumbersAsText, o.LookUps.EmptyForNull = true, true
			},
			cfg{"name": "north", "level": 0},
			3, 2,
			sent{"/deviceGroups": 1, "/groupDeviceList": 1},
		},
		"with rows without a product": {
			cfg{"name": "north"},
			func(o *simulator.Options) { o.LookUps.OldMemberRows = true },
			cfg{"group_id": simulator.LwM2MNorthGroup},
			3, 2,
			sent{"/deviceGroups": 1, "/groupDeviceList": 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := lookUpReader(t, changes(one.change))
			arguments := coretest.Merge(cfg{"product_id": coretest.LwM2MProduct}, one.arguments)
			state := r.MustRead("aep_device_group", arguments)
			product := int64(arguments["product_id"].(int))
			members := every(r.Platform, product, one.n, one.from)
			for attribute, value := range one.want {
				if id, ok := value.(int64); ok {
					one.want[attribute] = int(id)
				}
			}
			coretest.WantMembers(t, state, coretest.Merge(one.want, cfg{
				"product_id": int(product), "member_count": strings.Count(members, "\n"), "device_ids_text": members,
			}))
			r.WantRequests(one.requests)
		})
	}
}

func TestDeviceGroupIsNotFound(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]refused{
		"a part of a name": {
			cfg{"name": "orth"},
			nil,
			[]string{`Device group not found: Device group with name "orth" of product 10005977 does not exist`, `Most alike:`, `- 21001: "north"`},
			"There are",
			sent{"/deviceGroups": 3},
		},
		"a name in other case": {
			cfg{"name": "SOUTH"}, nil, []string{"There are:\n\n  - 21002: \"south\"", "21001"}, "21003", sent{"/deviceGroups": 6},
		},
		"the name of a shared group in other case": {
			cfg{"name": "Pilot"}, nil, []string{"There are:\n\n  - 21005: \"pilot\"", "21001"}, "21003", sent{"/deviceGroups": 6},
		},
		"a name in other case, with a page for no rows": {
			cfg{"name": "SOUTH"},
			func(o *simulator.Options) { o.LookUps.None = simulator.NonePage },
			[]string{"21001"},
			"21003",
			sent{"/deviceGroups": 4},
		},
		"an id": {
			cfg{"group_id": 9},
			nil,
			[]string{"Device group 9 of product 10005977 does not exist", "21001", `"group_id"`},
			"21003",
			sent{"/deviceGroups": 4},
		},
		"an id of another product": {
			cfg{"group_id": simulator.TLinkNorthGroup},
			nil,
			[]string{
				"Device group is of another product: Device group 21003 belongs to product 10005986, not to product 10005977.",
				"Correct product_id or group_id", `"group_id"`,
			},
			"21001",
			sent{"/deviceGroups": 1},
		},
		"several of a name": {
			cfg{"name": "twin"},
			func(o *simulator.Options) {
				o.Products[0].Groups = append(o.Products[0].Groups, simulator.GroupSeed{ID: 1, Name: "twin"}, simulator.GroupSeed{ID: 2, Name: "twin"})
			},
			[]string{`Device group with name "twin" of product 10005977: 2 match`, "- 1: ", "- 2: ", "Set group_id to one of these"},
			"most_recent",
			sent{"/deviceGroups": 1},
		},
		"no groups": {
			cfg{"name": "x"},
			func(o *simulator.Options) { o.Products[0].Groups, o.Products[1].Groups = nil, nil },
			[]string{"The platform lists no group of this product", "分组管理"},
			"2100",
			sent{"/deviceGroups": 8},
		},
	} {
		t.Run(name, func(t *testing.T) { f.run(t, "aep_device_group") })
	}
}

// The number of a group is known even if it is not known which of its devices are of the product.
func TestDeviceGroupWithMembersOfUnknownProducts(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t, func(o *simulator.Options) { o.LookUps.OldMemberRows = true })
	arguments := cfg{"product_id": coretest.LwM2MProduct, "name": "pilot"}
	state, said := r.Read("aep_device_group", arguments)
	wantSaid(t, said, "WARNING: Members of device group unknown: Device group 21005 has devices of several products",
		"the platform gives no product for 20 of them", "member_count and device_ids_text are null", "use a group of one product")
	coretest.WantMembers(t, state, cfg{"group_id": simulator.PilotGroup, "member_count": nil, "device_ids_text": nil})
	r = lookUpReader(t)
	r.Platform.Inject(simulator.Fault{Kind: simulator.StatusBefore, Operation: simulator.OpGroupDevices, Status: 403, Times: 100})
	_, said = r.Read("aep_device_group", arguments)
	wantSaid(t, said, "ERROR: Unable to list devices of device group: QueryGroupDeviceList of product 10005977: HTTP 403")
}

// An id is compared on this side: a platform may ignore it.
func TestDeviceGroupOfAPlatformThatIgnoresTheID(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t)
	r.Platform.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpGroupList, Times: 100, Rewrite: func([]byte) []byte {
		return []byte(`{"code":0,"msg":"ok","result":{"total":2,"list":[
			{"deviceGroupId":5,"productId":10005977,"deviceGroupName":"other","groupLevel":0},
			{"deviceGroupId":21001,"productId":10005977,"deviceGroupName":"north","groupLevel":0}]}}`)
	}})
	state := r.MustRead("aep_device_group", cfg{"product_id": coretest.LwM2MProduct, "group_id": 21001})
	coretest.WantMembers(t, state, cfg{"name": "north", "member_count": 33})
	_, said := r.Read("aep_device_group", cfg{"product_id": coretest.LwM2MProduct, "group_id": 6})
	wantSaid(t, said, "Device group 6 of product 10005977 does not exist", "21001")
}

func TestDeviceGroupsDataSource(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		arguments cfg
		change    func(*simulator.Options)
		ids       string
		total     int
		truncated bool
		requests  int
	}{
		"all":                 {nil, nil, "[21001 21002 21003 21004 21005]", 5, false, 1},
		"the first three":     {cfg{"max_results": 3}, nil, "[21001 21002 21003]", 5, true, 1},
		"of several products": {cfg{"level": 1}, nil, "[21005]", 1, false, 1},
		"of one product each": {cfg{"level": 0}, nil, "[21001 21002 21003 21004]", 4, false, 1},
		"of a product":        {cfg{"product_id": coretest.TLinkProduct}, nil, "[21003 21004]", 2, false, 1},
		"of a product or more": {
			cfg{"product_id": coretest.TLinkProduct},
			func(o *simulator.Options) { o.LookUps.ProductShowsSeveral = true },
			"[21003 21004 21005]", 3, false, 1,
		},
		"in pages of two rows": {
			nil, func(o *simulator.Options) { o.LookUps.Paging.MaxPageSize = 2 }, "[21001 21002 21003 21004 21005]", 5, false, 3,
		},
		"none, which is null": {cfg{"product_id": coretest.TLinkProduct, "level": 1}, nil, "[]", 0, false, 2},
		"none, which is a page": {
			cfg{"product_id": coretest.TLinkProduct, "level": 1},
			func(o *simulator.Options) { o.LookUps.None = simulator.NonePage },
			"[]", 0, false, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := lookUpReader(t, changes(one.change))
			state := r.MustRead("aep_device_groups", one.arguments)
			coretest.WantMembers(t, state, cfg{"total": one.total, "truncated": one.truncated})
			if got := fmt.Sprint(coretest.Column(state, "groups", "group_id")); got != one.ids {
				t.Errorf("groups %s, want %s", got, one.ids)
			}
			r.WantRequests(sent{"/deviceGroups": one.requests})
		})
	}
}

// A platform may ignore the product or the level. The rows are compared on this side.
func TestDeviceGroupsOfAPlatformThatIgnoresFilters(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t)
	r.Platform.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpGroupList, Times: 100, Rewrite: func([]byte) []byte {
		return []byte(`{"code":0,"msg":"ok","result":{"total":3,"list":[
			{"deviceGroupId":1,"productId":10005977,"deviceGroupName":"a","groupLevel":0},
			{"deviceGroupId":2,"productId":10005986,"deviceGroupName":"b","groupLevel":0},
			{"deviceGroupId":3,"productId":null,"deviceGroupName":"c","groupLevel":1}]}}`)
	}})
	state := r.MustRead("aep_device_groups", cfg{"product_id": coretest.LwM2MProduct, "level": 0})
	coretest.WantMembers(t, state, cfg{"total": 1, "truncated": false})
	if got := fmt.Sprint(coretest.Column(state, "groups", "name")); got != "[a]" {
		t.Errorf("groups %s", got)
	}
}
