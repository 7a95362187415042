package provider

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// planAdoption warns which task a create will adopt. own is the task that the new task
// replaces, if any: it may be gone by then.
func planAdoption(ctx context.Context, c *connection, plan upgradeTaskModel, own aep.TaskKey) (diags diag.Diagnostics) {
	if !plan.AdoptExisting.ValueBool() {
		return nil
	}
	if plan.ProductID.IsUnknown() || plan.FirmwareID.IsUnknown() || plan.Name.IsUnknown() {
		diags.Append(adoptionNotKnown())
		return diags
	}
	runner := c.openIfKnown(&diags)
	if runner == nil {
		return diags
	}
	twin, err := runner.PlanAdoption(ctx, plan.createRequest(), own)
	if managed, ok := errors.AsType[*campaign.ManagedTaskError](err); ok {
		diags.Append(contestedTask(managed.Key))
		return diags
	}
	switch {
	case err != nil:
		diags.Append(createFailure(err, plan))
	case twin != nil:
		diags.Append(adopts(plan, *twin))
	}
	return diags
}
