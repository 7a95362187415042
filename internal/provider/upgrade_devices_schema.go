package provider

import (
	"context"
	"maps"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *upgradeDevicesResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := setTarget()
	maps.Copy(attributes, setSources())
	maps.Copy(attributes, setVersions())
	maps.Copy(attributes, setBehavior())
	maps.Copy(attributes, setResults())
	resp.Schema = schema.Schema{
		MarkdownDescription: "A named set of devices that are attached to an upgrade task. Several sets may share a task. " +
			"Each changes only its own members, unless it is `exclusive`, and no two sets list the same device. " +
			"If the platform refuses a device, the other devices are attached nevertheless.",
		Attributes: attributes,
		Blocks: timeoutsBlock(ctx,
			"Time limit for attaching. Defaults to `60m`, and one minute more for each full 1,000 devices that the set lists.",
			"Time limit for reading. Defaults to `20m`, and one minute more for each full 1,000 devices that the set has.",
			"Time limit for changing the set. Defaults to `60m`, and one minute more for each full 1,000 devices, "+
				"where the devices before and after the change count.",
			"Time limit for detaching. Defaults to `60m`, and one minute more for each full 1,000 devices that the set has."),
	}
}

func setTarget() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"product_id": referenceAttribute("Id of the product that the task and the devices belong to (`productId`). " +
			"Changing this replaces the set."),
		"task_id": referenceAttribute("Id of the task to attach the devices to (`jobId`). Changing this replaces the set."),
		"name": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(defaultSetName),
			Validators: []validator.String{nameValidator{}, noSlashValidator{}},
			MarkdownDescription: "Name of the set, 1 to 1024 characters, without `/` and without white space around it. " +
				"The platform does not know it. Two sets of one task must not have the same name. Defaults to `default`." + inPlaceNoCall,
		},
	}
}

func setSources() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"device_ids": schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Device ids, at most 2,000, in any order (`deviceId`). Plan and state list them in full. Changed in place. " +
				"Exactly one of `device_ids`, `device_ids_wo`, `device_ids_file` and `device_group_id` is set.",
		},
		"device_ids_wo": schema.ListAttribute{
			ElementType: types.StringType, Optional: true, WriteOnly: true,
			MarkdownDescription: "Write-only list of device ids, at most 1,000,000 (`deviceId`). " +
				"Plan and state do not store them. They show `device_ids_sha256` and `planned_change` instead. Changed in place. " +
				"Above a few thousand devices, use `split` or `matchkeys` instead of `[for ...]`, which Terraform converts slowly. " +
				"Needs Terraform or OpenTofu 1.11.",
		},
		"device_ids_file": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "Path of a file with one device id a line, at most 1,000,000 (`deviceId`). " +
				"Blank lines and lines that begin with `#` do not count. " +
				"Plan and apply both read it, and it must not change between them. Changed in place.",
		},
		"device_group_id": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "Id of the device group whose members are attached (`deviceGroupId`), a number of the platform as text. " +
				"The console shows it under 分组管理, " +
				"and data source `aep_device_group` finds it by name. Changed in place.",
		},
		"selection": choiceAttribute("Time at which the members of `device_group_id` are read: `snapshot` once, `continuous` in every plan. "+
			"No effect without `device_group_id`. Defaults to `snapshot`. Changed in place.",
			selectionSnapshot, selectionContinuous),
		"wave": waveAttribute(),
	}
}

func waveAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Share of the source to attach. The wave of a device depends only on its id, the weights and the seed. " +
			"So sets with the same weights and seed never overlap, and together they have every device of the source. " +
			"They keep their devices when the source grows. Changed in place.",
		Attributes: map[string]schema.Attribute{
			"weights": schema.ListAttribute{
				ElementType: types.Int64Type, Required: true,
				MarkdownDescription: "Relative sizes of all waves, whole numbers from 0, such as `[1, 9, 90]`. Changed in place.",
			},
			"index": schema.Int64Attribute{Required: true, MarkdownDescription: "Index of this wave, counted from 0. Changed in place."},
			"seed": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Text that shuffles the devices among the waves. Without it, the seed is `\"\"`. Changed in place.",
			},
		},
	}
}

func setBehavior() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"exclusive": flagAttribute("Whether to cancel active devices of the task that this set does not list. " +
			"The plan counts and names them in a warning. " +
			"With `on_remove = \"keep\"` nothing is cancelled. An exclusive set is the only set of its task. " +
			"A plan with `-target` does not see other sets, and cancels their devices. Defaults to `false`. Changed in place."),
		"on_remove": choiceAttribute("Treatment of devices that leave the set, and of all its devices when it is destroyed. "+
			"`cancel` cancels their upgrade unless it is final. `keep` keeps them in the task. Defaults to `cancel`."+inPlaceNoCall,
			removeCancel, removeKeep),
		"force_destroy": flagAttribute("Permission to destroy or replace the set while its task runs, which cancels upgrades in progress. " +
			"A destroy uses the value that was applied. A replacement also accepts the value of its own plan, " +
			"but not with `create_before_destroy`. Defaults to `false`." + inPlaceNoCall),
		"drift_detection": choiceAttribute("Way to find devices that have left the task. `full` compares each device. "+
			"`count` compares their number, and each device if it has changed. `none` compares nothing. "+
			"`auto` is `full` up to 2,000 devices, and `count` above. Defaults to `auto`."+inPlaceNoCall,
			driftAuto, driftFull, driftCount, driftNone),
		"preflight": flagAttribute("Whether a plan checks that the platform offers each new device for an upgrade. " +
			"Such a plan reads the whole list of candidates, or looks a few devices up. Defaults to `false`." + inPlaceNoCall),
		"batch_size": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, 1000)},
			MarkdownDescription: "Number of devices in one call, 1 to 1000 (`deviceInfoList` for LwM2M, `deviceIdList` for T-Link). " +
				"Learned by default: 100 in the first call, and twice as many after each call that the platform accepts, up to 1,000." +
				inPlaceNoCall,
		},
	}
}

func setResults() map[string]schema.Attribute {
	count := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	first := ", the first " + strconv.Itoa(campaign.MaxListed) + "."
	return map[string]schema.Attribute{
		"id":                text("Import id, `<product_id>/<task_id>/<name>`."),
		"protocol":          text("Protocol of the task: `lwm2m` or `t_link`."),
		"device_ids_sha256": text("SHA-256 of the listed ids: `sha256(join(\"\\n\", sort(ids)))`."),
		"device_count":      count("Number of devices that the set lists."),
		"planned_change": text("Number of devices that the last planned change adds and removes, such as `+2 −1, to 5001 devices`. " +
			"Not known before the apply while a set becomes exclusive. " +
			"A set that selects by version adds `or fewer by version`, because versions are read during the apply."),
		"attached_count":  count("Number of listed devices that belong to the task and were not cancelled."),
		"cancelled_count": count("Number of listed devices that were cancelled in the task. It will not upgrade them."),
		"missing_count":   count("Number of listed devices that do not belong to the task, without `skipped_count`."),
		"skipped_count": count("Number of listed devices that the set has left out by their version (`from_versions`, `skip_current`). " +
			"The sum of `attached_count`, `cancelled_count`, `missing_count` and `skipped_count` is `device_count`."),
		"missing_device_ids": schema.ListAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "Listed devices that do not belong to the task and were not left out by their version" + first,
		},
		"failures": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Reasons why devices could not be attached or removed" + first,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"device_id": text("Id of the device (`deviceId`)."),
				"code":      text("Code of the platform's response (`code`), null if it gave none."),
				"message":   text("Text of the platform's response (`msg`), or the state of the device that was found."),
			}},
		},
	}
}
