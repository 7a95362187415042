package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// Data sources read a task that the same configuration creates. The first apply reads
// them, then every plan does. They never show as a change.
func TestDataSourceStory(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Paging.MaxPageSize = 7 })
	coretest.ConsoleTask(t, p, simulator.TaskDraft{Name: "older"}, 3)
	config := lwm2mTask(`name = "meters"`+"\nretry_times = 2") + `
data "aep_upgrade_task" "by_id" {
  product_id = aep_upgrade_task.test.product_id
  task_id    = aep_upgrade_task.test.task_id
}
data "aep_upgrade_task" "by_name" {
  product_id    = 10005977
  name          = "older"
  with_progress = false
}
data "aep_upgrade_tasks" "pending" {
  product_id = 10005977
  statuses   = ["pending"]
  depends_on = [aep_upgrade_task.test]
}
data "aep_upgrade_subtasks" "all" {
  product_id = 10005977
  task_id    = data.aep_upgrade_task.by_name.task_id
}
data "aep_upgrade_devices" "joined" {
  product_id = 10005977
  scope      = "joined"
  task_id    = data.aep_upgrade_task.by_name.task_id
}
output "waiting" { value = data.aep_upgrade_subtasks.all.counts["waiting"] }
output "ids"     { value = split("\n", trimspace(data.aep_upgrade_devices.joined.device_ids_text)) }
`
	ids := p.DeviceIDs(coretest.LwM2MProduct)[:3]
	story(t, p,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.aep_upgrade_task.by_id", tfjsonpath.New("name"), knownvalue.StringExact("meters")),
				statecheck.ExpectKnownValue("data.aep_upgrade_task.by_id", tfjsonpath.New("progress").AtMapKey("total_count"),
					knownvalue.Int64Exact(0)),
				statecheck.ExpectKnownValue("data.aep_upgrade_task.by_name", tfjsonpath.New("progress"), knownvalue.Null()),
				statecheck.ExpectKnownValue("data.aep_upgrade_tasks.pending", tfjsonpath.New("total"), knownvalue.Int64Exact(2)),
				statecheck.ExpectKnownOutputValue("waiting", knownvalue.Int64Exact(3)),
				statecheck.ExpectKnownOutputValue("ids", knownvalue.ListExact([]knownvalue.Check{
					knownvalue.StringExact(ids[0]), knownvalue.StringExact(ids[1]), knownvalue.StringExact(ids[2]),
				})),
			},
		},
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{
			Config:      strings.Replace(config, `"older"`, `"absent"`, 1),
			ExpectError: regexp.MustCompile(`Upgrade task not found`),
		},
	)
	if writes := p.Writes(); len(writes) != 2 {
		t.Errorf("%d writes, want the creation and the deletion of the one resource", len(writes))
	}
}

// A secret that the apply decides makes a data source fail with advice; one
// that is read after it works.
func TestDataSourceStoryOfUnknownProvider(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	config := func(arguments string) string {
		return fmt.Sprintf(`
resource "terraform_data" "vault" { input = %q }
provider "aep" {
  endpoint   = %q
  app_key    = %q
  app_secret = terraform_data.vault.output
}
data "aep_upgrade_tasks" "all" {
  product_id = 10005977
  %s
}`, simulator.DefaultAppSecret, simulator.BaseURL, simulator.DefaultAppKey, arguments)
	}
	story(t, p,
		resource.TestStep{Config: config(""), ExpectError: regexp.MustCompile(`(?s)not known yet.*app_secret.*depends_on`)},
		resource.TestStep{
			Config: config("depends_on = [terraform_data.vault]"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.aep_upgrade_tasks.all", tfjsonpath.New("total"), knownvalue.Int64Exact(0)),
			},
		},
	)
}

func TestDataSourceExamples(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	coretest.ConsoleTask(t, p, simulator.TaskDraft{Name: "Water meters 1.3251, spring"}, 0)
	coretest.ConsoleTask(t, p, simulator.TaskDraft{Name: "meters 2026"}, 2)
	finished, devices := coretest.ConsoleTask(t, p, simulator.TaskDraft{
		ProductID: coretest.TLinkProduct, FirmwareID: coretest.TLinkFirmware, Name: "Street lamps to 10.3", TimeoutHours: 3,
	}, 2)
	coretest.Must(t, p.SetSubtaskCode(finished, devices[0], 4))
	coretest.Must(t, p.SetSubtaskResult(finished, devices[0], "5000", ""))
	coretest.Must(t, p.SetTaskStatus(finished, simulator.Finished))
	example := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "data-sources", name, "data-source.tf"))
		if err != nil {
			t.Fatal(err)
		}
		return withProvider(string(text))
	}
	output := func(name string, want knownvalue.Check) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownOutputValue(name, want)}
	}
	story(t, p,
		resource.TestStep{Config: example("aep_upgrade_task"), ConfigStateChecks: output("progress",
			knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"total_count": knownvalue.Int64Exact(0), "success_percent": knownvalue.Float64Exact(0),
			}))},
		resource.TestStep{Config: example("aep_upgrade_tasks"), ConfigStateChecks: output("forgotten", knownvalue.MapSizeExact(1))},
		resource.TestStep{Config: example("aep_upgrade_subtasks"), ConfigStateChecks: output("failed_by_result_code",
			knownvalue.MapExact(map[string]knownvalue.Check{
				"5000": knownvalue.Int64Exact(1),
			}))},
		resource.TestStep{Config: example("aep_upgrade_devices"), ConfigStateChecks: output("candidate_count", knownvalue.Int64Exact(32))},
	)
}
