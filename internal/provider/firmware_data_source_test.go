package provider_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// withFirmware adds firmware to the water meters.
func withFirmware(seeds ...simulator.FirmwareSeed) func(*simulator.Options) {
	return func(o *simulator.Options) {
		for i := range seeds {
			if seeds[i].ID == 0 {
				seeds[i].ID = int64(4000 + i)
			}
		}
		o.Products[0].Firmware = append(o.Products[0].Firmware, seeds...)
	}
}

// changes returns a function that makes all of some changes.
func changes(all ...func(*simulator.Options)) func(*simulator.Options) {
	return func(o *simulator.Options) {
		for _, change := range all {
			if change != nil {
				change(o)
			}
		}
	}
}

// found is a look-up of one object that succeeds.
type found struct {
	arguments cfg
	change    func(*simulator.Options)
	id        int
	requests  map[string]int
}

// run reads a data source and compares the id of the object and the requests.
func (f found) run(t *testing.T, source, id string) {
	t.Parallel()
	r := lookUpReader(t, changes(f.change))
	arguments := coretest.Merge(cfg{"product_id": coretest.LwM2MProduct}, f.arguments)
	coretest.WantMembers(t, r.MustRead(source, arguments), cfg{id: f.id, "product_id": arguments["product_id"]})
	r.WantRequests(f.requests)
}

// refused is a look-up that ends with an error. The error says all of texts and not the text not.
type refused struct {
	arguments cfg
	change    func(*simulator.Options)
	texts     []string
	not       string
	requests  map[string]int
}

func (f refused) run(t *testing.T, source string) {
	t.Parallel()
	r := lookUpReader(t, changes(f.change))
	_, said := r.Read(source, coretest.Merge(cfg{"product_id": coretest.LwM2MProduct}, f.arguments))
	wantSaid(t, said, append(f.texts, "ERROR: ")...)
	if f.not != "" && coretest.Says(said, f.not) {
		t.Errorf("%q in:\n%s", f.not, said)
	}
	r.WantRequests(f.requests)
}

func TestFirmwareDataSource(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t, withFirmware(simulator.FirmwareSeed{
		Name: "固件 & 100%", Version: "2.0", Description: "春季", ModuleName: "modem", UpgradePlan: 2, MD5: "0123456789abcdef",
		CreatedAt: time.UnixMilli(1600000000000), UpdatedAt: time.UnixMilli(1700000000000),
	}))
	state := r.MustRead("aep_firmware", cfg{"product_id": coretest.LwM2MProduct, "name": "固件 & 100%"})
	coretest.WantMembers(t, state, cfg{
		"product_id": coretest.LwM2MProduct, "firmware_id": 4000, "version": "2.0", "name": "固件 & 100%", "description": "春季",
		"module_name": "modem", "upgrade_plan": 2, "md5": "0123456789abcdef", "file_name": "4000.bin", "most_recent": nil,
		"created_at": "2020-09-13T20:26:40+08:00", "updated_at": "2023-11-15T06:13:20+08:00",
	})
	r.WantRequests(sent{"/firmwares": 1})
}

func TestFirmwareIsFound(t *testing.T) {
	t.Parallel()
	old := time.UnixMilli(1500000000000)
	twins := withFirmware(
		simulator.FirmwareSeed{Name: "twin", Version: "2.0", CreatedAt: old},
		simulator.FirmwareSeed{Name: "twin", Version: "2.0", CreatedAt: old.Add(time.Second)},
		simulator.FirmwareSeed{Name: "twin", Version: "2.0", CreatedAt: old.Add(-time.Second)},
	)
	one := sent{"/firmware": 1}
	list := sent{"/firmwares": 1}
	for name, f := range map[string]found{
		"by id":      {cfg{"firmware_id": 3297}, nil, 3297, one},
		"by version": {cfg{"version": "1.3251"}, nil, 3297, list},
		"by name":    {cfg{"name": "Water meter 1.3251"}, nil, 3297, list},
		"by a name that an exact search finds": {
			cfg{"name": "Water meter 1.3251"}, func(o *simulator.Options) { o.LookUps.ExactFirmware = true }, 3297, list,
		},
		"of T-Link": {cfg{"product_id": coretest.TLinkProduct, "version": "10.3"}, nil, 3275, list},
		"by a version that others contain": {
			cfg{"version": "1.3"}, withFirmware(simulator.FirmwareSeed{Name: "x", Version: "1.3"}), 4000, list,
		},
		"by a name that others contain": {
			cfg{"name": "Water"}, withFirmware(simulator.FirmwareSeed{Name: "Water", Version: "9"}), 4000, list,
		},
		"in pages of one row": {
			cfg{"version": "1.3000"}, func(o *simulator.Options) { o.LookUps.Paging.MaxPageSize = 1 }, 3296, sent{"/firmwares": 3},
		},
		"with numbers as text": {
			cfg{"firmware_id": 3297}, func(o *simulator.Options) { o.LookUps.NumbersAsText, o.LookUps.EmptyForNull = true, true }, 3297, one,
		},
		"the newest version": {cfg{"version": "2.0", "most_recent": true}, twins, 4001, list},
		"the newest name":    {cfg{"name": "twin", "most_recent": true}, twins, 4001, list},
		"the newest of one":  {cfg{"version": "1.4000", "most_recent": true}, twins, 3298, list},
		"the only one though not the newest is wanted": {
			cfg{"version": "1.4000", "most_recent": false}, twins, 3298, list,
		},
		"unapproved, if it is shown": {
			cfg{"version": "3.0"}, withFirmware(simulator.FirmwareSeed{Version: "3.0", Unapproved: true}), 4000, list,
		},
	} {
		t.Run(name, func(t *testing.T) { f.run(t, "aep_firmware", "firmware_id") })
	}
}

func TestFirmwareIsNotFound(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1600000000000)
	twins := withFirmware(
		simulator.FirmwareSeed{Name: "twin", Version: "2.0", CreatedAt: at},
		simulator.FirmwareSeed{Name: "twin", Version: "2.0", CreatedAt: at},
		simulator.FirmwareSeed{Name: "twin", Version: "2.0", CreatedAt: at.Add(-time.Second)},
	)
	list := sent{"/firmwares": 1}
	for name, f := range map[string]refused{
		"a part of a version": {
			cfg{"version": "1.3"},
			nil,
			[]string{
				`Firmware not found: Firmware with version "1.3" of product 10005977 does not exist.`, `@AttributeName("version")`,
				"There are:\n\n  - 3297: \"Water meter 1.3251\", version \"1.3251\", created 2019-05-21T17:05:57+08:00\n  - 3296", "3298",
				"Set version to one of these.",
			},
			"3275", list,
		},
		"a part of a name": {
			cfg{"name": "meter 1.3"},
			nil,
			[]string{`Firmware with name "meter 1.3" of product 10005977 does not exist`, "Most alike:\n\n", "3297", "3296"},
			"3298", list,
		},
		"a name in other case": {
			cfg{"name": "water METER1.4000"},
			nil,
			[]string{"There are:\n\n  - 3298", "3296", "3297"},
			"",
			sent{"/firmwares": 2},
		},
		"an id": {
			cfg{"firmware_id": 9},
			nil,
			[]string{"Firmware 9 of product 10005977 does not exist (QueryFirmware of product 10005977: code ", "固件不存在", "3298", `"firmware_id"`},
			"comparison",
			sent{"/firmware": 1, "/firmwares": 1},
		},
		"an id, with null": {
			cfg{"firmware_id": 9},
			func(o *simulator.Options) { o.LookUps.MissingFirmware = simulator.MissingNull },
			[]string{"Firmware 9 of product 10005977 does not exist", "3298"},
			"",
			sent{"/firmware": 1, "/firmwares": 1},
		},
		"an id of another product": {
			cfg{"firmware_id": 3275},
			nil,
			[]string{"Firmware 3275 of product 10005977 does not exist", "3298"},
			"10005986",
			sent{"/firmware": 1, "/firmwares": 1},
		},
		"a version of another product": {cfg{"version": "10.3"}, nil, []string{"does not exist", "3298"}, "3275", list},
		"several of a version": {
			cfg{"version": "2.0"},
			twins,
			[]string{
				`Firmware is not unique: Firmware with version "2.0" of product 10005977: 3 match.`, "4000", "4001", "4002",
				"Set firmware_id to one of these ids instead of version. Or set most_recent = true",
			},
			"3297", list,
		},
		"the newest of equal times": {
			cfg{"name": "twin", "most_recent": true},
			twins,
			[]string{
				`Firmware with name "twin" of product 10005977: which of 2 is the newest is not known`,
				"because their times of creation are equal or missing.",
				"4000", "4001", "Set firmware_id to one of these ids instead of name.",
			},
			"most_recent", list,
		},
		"hidden before approval": {
			cfg{"version": "3.0"}, func(o *simulator.Options) {
				o.Products[0].Firmware = []simulator.FirmwareSeed{{ID: 1, Version: "3.0", Unapproved: true}}
				o.LookUps.HideUnapproved = true
			}, []string{"The platform lists no firmware of this product", "固件管理", "审核"}, "", list,
		},
		"null for no rows": {
			cfg{"version": "3.0"}, func(o *simulator.Options) {
				o.Products[0].Firmware = nil
				o.LookUps.None = simulator.NoneNull
			}, []string{"The platform lists no firmware of this product"}, "", sent{"/firmwares": 2},
		},
		"of a product that does not exist": {
			cfg{"product_id": 42, "version": "3.0"},
			func(o *simulator.Options) { o.RequireMasterKey = false },
			[]string{
				"Unable to read firmware: QueryFirmwareList of product 42: code 1002: 产品不存在.",
				"The product may not exist: check product_id. The call",
			},
			"",
			list,
		},
	} {
		t.Run(name, func(t *testing.T) { f.run(t, "aep_firmware") })
	}
}

// A firmware without a time of creation may be the newest.
func TestNewestFirmwareWithoutATime(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t)
	r.Platform.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpFirmwareList, Rewrite: func([]byte) []byte {
		return []byte(`{"code":0,"msg":"ok","result":{"pageNum":1,"pageSize":9,"total":3,"list":[
			{"firmwareId":1,"firmwareVersion":"2.0","createTime":1600000000000},
			{"firmwareId":2,"firmwareVersion":"2.0","createTime":1700000000000},
			{"firmwareId":3,"firmwareVersion":"2.0","createTime":null}]}}`)
	}})
	_, said := r.Read("aep_firmware", cfg{"product_id": coretest.LwM2MProduct, "version": "2.0", "most_recent": true})
	wantSaid(t, said, "which of 2 is the newest is not known", "- 2: ", "- 3: ")
	if strings.Contains(said, "- 1: ") {
		t.Error(said)
	}
}

// A firmware of another product is never returned, whatever the platform shows.
func TestFirmwareOfAnotherProductIsNotUsed(t *testing.T) {
	t.Parallel()
	const row = `{"firmwareId":3297,"productId":10005986,"firmwareName":"x","firmwareVersion":"1.3251"}`
	for name, one := range map[string]struct {
		operation, result string
		arguments         cfg
	}{
		"by id":      {simulator.OpFirmware, row, cfg{"firmware_id": 3297}},
		"by version": {simulator.OpFirmwareList, `{"total":1,"list":[` + row + `]}`, cfg{"version": "1.3251"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := lookUpReader(t)
			r.Platform.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: one.operation, Times: 100, Rewrite: func([]byte) []byte {
				return []byte(`{"code":0,"msg":"ok","result":` + one.result + `}`)
			}})
			_, said := r.Read("aep_firmware", coretest.Merge(cfg{"product_id": coretest.LwM2MProduct}, one.arguments))
			wantSaid(t, said, "ERROR: ", "10005986")
		})
	}
}

// Twenty look-ups by version read the list of their product once.
func TestLookUpsOfOneRunShareTheList(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			version := []string{"1.3000", "1.3251", "1.4000", "no such version"}[i%4]
			value, said := r.Raw("aep_firmware", cfg{"product_id": coretest.LwM2MProduct, "version": version})
			if i%4 == 3 {
				wantSaid(t, said, "does not exist", "3296", "3297", "3298")
			} else if got := coretest.Text(coretest.Fields(value)["firmware_id"]); got != fmt.Sprint(3296+i%4) || said != "" {
				t.Errorf("version %s is firmware %s: %s", version, got, said)
			}
		})
	}
	all.Wait()
	if value, said := r.Raw("aep_firmwares", cfg{"product_id": coretest.LwM2MProduct}); said != "" {
		t.Error(value, said)
	}
	r.WantRequests(sent{"/firmwares": 1})
}

func TestFirmwaresDataSource(t *testing.T) {
	t.Parallel()
	twins := withFirmware(simulator.FirmwareSeed{Name: "twin", Version: "2.0"}, simulator.FirmwareSeed{Name: "twin", Version: "2.0"},
		simulator.FirmwareSeed{Name: "nameless"})
	for name, one := range map[string]struct {
		arguments cfg
		change    func(*simulator.Options)
		ids       string
		byVersion cfg
		total     int
		truncated bool
		requests  int
	}{
		"all":      {nil, twins, "[4002 4001 4000 3298 3297 3296]", cfg{"1.3000": 3296.0, "1.3251": 3297.0, "1.4000": 3298.0}, 6, false, 1},
		"searched": {cfg{"search": "1.3"}, twins, "[3297 3296]", cfg{"1.3000": 3296.0, "1.3251": 3297.0}, 2, false, 1},
		"the first two": {
			cfg{"max_results": 2}, twins, "[4002 4001]", cfg{"1.3000": 3296.0, "1.3251": 3297.0, "1.4000": 3298.0}, 6, true, 1,
		},
		"in pages of two rows": {
			cfg{"max_results": 2},
			changes(twins, func(o *simulator.Options) { o.LookUps.Paging.MaxPageSize = 2 }),
			"[4002 4001]",
			cfg{"1.3000": 3296.0, "1.3251": 3297.0, "1.4000": 3298.0},
			6, true, 3,
		},
		"none": {cfg{"search": "x"}, twins, "[]", cfg{}, 0, false, 1},
		"null for none": {
			cfg{"search": "x"}, func(o *simulator.Options) { o.LookUps.None = simulator.NoneNull }, "[]", cfg{}, 0, false, 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := lookUpReader(t, one.change)
			state := r.MustRead("aep_firmwares", coretest.Merge(cfg{"product_id": coretest.LwM2MProduct}, one.arguments))
			coretest.WantMembers(t, state, cfg{"total": one.total, "truncated": one.truncated, "by_version": one.byVersion})
			if got := fmt.Sprint(coretest.Column(state, "firmwares", "firmware_id")); got != one.ids {
				t.Errorf("firmware %s, want %s", got, one.ids)
			}
			r.WantRequests(sent{"/firmwares": one.requests})
		})
	}
}
