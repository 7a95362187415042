package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	devicesTimeout     = 60 * time.Minute
	devicesReadTimeout = 20 * time.Minute
	fullDriftLimit     = 2000 // devices up to which drift_detection = auto compares every one
)

var (
	_ resource.ResourceWithConfigure        = (*upgradeDevicesResource)(nil)
	_ resource.ResourceWithConfigValidators = (*upgradeDevicesResource)(nil)
	_ resource.ResourceWithValidateConfig   = (*upgradeDevicesResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*upgradeDevicesResource)(nil)
	_ resource.ResourceWithImportState      = (*upgradeDevicesResource)(nil)
	_ resource.ResourceWithIdentity         = (*upgradeDevicesResource)(nil)
)

func newUpgradeDevicesResource() resource.Resource { return &upgradeDevicesResource{} }

// upgradeDevicesResource is one named set of devices, attached to a task.
type upgradeDevicesResource struct{ configuredResource }

func (r *upgradeDevicesResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_devices"
	resp.ResourceBehavior.MutableIdentity = true // the name of a set changes in place
}

func (r *upgradeDevicesResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{resourcevalidator.ExactlyOneOf(
		path.MatchRoot("device_ids"), path.MatchRoot("device_ids_wo"),
		path.MatchRoot("device_ids_file"), path.MatchRoot("device_group_id"),
	)}
}

func (r *upgradeDevicesResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config upgradeDevicesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if n := len(config.DeviceIDs.Elements()); n > maxListedIDs {
		resp.Diagnostics.AddAttributeError(path.Root("device_ids"), "Too many device ids", fmt.Sprintf(
			"%d device ids; device_ids takes at most %d, for plan and state show each of them. "+
				"Use device_ids_wo for a list by any expression, or device_ids_file for a file.", n, maxListedIDs))
		return
	}
	_, _, diags := listedDevices(config.DeviceIDs, path.Root("device_ids"))
	resp.Diagnostics.Append(diags...)
	_, _, diags = listedDevices(config.DeviceIDsWO, path.Root("device_ids_wo"))
	resp.Diagnostics.Append(diags...)
	_, _, _, diags = readWave(ctx, config.Wave)
	resp.Diagnostics.Append(diags...)
}

func (r *upgradeDevicesResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config upgradeDevicesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	limit, diags := plan.Timeouts.Create(ctx, devicesTimeout)
	resp.Diagnostics.Append(diags...)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := withLimit(ctx, "create", limit)
	defer cancel()

	want := r.plannedDevices(ctx, plan, config, ledger{}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	a := setApply{plan: plan, ledger: newLedger().selecting(plan, want.source), desired: want.set}
	if !a.run(ctx, runner, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(setMark(ctx, resp.Private, leavesKey, nil)...)
	resp.Diagnostics.Append(a.ledger.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, a.plan)...)
	resp.Diagnostics.Append(setDevicesIdentity(ctx, resp.Identity, a.plan)...)
}

func (r *upgradeDevicesResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state upgradeDevicesModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Read(ctx, devicesReadTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(setDevicesIdentity(ctx, resp.Identity, state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	read := setRead{state: state, prior: req.Private, diags: &resp.Diagnostics}
	read.load(ctx)
	if r.unreadable(&resp.Diagnostics) {
		if r.session != nil {
			read.claim(ctx, &r.session.claims)
		}
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	resp.Diagnostics.Append(unmark(ctx, req.Private, resp.Private)...)
	ctx, cancel := withLimit(ctx, "read", limit)
	defer cancel()

	err := read.run(ctx, runner)
	if gone, ok := errors.AsType[*campaign.GoneError](err); ok {
		read.gone(ctx, runner, &r.session.claims, gone, resp)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(unable("read", "device set", err))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	read.claim(ctx, &r.session.claims)
	if read.changed() { // packing a large set costs more than all the rest
		resp.Diagnostics.Append(read.ledger.save(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, read.state)...)
}

func (r *upgradeDevicesResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, config upgradeDevicesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	limit, diags := plan.Timeouts.Update(ctx, devicesTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(setDevicesIdentity(ctx, resp.Identity, plan)...)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := withLimit(ctx, "update", limit)
	defer cancel()

	l, _ := readLedger(ctx, req.Private, &resp.Diagnostics)
	l, _ = l.unpack(ctx, req.Private, &resp.Diagnostics)
	a := setApply{plan: plan, ledger: l, owner: l.owner}
	if plan.AttachedCount.IsUnknown() { // else nothing but arguments of the provider's own has changed
		want := r.plannedDevices(ctx, plan, config, l, &resp.Diagnostics)
		a.ledger, a.desired = l.selecting(plan, want.source), want.set
		if resp.Diagnostics.HasError() || !a.run(ctx, runner, &resp.Diagnostics) {
			return
		}
	}
	a.ledger.imported = false
	resp.Diagnostics.Append(setMark(ctx, resp.Private, leavesKey, nil)...)
	resp.Diagnostics.Append(a.ledger.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, a.plan)...)
}

func (r *upgradeDevicesResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var (
		state   upgradeDevicesModel
		leaving leavingSet
	)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Delete(ctx, devicesTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !state.cancels() {
		return
	}
	if !mark(ctx, req.Private, leavesKey, &leaving) {
		resp.Diagnostics.Append(taintedSet(state))
		return
	}
	l, _ := readLedger(ctx, req.Private, &resp.Diagnostics)
	l, _ = l.unpack(ctx, req.Private, &resp.Diagnostics)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() || l.imported || len(l.All) == 0 {
		return
	}
	ctx, cancel := withLimit(ctx, "delete", limit)
	defer cancel()
	resp.Diagnostics.Append(r.detach(ctx, runner, state, l, leaving.Force)...)
	if leaving.Ends && !resp.Diagnostics.HasError() {
		runner.Vacate(state.key())
	}
}

func (r *upgradeDevicesResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var (
		key  aep.TaskKey
		name string
		err  error
	)
	if req.ID != "" || req.Identity == nil {
		if key, name, err = parseDevicesID(req.ID); err != nil {
			resp.Diagnostics.AddError("Invalid import id", "The import id "+err.Error()+".")
		}
	} else {
		var identity devicesIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		key = aep.TaskKey{ProductID: identity.ProductID.ValueInt64(), TaskID: identity.TaskID.ValueInt64()}
		resp.Diagnostics.Append(checkIdentity(key)...)
		if name = identity.Name.ValueString(); name == "" {
			name = defaultSetName
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	for attribute, value := range map[string]attr.Value{
		"product_id": types.Int64Value(key.ProductID), "task_id": types.Int64Value(key.TaskID),
		"name": types.StringValue(name), "id": types.StringValue(devicesID(key, name)),
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attribute), value)...)
	}
	resp.Diagnostics.Append(setDevicesIdentity(ctx, resp.Identity, upgradeDevicesModel{
		ProductID: types.Int64Value(key.ProductID), TaskID: types.Int64Value(key.TaskID), Name: types.StringValue(name),
	})...)
}

// plannedDevices finds out once more which devices the configuration asks for,
// and insists that they are those of the plan.
func (r *upgradeDevicesResource) plannedDevices(ctx context.Context, plan, config upgradeDevicesModel, l ledger, diags *diag.Diagnostics) wanted {
	source := plan
	source.DeviceIDsWO = config.DeviceIDsWO
	want, known, found := r.desired(ctx, source, l)
	diags.Append(found...)
	switch {
	case diags.HasError():
	case !known:
		diags.AddError("Device set not known", "The devices of "+source.sourceName()+" are still not known. This is a bug in the provider or in Terraform.")
	case !plan.DeviceIDsSHA256.IsUnknown() && want.set.Digest() != plan.DeviceIDsSHA256.ValueString():
		diags.Append(changedSincePlan(source.sourceName()))
	}
	return want
}
