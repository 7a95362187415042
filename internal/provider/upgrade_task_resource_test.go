package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

func lwm2mTask(arguments string) string {
	return withProvider(fmt.Sprintf(`
resource "aep_upgrade_task" "test" {
  product_id  = %d
  firmware_id = %d
  %s
}`, coretest.LwM2MProduct, coretest.LwM2MFirmware, arguments))
}

func TestUpgradeTaskLifeCycle(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	const address = "aep_upgrade_task.test"
	story(t, p,
		resource.TestStep{
			Config: lwm2mTask(`name = "meters 1.3251"` + "\n" + `retry_times = 2`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("protocol"), knownvalue.StringExact("lwm2m")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("pending")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("firmware_version"), knownvalue.StringExact("1.3251")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("description"), knownvalue.Null()),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("timeout_hours"), knownvalue.Null()),
			},
		},
		resource.TestStep{
			Config: lwm2mTask(`name = "meters, second try"
  description = "多一次机会"
  retry_times = 0`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			}},
			Check: func(*terraform.State) error {
				task := p.Tasks(coretest.LwM2MProduct)[0]
				if task.Name != "meters, second try" || task.Description != "多一次机会" || task.RetryTimes != 0 {
					return fmt.Errorf("the platform holds %+v", task)
				}
				return nil
			},
		},
		resource.TestStep{
			Config: lwm2mTask(`name = "meters, second try"
  retry_times = 0
  force_destroy = true`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			}},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"force_destroy"},
		},
	)
	if left := p.Tasks(coretest.LwM2MProduct); len(left) != 0 {
		t.Errorf("destroy left %+v", left)
	}
	if n := p.TasksEverCreated(); n != 1 {
		t.Errorf("%d tasks were created, want 1", n)
	}
}

func TestUpgradeTaskDriftIsHealed(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	config := lwm2mTask(`name = "meters"` + "\n" + `retry_times = 2`)
	story(t, p,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				id := p.Tasks(coretest.LwM2MProduct)[0].ID
				if err := p.ModifyTask(id, func(task *simulator.Task) { task.Name = "renamed in the console" }); err != nil {
					t.Fatal(err)
				}
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("aep_upgrade_task.test", plancheck.ResourceActionUpdate),
			}},
		},
		resource.TestStep{
			PreConfig: func() {
				if err := p.DeleteTask(p.Tasks(coretest.LwM2MProduct)[0].ID); err != nil {
					t.Fatal(err)
				}
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("aep_upgrade_task.test", plancheck.ResourceActionCreate),
			}},
		},
	)
}

func TestUpgradeTaskBadInput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arguments string
		want      string
	}{
		"both settings":     {`name = "x"` + "\nretry_times = 1\ntimeout_hours = 1", "(?s)retry_times.*timeout_hours"},
		"neither setting":   {`name = "x"`, "(?s)retry_times.*timeout_hours"},
		"retry too often":   {`name = "x"` + "\nretry_times = 4", "between 0 and 3"},
		"timeout zero":      {`name = "x"` + "\ntimeout_hours = 0", "between 1 and 168"},
		"padded name":       {`name = " x"` + "\nretry_times = 1", "name must not begin or end"},
		"empty name":        {`name = ""` + "\nretry_times = 1", "name must not be empty"},
		"the other product": {`name = "x"` + "\ntimeout_hours = 3", "(?s)LwM2M products take\\s+retry_times"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Quirks.IgnoreWrongArgument = true })
			story(t, p, resource.TestStep{Config: lwm2mTask(c.arguments), ExpectError: regexp.MustCompile(c.want)})
			if left := p.Tasks(coretest.LwM2MProduct); len(left) != 0 {
				t.Errorf("left behind: %+v", left)
			}
		})
	}
}
