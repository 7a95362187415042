package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func (r *upgradeTaskResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := taskSettings()
	maps.Copy(attributes, taskConsents())
	maps.Copy(attributes, taskResults())
	resp.Schema = schema.Schema{
		MarkdownDescription: "A firmware upgrade task: the firmware for the devices of a product, and how failures are retried. " +
			"`aep_upgrade_devices` attaches devices to it, and `aep_upgrade_rollout` starts it. " + tasksInConsole,
		Attributes: attributes,
		Blocks: timeoutsBlock(ctx,
			"Time limit for creating. Defaults to `5m`.",
			"Time limit for reading. Defaults to `5m`.",
			"Time limit for modifying. Defaults to `5m`.",
			"Time limit for deleting, with the cancelling that `force_destroy` permits. Defaults to `30m`."),
	}
}

func taskSettings() map[string]schema.Attribute {
	const oneOf = " Exactly one of `retry_times` and `timeout_hours` is set. " +
		"Changed in place. A change from one to the other replaces the task."
	return map[string]schema.Attribute{
		"product_id": referenceAttribute("Id of the product whose devices are upgraded (`productId`). The console shows it under 产品概况. " +
			"Changing this replaces the task."),
		"firmware_id": referenceAttribute("Id of the firmware that the devices are upgraded to (`firmwareId`), a firmware of the product. " +
			"The console shows it under 固件管理. It must have passed 测试 (test) and 审核 (approval) there. " +
			"Changing this replaces the task."),
		"name": schema.StringAttribute{
			Required: true, Validators: []validator.String{nameValidator{}},
			MarkdownDescription: "Name of the task (`jobName`), 1 to 1024 characters, without white space around it. " +
				"The platform may permit less, which is not documented. Changed in place.",
		},
		"description": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Description of the task (`jobDesc`). No limit of its length is documented. " +
				"No description and `\"\"` mean the same. Changed in place.",
		},
		"retry_times": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(0, 3)},
			MarkdownDescription: "Number of times that the platform tries a failed device again, 0 to 3 (`retryTimes`). " +
				"For LwM2M products." + oneOf,
		},
		"timeout_hours": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, 168)},
			MarkdownDescription: "Hours after which a device that has not finished counts as failed, 1 to 168 (`outTime`). " +
				"For T-Link products." + oneOf,
		},
	}
}

// taskConsents returns the arguments that permit what the provider refuses otherwise.
func taskConsents() map[string]schema.Attribute {
	const noCall = " Defaults to `false`." + inPlaceNoCall
	return map[string]schema.Attribute{
		"force_destroy": flagAttribute("Permission to destroy or replace the task while devices are not in a final state. " +
			"The devices are cancelled first. A destroy uses the value that was applied. A replacement also accepts the value of its own plan, " +
			"but not with `create_before_destroy`." + noCall),
		"allow_recreate": flagAttribute("Permission to upgrade the devices of a task again. " +
			"Without it, a finished task that was deleted elsewhere stays in the state, with a warning. With it, the plan creates a new task. " +
			"It also permits a plan that creates this task and destroys a started task of the same product, firmware and name. " +
			"A task that may have been started counts as started." + noCall),
		"adopt_existing": flagAttribute("Permission for a create to adopt a pending task of the same product, name and firmware. " +
			"Without it, such a task is an error. The plan says how many devices the task holds and what changes. " +
			"A task in the state of another resource is never adopted." + noCall),
	}
}

func taskResults() map[string]schema.Attribute {
	kept := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}, MarkdownDescription: description,
		}
	}
	keptNumber := func(description string) schema.Attribute {
		return schema.Int64Attribute{
			Computed: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()}, MarkdownDescription: description,
		}
	}
	return map[string]schema.Attribute{
		"id":      kept("Import id, `<product_id>/<task_id>`."),
		"task_id": keptNumber("Id of the task on the platform (`jobId`)."),
		"protocol": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Protocol of the argument that is set: `lwm2m` or `t_link` (`productProtocol`).",
		},
		"status": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: statusText,
		},
		"tenant_id":        kept("Tenant that the task belongs to (`tenantId`)."),
		"product_name":     kept("Name of the product (`productName`)."),
		"firmware_name":    kept("Name of the firmware (`firmwareName`)."),
		"firmware_version": kept("Version of the firmware (`firmwareVersion`)."),
		"upgrade_plan":     keptNumber(upgradePlanText),
		"created_at":       kept("Time of creation, RFC 3339 in China's time zone (`createTime`)."),
	}
}
