package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// A task that is replaced can only be deleted after its set has let go of the
// devices, which are known from private state alone.
func TestUpgradeDevicesReplaced(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	ids := p.DeviceIDs(lwm2mProduct)[:12]
	first := deviceSet(lwm2mProduct, idList(ids))
	newer := strings.ReplaceAll(first, fmt.Sprintf("firmware_id = %d", lwm2mFirmware), fmt.Sprintf("firmware_id = %d", lwm2mNewer))
	replaced := func(address string) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
		}}
	}
	var old int64
	story(t, p,
		resource.TestStep{Config: first, Check: func(*terraform.State) error { old = onlyTask(p, lwm2mProduct).ID; return nil }},
		resource.TestStep{Config: newer, ConfigPlanChecks: replaced("aep_upgrade_task.test"), Check: func(s *terraform.State) error {
			if task := onlyTask(p, lwm2mProduct); task.ID == old || task.FirmwareID != lwm2mNewer {
				return fmt.Errorf("the platform holds %+v", task)
			}
			return holds(p, lwm2mProduct, ids...)(s)
		}},
	)
	if left := p.Tasks(lwm2mProduct); len(left) != 0 {
		t.Errorf("destroy left %+v", left)
	}
}
