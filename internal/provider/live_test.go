package provider_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// liveTask are the variables of the live tests: a product, a firmware of it, and the setting that its protocol takes.
type liveTask struct{ product, firmware, setting, name string }

// liveTaskOf returns the variables of the environment. It skips the test if one is missing.
func liveTaskOf(t *testing.T) liveTask {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("calls the real platform: run make testacc with credentials")
	}
	live := liveTask{
		product: os.Getenv("AEP_LIVE_PRODUCT_ID"), firmware: os.Getenv("AEP_LIVE_FIRMWARE_ID"), setting: os.Getenv("AEP_LIVE_SETTING"),
		name: "terraform live test " + time.Now().UTC().Format("20060102 150405"),
	}
	if live.product == "" || live.firmware == "" {
		t.Fatal("set AEP_LIVE_PRODUCT_ID and AEP_LIVE_FIRMWARE_ID")
	}
	if live.setting == "" {
		live.setting = "retry_times = 1"
	}
	return live
}

// config returns a task with a description, and the data sources of the upgrade API that read it.
func (l liveTask) config(description string) string {
	values := strings.NewReplacer("PRODUCT", l.product, "FIRMWARE", l.firmware, "SETTING", l.setting, "NAME", l.name, "TEXT", description)
	return values.Replace(`
resource "aep_upgrade_task" "live" {
  product_id  = PRODUCT
  firmware_id = FIRMWARE
  name        = "NAME"
  description = "TEXT"
  SETTING
}

data "aep_upgrade_task" "live" {
  product_id = PRODUCT
  task_id    = aep_upgrade_task.live.task_id
}

data "aep_upgrade_tasks" "live" {
  product_id    = PRODUCT
  name_contains = aep_upgrade_task.live.name
}

data "aep_upgrade_subtasks" "live" {
  product_id = PRODUCT
  task_id    = aep_upgrade_task.live.task_id
}

data "aep_upgrade_devices" "live" {
  product_id  = PRODUCT
  scope       = "candidates"
  max_results = 20
}`)
}

// steps creates a task, changes it in place, imports it, and destroys it. No step joins a device or starts the task.
func (l liveTask) steps(wrap func(string) string) []resource.TestStep {
	const address = "aep_upgrade_task.live"
	return []resource.TestStep{
		{Config: wrap(l.config("created")), Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(address, "status", "pending"),
			resource.TestCheckResourceAttr("data."+address, "name", l.name),
			resource.TestCheckResourceAttr("data."+address, "description", "created"),
			resource.TestCheckResourceAttr("data."+address, "progress.total_count", "0"),
			resource.TestCheckResourceAttr("data.aep_upgrade_tasks.live", "total", "1"),
			resource.TestCheckResourceAttr("data.aep_upgrade_subtasks.live", "total", "0"),
			resource.TestCheckResourceAttrSet("data.aep_upgrade_devices.live", "total"),
		)},
		{Config: wrap(l.config("changed")), Check: resource.TestCheckResourceAttr(address, "description", "changed")},
		{ResourceName: address, ImportState: true, ImportStateVerify: true},
	}
}

// TestLiveTask runs the steps on the real platform, with the provider's AEP_* variables.
func TestLiveTask(t *testing.T) {
	live := liveTaskOf(t)
	factories := map[string]func() (tfprotov6.ProviderServer, error){
		"aep": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("live")(), nil },
	}
	asWritten := func(config string) string { return config }
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: live.steps(asWritten)})
}

// TestTheLiveStepsStartNothing runs the steps on the simulated platform. They create and delete one task, and send no
// other write but a change of it.
func TestTheLiveStepsStartNothing(t *testing.T) {
	t.Parallel()
	for product, live := range map[int64]liveTask{
		coretest.LwM2MProduct: {firmware: fmt.Sprint(coretest.LwM2MFirmware), setting: "retry_times = 1"},
		coretest.TLinkProduct: {firmware: fmt.Sprint(coretest.TLinkFirmware), setting: "timeout_hours = 24"},
	} {
		live.product, live.name = fmt.Sprint(product), "live"
		p := coretest.NewPlatform(t)
		story(t, p, live.steps(func(config string) string { return withProvider(config) })...)
		var writes []string
		for _, r := range p.Writes() {
			writes = append(writes, r.Operation)
		}
		want := []string{simulator.OpCreate, simulator.OpModify, simulator.OpDelete}
		if got := strings.Join(writes, " "); got != strings.Join(want, " ") {
			t.Errorf("product %d: the steps send %s, want %v", product, got, want)
		}
		if left := p.Tasks(product); len(left) > 0 {
			t.Errorf("product %d: %d tasks are left", product, len(left))
		}
	}
}
