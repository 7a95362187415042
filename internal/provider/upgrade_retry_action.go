package provider

import (
	"context"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ action.ActionWithConfigure        = (*upgradeRetryAction)(nil)
	_ action.ActionWithConfigValidators = (*upgradeRetryAction)(nil)
	_ action.ActionWithModifyPlan       = (*upgradeRetryAction)(nil)
)

func newUpgradeRetryAction() action.Action { return &upgradeRetryAction{} }

// upgradeRetryAction tries failed devices once more.
type upgradeRetryAction struct{ taskAction }

type upgradeRetryModel struct {
	targetModel
	selectionModel
	AllFailed    types.Bool           `tfsdk:"all_failed"`
	ResultCodes  types.List           `tfsdk:"result_codes"`
	PollInterval timetypes.GoDuration `tfsdk:"poll_interval"`
}

func (a *upgradeRetryAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_retry"
}

func (a *upgradeRetryAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = targetSchema(ctx, "Tries failed devices of an LwM2M product once more. "+
		"Devices are skipped unless it is proven that they have failed. "+
		"With `auto` as `lwm2m_status_codes`, the data must decide the meaning of their states. "+
		"The platform offers no retry for T-Link products.",
		selectionArguments("Wait until the retried devices are in a final state again."), map[string]schema.Attribute{
			"all_failed": schema.BoolAttribute{
				Optional: true, Validators: []validator.Bool{onlyTrueValidator{}},
				MarkdownDescription: "Every failed device of the task. `true` is the only value. " +
					"Exactly one of `all_failed`, `device_ids`, `device_ids_file` and `subtask_ids` is set.",
			},
			"result_codes": schema.ListAttribute{
				ElementType: types.StringType, Optional: true, Validators: []validator.List{listvalidator.SizeAtLeast(1)},
				MarkdownDescription: "Result codes of the devices to retry (`resultCode`), as text. Defaults to all.",
			},
			"poll_interval": schema.StringAttribute{
				CustomType: timetypes.GoDurationType{}, Optional: true, Validators: []validator.String{durationValidator{least: leastPollInterval}},
				MarkdownDescription: "Time between two reads of the task while waiting, at least `1s`. Defaults to `30s`.",
			},
		})
}

func (a *upgradeRetryAction) ConfigValidators(context.Context) []action.ConfigValidator {
	return oneSelection("all_failed", "failed device")
}

func (a *upgradeRetryAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config upgradeRetryModel
	runner := a.beginPreview(ctx, req.Config, &config, &resp.Diagnostics)
	if runner == nil {
		return
	}
	q := a.request(ctx, runner, config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	failed, err := q.ToRetry()
	if err == nil {
		err = runner.Reserve(campaign.UseRetry, "", int64(len(failed)))
	}
	if err != nil {
		resp.Diagnostics.Append(unable("retry", "devices", err))
		return
	}
	resp.Diagnostics.AddWarning("Retries "+countedDevices(len(failed), "failed"), taskLine(q.Selected.Observation)+".")
}

func (a *upgradeRetryAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config upgradeRetryModel
	ctx, cancel, runner := a.begin(ctx, req.Config, &config, &resp.Diagnostics)
	defer cancel()
	if runner == nil {
		return
	}
	q := a.request(ctx, runner, config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	q.Sent, q.Waiting = retryProgress(resp)
	outcome, err := runner.RetryFailed(ctx, q)
	if err != nil {
		resp.Diagnostics.Append(unable("retry", "devices", fmt.Errorf("%w (so far: %s)", err, outcome)))
		return
	}
	resp.Diagnostics.Append(retryDiagnostics(config.key(), outcome)...)
	sendProgress(resp, "Done: %s", outcome)
	sendTask(ctx, runner, config.key(), resp)
}

// retryProgress returns functions that send the progress of a retry: of the devices that are sent, and of the
// devices that are not final yet.
func retryProgress(resp *action.InvokeResponse) (sent, waiting func(done, of int)) {
	next, waited := inSteps(), inSteps()
	sent = func(done, of int) {
		if next(int64(done), int64(of)) {
			sendProgress(resp, "Retried %s of %s", grouped(done), countedDevices(of, "failed"))
		}
	}
	waiting = func(active, of int) {
		if waited(int64(of-active), int64(of)) {
			sendProgress(resp, "Waiting for %s of %s", grouped(active), countedDevices(of, "retried"))
		}
	}
	return sent, waiting
}

// request returns the request for the failed devices that the configuration names.
func (a *upgradeRetryAction) request(ctx context.Context, runner *campaign.Runner, config upgradeRetryModel,
	diags *diag.Diagnostics,
) campaign.RetryRequest {
	q := campaign.RetryRequest{
		Key: config.key(), BatchSize: int(config.BatchSize.ValueInt64()), Wait: trueIfNull(config.Wait),
		Interval: gatesModel{PollInterval: config.PollInterval}.watchRequest(config.key(), campaign.WaitFinished).Interval,
	}
	selection, found := config.selection(ctx, config.AllFailed.ValueBool())
	diags.Append(found...)
	if !config.ResultCodes.IsNull() {
		diags.Append(config.ResultCodes.ElementsAs(ctx, &q.ResultCodes, false)...)
	}
	if diags.HasError() {
		return q
	}
	var err error
	q.Selected, err = runner.Select(ctx, q.Key, selection, progress.Failed)
	if err != nil {
		diags.Append(unable("find", "the devices to retry", err))
	}
	diags.Append(missingWarnings(q.Selected)...)
	return q
}

// retryDiagnostics returns an error for refused devices, and a warning for devices that have failed again.
func retryDiagnostics(key aep.TaskKey, outcome campaign.RetryOutcome) (diags diag.Diagnostics) {
	task := capitalized(key.Object())
	if n := len(outcome.Failures); n > 0 {
		diags.Append(failure("Unable to retry devices", "%s: the platform refused %s.\n%s",
			task, countedDevices(n, ""), failureLines(outcome.Failures)))
	}
	if outcome.After != nil && outcome.After.Succeeded < outcome.After.Total {
		diags.Append(warning("Not every retried device has succeeded", "%s, retried: %s.", task, outcome.After))
	}
	return diags
}
