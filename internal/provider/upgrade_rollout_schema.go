package provider

import (
	"context"
	"maps"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *upgradeRolloutResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := rolloutArguments()
	maps.Copy(attributes, rolloutGates())
	maps.Copy(attributes, rolloutResults())
	resp.Schema = schema.Schema{
		MarkdownDescription: "The start of an upgrade task and, if wanted, the watch over it until it has finished, with gates that stop " +
			"whatever depends on it. " +
			"A task is started once: one that runs or has finished already is only watched. The next apply continues a watch that was cut off.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long starting and watching may take; defaults to `60m`, with `wait_for = \"finished\"` to `24h`.",
				ReadDescription:   "How long reading may take; defaults to `5m`.",
				UpdateDescription: "How long starting and watching may take after a change; defaults to `60m`, with `wait_for = \"finished\"` to " +
					"`24h`.",
				DeleteDescription: "How long the cancelling may take that `on_destroy = \"cancel\"` asks for; defaults to `30m`.",
			}),
		},
	}
}

func rolloutArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"product_id": schema.Int64Attribute{
			Required: true, PlanModifiers: []planmodifier.Int64{replacesIfKnown()},
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Product that the task belongs to (`productId`). Changing this replaces the rollout.",
		},
		"task_id": schema.Int64Attribute{
			Required: true, PlanModifiers: []planmodifier.Int64{replacesIfKnown()},
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Task to start (`jobId`). Changing this replaces the rollout.",
		},
		"wait_for": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(campaign.WaitStarted)),
			Validators: []validator.String{stringvalidator.OneOf(namesOf(campaign.WaitFors)...)},
			MarkdownDescription: "How far the task must come before Terraform continues with what depends on the rollout: `none` starts it (`runStatus`) " +
				"and looks no further, `started` waits until it runs, `finished` until every device is in a final state, and judges it. Defaults " +
				"to `started`. Changed in place; the task is not started again.",
		},
		"expected_device_count": schema.Int64Attribute{
			Required: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
			MarkdownDescription: "Start the task only if it holds exactly this many devices that are not cancelled: no campaign starts without " +
				"its size. `0` means that there is nothing to start, and is no error. Checked only before a start.",
		},
		"on_destroy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(destroyNone),
			Validators: []validator.String{stringvalidator.OneOf(destroyNone, destroyCancel)},
			MarkdownDescription: "What happens to the devices when the rollout is destroyed: `none` leaves the task as it is, `cancel` cancels " +
				"every device that is not in a final state, if the plan has announced it. Defaults to `none`. " +
				"Replacing a rollout never cancels anything.",
		},
		"allow_recreate": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Permit the rollout to start another task once its own task no longer exists. Without it such a plan is " +
				"refused: a task that somebody has deleted must not flash its devices again. Defaults to `false`.",
		},
	}
}

func rolloutGates() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"minimum_success_percent": schema.Float64Attribute{
			Optional: true, Computed: true, Default: float64default.StaticFloat64(defaultMinimumSuccess),
			Validators: []validator.Float64{float64validator.Between(0, 100)}, MarkdownDescription: minimumSuccessText,
		},
		"abort_failure_percent": schema.Float64Attribute{
			Optional: true, Validators: []validator.Float64{float64validator.Between(0, 100)}, MarkdownDescription: abortFailureText,
		},
		"abort_minimum_devices": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(defaultAbortDevices),
			Validators: []validator.Int64{int64validator.AtLeast(1)}, MarkdownDescription: abortDevicesText,
		},
		"on_abort": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(progress.AbortCancels)),
			Validators: []validator.String{stringvalidator.OneOf(namesOf(progress.OnAborts)...)}, MarkdownDescription: onAbortText,
		},
		"poll_interval": schema.StringAttribute{
			CustomType: timetypes.GoDurationType{}, Optional: true, Computed: true,
			Default:    stringdefault.StaticString(defaultPollInterval.String()),
			Validators: []validator.String{durationValidator{least: leastPollInterval}}, MarkdownDescription: pollIntervalText,
		},
	}
}

func rolloutResults() map[string]schema.Attribute {
	count := func(text string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: text}
	}
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			MarkdownDescription: "`<product_id>/<task_id>`, the import id.",
		},
		"status": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`pending`, `running`, `finished`, or `unknown_<n>` for a number that is not documented (`jobStatus`).",
		},
		"total_count":       count("Devices that take part: those of the task (`allNum`) without the cancelled ones."),
		"waiting_count":     count("Devices whose upgrade has not begun."),
		"in_progress_count": count("Devices that are being upgraded, or cancelled."),
		"succeeded_count":   count("Devices whose upgrade has succeeded, as far as the data proves it."),
		"failed_count":      count("Devices whose upgrade has failed."),
		"cancelled_count": count("Devices whose upgrade was cancelled; they are not part of `total_count`. T-Link may show none, or show " +
			"them as failed: those cancelled before the start are counted here."),
		"unknown_count": count("Devices in a state (`taskState`) that proves nothing: it is not documented, or the platform's two " +
			"numberings read it differently. See `lwm2m_status_codes` of the provider."),
		"success_percent": schema.Float64Attribute{
			Computed: true, MarkdownDescription: "Share of `succeeded_count` in `total_count`, in percent, cut to two digits: `100` means all. " +
				"`0` if no device takes part.",
		},
		"failed_device_ids": schema.ListAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "Devices whose upgrade has failed (`deviceId`), the first " + countText(campaign.MaxListed) + ".",
		},
	}
}

func (r *upgradeRolloutResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest,
	resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = taskIdentitySchema()
}

// namesOf returns the values of a list as plain texts.
func namesOf[T ~string](values []T) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return names
}
