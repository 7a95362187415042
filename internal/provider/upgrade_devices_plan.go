package provider

import (
	"context"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *upgradeDevicesResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, config upgradeDevicesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	l, _, diags := readLedger(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Defaults stand in the plan alone, write-only values in the configuration alone.
	plan.DeviceIDsWO = config.DeviceIDsWO
	want, known, diags := r.desired(ctx, plan, l)
	desired := want.set
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.DeviceIDsWO = types.ListNull(types.StringType)
	if !req.State.Raw.IsNull() {
		var state upgradeDevicesModel
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		if resp.Diagnostics.HasError() {
			return
		}
		if plan.sameTarget(state) {
			if known {
				l = l.openWith(ctx, req.Private, desired, &resp.Diagnostics)
			}
			plan = r.planUpdate(ctx, plan, state, desired, known, l, &resp.Diagnostics)
			resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
			return
		}
	}
	if !plan.ProductID.IsUnknown() && !plan.TaskID.IsUnknown() && !plan.Name.IsUnknown() {
		plan.ID = types.StringValue(devicesID(plan.key(), plan.Name.ValueString()))
	}
	if known {
		plan = plan.withDesired(desired).withChange(len(desired), 0)
		r.preflight(ctx, plan, desired, &resp.Diagnostics)
	} else {
		plan = plan.undecided()
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planUpdate plans a set that exists. What it comes to is known from the ledger
// without a call; a plan that changes nothing leaves the state as it is.
func (r *upgradeDevicesResource) planUpdate(ctx context.Context, plan, state upgradeDevicesModel, desired campaign.DeviceSet, known bool, l ledger, diags *diag.Diagnostics) upgradeDevicesModel {
	plan.Protocol, plan.ID = state.Protocol, state.ID
	if !known {
		return plan.undecided()
	}
	if sameElements(plan.DeviceIDs, state.DeviceIDs) {
		plan.DeviceIDs = state.DeviceIDs // another order is no change
	}
	add, remove := desired.Minus(l.members), l.members.Minus(desired)
	strangers := 0
	if plan.Exclusive.ValueBool() {
		strangers = l.strangers
	}
	if len(add) == 0 && len(remove) == 0 && strangers == 0 {
		settled := plan.unchanged(state)
		if digest := desired.Digest(); digest != state.DeviceIDsSHA256.ValueString() {
			settled = settled.withDesired(desired).withChange(0, 0).withResult(desired, l.members, nil)
		}
		return settled
	}
	if l.finished {
		diags.AddError("Upgrade task has finished", fmt.Sprintf(
			"Task %d of product %d has finished, and its devices can no longer be changed: this plan would attach %d and remove %d. "+
				"To upgrade more devices create a new task; to leave things as they are, restore the device list.",
			plan.TaskID.ValueInt64(), plan.ProductID.ValueInt64(), len(add), len(remove)+strangers))
		return plan
	}
	r.preflight(ctx, plan, add, diags)
	return plan.withDesired(desired).withChange(len(add), len(remove)+strangers).pending()
}

// preflight checks that the platform offers every new device for an upgrade.
func (r *upgradeDevicesResource) preflight(ctx context.Context, plan upgradeDevicesModel, add campaign.DeviceSet, diags *diag.Diagnostics) {
	if !plan.Preflight.ValueBool() || len(add) == 0 || plan.ProductID.IsUnknown() || !r.ready() {
		return
	}
	runner := r.open(diags)
	if runner == nil {
		return
	}
	bad, err := runner.NotCandidates(ctx, plan.key(), add)
	if err != nil {
		diags.Append(unable("check", "devices before attaching them", err))
		return
	}
	if len(bad) > 0 {
		diags.AddAttributeError(path.Root("preflight"), "Devices can't be upgraded", fmt.Sprintf(
			"%d of %d new devices are not among those of product %d that the platform offers for an upgrade: %s.\n\n"+
				"They may belong to another product, be part of another task that has not finished, or not exist. "+
				"Take them off the list, or set preflight = false to attach the others all the same.",
			len(bad), len(add), plan.ProductID.ValueInt64(), someIDs(bad)))
	}
}

// sameElements reports whether two lists of ids differ in their order at most.
func sameElements(a, b types.List) bool {
	if a.IsNull() || b.IsNull() || a.IsUnknown() || b.IsUnknown() || len(a.Elements()) != len(b.Elements()) {
		return false
	}
	x, y := stringsOf(a), stringsOf(b)
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}
