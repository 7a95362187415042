package provider_test

import (
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestUpgradeTaskOverTheProtocol(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		c := coretest.New(t, p, nil)
		config := coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1}
		i := c.Absent("aep_upgrade_task")
		c.MustApply(t.Context(), i, config)
		c.WantSettled(t.Context(), i, config)

		config["description"] = "changed"
		c.MustApply(t.Context(), i, config)
		c.WantSettled(t.Context(), i, config)

		for name, again := range map[string]func() (*coretest.Instance, coretest.Diagnostics){
			"id": func() (*coretest.Instance, coretest.Diagnostics) {
				return c.Import(t.Context(), i.TypeName, i.Get("id"))
			},
			"identity": func() (*coretest.Instance, coretest.Diagnostics) {
				return c.ImportBy(t.Context(), i.TypeName, coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask})
			},
		} {
			same, diags := again()
			c.NoErrors(diags)
			if difference, err := i.Value.Diff(same.Value); err != nil || len(difference) > 0 {
				t.Errorf("the import by %s differs: %v %v", name, difference, err)
			}
			c.WantEmpty(t.Context(), same, config)
		}
		c.MustApply(t.Context(), i, nil)
		if left := p.Tasks(coretest.LwM2MProduct); len(left) != 0 || i.Exists() {
			t.Errorf("destroy left %+v", left)
		}
	})
}

func TestUpgradeTaskReadOnlySendsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		config := coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1}
		writable := coretest.New(t, p, nil)
		i := writable.Absent("aep_upgrade_task")
		writable.MustApply(t.Context(), i, config)
		if n := p.Count(simulator.OpCreate); n != 1 {
			t.Fatalf("%d creates arrived, want 1", n)
		}
		p.ResetJournal()

		c := coretest.New(t, p, coretest.Config{"read_only": true})
		other := c.Absent("aep_upgrade_task")
		config["name"] = "other meters"
		for what, diags := range map[string]coretest.Diagnostics{
			"create": c.Apply(t.Context(), other, config),
			"modify": c.Apply(t.Context(), i, config),
			"delete": c.Apply(t.Context(), i, nil),
		} {
			if !coretest.Says(diags.Errors(), "read_only") {
				t.Errorf("%s: %q", what, diags.Errors())
			}
		}
		coretest.WantNoWrites(t, p)
	})
}
