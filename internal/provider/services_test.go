package provider_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// servicesOf returns the services that the platform received requests for.
func servicesOf(requests []simulator.Request) (all []string) {
	for _, r := range requests {
		if strings.HasPrefix(r.Service, "aep_") {
			all = append(all, r.Service)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestPageNamesTheServicesOfEachPart uses each data source, and compares the services that it calls with the row of the
// provider's page.
func TestPageNamesTheServicesOfEachPart(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/index.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## Services to subscribe to")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := regexp.MustCompile("(?m)^\\| data sources? (.+?) \\| `(aep_\\w+)`").FindAllStringSubmatch(table, -1)
	configs := map[string]cfg{
		"aep_upgrade_task":     {"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask},
		"aep_upgrade_tasks":    {"product_id": coretest.LwM2MProduct},
		"aep_upgrade_subtasks": {"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask},
		"aep_upgrade_devices":  {"product_id": coretest.LwM2MProduct, "scope": "candidates"},
		"aep_product":          {"name": "Water meters"},
		"aep_products":         {},
		"aep_firmware":         {"product_id": coretest.LwM2MProduct, "version": "1.3251"},
		"aep_firmwares":        {"product_id": coretest.LwM2MProduct},
		"aep_device_group":     {"product_id": coretest.LwM2MProduct, "name": "north"},
		"aep_device_groups":    {"product_id": coretest.LwM2MProduct},
		"aep_devices":          {"product_id": coretest.LwM2MProduct},
	}
	found := 0
	for _, row := range rows {
		for _, name := range regexp.MustCompile(`aep_\w+`).FindAllString(row[1], -1) {
			found++
			p := coretest.NewPlatform(t)
			coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 2)
			r := coretest.NewDataReader(t, p, cfg{"master_key": simulator.LwM2MMasterKey})
			r.MustRead(name, configs[name])
			if got := servicesOf(p.Requests()); !slices.Equal(got, row[2:3]) {
				t.Errorf("%s calls %v, the page says %s", name, got, row[2])
			}
		}
	}
	if found != len(configs) {
		t.Errorf("the page has %d data sources, want %d", found, len(configs))
	}
}
