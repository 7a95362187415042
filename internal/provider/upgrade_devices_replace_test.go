package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// A task that is replaced can only be deleted after its set has cancelled the devices.
// Only the private state holds their ids.
func TestUpgradeDevicesReplaced(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	ids := p.DeviceIDs(coretest.LwM2MProduct)[:12]
	first := deviceSet(coretest.LwM2MProduct, cli.DeviceIDs(ids))
	newer := strings.ReplaceAll(first, fmt.Sprintf("firmware_id = %d", coretest.LwM2MFirmware),
		fmt.Sprintf("firmware_id = %d", coretest.LwM2MNewer))
	replaced := func(address string) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
		}}
	}
	var old int64
	story(t, p,
		resource.TestStep{Config: first, Check: func(*terraform.State) error {
			old = coretest.OnlyTask(p,
				coretest.LwM2MProduct).ID
			return nil
		}},
		resource.TestStep{Config: newer, ConfigPlanChecks: replaced("aep_upgrade_task.test"), Check: func(s *terraform.State) error {
			if task := coretest.OnlyTask(p, coretest.LwM2MProduct); task.ID == old || task.FirmwareID != coretest.LwM2MNewer {
				return fmt.Errorf("the platform holds %+v", task)
			}
			return holds(p, coretest.LwM2MProduct, ids...)(s)
		}},
	)
	if left := p.Tasks(coretest.LwM2MProduct); len(left) != 0 {
		t.Errorf("destroy left %+v", left)
	}
}
