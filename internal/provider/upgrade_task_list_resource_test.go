package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// seedTasks makes tasks of both protocols' products, with and without a description.
func seedTasks(t *testing.T, p *simulator.Platform, n int) {
	t.Helper()
	for i := range n {
		for _, draft := range []simulator.TaskDraft{
			{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, RetryTimes: i % 4},
			{ProductID: coretest.TLinkProduct, FirmwareID: coretest.TLinkFirmware, TimeoutHours: 1 + i%168},
		} {
			draft.Name, draft.Description = fmt.Sprintf("task %03d", i), strings.Repeat("x", i%2)
			if _, err := p.CreateTask(draft); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestListOfTasks(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		config      coretest.Config
		limit       int64
		want, calls int
	}{
		"all":           {coretest.Config{"product_id": coretest.LwM2MProduct}, 0, 250, 1},
		"limited":       {coretest.Config{"product_id": coretest.LwM2MProduct}, 120, 120, 1},
		"limit 1":       {coretest.Config{"product_id": coretest.LwM2MProduct}, 1, 1, 1},
		"name":          {coretest.Config{"product_id": coretest.TLinkProduct, "name_contains": "task 00"}, 100, 10, 1},
		"status":        {coretest.Config{"product_id": coretest.LwM2MProduct, "statuses": []string{"running"}}, 100, 1, 1},
		"other status":  {coretest.Config{"product_id": coretest.LwM2MProduct, "statuses": []string{"finished"}}, 100, 0, 1},
		"other product": {coretest.Config{"product_id": 4711}, 100, 0, 4}, // pages of 1,000, 100, 40 and 20 rows are refused
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := coretest.NewPlatform(t)
				seedTasks(t, p, 250)
				running := newFleet(t, p, coretest.TLinkProduct, coretest.TLinkFirmware, 1).task - 1
				if err := p.SetTaskStatus(running-1, simulator.Running); err != nil {
					t.Fatal(err)
				}
				c := coretest.New(t, p, nil)
				p.ResetJournal()
				results := c.List(t.Context(), "aep_upgrade_task", one.config, one.limit, false)
				got := 0
				for _, r := range results {
					if len(r.Diagnostics) > 0 && name != "other product" {
						t.Fatal(coretest.Diagnostics(r.Diagnostics).Errors())
					}
					if r.Identity != nil {
						got++
					}
				}
				if got != one.want {
					t.Errorf("%d results, want %d", got, one.want)
				}
				if n := p.Count(simulator.OpTasks); n != one.calls {
					t.Errorf("%d calls, want %d", n, one.calls)
				}
			})
		})
	}
}

func TestListedTasksImportClean(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Quirks.NullDescription = true })
		seedTasks(t, p, 5)
		c := coretest.New(t, p, nil)
		for i, product := range []int{coretest.LwM2MProduct, coretest.TLinkProduct} {
			p.ResetJournal()
			results := c.List(t.Context(), "aep_upgrade_task", coretest.Config{"product_id": product}, 100, true)
			calls := 2 - i // the first list also asks for the time
			if n := len(p.Requests()); n != calls || len(results) != 5 {
				t.Errorf("%d results took %d calls, want 5 and %d", len(results), n, calls)
			}
			for _, r := range results {
				c.NoErrors(r.Diagnostics)
				shown := coretest.Fields(c.Unpack(r.Resource, c.Schema("aep_upgrade_task").ValueType()))
				if want := fmt.Sprintf("%s (pending, task %s)", coretest.Text(shown["name"]), coretest.Text(shown["task_id"])); r.DisplayName != want {
					t.Errorf("display name %q, want %q", r.DisplayName, want)
				}
				config := generated(c, "aep_upgrade_task", shown)
				i, diags := c.ImportBy(t.Context(), "aep_upgrade_task", coretest.Config{"product_id": product, "task_id": shown["task_id"]})
				c.NoErrors(diags)
				c.WantSettled(t.Context(), i, config)
				if !i.Value.Equal(c.Unpack(r.Resource, i.Value.Type())) {
					t.Error("the listed resource is not what an import reads")
				}
			}
		}
	})
}

// generated is the configuration that Terraform would write for a resource: all
// that is not null and may be set.
func generated(c *coretest.Core, typeName string, state map[string]tftypes.Value) coretest.Config {
	config := coretest.Config{}
	for _, a := range c.Schema(typeName).Block.Attributes {
		if (a.Required || a.Optional) && !state[a.Name].IsNull() {
			config[a.Name] = state[a.Name]
		}
	}
	return config
}
