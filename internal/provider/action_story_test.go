package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
)

// newer runs steps with a Terraform that knows actions and queries. Version 1.14.0 calls an action before its resource.
func newer(t *testing.T, p *simulator.Platform, steps ...resource.TestStep) {
	t.Helper()
	newestStory(t, since{terraform: "1.14.1"}, p, steps...)
}

func TestActionsAreTriggered(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.UpgradeTime = time.Second })
	config := lwm2mTask("name = \"meters\"\n  retry_times = 1\n  force_destroy = true") + fmt.Sprintf(`
resource "aep_upgrade_devices" "test" {
  product_id = aep_upgrade_task.test.product_id
  task_id    = aep_upgrade_task.test.task_id
  %s

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.aep_upgrade_start.test]
    }
  }
}

action "aep_upgrade_start" "test" {
  config {
    product_id    = aep_upgrade_task.test.product_id
    task_id       = aep_upgrade_task.test.task_id
    wait_for      = "finished"
    poll_interval = "1s"
  }
}`, cli.DeviceIDs(p.DeviceIDs(coretest.LwM2MProduct)[:3]))
	newer(t, p, resource.TestStep{Config: config, PostApplyFunc: func() {
		task := p.Tasks(coretest.LwM2MProduct)[0]
		if task.Status != simulator.Finished || p.StartCount(task.ID) != 1 {
			t.Errorf("the platform holds %+v", task)
		}
	}})
}

func TestQueryOfTasks(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	seedTasks(t, p, 250)
	newer(t, p, resource.TestStep{Config: withProvider("")}, resource.TestStep{
		Query: true,
		// The provider block of the step before stays.
		Config: fmt.Sprintf(`
list "aep_upgrade_task" "all" {
  provider         = aep
  include_resource = true
  limit            = 1000
  config {
    product_id = %d
  }
}`, coretest.LwM2MProduct),
		QueryResultChecks: []querycheck.QueryResultCheck{querycheck.ExpectLength("aep_upgrade_task.all", 250)},
	})
}
