package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

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

const setAddress = "aep_upgrade_devices.test"

// deviceSet is a task of the product's protocol with one set of devices.
func deviceSet(product int, arguments string) string {
	firmware, setting := coretest.LwM2MFirmware, "retry_times = 1"
	if product == coretest.TLinkProduct {
		firmware, setting = coretest.TLinkFirmware, "timeout_hours = 24"
	}
	return withProvider(fmt.Sprintf(`
resource "aep_upgrade_task" "test" {
  product_id  = %d
  firmware_id = %d
  name        = "campaign"
  %s
}

resource "aep_upgrade_devices" "test" {
  product_id = aep_upgrade_task.test.product_id
  task_id    = aep_upgrade_task.test.task_id
  %s
}`, product, firmware, setting, arguments))
}

func holds(p *simulator.Platform, product int64, want ...string) func(*terraform.State) error {
	return func(*terraform.State) error {
		got := coretest.ActiveDevices(p, product)
		want := slices.Sorted(slices.Values(want))
		if !slices.Equal(got, want) {
			return fmt.Errorf("the platform holds %d active devices %v, want %d %v", len(got), got, len(want), want)
		}
		return nil
	}
}

func TestUpgradeDevicesLifeCycle(t *testing.T) {
	t.Parallel()
	for name, product := range map[string]int64{"LwM2M": coretest.LwM2MProduct, "T-Link": coretest.TLinkProduct} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Paging.MaxPageSize = 7 })
			ids := p.DeviceIDs(product)
			first := ids[:20]
			second := append(slices.Clone(ids[1:20]), ids[20], ids[21])
			reversed := slices.Clone(second)
			slices.Reverse(reversed)
			story(t, p,
				resource.TestStep{
					Config: deviceSet(int(product), cli.DeviceIDs(first)),
					Check:  holds(p, product, first...),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(setAddress, tfjsonpath.New("attached_count"), knownvalue.Int64Exact(20)),
						statecheck.ExpectKnownValue(setAddress, tfjsonpath.New("missing_count"), knownvalue.Int64Exact(0)),
					},
				},
				resource.TestStep{
					PreConfig: p.ResetJournal,
					Config:    deviceSet(int(product), cli.DeviceIDs(second)),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(setAddress, plancheck.ResourceActionUpdate),
						plancheck.ExpectKnownValue(setAddress, tfjsonpath.New("planned_change"), knownvalue.StringExact("+2 −1, to 21 devices")),
					}},
					Check: func(s *terraform.State) error {
						if joins, cancels := coretest.Operations(p); joins != 1 || cancels != 1 {
							return fmt.Errorf("%d joins and %d cancels, want one of each", joins, cancels)
						}
						return holds(p, product, second...)(s)
					},
				},
				resource.TestStep{
					Config: deviceSet(int(product), cli.DeviceIDs(reversed)),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectEmptyPlan(),
					}},
				},
			)
			if left := p.Tasks(product); len(left) != 0 {
				t.Errorf("destroy left %+v", left)
			}
		})
	}
}

func TestUpgradeDevicesImport(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	ids := slices.Sorted(slices.Values(p.DeviceIDs(coretest.LwM2MProduct)[:5]))
	story(t, p,
		resource.TestStep{Config: deviceSet(coretest.LwM2MProduct, cli.DeviceIDs(ids))},
		resource.TestStep{
			ResourceName: setAddress, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"planned_change"},
		},
	)
}

func TestUpgradeDevicesFromManySources(t *testing.T) {
	t.Parallel()
	const n = 10_000
	for name, source := range map[string]func(t *testing.T, ids []string) string{
		"file": func(t *testing.T, ids []string) string {
			file := filepath.Join(t.TempDir(), "devices.txt")
			content := "\ufeff# meters of the first street\r\n" + strings.Join(ids, "\r\n") + "\r\n"
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("device_ids_file = %q\nbatch_size = 1000", file)
		},
		"write-only": func(t *testing.T, ids []string) string {
			file := filepath.Join(t.TempDir(), "devices.txt")
			if err := os.WriteFile(file, []byte(strings.Join(ids, "\n")), 0o600); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("device_ids_wo = split(\"\\n\", file(%q))\nbatch_size = 1000", file)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Products = simulator.DefaultProducts(n) })
			least := since{"1.8", "1.8"}
			if name == "write-only" {
				least = since{"1.11", "1.11"}
			}
			newestStory(t, least, p, resource.TestStep{
				Config: deviceSet(coretest.LwM2MProduct, source(t, p.DeviceIDs(coretest.LwM2MProduct))),
				Check: func(s *terraform.State) error {
					if got := len(coretest.ActiveDevices(p, coretest.LwM2MProduct)); got != n {
						return fmt.Errorf("%d devices are attached, want %d", got, n)
					}
					if joins, _ := coretest.Operations(p); joins != n/1000 {
						return fmt.Errorf("%d joins, want %d", joins, n/1000)
					}
					return nil
				},
			})
		})
	}
}

func TestUpgradeDevicesDrift(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = true })
	ids := p.DeviceIDs(coretest.LwM2MProduct)[:10]
	config := deviceSet(coretest.LwM2MProduct, cli.DeviceIDs(ids))
	story(t, p,
		resource.TestStep{Config: config},
		resource.TestStep{
			// Cancelled in the console: still a member, not joined again.
			PreConfig: func() {
				if err := p.Cancel(coretest.OnlyTask(p, coretest.LwM2MProduct).ID, ids[0]); err != nil {
					t.Fatal(err)
				}
			},
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

func TestUpgradeDevicesBadInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	duplicate := filepath.Join(dir, "duplicate.txt")
	if err := os.WriteFile(duplicate, []byte("a\nb\n# c\na\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ arguments, want string }{
		"no source":           {``, "(?s)device_ids.*device_group_id"},
		"two sources":         {`device_ids = ["a"]` + "\n" + `device_group_id = "g"`, "(?s)device_ids.*device_group_id"},
		"duplicate":           {`device_ids = ["a", "b", "a"]`, `(?s)"a" is listed more than once`},
		"duplicate, hidden":   {`device_ids_wo = ["a", "b", "a"]`, `(?s)"a" is listed more than once`},
		"comma":               {`device_ids = ["a,b"]`, `contains a comma`},
		"space":               {`device_ids = ["a b"]`, `contains white space`},
		"empty":               {`device_ids = [""]`, `is empty`},
		"duplicate in a file": {fmt.Sprintf("device_ids_file = %q", duplicate), `(?s)line 1.*line 4`},
		"no such file":        {`device_ids_file = "/does/not/exist"`, `(?s)Unable to read device file.*/does/not/exist`},
		"too many": {
			`device_ids = [for i in setproduct(range(51), range(40)) : "d${i[0]}-${i[1]}"]`,
			`(?s)at most 2,000.*device_ids_wo`,
		},
		"batch too large":    {`device_ids = ["a"]` + "\nbatch_size = 1001", `between 1 and 1000`},
		"no such wave":       {`device_ids = ["a"]` + "\nwave = { weights = [1, 9], index = 2 }", `(?s)none of the 2.*waves`},
		"weights of nothing": {`device_ids = ["a"]` + "\nwave = { weights = [0], index = 0 }", `sum up to 0`},
		"slash in the name":  {`device_ids = ["a"]` + "\n" + `name = "a/b"`, `slash`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := coretest.NewPlatform(t)
			story(t, p, resource.TestStep{Config: deviceSet(coretest.LwM2MProduct, c.arguments), ExpectError: regexp.MustCompile(c.want)})
			if sent := p.Requests(); len(sent) != 0 {
				t.Errorf("%d requests were sent, the first %s %s", len(sent), sent[0].Operation, sent[0].Body)
			}
		})
	}
}

func TestUpgradeDevicesWaves(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	ids := p.DeviceIDs(coretest.LwM2MProduct)
	config := withProvider(fmt.Sprintf(`
resource "aep_upgrade_task" "wave" {
  count       = 3
  product_id  = %d
  firmware_id = %d
  name        = "wave ${count.index}"
  retry_times = 1
}

resource "aep_upgrade_devices" "wave" {
  count      = 3
  product_id = %[1]d
  task_id    = aep_upgrade_task.wave[count.index].task_id
  %[3]s
  wave       = { weights = [1, 3, 6], index = count.index, seed = "s" }
}`, coretest.LwM2MProduct, coretest.LwM2MFirmware, cli.DeviceIDs(ids)))
	story(t, p, resource.TestStep{Config: config, Check: func(*terraform.State) error {
		seen := map[string]int{}
		for _, task := range p.Tasks(coretest.LwM2MProduct) {
			for _, s := range p.Subtasks(task.ID) {
				seen[s.DeviceID]++
			}
		}
		for _, id := range ids {
			if seen[id] != 1 {
				return fmt.Errorf("device %s is in %d waves", id, seen[id])
			}
		}
		return nil
	}})
}
