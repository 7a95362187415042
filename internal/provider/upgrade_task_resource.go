package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	taskTimeout       = 5 * time.Minute
	taskDeleteTimeout = 30 * time.Minute
	cancelBatchSize   = 100
)

var (
	_ resource.ResourceWithConfigure        = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithConfigValidators = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithImportState      = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithIdentity         = (*upgradeTaskResource)(nil)
)

func newUpgradeTaskResource() resource.Resource { return &upgradeTaskResource{} }

// upgradeTaskResource is a campaign's settings: one main task of the platform.
type upgradeTaskResource struct{ configuredResource }

func (r *upgradeTaskResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_task"
}

func (r *upgradeTaskResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A firmware upgrade task: which firmware shall come to the devices of a product, and how patiently. " +
			"Devices are attached with `aep_upgrade_devices`, and the upgrade is started with `aep_upgrade_rollout`.",
		Attributes: upgradeTaskAttributes(),
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long creating may take; defaults to `5m`.",
				ReadDescription:   "How long reading may take; defaults to `5m`.",
				UpdateDescription: "How long modifying may take; defaults to `5m`.",
				DeleteDescription: "How long deleting may take, with the cancelling that `force_destroy` asks for; defaults to `30m`.",
			}),
		},
	}
}

func upgradeTaskAttributes() map[string]schema.Attribute {
	keepString := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	keepInt64 := []planmodifier.Int64{int64planmodifier.UseStateForUnknown()}
	return map[string]schema.Attribute{
		"product_id": schema.Int64Attribute{
			Required: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Product whose devices are upgraded (`productId`). Changing this replaces the task.",
		},
		"firmware_id": schema.Int64Attribute{
			Required: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Firmware to bring to the devices (`firmwareId`); it belongs to the product. Changing this replaces the task.",
		},
		"name": schema.StringAttribute{
			Required: true, Validators: []validator.String{nameValidator{}},
			MarkdownDescription: "Name of the task (`jobName`), at least one character, without white space around it.",
		},
		"description": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Description of the task (`jobDesc`). Leaving it out and `\"\"` mean the same.",
		},
		"retry_times": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(0, 3)},
			MarkdownDescription: "How often the platform tries a failed device again by itself, 0 to 3 (`retryTimes`). For LwM2M products; exactly one of `retry_times` and `timeout_hours` is set. Going from one to the other replaces the task.",
		},
		"timeout_hours": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, 168)},
			MarkdownDescription: "Hours after which a device that has not finished counts as failed, 1 to 168 (`outTime`). For T-Link products; exactly one of `retry_times` and `timeout_hours` is set. Going from one to the other replaces the task.",
		},
		"force_destroy": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Let the task be destroyed or replaced while devices are not in a final state: they are cancelled first. To take effect it must have been applied before the destroy. Defaults to `false`.",
		},
		"allow_recreate": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Plan a new task when a finished one has been deleted elsewhere. Otherwise the state is kept with a warning: cleaning up history must not upgrade a fleet again. Defaults to `false`.",
		},
		"adopt_existing": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "When creating, take over a pending task of the same product, name and firmware that exists already, in place of reporting an error. Defaults to `false`.",
		},
		"id": schema.StringAttribute{
			Computed: true, PlanModifiers: keepString,
			MarkdownDescription: "`<product_id>/<task_id>`.",
		},
		"task_id": schema.Int64Attribute{
			Computed: true, PlanModifiers: keepInt64,
			MarkdownDescription: "Number of the task on the platform (`jobId`).",
		},
		"protocol": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`lwm2m` or `t_link`, by the argument that is set.",
		},
		"status": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`pending`, `running`, `finished`, or `unknown_<n>` for a number that is not documented (`jobStatus`).",
		},
		"tenant_id": schema.StringAttribute{
			Computed: true, PlanModifiers: keepString,
			MarkdownDescription: "Tenant that the task belongs to (`tenantId`).",
		},
		"product_name": schema.StringAttribute{
			Computed: true, PlanModifiers: keepString,
			MarkdownDescription: "Name of the product (`productName`).",
		},
		"firmware_name": schema.StringAttribute{
			Computed: true, PlanModifiers: keepString,
			MarkdownDescription: "Name of the firmware (`firmwareName`).",
		},
		"firmware_version": schema.StringAttribute{
			Computed: true, PlanModifiers: keepString,
			MarkdownDescription: "Version of the firmware (`firmwareVersion`).",
		},
		"upgrade_plan": schema.Int64Attribute{
			Computed: true, PlanModifiers: keepInt64,
			MarkdownDescription: "Kind of upgrade, as the firmware has it (`upgradePlan`); the platform does not document its values.",
		},
		"created_at": schema.StringAttribute{
			Computed: true, PlanModifiers: keepString,
			MarkdownDescription: "When the task was created, RFC 3339 in China's time zone (`createTime`).",
		},
	}
}

func (r *upgradeTaskResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = taskIdentitySchema()
}

func (r *upgradeTaskResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.ExactlyOneOf(path.MatchRoot("retry_times"), path.MatchRoot("timeout_hours")),
	}
}

func (r *upgradeTaskResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan upgradeTaskModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Protocol = types.StringValue(plan.wantedProtocol().String())
	if !req.State.Raw.IsNull() {
		var state upgradeTaskModel
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		if resp.Diagnostics.HasError() {
			return
		}
		r.planChange(&plan, state, resp)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planChange adds to the plan of an existing task what the attributes by
// themselves can't say.
func (r *upgradeTaskResource) planChange(plan *upgradeTaskModel, state upgradeTaskModel, resp *resource.ModifyPlanResponse) {
	running := state.Status.ValueString() == aep.TaskRunning.String()
	if !plan.Protocol.Equal(state.Protocol) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("protocol"))
	}
	replaced := !plan.Protocol.Equal(state.Protocol) || !plan.ProductID.Equal(state.ProductID) || !plan.FirmwareID.Equal(state.FirmwareID)
	switch {
	case replaced && running && !state.ForceDestroy.ValueBool():
		resp.Diagnostics.AddError("Running upgrade task would be replaced", fmt.Sprintf(
			"Task %d of product %d is running, and this change would delete it and create another. "+
				"Wait until it has finished, or set force_destroy = true, apply that alone, and then this change: "+
				"the devices that are not done will be cancelled.", state.TaskID.ValueInt64(), state.ProductID.ValueInt64()))
	case replaced:
	case plan.sameSettings(state):
		plan.Status = state.Status
	case running:
		resp.Diagnostics.AddWarning("Running upgrade task will be modified", fmt.Sprintf(
			"Task %d of product %d is running. The platform's documentation does not say whether a change takes effect for devices "+
				"that are upgrading already.", state.TaskID.ValueInt64(), state.ProductID.ValueInt64()))
	}
}

func (r *upgradeTaskResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan upgradeTaskModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, diags := plan.Timeouts.Create(ctx, taskTimeout)
	resp.Diagnostics.Append(diags...)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	made, err := runner.CreateTask(ctx, campaign.CreateRequest{
		CreateTaskRequest: plan.createRequest(), Adopt: plan.AdoptExisting.ValueBool(),
	})
	if err != nil {
		resp.Diagnostics.Append(createFailure(err, plan))
		return
	}
	key := aep.TaskKey{ProductID: plan.ProductID.ValueInt64(), TaskID: made.ID}
	state := plan.created(key)
	// From here on the task exists. An error would taint it, and the next apply
	// would delete it and make another; what is left undone is a warning.
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, key)...)
	resp.Diagnostics.Append(creationWarnings(made, key)...)

	task, err := r.settled(ctx, runner, state, made)
	if err != nil {
		resp.Diagnostics.AddWarning("Upgrade task created, but not read back", fmt.Sprintf(
			"Task %d of product %d exists and is recorded in the state. %s. The next plan reads it.", key.TaskID, key.ProductID, capitalized(err.Error())))
		return
	}
	resp.Diagnostics.Append(shownAsWritten(state, task)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state.refreshed(task).writtenAs(plan))...)
}

// settled reads a task that was just made; one that stood there before is first
// given the settings of the plan.
func (r *upgradeTaskResource) settled(ctx context.Context, runner *campaign.Runner, state upgradeTaskModel, made campaign.CreateResult) (aep.Task, error) {
	task, err := runner.ReadBack(ctx, state.key())
	if err != nil || !made.Adopted || state.shows(task) {
		return task, err
	}
	return runner.ModifyTask(ctx, state.modifyRequest(state.key()))
}

func (r *upgradeTaskResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state upgradeTaskModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Read(ctx, taskTimeout)
	resp.Diagnostics.Append(diags...)
	// An older Terraform keeps no identity, and the framework wants one from
	// every read, even of what is gone.
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, state.key())...)
	if resp.Diagnostics.HasError() || r.unreadable(&resp.Diagnostics) {
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	task, err := runner.Task(ctx, state.key())
	if gone, ok := errors.AsType[*campaign.GoneError](err); ok {
		r.readGone(ctx, state, gone, resp)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(unable("read", "upgrade task", err))
		return
	}
	fresh := state.refreshed(task)
	kept, diags := keptDescription(ctx, req.Private, state, task)
	resp.Diagnostics.Append(diags...)
	if kept {
		fresh.Description = state.Description
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, fresh)...)
}

// readGone drops a task that does not exist from the state, unless a new one
// would upgrade a fleet that has been upgraded already.
func (r *upgradeTaskResource) readGone(ctx context.Context, state upgradeTaskModel, gone *campaign.GoneError, resp *resource.ReadResponse) {
	imported := state.Name.IsNull()
	switch {
	case imported:
		resp.Diagnostics.AddError("Unable to import upgrade task", capitalized(gone.Error())+
			". Check both ids in the platform's console; the import id has the form "+taskIDForm+".")
	case state.Status.ValueString() == aep.TaskFinished.String() && !state.AllowRecreate.ValueBool():
		resp.Diagnostics.AddWarning("Finished upgrade task no longer exists", fmt.Sprintf(
			"%s, and it had finished when it was last seen. It stays in the state, so that its deletion does not upgrade the devices again. "+
				"To plan a new task, set allow_recreate = true; to forget this one, use a removed block or terraform state rm.", capitalized(gone.Error())))
	default:
		resp.State.RemoveResource(ctx)
	}
}

func (r *upgradeTaskResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state upgradeTaskModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := plan.Timeouts.Update(ctx, taskTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, state.key())...)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.sameSettings(state) {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	task, err := runner.ModifyTask(ctx, plan.modifyRequest(state.key()))
	if err != nil {
		resp.Diagnostics.Append(unable("modify", "upgrade task", err))
		return
	}
	if plan.Description.ValueString() == "" && task.Description != "" {
		resp.Diagnostics.Append(keepDescription(ctx, resp.Private, task)...)
		task.Description = ""
	} else {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, keptDescriptionKey, nil)...)
	}
	resp.Diagnostics.Append(shownAsWritten(plan, task)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan.refreshed(task).writtenAs(plan))...)
}

func (r *upgradeTaskResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state upgradeTaskModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Delete(ctx, taskDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := runner.DeleteTask(ctx, state.key(), state.ForceDestroy.ValueBool(), cancelBatchSize); err != nil {
		resp.Diagnostics.Append(unable("delete", "upgrade task", err))
	}
}

func (r *upgradeTaskResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	key, diags := importedTask(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("product_id"), key.ProductID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("task_id"), key.TaskID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), key.String())...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, key)...)
}
