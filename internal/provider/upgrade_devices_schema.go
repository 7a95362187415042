package provider

import (
	"context"
	"maps"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const defaultBatchSize = 100

func (r *upgradeDevicesResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := upgradeDevicesArguments()
	maps.Copy(attributes, upgradeDevicesResults())
	resp.Schema = schema.Schema{
		MarkdownDescription: "A named set of devices, attached to an upgrade task. Several sets may share a task. Each changes its own members only, unless it is `exclusive`, and no two of them list the same device. " +
			"Devices join in batches, a device that the platform refuses does not hold up the others, and at the end what has joined is read back.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long attaching may take; defaults to `60m`.",
				ReadDescription:   "How long reading may take; defaults to `20m`.",
				UpdateDescription: "How long changing the set may take; defaults to `60m`.",
				DeleteDescription: "How long detaching may take; defaults to `60m`.",
			}),
		},
	}
}

func upgradeDevicesArguments() map[string]schema.Attribute {
	replaceInt64 := []planmodifier.Int64{replacesIfKnown()}
	return map[string]schema.Attribute{
		"product_id": schema.Int64Attribute{
			Required: true, PlanModifiers: replaceInt64, Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Product that the task and the devices belong to (`productId`). Changing this replaces the set.",
		},
		"task_id": schema.Int64Attribute{
			Required: true, PlanModifiers: replaceInt64, Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Task to attach the devices to (`jobId`). Changing this replaces the set.",
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(defaultSetName),
			Validators:          []validator.String{nameValidator{}, noSlashValidator{}},
			MarkdownDescription: "Tells several sets of one task apart; without `/`. Two sets of one task must not have the same name. Defaults to `default`. Changed in place, without a call.",
		},
		"device_ids": schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "The devices, for people to read: shown in plan and state, at most 2,000 (`deviceId`). Their order does not matter. Changed in place. " +
				"Exactly one of `device_ids`, `device_ids_wo`, `device_ids_file` and `device_group_id` is set.",
		},
		"device_ids_wo": schema.ListAttribute{
			ElementType: types.StringType, Optional: true, WriteOnly: true,
			MarkdownDescription: "The devices, by any expression and of any number up to 1,000,000. Never stored in plan or state, which show `device_ids_sha256` and `planned_change` instead (`deviceId`). Changed in place. Needs Terraform or OpenTofu 1.11.",
		},
		"device_ids_file": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "Path of a file with one device id a line, up to 1,000,000. Blank lines and lines that begin with `#` do not count. It is read when planning, and compared again when applying (`deviceId`). Changed in place.",
		},
		"device_group_id": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "Device group whose members are attached (`deviceGroupId`). Changed in place.",
		},
		"selection": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(selectionSnapshot),
			Validators:          []validator.String{stringvalidator.OneOf(selectionSnapshot, selectionContinuous)},
			MarkdownDescription: "With `device_group_id`: `snapshot` takes the group's members once, `continuous` at every plan. Defaults to `snapshot`. Changed in place.",
		},
		"wave": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Attach only this share of the source. Which wave a device belongs to follows from its id, the weights and the seed alone, " +
				"so that sets with the same weights and seed never overlap, together are complete, and keep their devices when the source grows. Changed in place.",
			Attributes: map[string]schema.Attribute{
				"weights": schema.ListAttribute{
					ElementType: types.Int64Type, Required: true,
					MarkdownDescription: "Relative sizes of all waves, whole numbers from 0, such as `[1, 9, 90]`.",
				},
				"index": schema.Int64Attribute{Required: true, MarkdownDescription: "Which wave this is, counted from 0."},
				"seed":  schema.StringAttribute{Optional: true, MarkdownDescription: "Text that shuffles the devices among the waves. Defaults to none."},
			},
		},
		"exclusive": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Also cancel active devices of the task that this set does not list. A warning of the plan counts and names them. With `on_remove = \"keep\"` nothing is cancelled. An exclusive set is the only set of its task: a plan with `-target` does not see another one, and cancels its devices. Defaults to `false`.",
		},
		"on_remove": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(removeCancel),
			Validators:          []validator.String{stringvalidator.OneOf(removeCancel, removeKeep)},
			MarkdownDescription: "What happens to devices that leave the set, and to all when it is destroyed: `cancel` their upgrade unless it is final, or `keep` them in the task. Defaults to `cancel`.",
		},
		"force_destroy": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Permit destroying or replacing the set while its task runs, which cancels upgrades that are under way. A destroy goes by the value that was applied. A replacement also accepts the value of its own plan, but not with `create_before_destroy`. Defaults to `false`. Changed in place.",
		},
		"drift_detection": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(driftAuto),
			Validators: []validator.String{stringvalidator.OneOf(driftAuto, driftFull, driftCount, driftNone)},
			MarkdownDescription: "How a plan looks for devices that have left the task: `full` compares every one, `count` only their number, and looks closer if it has changed, `none` does not look. " +
				"`auto` is `full` up to 2,000 devices, then `count`. Defaults to `auto`.",
		},
		"preflight": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "When planning, check that the platform offers every new device for an upgrade. Defaults to `false`.",
		},
		"batch_size": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(defaultBatchSize),
			Validators:          []validator.Int64{int64validator.Between(1, 1000)},
			MarkdownDescription: "Devices in one call, 1 to 1000 (`deviceIdList`). Defaults to `100`. Changed in place.",
		},
	}
}

func upgradeDevicesResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true, MarkdownDescription: "`<product_id>/<task_id>/<name>`, the import id.",
		},
		"protocol": schema.StringAttribute{
			Computed: true, MarkdownDescription: "The task's protocol, `lwm2m` or `t_link`.",
		},
		"device_ids_sha256": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "SHA-256 of the ids that the set asks for: `sha256(join(\"\\n\", sort(ids)))`.",
		},
		"device_count": schema.Int64Attribute{
			Computed: true, MarkdownDescription: "How many devices the set asks for.",
		},
		"planned_change": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "What the last plan that changed the set has announced, such as `+2 −1, to 5001 devices`. Not known before the apply while a set becomes exclusive.",
		},
		"attached_count": schema.Int64Attribute{
			Computed: true, MarkdownDescription: "How many devices of the set belong to the task and were not cancelled.",
		},
		"cancelled_count": schema.Int64Attribute{
			Computed: true, MarkdownDescription: "How many devices of the set were cancelled in the task. They will not be upgraded by it.",
		},
		"missing_count": schema.Int64Attribute{
			Computed: true, MarkdownDescription: "How many devices of the set do not belong to the task.",
		},
		"missing_device_ids": schema.ListAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "The devices that do not belong to the task, the first " + countText(campaign.MaxListed) + ".",
		},
		"failures": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Why devices could not be attached or removed, the first " + countText(campaign.MaxListed) + ".",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"device_id": schema.StringAttribute{Computed: true, MarkdownDescription: "The device."},
				"code":      schema.StringAttribute{Computed: true, MarkdownDescription: "The platform's code, null if it gave none."},
				"message":   schema.StringAttribute{Computed: true, MarkdownDescription: "The platform's words, or what was found."},
			}},
		},
	}
}

func (r *upgradeDevicesResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	identity := taskIdentitySchema()
	identity.Attributes["name"] = identityschema.StringAttribute{OptionalForImport: true, Description: "Name of the set; `default` if left out."}
	resp.IdentitySchema = identity
}
