package provider_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// since skips a test below a version of Terraform, or of OpenTofu. An empty version means that no version has it.
type since struct{ terraform, openTofu string }

func (s since) CheckTerraformVersion(_ context.Context, req tfversion.CheckTerraformVersionRequest,
	resp *tfversion.CheckTerraformVersionResponse,
) {
	resp.Skip = cli.Lacks(req.TerraformVersion, s.terraform, s.openTofu)
}

// newestStory runs steps with a CLI of at least some version.
func newestStory(t *testing.T, least since, p *simulator.Platform, steps ...resource.TestStep) {
	t.Helper()
	coretest.WithoutRaceDetector(t, coretest.RealCLI)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{least},
		ProtoV6ProviderFactories: coretest.Factories(p), Steps: steps,
	})
}

// startedAfterCreate is a campaign whose action starts the task with an expected number of devices.
func startedAfterCreate(p *simulator.Platform, onFailure string, expected int) string {
	return lwm2mTask("name = \"meters\"\n  retry_times = 1\n  force_destroy = true") + fmt.Sprintf(`
resource "aep_upgrade_devices" "test" {
  product_id    = aep_upgrade_task.test.product_id
  task_id       = aep_upgrade_task.test.task_id
  force_destroy = true
  %s

  lifecycle {
    action_trigger {
      events     = [after_create]
      actions    = [action.aep_upgrade_start.test]
      on_failure = %s
    }
  }
}

action "aep_upgrade_start" "test" {
  config {
    product_id            = aep_upgrade_task.test.product_id
    task_id               = aep_upgrade_task.test.task_id
    expected_device_count = %d
  }
}`, cli.DeviceIDs(p.DeviceIDs(coretest.LwM2MProduct)[:3]), onFailure, expected)
}

// TestActionThatFails lets a start fail because of its number of devices, with each way to handle the failure. The
// action is not called again, because the set exists. A tainted set is not replaced: that would cancel its devices.
func TestActionThatFails(t *testing.T) {
	t.Parallel()
	wrongNumber := regexp.MustCompile(`holds 3 devices to upgrade, not the 4`)
	for onFailure, fails := range map[string]struct{ first, second *regexp.Regexp }{
		"halt":     {first: wrongNumber},
		"taint":    {first: wrongNumber, second: regexp.MustCompile(`(?s)Device set exists already.*run terraform untaint`)},
		"continue": {},
	} {
		t.Run(onFailure, func(t *testing.T) {
			t.Parallel()
			p := coretest.NewPlatform(t)
			unchanged := func() {
				if n := p.StartCount(coretest.FirstTask); n != 0 {
					t.Errorf("the task was started %d times", n)
				}
				subtasks := p.Subtasks(coretest.FirstTask)
				for _, s := range subtasks {
					if s.Joins != 1 || !coretest.IsActive(s) {
						t.Errorf("device %s was joined %d times and is %s", s.DeviceID, s.Joins, s.Phase)
					}
				}
				if len(subtasks) != 3 {
					t.Errorf("the task has %d devices, want 3", len(subtasks))
				}
			}
			again := resource.TestStep{PreConfig: unchanged, Config: startedAfterCreate(p, onFailure, 3), ExpectError: fails.second}
			newestStory(t, since{terraform: "1.16"}, p,
				resource.TestStep{Config: startedAfterCreate(p, onFailure, 4), ExpectError: fails.first}, again, again)
		})
	}
}

// TestActionsAroundADestroy lets an action cancel what a destroy would leave to the platform.
func TestActionsAroundADestroy(t *testing.T) {
	t.Parallel()
	for _, event := range []string{"before_destroy", "after_destroy"} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.WaitingTime = 1000 * time.Hour })
			campaign := lwm2mTask("name = \"meters\"\n  retry_times = 1\n  lifecycle {\n    destroy = false\n  }") + fmt.Sprintf(`
resource "aep_upgrade_devices" "test" {
  product_id = aep_upgrade_task.test.product_id
  task_id    = aep_upgrade_task.test.task_id
  on_remove  = "keep"
  %s
}
`, cli.DeviceIDs(p.DeviceIDs(coretest.LwM2MProduct)[:3]))
			rollout := fmt.Sprintf(`
resource "aep_upgrade_rollout" "test" {
  product_id            = aep_upgrade_task.test.product_id
  task_id               = aep_upgrade_task.test.task_id
  expected_device_count = aep_upgrade_devices.test.device_count

  lifecycle {
    action_trigger {
      events  = [%s]
      actions = [action.aep_upgrade_cancel.test]
    }
  }
}
`, event)
			action := `
action "aep_upgrade_cancel" "test" {
  config {
    product_id = aep_upgrade_task.test.product_id
    task_id    = aep_upgrade_task.test.task_id
    all        = true
  }
}`
			cancelled := func(want int) {
				got := 0
				for _, s := range p.Subtasks(coretest.FirstTask) {
					if !coretest.IsActive(s) {
						got++
					}
				}
				if got != want {
					t.Errorf("%d devices are cancelled, want %d", got, want)
				}
			}
			newestStory(t, since{terraform: "1.16"}, p,
				resource.TestStep{Config: campaign + rollout + action, PostApplyFunc: func() { cancelled(0) }},
				resource.TestStep{Config: campaign + rollout + action, Destroy: true, PostApplyFunc: func() { cancelled(3) }},
			)
		})
	}
}

// TestDestroyFalse destroys a running campaign that may only leave the state.
func TestDestroyFalse(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.WaitingTime = 1000 * time.Hour })
	const kept = "lifecycle {\n    destroy = false\n  }"
	config := withProvider(cli.CampaignHCL(p.DeviceIDs(coretest.LwM2MProduct)[:3], kept, "wait_for = \"started\"\n  "+kept))
	config = strings.Replace(config, "batch_size = 2\n  force_destroy = true", kept, 1)
	var leftBehind *regexp.Regexp
	if cli.IsOpenTofu() { // it forgets the objects, and then fails
		leftBehind = regexp.MustCompile("Destroy was successful but left behind forgotten")
	}
	newestStory(t, since{"1.16", "1.12"}, p,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: p.ResetJournal, Config: config, Destroy: true, ExpectError: leftBehind},
		resource.TestStep{
			Config: withProvider(""), ConfigStateChecks: []statecheck.StateCheck{nothingLeft{}}, PreConfig: func() {
				if n := len(p.Writes()); n > 0 || p.Count(simulator.OpQueryDetail) == 0 {
					t.Errorf("the destroy sent %d writes and %d reads", n, p.Count(simulator.OpQueryDetail))
				}
				for _, s := range p.Subtasks(coretest.FirstTask) {
					if !coretest.IsActive(s) {
						t.Errorf("device %s is %s", s.DeviceID, s.Phase)
					}
				}
			},
		})
}

// nothingLeft refuses a state with resources.
type nothingLeft struct{}

func (nothingLeft) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	if values := req.State.Values; values != nil && values.RootModule != nil && len(values.RootModule.Resources) > 0 {
		resp.Error = fmt.Errorf("the state holds %d resources", len(values.RootModule.Resources))
	}
}
