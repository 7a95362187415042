package provider

import (
	"cmp"
	"context"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	WaitFor             types.String `tfsdk:"wait_for"`
	ExpectedDeviceCount types.Int64  `tfsdk:"expected_device_count"`
}

func (a *upgradeStartAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_start"
}

func (a *upgradeStartAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = targetSchema(ctx, "Starts an upgrade task, and can watch it until it has finished. "+
		"A task that runs or has finished already is only watched.",
		gateArguments(), map[string]schema.Attribute{
			"expected_device_count": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
				MarkdownDescription: "Number of devices in the task that are not cancelled. The start is refused with any other number. " +
					"`0` means that there is nothing to start. Set it where the preview is not reviewed, as with `action_trigger`. " +
					"Not set: any number except 0.",
			},
			"wait_for": schema.StringAttribute{
				Optional: true, Validators: []validator.String{oneOf(campaign.WaitFors...)},
				MarkdownDescription: "Progress of the task that the action waits for. " + waitForText + "Defaults to `started`.",
			},
		})
}

func (a *upgradeStartAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config upgradeStartModel
	runner := a.beginPreview(ctx, req.Config, &config, &resp.Diagnostics)
	if runner == nil {
		return
	}
	now, err := runner.Observe(ctx, config.key())
	if err != nil {
		resp.Diagnostics.Append(unable("preview the start of", "upgrade task", err))
		return
	}
	resp.Diagnostics.Append(config.preview(runner, now)...)
}

// preview warns of the devices that the action will upgrade. It refuses to start more than
// max_devices_per_run permits.
func (m upgradeStartModel) preview(runner *campaign.Runner, now progress.Observation) (diags diag.Diagnostics) {
	detail := fmt.Sprintf("%s is %s.", capitalized(now.Task.Key().Object()), now)
	if now.Task.Status == aep.TaskRunning || now.Task.Status == aep.TaskFinished {
		diags.AddWarning(fmt.Sprintf("Task %d '%s' is %s already; nothing is started", now.Task.ID, now.Task.Name, now.Task.Status), detail)
		return diags
	}
	active := now.Startable()
	diags.AddWarning(startSummary(now.Task, countedDevices(active, "")), detail)
	if err := runner.Reserve(campaign.UseStart, "", active); err != nil {
		diags.Append(unable("preview the start of", "upgrade task", err))
	}
	return diags
}

func (a *upgradeStartAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config upgradeStartModel
	limited, cancel, runner := a.begin(ctx, req.Config, &config, &resp.Diagnostics)
	defer cancel()
	if runner == nil {
		return
	}
	started, err := runner.StartTask(limited, config.key(), config.ExpectedDeviceCount.ValueInt64Pointer())
	switch {
	case err != nil:
		resp.Diagnostics.Append(startFailure(err))
		return
	case started.Sent:
		sendProgress(resp, "Started %s", config.key().Object())
	case started.Empty:
		sendProgress(resp, "%s has no devices, as expected; nothing is started", capitalized(config.key().Object()))
	default:
		sendProgress(resp, "%s had been started before", capitalized(config.key().Object()))
	}
	until := campaign.WaitFor(cmp.Or(config.WaitFor.ValueString(), string(campaign.WaitStarted)))
	if started.Empty || until == campaign.WaitNone {
		sendTask(limited, runner, config.key(), resp)
		return
	}
	q := config.watchRequest(config.key(), until)
	q.Before, q.Unlimited = started.Before, ctx
	watchTask(limited, runner, q, resp)
}
