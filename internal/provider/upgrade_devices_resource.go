package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
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

// upgradeDevicesResource is a named set of devices that are attached to a task.
type upgradeDevicesResource struct{ configuredResource }

func (r *upgradeDevicesResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_devices"
	resp.ResourceBehavior.MutableIdentity = true // the name of a set changes in place
}

func (r *upgradeDevicesResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest,
	resp *resource.IdentitySchemaResponse,
) {
	identity := taskIdentitySchema()
	identity.Attributes["name"] = identityschema.StringAttribute{
		OptionalForImport: true, Description: "Name of the set. Defaults to `default`.",
	}
	resp.IdentitySchema = identity
}

func (r *upgradeDevicesResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{oneArgument{
		[]string{"device_ids", "device_ids_wo", "device_ids_file", "device_group_id"},
		"device_ids is for short lists, and device_ids_wo for any expression. device_ids_file is for a file with one id a line, " +
			"and device_group_id for a group of the console.",
	}}
}

func (r *upgradeDevicesResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest,
	resp *resource.ValidateConfigResponse,
) {
	var config upgradeDevicesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if n := len(config.DeviceIDs.Elements()); n > maxListedIDs {
		resp.Diagnostics.Append(tooManyIDs(n))
		return
	}
	_, _, diags := listedDevices(config.DeviceIDs, "device_ids")
	resp.Diagnostics.Append(diags...)
	_, _, diags = hiddenDevices(ctx, config.DeviceIDsWO)
	resp.Diagnostics.Append(diags...)
	_, _, _, diags = readWave(ctx, config.Wave)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(idleUnknownVersions(config)...)
	resp.Diagnostics.Append(idleSelection(config)...)
}

func (r *upgradeDevicesResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config upgradeDevicesModel
	ctx, cancel, runner := r.begin(ctx, frame{
		operation: opCreate, diags: &resp.Diagnostics, decode: []decoding{{req.Plan, &plan}, {req.Config, &config}},
	})
	defer cancel()
	if runner == nil {
		return
	}
	want, diags := plannedDevices(ctx, &r.connection, plan, config, ledger{})
	resp.Diagnostics.Append(diags...)
	a := setApply{plan: plan, ledger: newLedger().selecting(plan, want.source), desired: want.set}
	if resp.Diagnostics.HasError() || !a.run(ctx, runner, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(removeMark(ctx, resp.Private)...)
	resp.Diagnostics.Append(a.ledger.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, a.plan)...)
	resp.Diagnostics.Append(a.plan.identify(ctx, resp.Identity)...)
}

func (r *upgradeDevicesResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state upgradeDevicesModel
	ctx, cancel, runner := r.begin(ctx, frame{
		operation: opRead, diags: &resp.Diagnostics, decode: []decoding{{req.State, &state}}, identity: resp.Identity,
	})
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	read := setRead{state: state, prior: req.Private, claims: &r.session.claims, diags: &resp.Diagnostics}
	read.load(ctx)
	if runner == nil {
		read.claim(ctx)
		return
	}
	resp.Diagnostics.Append(removeOldMark(ctx, req.Private, resp.Private)...)
	err := read.run(ctx, runner)
	switch {
	case isGone(err):
		read.gone(ctx, runner, err, resp)
	case err != nil:
		resp.Diagnostics.Append(unable("read", "device set", err))
	case !resp.Diagnostics.HasError():
		read.claim(ctx)
		read.save(ctx, resp)
		resp.Diagnostics.Append(resp.State.Set(ctx, read.state)...)
	}
}

func (r *upgradeDevicesResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state, config upgradeDevicesModel
	l, _ := readLedger(ctx, req.Private, &resp.Diagnostics)
	ctx, cancel, runner := r.begin(ctx, frame{
		operation: opUpdate, diags: &resp.Diagnostics, identity: resp.Identity,
		decode: []decoding{{req.Config, &config}, {req.State, &state}, {req.Plan, &plan}},
		limits: func() (timeouts.Value, crudLimits) { return plan.limitsFor(plan.size(), int64(l.size())) },
	})
	defer cancel()
	if runner == nil {
		return
	}
	l, _ = l.unpack(ctx, req.Private, &resp.Diagnostics)
	a := setApply{plan: plan, ledger: l, owner: l.owner}
	changes := plan.AttachedCount.IsUnknown() // otherwise nothing is sent
	if changes || !plan.DeviceIDsSHA256.Equal(state.DeviceIDsSHA256) {
		want, diags := plannedDevices(ctx, &r.connection, plan, config, l)
		resp.Diagnostics.Append(diags...)
		a.ledger, a.desired = l.selecting(plan, want.source), want.set
		if resp.Diagnostics.HasError() || changes && !a.run(ctx, runner, &resp.Diagnostics) {
			return
		}
		a.ledger.Members = a.ledger.Remembered(want.set, plan.DeviceGroupID.ValueString())
	}
	a.ledger.imported = false
	resp.Diagnostics.Append(removeMark(ctx, resp.Private)...)
	resp.Diagnostics.Append(a.ledger.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, a.plan)...)
}

func (r *upgradeDevicesResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var (
		state   upgradeDevicesModel
		leaving leavingSet
	)
	ctx, cancel, ok := frame{operation: opDelete, diags: &resp.Diagnostics, decode: []decoding{{req.State, &state}}}.enter(ctx)
	defer cancel()
	if !ok || !state.cancels() {
		return
	}
	if !readMark(ctx, req.Private, &leaving) {
		resp.Diagnostics.Append(taintedSet(state))
		return
	}
	l, _ := readLedger(ctx, req.Private, &resp.Diagnostics)
	l, _ = l.unpack(ctx, req.Private, &resp.Diagnostics)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() || l.imported || len(l.All) == 0 {
		return
	}
	resp.Diagnostics.Append(detach(ctx, runner, state, l, leaving.Force)...)
	if leaving.Ends && !resp.Diagnostics.HasError() {
		runner.Vacate(state.key())
	}
}

func (r *upgradeDevicesResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	set, diags := importedSet(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	m := upgradeDevicesModel{ProductID: set.ProductID, TaskID: set.TaskID, Name: set.Name}.identified()
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("product_id"), m.ProductID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("task_id"), m.TaskID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), m.Name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), m.ID)...)
	resp.Diagnostics.Append(m.identify(ctx, resp.Identity)...)
}
