package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

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
			Required: true, PlanModifiers: []planmodifier.Int64{replacesIfKnown()},
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Product whose devices are upgraded (`productId`). Changing this replaces the task.",
		},
		"firmware_id": schema.Int64Attribute{
			Required: true, PlanModifiers: []planmodifier.Int64{replacesIfKnown()},
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Firmware to bring to the devices (`firmwareId`); it belongs to the product. Changing this replaces the task.",
		},
		"name": schema.StringAttribute{
			Required: true, Validators: []validator.String{nameValidator{}},
			MarkdownDescription: "Name of the task (`jobName`), 1 to 1024 characters, without white space around it. Changed in place.",
		},
		"description": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Description of the task (`jobDesc`). Leaving it out and `\"\"` mean the same. Changed in place.",
		},
		"retry_times": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(0, 3)},
			MarkdownDescription: "How often the platform tries a failed device again by itself, 0 to 3 (`retryTimes`). For LwM2M products; exactly one of `retry_times` and `timeout_hours` is set. Changed in place; going from one to the other replaces the task.",
		},
		"timeout_hours": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, 168)},
			MarkdownDescription: "Hours after which a device that has not finished counts as failed, 1 to 168 (`outTime`). For T-Link products; exactly one of `retry_times` and `timeout_hours` is set. Changed in place; going from one to the other replaces the task.",
		},
		"force_destroy": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Let the task be destroyed or replaced while devices are not in a final state: they are cancelled first. A destroy goes by the value that was applied. A replacement also accepts the value of its own plan, but not with `create_before_destroy`. Defaults to `false`; a change makes no call.",
		},
		"allow_recreate": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Plan a new task when a finished one has been deleted elsewhere. Otherwise the state is kept with a warning: cleaning up history must not upgrade a fleet again. Also permit a plan that creates this task and destroys another of the same product, firmware and name that was started, or may have been. Defaults to `false`; a change makes no call.",
		},
		"adopt_existing": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "When creating, take over a pending task of the same product, name and firmware that exists already, instead of reporting an error. The plan says how many devices it holds and what changes. A task that another resource has in its state is never taken over. Defaults to `false`; a change makes no call.",
		},
		"id": schema.StringAttribute{
			Computed: true, PlanModifiers: keepString,
			MarkdownDescription: "`<product_id>/<task_id>`, the import id.",
		},
		"task_id": schema.Int64Attribute{
			Computed: true, PlanModifiers: keepInt64,
			MarkdownDescription: "Number of the task on the platform (`jobId`).",
		},
		"protocol": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`lwm2m` or `t_link`, by the argument that is set (`productProtocol`).",
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
