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
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	want := r.plannedDevices(ctx, plan, config, ledger{}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	l := ledger{}.selecting(plan, want.source)
	state, l, ok := r.apply(ctx, runner, plan, l, want.set, &resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		// With a state this error would taint the set, and the next apply would
		// cancel what has joined and join it again. Without one the next apply
		// finds the devices that have joined, and goes on from there.
		return
	}
	resp.Diagnostics.Append(l.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(setDevicesIdentity(ctx, resp.Identity, state)...)
}

func (r *upgradeDevicesResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state upgradeDevicesModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Read(ctx, devicesReadTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(setDevicesIdentity(ctx, resp.Identity, state)...)
	l, recorded, diags := readLedger(ctx, req.Private)
	before := l
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || r.unreadable(&resp.Diagnostics) {
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	task, total, err := refreshedTask(ctx, runner, state, l)
	if gone, ok := errors.AsType[*campaign.GoneError](err); ok {
		readGoneSet(ctx, l, recorded, gone, resp)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(unable("read", "the task of a device set", err))
		return
	}
	if !recorded {
		state, l, err = importedDevices(ctx, runner, state, task)
	} else {
		state, l, err = refreshedDevices(ctx, runner, state, l, task, total, func(l ledger) ledger {
			return l.open(ctx, req.Private, &resp.Diagnostics)
		})
	}
	if err != nil {
		resp.Diagnostics.Append(unable("read", "device set", err))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if !recorded || !l.equal(before) { // packing a large set costs more than all the rest
		resp.Diagnostics.Append(l.save(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *upgradeDevicesResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, config upgradeDevicesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	limit, diags := plan.Timeouts.Update(ctx, devicesTimeout)
	resp.Diagnostics.Append(diags...)
	l, _, diags := readLedger(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	l = l.open(ctx, req.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(setDevicesIdentity(ctx, resp.Identity, plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	want := r.plannedDevices(ctx, plan, config, l, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	l = l.selecting(plan, want.source)
	state := plan
	if !plan.AttachedCount.IsUnknown() {
		// Nothing but arguments of the provider's own has changed.
		resp.Diagnostics.Append(l.save(ctx, resp.Private)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	state, l, ok := r.apply(ctx, runner, plan, l, want.set, &resp.Diagnostics)
	if !ok {
		return
	}
	resp.Diagnostics.Append(l.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *upgradeDevicesResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state upgradeDevicesModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Delete(ctx, devicesTimeout)
	resp.Diagnostics.Append(diags...)
	l, _, diags := readLedger(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	l = l.open(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || state.OnRemove.ValueString() == removeKeep || len(l.members) == 0 {
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	task, err := runner.ReadTask(ctx, state.key())
	if _, gone := errors.AsType[*campaign.GoneError](err); gone || err == nil && task.Status == aep.TaskFinished {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(unable("detach", "device set", err))
		return
	}
	outcome, err := runner.Detach(ctx, state.key(), state.protocol(), l.members, int(state.BatchSize.ValueInt64()), l.expected())
	if err != nil {
		resp.Diagnostics.Append(unable("detach", "device set", err))
		return
	}
	noteUnsettled(state, outcome, &resp.Diagnostics)
	if n := len(outcome.Failures); n > 0 {
		first := outcome.Failures[0]
		resp.Diagnostics.AddError("Unable to detach device set", fmt.Sprintf(
			"%d of %d devices of task %d could not be cancelled. The first is %s: %s %s\n\n"+
				"Wait until they are final, or set on_remove = \"keep\" and apply that to leave them in the task.",
			n, len(l.members), state.TaskID.ValueInt64(), first.DeviceID, first.Code, first.Message))
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
