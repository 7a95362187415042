package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// lookUps are the data sources that look things up, each with a configuration, its service and the service's name in
// the console.
var lookUps = []struct {
	source           string
	arguments        cfg
	service, console string
}{
	{"aep_product", cfg{"product_id": coretest.LwM2MProduct}, simulator.ProductService, "产品管理"},
	{"aep_product", cfg{"name": "Water meters"}, simulator.ProductService, "产品管理"},
	{"aep_products", cfg{}, simulator.ProductService, "产品管理"},
	{"aep_firmware", cfg{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware}, simulator.FirmwareService, "固件管理"},
	{"aep_firmware", cfg{"product_id": coretest.LwM2MProduct, "version": "1.3251"}, simulator.FirmwareService, "固件管理"},
	{"aep_firmwares", cfg{"product_id": coretest.LwM2MProduct}, simulator.FirmwareService, "固件管理"},
	{"aep_device_group", cfg{"product_id": coretest.LwM2MProduct, "name": "north"}, simulator.GroupService, "分组管理"},
	{"aep_device_group", cfg{"product_id": coretest.LwM2MProduct, "group_id": simulator.PilotGroup}, simulator.GroupService, "分组管理"},
	{"aep_device_groups", cfg{}, simulator.GroupService, "分组管理"},
	{"aep_devices", cfg{"product_id": coretest.LwM2MProduct}, simulator.DeviceService, "设备管理"},
}

// A service that the application lacks is named, with the platform's words, and nothing else fails.
func TestLookUpOfAServiceWithoutSubscription(t *testing.T) {
	t.Parallel()
	for way, words := range map[simulator.Unsubscribed]string{
		simulator.Unsubscribed401: "HTTP 401", simulator.Unsubscribed403: "not subscribed", simulator.Unsubscribed404: "API not found",
		simulator.Unsubscribed400: "has not subscribed", simulator.UnsubscribedBusiness: "应用未订阅服务",
	} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			r := lookUpReader(t, func(o *simulator.Options) {
				o.LookUps.Unsubscribed = map[string]simulator.Unsubscribed{
					simulator.ProductService: way, simulator.FirmwareService: way, simulator.GroupService: way, simulator.DeviceService: way,
				}
			})
			for _, one := range lookUps {
				_, said := r.Read(one.source, one.arguments)
				wantSaid(t, said, "ERROR: Unable to ", words, fmt.Sprintf("the service %s (%s)", one.console, one.service),
					"may not have subscribed", "应用管理", "Everything else in this provider works without the service")
				if masterKey := one.service == simulator.FirmwareService || one.service == simulator.DeviceService; !masterKey &&
					strings.Contains(said, "MasterKey of the product") {
					t.Errorf("%s: got %s, want no hint at the MasterKey, which is not sent", one.source, said)
				}
				if n := len(r.Requests()); n > 4 {
					t.Errorf("%s sent %d requests", one.source, n)
				}
			}
			if _, diags := r.OpenEphemeral("aep_product_key", cfg{"product_id": coretest.LwM2MProduct}); true {
				wantSaid(t, diags.Errors(), "Unable to read product key: ", words, "产品管理", "应用管理")
			}
			task := r.Absent("aep_upgrade_task")
			r.MustApply(t.Context(), task, taskConfig(nil))
			r.MustRead("aep_upgrade_tasks", cfg{"product_id": coretest.LwM2MProduct})
		})
	}
}

// A look-up whose list breaks down after a refusal shows both responses.
func TestLookUpWhoseListFailsToo(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t)
	r.Platform.Inject(simulator.Fault{Kind: simulator.StatusBefore, Operation: simulator.OpFirmwareList, Status: 503, Times: 100})
	_, said := r.Read("aep_firmware", cfg{"product_id": coretest.LwM2MProduct, "firmware_id": 9})
	wantSaid(t, said, "Unable to read firmware: QueryFirmware of product 10005977: code ",
		"固件不存在; QueryFirmwareList of product 10005977: HTTP 503")
}

func TestLookUpBadInputIsRefusedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t)
	product := cfg{"product_id": coretest.LwM2MProduct}
	for name, one := range map[string]struct {
		source    string
		arguments cfg
		want      string
	}{
		"neither id nor name":          {"aep_product", cfg{}, "Set product_id or name."},
		"both id and name":             {"aep_product", cfg{"product_id": 1, "name": "x"}, "product_id"},
		"product zero":                 {"aep_product", cfg{"product_id": 0}, "at least 1"},
		"empty product name":           {"aep_product", cfg{"name": ""}, "at least 1"},
		"empty search for products":    {"aep_products", cfg{"search": ""}, "at least 1"},
		"no such protocol":             {"aep_products", cfg{"protocol": "mqtt"}, "must be lwm2m, t_link or other_<n>"},
		"too many products":            {"aep_products", cfg{"max_results": 20001}, "between 1 and 20000"},
		"no firmware":                  {"aep_firmware", product, "version"},
		"firmware by version and name": {"aep_firmware", coretest.Merge(product, cfg{"version": "1", "name": "x"}), "version"},
		"firmware zero":                {"aep_firmware", coretest.Merge(product, cfg{"firmware_id": 0}), "at least 1"},
		"empty version":                {"aep_firmware", coretest.Merge(product, cfg{"version": ""}), "at least 1"},
		"newest of an id":              {"aep_firmware", coretest.Merge(product, cfg{"firmware_id": 1, "most_recent": true}), "most_recent"},
		"firmware of product zero":     {"aep_firmware", cfg{"product_id": 0, "version": "1"}, "at least 1"},
		"firmware of no product":       {"aep_firmware", cfg{"version": "1"}, "product_id"},
		"empty search for firmware":    {"aep_firmwares", coretest.Merge(product, cfg{"search": ""}), "at least 1"},
		"all firmware of no product":   {"aep_firmwares", cfg{}, "product_id"},
		"no group":                     {"aep_device_group", product, "group_id"},
		"group zero":                   {"aep_device_group", coretest.Merge(product, cfg{"group_id": 0}), "at least 1"},
		"group by id and name":         {"aep_device_group", coretest.Merge(product, cfg{"group_id": 1, "name": "x"}), "group_id"},
		"empty group name":             {"aep_device_group", coretest.Merge(product, cfg{"name": ""}), "at least 1"},
		"no such level":                {"aep_device_groups", cfg{"level": 2}, "one of"},
		"groups of product zero":       {"aep_device_groups", cfg{"product_id": 0}, "at least 1"},
		"devices of no product":        {"aep_devices", cfg{}, "product_id"},
		"no versions":                  {"aep_devices", coretest.Merge(product, cfg{"firmware_versions": []string{}}), "at least 1"},
		"a version twice":              {"aep_devices", coretest.Merge(product, cfg{"firmware_versions": []string{"1", "1"}}), "Duplicate"},
		"an empty version":             {"aep_devices", coretest.Merge(product, cfg{"firmware_versions": []string{""}}), "at least 1"},
		"no devices":                   {"aep_devices", coretest.Merge(product, cfg{"max_results": 0}), "between 1 and 20000"},
		"too many devices":             {"aep_devices", coretest.Merge(product, cfg{"max_results": 20001}), "between 1 and 20000"},
	} {
		if _, said := r.Read(one.source, one.arguments); !strings.HasPrefix(said, "validate: ") || !coretest.Says(said, one.want) {
			t.Errorf("%s: %q lacks %q", name, said, one.want)
		}
		r.WantRequests(sent{})
	}
	if _, diags := r.OpenEphemeral("aep_product_key", cfg{"product_id": 0}); !coretest.Says(diags.Errors(), "at least 1") {
		t.Errorf("product zero: %v", diags.Errors())
	}
	r.WantRequests(sent{})
}

// A value that Terraform does not know yet is no bad input.
func TestLookUpOfUnknownValues(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t)
	for source, arguments := range map[string]cfg{
		"aep_product":      {"product_id": coretest.Unknown{}, "name": coretest.Unknown{}},
		"aep_products":     {"protocol": coretest.Unknown{}, "search": coretest.Unknown{}},
		"aep_firmware":     {"product_id": coretest.Unknown{}, "version": coretest.Unknown{}, "most_recent": coretest.Unknown{}},
		"aep_device_group": {"product_id": coretest.LwM2MProduct, "name": coretest.Unknown{}},
		"aep_devices":      {"product_id": coretest.LwM2MProduct, "firmware_versions": coretest.Unknown{}, "online": coretest.Unknown{}},
	} {
		if said := r.Validate(source, arguments); said != "" {
			t.Errorf("%s: %s", source, said)
		}
	}
	value, diags := r.OpenEphemeral("aep_product_key", cfg{"product_id": coretest.Unknown{}})
	if got := coretest.Text(coretest.Fields(value)["master_key"]); got != "unknown" || len(diags) > 0 {
		t.Errorf("the key of an unknown product is %s: %v", got, diags.Errors())
	}
	r.WantRequests(sent{})
}

func TestLookUpWithUnknownProvider(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	r := coretest.NewDataReader(t, p, cfg{"master_keys": coretest.Unknown{}})
	for _, one := range lookUps {
		_, said := r.Read(one.source, one.arguments)
		wantSaid(t, said, "Provider configuration not known yet", "master_keys in the provider block is decided during apply")
		r.WantRequests(sent{})
	}
	value, diags := r.OpenEphemeral("aep_product_key", cfg{"product_id": coretest.LwM2MProduct})
	if got := coretest.Text(coretest.Fields(value)["master_key"]); got != "unknown" || len(diags) > 0 {
		t.Errorf("the key is %s: %v", got, diags.Errors())
	}
	r.WantRequests(sent{})
}
