package provider_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestUpgradeTaskOverTheProtocol(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t)
		c := newCore(t, p, nil)
		config := object{"product_id": lwm2mProduct, "firmware_id": lwm2mFirmware, "name": "meters", "retry_times": 1}
		i := c.absent("aep_upgrade_task")
		c.must(nil, c.apply(t.Context(), i, config)...)
		c.settled(t.Context(), i, config)

		config["description"] = "changed"
		c.must(nil, c.apply(t.Context(), i, config)...)
		c.settled(t.Context(), i, config)

		for name, again := range map[string]func() (*instance, diagnostics){
			"id": func() (*instance, diagnostics) { return c.imported(t.Context(), i.typeName, i.get("id")) },
			"identity": func() (*instance, diagnostics) {
				return c.importedBy(t.Context(), i.typeName, object{"product_id": lwm2mProduct, "task_id": simulatorFirstTask})
			},
		} {
			same, diags := again()
			c.must(nil, diags...)
			if difference, err := i.value.Diff(same.value); err != nil || len(difference) > 0 {
				t.Errorf("the import by %s differs: %v %v", name, difference, err)
			}
			c.empty(t.Context(), same, config)
		}
		c.must(nil, c.apply(t.Context(), i, nil)...)
		if left := p.Tasks(lwm2mProduct); len(left) != 0 || i.exists() {
			t.Errorf("destroy left %+v", left)
		}
	})
}

func TestUpgradeTaskReadOnlySendsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t)
		config := object{"product_id": lwm2mProduct, "firmware_id": lwm2mFirmware, "name": "meters", "retry_times": 1}
		writable := newCore(t, p, nil)
		i := writable.absent("aep_upgrade_task")
		writable.must(nil, writable.apply(t.Context(), i, config)...)
		if n := p.Count(simulator.OpCreate); n != 1 {
			t.Fatalf("%d creates arrived, want 1", n)
		}
		p.ResetJournal()

		c := newCore(t, p, object{"read_only": true})
		other := c.absent("aep_upgrade_task")
		config["name"] = "other meters"
		for what, diags := range map[string]diagnostics{
			"create": c.apply(t.Context(), other, config),
			"modify": c.apply(t.Context(), i, config),
			"delete": c.apply(t.Context(), i, nil),
		} {
			if !strings.Contains(diags.errors(), "read_only") {
				t.Errorf("%s: %q", what, diags.errors())
			}
		}
		if writes := p.Writes(); len(writes) != 0 {
			t.Errorf("%d writes arrived, the first %s", len(writes), writes[0].Operation)
		}
	})
}
