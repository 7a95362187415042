package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// seedTasks makes tasks of both protocols' products, with and without a description.
func seedTasks(t *testing.T, p *simulator.Platform, n int) {
	t.Helper()
	for i := range n {
		for _, draft := range []simulator.TaskDraft{
			{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, RetryTimes: i % 4},
			{ProductID: tLinkProduct, FirmwareID: tLinkFirmware, TimeoutHours: 1 + i%168},
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
		config      object
		limit       int64
		want, calls int
	}{
		"all":           {object{"product_id": lwm2mProduct}, 0, 250, 3},
		"limited":       {object{"product_id": lwm2mProduct}, 120, 120, 2},
		"limit 1":       {object{"product_id": lwm2mProduct}, 1, 1, 1},
		"name":          {object{"product_id": tLinkProduct, "name_contains": "task 00"}, 100, 10, 1},
		"status":        {object{"product_id": lwm2mProduct, "statuses": []string{"running"}}, 100, 1, 3},
		"other status":  {object{"product_id": lwm2mProduct, "statuses": []string{"finished"}}, 100, 0, 3},
		"other product": {object{"product_id": 4711}, 100, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform(t)
				seedTasks(t, p, 250)
				running := newFleet(t, p, tLinkProduct, tLinkFirmware, 1).task - 1
				if err := p.SetTaskStatus(running-1, simulator.Running); err != nil {
					t.Fatal(err)
				}
				c := newCore(t, p, nil)
				p.ResetJournal()
				results := c.list(t.Context(), "aep_upgrade_task", one.config, one.limit, false)
				got := 0
				for _, r := range results {
					if len(r.Diagnostics) > 0 && name != "other product" {
						t.Fatal(diagnostics(r.Diagnostics).errors())
					}
					if r.Identity != nil {
						got++
					}
				}
				if got != one.want {
					t.Errorf("%d results, want %d", got, one.want)
				}
				if n := p.Count(simulator.OpTasks); n > one.calls {
					t.Errorf("%d calls, want at most %d", n, one.calls)
				}
			})
		})
	}
}

func TestListedTasksImportClean(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t, func(o *simulator.Options) { o.Quirks.NullDescription = true })
		seedTasks(t, p, 5)
		c := newCore(t, p, nil)
		for _, product := range []int{lwm2mProduct, tLinkProduct} {
			p.ResetJournal()
			results := c.list(t.Context(), "aep_upgrade_task", object{"product_id": product}, 100, true)
			if n := len(p.Requests()); n > 2 || len(results) != 5 {
				t.Errorf("%d results took %d calls", len(results), n)
			}
			for _, r := range results {
				c.must(nil, r.Diagnostics...)
				shown := fields(c.unpack(r.Resource, c.schema("aep_upgrade_task").ValueType()))
				if want := fmt.Sprintf("%s (pending, task %s)", text(shown["name"]), text(shown["task_id"])); r.DisplayName != want {
					t.Errorf("display name %q, want %q", r.DisplayName, want)
				}
				config := c.generated("aep_upgrade_task", shown)
				i, diags := c.importedBy(t.Context(), "aep_upgrade_task", object{"product_id": product, "task_id": shown["task_id"]})
				c.must(nil, diags...)
				c.settled(t.Context(), i, config)
				if !i.value.Equal(c.unpack(r.Resource, i.value.Type())) {
					t.Error("the listed resource is not what an import reads")
				}
			}
		}
	})
}

// generated is the configuration that Terraform would write for a resource: all
// that is not null and may be set.
func (c *core) generated(typeName string, state map[string]tftypes.Value) object {
	config := object{}
	for _, a := range c.schema(typeName).Block.Attributes {
		if (a.Required || a.Optional) && !state[a.Name].IsNull() {
			config[a.Name] = state[a.Name]
		}
	}
	return config
}
