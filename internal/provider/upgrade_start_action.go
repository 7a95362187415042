package provider

import (
	"context"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ action.ActionWithConfigure  = (*upgradeStartAction)(nil)
	_ action.ActionWithModifyPlan = (*upgradeStartAction)(nil)
)

func newUpgradeStartAction() action.Action { return &upgradeStartAction{} }

// upgradeStartAction starts a task.
type upgradeStartAction struct{ taskAction }

type upgradeStartModel struct {
	targetModel
	gatesModel
	WaitFor types.String `tfsdk:"wait_for"`
}

func (a *upgradeStartAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_start"
}

func (a *upgradeStartAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = targetSchema(ctx, "Starts an upgrade task and, if wanted, watches it until it has finished. A task that runs or has finished already is only watched.",
		gateArguments(), map[string]schema.Attribute{
			"wait_for": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.OneOf(namesOf(campaign.WaitFors)...)},
				MarkdownDescription: "How far the task must come before the action ends: `none` starts it (`runStatus`) and looks no further, `started` waits until it runs, `finished` until every device is in a final state, and judges it. Defaults to `started`.",
			},
		})
}

func (a *upgradeStartAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config upgradeStartModel
	if !a.previewable(req) {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	runner := a.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	now, err := runner.Observe(ctx, config.key())
	if err != nil {
		resp.Diagnostics.Append(unable("preview the start of", "upgrade task", err))
		return
	}
	summary := fmt.Sprintf("Starts task %d '%s' on %s", now.Task.ID, now.Task.Name, countedDevices(now.Histogram.MaybeActive(), ""))
	if now.Task.Status == aep.TaskRunning || now.Task.Status == aep.TaskFinished {
		summary = fmt.Sprintf("Task %d '%s' is %s already; nothing is started", now.Task.ID, now.Task.Name, now.Task.Status)
	}
	resp.Diagnostics.AddWarning(summary, fmt.Sprintf("Product %d, firmware %s (%s). The task is %s.", now.Task.ProductID, now.Task.FirmwareName, now.Task.FirmwareVersion, now))
}

func (a *upgradeStartAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config upgradeStartModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	ctx, cancel, runner := a.begin(ctx, config.targetModel, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	started, err := runner.StartTask(ctx, config.key(), nil)
	if err != nil {
		resp.Diagnostics.Append(startFailure(err))
		return
	}
	if started {
		tell(resp, "Started task %d", config.TaskID.ValueInt64())
	} else {
		tell(resp, "Task %d had been started before", config.TaskID.ValueInt64())
	}
	switch until := campaign.WaitFor(config.WaitFor.ValueString()); until {
	case campaign.WaitNone:
		tellTask(ctx, runner, config.key(), resp)
	case "":
		watch(ctx, runner, config.watchRequest(config.key(), campaign.WaitStarted), resp)
	default:
		watch(ctx, runner, config.watchRequest(config.key(), until), resp)
	}
}
