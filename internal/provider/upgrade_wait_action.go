package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ action.ActionWithConfigure  = (*upgradeWaitAction)(nil)
	_ action.ActionWithModifyPlan = (*upgradeWaitAction)(nil)
)

func newUpgradeWaitAction() action.Action { return &upgradeWaitAction{} }

// upgradeWaitAction watches a task that is started elsewhere.
type upgradeWaitAction struct{ taskAction }

type upgradeWaitModel struct {
	targetModel
	gatesModel
	WaitFor types.String `tfsdk:"wait_for"`
}

func (a *upgradeWaitAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_wait"
}

func (a *upgradeWaitAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = targetSchema(ctx, "Waits until an upgrade task has started or finished, and judges it by gates. It starts nothing.",
		gateArguments(), map[string]schema.Attribute{
			"wait_for": schema.StringAttribute{
				Optional: true, Validators: []validator.String{oneOf(string(campaign.WaitStarted), string(campaign.WaitFinished))},
				MarkdownDescription: "Progress of the task that the action waits for. `started` waits until it runs. " +
					"`finished` waits until every device is in a final state. Defaults to `finished`.",
			},
		})
}

func (a *upgradeWaitAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config upgradeWaitModel
	runner := a.beginPreview(ctx, req.Config, &config, &resp.Diagnostics)
	if runner == nil {
		return
	}
	now, err := runner.Observe(ctx, config.key())
	if err != nil {
		resp.Diagnostics.Append(unable("preview the wait for", "upgrade task", err))
		return
	}
	text := "The action waits until it has " + string(config.goal()) + "."
	if now.Task.Status == aep.TaskFinished {
		text = "The task has finished, so the action waits for nothing. It judges the results."
	}
	resp.Diagnostics.AddWarning(taskLine(now), text)
}

func (a *upgradeWaitAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config upgradeWaitModel
	limited, cancel, runner := a.begin(ctx, req.Config, &config, &resp.Diagnostics)
	defer cancel()
	if runner == nil {
		return
	}
	q := config.watchRequest(config.key(), config.goal())
	q.Unlimited = ctx
	q.Before.Unknown = true // the action does not see the start
	watchTask(limited, runner, q, resp)
}

// goal returns the progress that the action waits for.
func (m upgradeWaitModel) goal() campaign.WaitFor {
	if m.WaitFor.IsNull() {
		return campaign.WaitFinished
	}
	return campaign.WaitFor(m.WaitFor.ValueString())
}
