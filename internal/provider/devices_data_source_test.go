package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// versioned gives the water meters three versions in turn, one of which is none, and lets each fifth device be
// offline. Each tenth device has never been online.
func versioned(o *simulator.Options) {
	o.Products[0].Versions = []string{"1.3000", "1.3251", simulator.NoVersion}
	o.Products[0].OfflineEvery = 5
}

func TestDevicesDataSource(t *testing.T) {
	t.Parallel()
	large := func(o *simulator.Options) {
		o.Products[0].DeviceCount = 250
		versioned(o)
	}
	for name, one := range map[string]struct {
		arguments cfg
		change    func(*simulator.Options)
		rows      int
		total     int
		counts    cfg
		requests  int
	}{
		"all":                 {nil, versioned, 100, 100, cfg{"1.3000": 34.0, "1.3251": 33.0, "unknown": 33.0}, 1},
		"all, of three pages": {nil, large, 250, 250, cfg{"1.3000": 84.0, "1.3251": 83.0, "unknown": 83.0}, 3},
		"the first seven":     {cfg{"max_results": 7}, large, 7, 250, cfg{"1.3000": 3.0, "1.3251": 2.0, "unknown": 2.0}, 1},
		"the first 150":       {cfg{"max_results": 150}, large, 150, 250, cfg{"1.3000": 50.0, "1.3251": 50.0, "unknown": 50.0}, 2},
		"in pages of 40 rows": {nil, func(o *simulator.Options) {
			versioned(o)
			o.LookUps.Paging.MaxPageSize = 40
		}, 100, 100, cfg{"1.3000": 34.0, "1.3251": 33.0, "unknown": 33.0}, 3},
		"searched":       {cfg{"search": "设备-000000"}, versioned, 9, 9, cfg{"1.3000": 3.0, "1.3251": 3.0, "unknown": 3.0}, 1},
		"of one version": {cfg{"firmware_versions": []string{"1.3251"}}, large, 83, 83, cfg{"1.3251": 83.0}, 3},
		"of two versions": {
			cfg{"firmware_versions": []string{"1.3251", "1.3000"}}, versioned, 67, 67, cfg{"1.3000": 34.0, "1.3251": 33.0}, 1,
		},
		"of a version with spaces": {cfg{"firmware_versions": []string{" 1.3251"}}, large, 83, 83, cfg{"1.3251": 83.0}, 3},
		"of a version that is shown with spaces": {
			cfg{"firmware_versions": []string{"2"}}, func(o *simulator.Options) {
				o.Products[0].Versions = []string{"2 ", "3"}
			}, 50, 50, cfg{"2 ": 50.0}, 1,
		},
		"of a part of a version": {cfg{"firmware_versions": []string{"1.3"}}, versioned, 0, 0, cfg{}, 1},
		"the first of one version": {
			cfg{"firmware_versions": []string{"1.3251"}, "max_results": 5}, large, 5, 83, cfg{"1.3251": 5.0}, 3,
		},
		"online":         {cfg{"online": true}, versioned, 80, 80, cfg{"1.3000": 27.0, "1.3251": 26.0, "unknown": 27.0}, 1},
		"not online":     {cfg{"online": false}, versioned, 20, 20, cfg{"1.3000": 7.0, "1.3251": 7.0, "unknown": 6.0}, 1},
		"online and old": {cfg{"online": true, "firmware_versions": []string{"1.3000"}}, versioned, 27, 27, cfg{"1.3000": 27.0}, 1},
		"without versions, as text": {
			nil, func(o *simulator.Options) {
				o.LookUps.HideVersions = func(string) bool { return true }
				o.LookUps.NumbersAsText, o.LookUps.MissingVersion = true, simulator.VersionEmpty
			}, 100, 100, cfg{"unknown": 100.0}, 1,
		},
		"of T-Link": {cfg{"product_id": coretest.TLinkProduct}, nil, 100, 100, cfg{"1.0.0": 100.0}, 1},
		"none":      {cfg{"search": "x"}, versioned, 0, 0, cfg{}, 1},
		"null for none": {
			cfg{"search": "x"}, func(o *simulator.Options) { o.LookUps.None = simulator.NoneNull }, 0, 0, cfg{}, 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := lookUpReader(t, changes(one.change))
			state := r.MustRead("aep_devices", coretest.Merge(cfg{"product_id": coretest.LwM2MProduct}, one.arguments))
			coretest.WantMembers(t, state, cfg{
				"total": one.total, "truncated": one.rows < one.total, "counts_by_version": one.counts,
			})
			ids := coretest.Column(state, "devices", "device_id")
			text := ""
			for _, id := range ids {
				text += fmt.Sprintln(id)
			}
			if len(ids) != one.rows || text != state["device_ids_text"] {
				t.Errorf("%d devices, want %d:\n%s\nas text:\n%s", len(ids), one.rows, text, state["device_ids_text"])
			}
			r.WantRequests(sent{"/devices": one.requests})
		})
	}
}

func TestDeviceOfAProduct(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		product, device int
		want            cfg
	}{
		"LwM2M, online": {coretest.LwM2MProduct, 0, cfg{
			"name": "设备-0000001", "sn": nil, "firmware_version": "1.3000", "status": 1, "net_status": 1,
		}},
		"LwM2M, offline, without a version": {coretest.LwM2MProduct, 14, cfg{"firmware_version": nil, "net_status": 2}},
		"LwM2M, never online":               {coretest.LwM2MProduct, 9, cfg{"net_status": nil, "online_at": nil}},
		"T-Link":                            {coretest.TLinkProduct, 0, cfg{"imei": nil, "firmware_version": "1.0.0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := lookUpReader(t, versioned)
			state := r.MustRead("aep_devices", cfg{"product_id": one.product})
			row := state["devices"].([]any)[one.device].(coretest.Config)
			coretest.WantMembers(t, row, one.want)
			if at, _ := row["created_at"].(string); !strings.HasSuffix(at, "+08:00") {
				t.Errorf("created_at = %v", row["created_at"])
			}
		})
	}
}

// Without the MasterKey the platform refuses the list of devices.
func TestDevicesWithoutMasterKey(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	r := coretest.NewDataReader(t, p, cfg{"retry_budget": "0s", "master_keys": nil})
	_, said := r.Read("aep_devices", cfg{"product_id": coretest.LwM2MProduct})
	wantSaid(t, said, "Unable to list devices of product: QueryDeviceList of product 10005977: HTTP 400",
		"Required head parameter 'MasterKey' can not be null",
		`Set master_keys["10005977"] or master_key of the provider block`, "设备管理 (aep_device_management)")
}
