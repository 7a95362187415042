package provider_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// rolloutOf is a campaign of the first n devices, and something that depends on
// its rollout.
func rolloutOf(p *simulator.Platform, n int, arguments string) string {
	if !coretest.Says(arguments, "expected_device_count") {
		arguments += fmt.Sprintf("\n  expected_device_count = %d", n)
	}
	return withProvider(fmt.Sprintf(`
resource "aep_upgrade_task" "test" {
  product_id    = %d
  firmware_id   = %d
  name          = "campaign"
  retry_times   = 0
  force_destroy = true
}

resource "aep_upgrade_devices" "test" {
  product_id = aep_upgrade_task.test.product_id
  task_id    = aep_upgrade_task.test.task_id
  %s
}

resource "aep_upgrade_rollout" "test" {
  product_id    = aep_upgrade_devices.test.product_id
  task_id       = aep_upgrade_devices.test.task_id
  poll_interval = "1s"
  %s
}

resource "aep_upgrade_task" "next" {
  product_id  = aep_upgrade_task.test.product_id
  firmware_id = aep_upgrade_task.test.firmware_id
  name        = "next"
  retry_times = 1
  depends_on  = [aep_upgrade_rollout.test]
}`, coretest.LwM2MProduct, coretest.LwM2MFirmware, cli.DeviceIDs(p.DeviceIDs(coretest.LwM2MProduct)[:n]), arguments))
}

func TestRolloutStory(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.UpgradeTime = time.Second })
	const address = "aep_upgrade_rollout.test"
	story(t, p,
		resource.TestStep{
			Config:      rolloutOf(p, 3, "expected_device_count = 4"),
			ExpectError: regexp.MustCompile(`(?s)holds 3 devices to\s+upgrade, not the 4`),
		},
		resource.TestStep{
			PreConfig: func() {
				if n := p.Count(simulator.OpControl); n != 0 {
					t.Errorf("%d starts arrived", n)
				}
			},
			Config: rolloutOf(p, 3, `expected_device_count = aep_upgrade_devices.test.device_count`+"\n"+`wait_for = "finished"`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("finished")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("succeeded_count"), knownvalue.Int64Exact(3)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("success_percent"), knownvalue.Float64Exact(100)),
			},
		},
		resource.TestStep{
			// The progress of devices is no reason for a plan.
			PreConfig: func() {
				if err := p.SetSubtaskCode(p.Tasks(coretest.LwM2MProduct)[0].ID, p.DeviceIDs(coretest.LwM2MProduct)[0], 7); err != nil {
					t.Fatal(err)
				}
			},
			Config:           rolloutOf(p, 3, `expected_device_count = aep_upgrade_devices.test.device_count`+"\n"+`wait_for = "finished"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{
			// Only an argument without an effect on the platform changes.
			Config: rolloutOf(p, 3, `wait_for = "finished"`+"\n"+`on_destroy = "cancel"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("failed_count"), knownvalue.Int64Exact(1)),
			}},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"wait_for", "on_destroy", "poll_interval"},
		},
	)
	if n := p.Count(simulator.OpControl); n != 1 {
		t.Errorf("%d starts arrived, want 1", n)
	}
}

func TestRolloutStopsWhatDependsOnIt(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	ids := p.DeviceIDs(coretest.LwM2MProduct)
	p.Configure(func(o *simulator.Options) {
		o.Upgrade.Fail, o.Upgrade.Hang = simulator.FailDevices("5000", ids...), simulator.Among(ids[3])
	})
	gates := `wait_for = "finished"` + "\n  abort_failure_percent = 50\n  abort_minimum_devices = 3"
	story(t, p,
		resource.TestStep{
			Config: rolloutOf(p, 4, gates), ExpectError: regexp.MustCompile(`(?s)Upgrade task aborted.*3 of the 3 devices.*1 cancelled.*5000`),
		},
		resource.TestStep{
			// The next apply judges again, starts nothing, and stops again.
			PreConfig: func() {
				tasks := p.Tasks(coretest.LwM2MProduct)
				rest, _ := p.Subtask(tasks[0].ID, ids[3])
				if len(tasks) != 1 || rest.Phase != simulator.PhaseCancelled {
					t.Errorf("the last device is %+v, the tasks are %+v", rest, tasks)
				}
			},
			Config: rolloutOf(p, 4, gates), ExpectError: regexp.MustCompile(`0 of the 3\s+devices`),
		},
		resource.TestStep{
			Config: rolloutOf(p, 4, `wait_for = "finished"`+"\n  minimum_success_percent = 0"),
			Check: func(*terraform.State) error {
				if n := len(p.Tasks(coretest.LwM2MProduct)); n != 2 || p.Count(simulator.OpControl) != 1 {
					return fmt.Errorf("%d tasks, %d starts", n, p.Count(simulator.OpControl))
				}
				return nil
			},
		},
	)
}

// A watch that is cut off leaves a tainted rollout. Terraform destroys it, which
// must cancel nothing, although a destroy that is meant would.
func TestRolloutIsTakenUpAfterAnInterruption(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.Hang = func(string) bool { return true } })
	arguments := "wait_for = \"finished\"\n  on_destroy = \"cancel\"\n  timeouts {\n    create = \"%s\"\n  }"
	story(t, p,
		resource.TestStep{
			Config:      rolloutOf(p, 2, fmt.Sprintf(arguments, "2s")),
			ExpectError: regexp.MustCompile(`(?s)Waiting\s+until\s+task\s+3456.*2\s+in\s+progress`),
		},
		resource.TestStep{
			PreConfig: func() {
				time.AfterFunc(3*time.Second, func() { _ = p.Finish(p.Tasks(coretest.LwM2MProduct)[0].ID) })
			},
			Config: rolloutOf(p, 2, fmt.Sprintf(arguments, "60s")),
			Check: func(*terraform.State) error {
				if n, m := p.Count(simulator.OpControl), p.Count(simulator.OpOperational); n != 1 || m != 1 {
					return fmt.Errorf("%d starts, %d joins and cancels", n, m)
				}
				return nil
			},
		},
	)
}
