package provider

import (
	"context"
	"maps"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
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
		MarkdownDescription: "The start of an upgrade task, and the watch over it until it has finished, with gates. " +
			"A task is started once. A task that runs or has finished already is only watched. " +
			"The next apply continues a watch that was interrupted. " + tasksInConsole,
		Attributes: attributes,
		Blocks: timeoutsBlock(ctx,
			"Time limit for starting and watching. Defaults to `60m`, with `wait_for = \"finished\"` to `24h`.",
			"Time limit for reading. Defaults to `5m`.",
			"Time limit for starting and watching after a change. Defaults to `60m`, with `wait_for = \"finished\"` to `24h`.",
			"Time limit for the cancelling that `on_destroy = \"cancel\"` asks for. Defaults to `30m`."),
	}
}

func rolloutArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"product_id": referenceAttribute("Id of the product that the task belongs to (`productId`). Changing this replaces the rollout."),
		"task_id":    referenceAttribute("Id of the task to start (`jobId`). Changing this replaces the rollout."),
		"wait_for": choiceAttribute("Progress of the task that an apply waits for. "+waitForText+
			"Defaults to `started`. Changed in place, without a second start.",
			string(campaign.WaitStarted), string(campaign.WaitNone), string(campaign.WaitFinished)),
		"expected_device_count": schema.Int64Attribute{
			Required: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
			MarkdownDescription: "Number of devices in the task that are not cancelled. The start is refused with any other number. " +
				"`0` means that there is nothing to start, and is no error. Checked only before a start." +
				inPlaceNoCall + " A change from `0` starts the task.",
		},
		"on_destroy": choiceAttribute("Treatment of the devices when the rollout is destroyed. `none` leaves the task as it is. "+
			"`cancel` cancels every device that is not in a final state, if the plan has announced it. Defaults to `none`. "+
			"A replacement of a rollout never cancels anything."+inPlaceNoCall,
			destroyNone, destroyCancel),
		"allow_recreate": flagAttribute("Permission to start another task once the task of the rollout no longer exists. " +
			"Without it, such a plan is refused: it would upgrade the devices again. Defaults to `false`." + inPlaceNoCall),
	}
}

func rolloutGates() map[string]schema.Attribute {
	const judgedAgain = " Changed in place, and the task is judged again."
	return map[string]schema.Attribute{
		"minimum_success_percent": schema.Float64Attribute{
			Optional: true, Computed: true, Default: float64default.StaticFloat64(defaultMinimumSuccess),
			Validators: []validator.Float64{percentValidator{}}, MarkdownDescription: minimumSuccessText + judgedAgain,
		},
		"abort_failure_percent": schema.Float64Attribute{
			Optional: true, Validators: []validator.Float64{percentValidator{}}, MarkdownDescription: abortFailureText + judgedAgain,
		},
		"abort_minimum_devices": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(defaultAbortDevices),
			Validators: []validator.Int64{int64validator.AtLeast(1)}, MarkdownDescription: abortDevicesText + judgedAgain,
		},
		"on_abort": choiceAttribute(onAbortText+inPlaceNoCall, string(progress.AbortCancels), string(progress.AbortStopsWaiting)),
		"poll_interval": schema.StringAttribute{
			CustomType: timetypes.GoDurationType{}, Optional: true, Computed: true,
			Default:    stringdefault.StaticString(defaultPollInterval.String()),
			Validators: []validator.String{durationValidator{least: leastPollInterval}}, MarkdownDescription: pollIntervalText + inPlaceNoCall,
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
			MarkdownDescription: "Import id, `<product_id>/<task_id>`.",
		},
		"status": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: statusText,
		},
		"total_count":       count("Number of devices in the task (`allNum`) that are not cancelled."),
		"waiting_count":     count("Number of devices whose upgrade has not begun."),
		"in_progress_count": count("Number of devices that are upgrading, or being cancelled."),
		"succeeded_count":   count("Number of devices whose upgrade is proven to have succeeded."),
		"failed_count":      count("Number of devices whose upgrade has failed."),
		"cancelled_count": count("Number of devices whose upgrade was cancelled. `total_count` does not include them. T-Link may show none, " +
			"or show them as failed. Devices that were cancelled before the start are counted here."),
		"unknown_count": count("Number of devices in a state (`taskState`) that proves nothing. It is not documented, or it has another " +
			"meaning in each of the platform's two numberings. See `lwm2m_status_codes` of the provider."),
		"success_percent": schema.Float64Attribute{
			Computed: true,
			MarkdownDescription: "Share of `succeeded_count` in `total_count` in percent, rounded down to two digits: `100` means all. " +
				"`0` if `total_count` is 0.",
		},
		"failed_device_ids": schema.ListAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "Ids of devices whose upgrade has failed (`deviceId`), the first " + strconv.Itoa(campaign.MaxListed) + ".",
		},
	}
}
