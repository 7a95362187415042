package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ action.ActionWithConfigure        = (*upgradeCancelAction)(nil)
	_ action.ActionWithConfigValidators = (*upgradeCancelAction)(nil)
	_ action.ActionWithModifyPlan       = (*upgradeCancelAction)(nil)
)

func newUpgradeCancelAction() action.Action { return &upgradeCancelAction{} }

// upgradeCancelAction cancels the upgrade of devices.
type upgradeCancelAction struct{ taskAction }

type upgradeCancelModel struct {
	targetModel
	selectionModel
	All    types.Bool `tfsdk:"all"`
	Phases types.List `tfsdk:"phases"`
}

// cancellable lists the phases that a cancel can end.
var cancellable = []progress.Phase{progress.Waiting, progress.InProgress, progress.Unknown}

func (a *upgradeCancelAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_cancel"
}

func (a *upgradeCancelAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = targetSchema(ctx, "Cancels the upgrade of devices. Devices in a final state are skipped.",
		selectionArguments("Wait until the cancelled devices show as final."), map[string]schema.Attribute{
			"all": schema.BoolAttribute{
				Optional: true, Validators: []validator.Bool{onlyTrueValidator{}},
				MarkdownDescription: "Every device of the task. `true` is the only value. " +
					"Exactly one of `all`, `device_ids`, `device_ids_file` and `subtask_ids` is set.",
			},
			"phases": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.ValueStringsAre(oneOf(cancellable...)),
				},
				MarkdownDescription: "Phases of the devices to cancel: `waiting`, `in_progress`, `unknown`. Defaults to all three.",
			},
		})
}

func (a *upgradeCancelAction) ConfigValidators(context.Context) []action.ConfigValidator {
	return oneSelection("all", "device")
}

func (a *upgradeCancelAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config upgradeCancelModel
	runner := a.beginPreview(ctx, req.Config, &config, &resp.Diagnostics)
	if runner == nil {
		return
	}
	chosen, phases := a.chosen(ctx, runner, config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(cancelPreview(chosen, phases))
}

// cancelPreview warns of the devices that an action cancels, by phase.
func cancelPreview(chosen campaign.Selected, phases []progress.Phase) diag.Diagnostic {
	var (
		parts []string
		sum   int
	)
	for _, p := range phases {
		if n := len(chosen.Active(p)); n > 0 {
			parts = append(parts, grouped(n)+" "+strings.ReplaceAll(string(p), "_", " "))
			sum += n
		}
	}
	summary := fmt.Sprintf("Cancels %s of %s", grouped(sum), grouped(chosen.Observation.Histogram.Total))
	if len(parts) > 0 {
		summary += " (" + strings.Join(parts, ", ") + ")"
	}
	return diag.NewWarningDiagnostic(summary, taskLine(chosen.Observation)+".")
}

func (a *upgradeCancelAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config upgradeCancelModel
	ctx, cancel, runner := a.begin(ctx, req.Config, &config, &resp.Diagnostics)
	defer cancel()
	if runner == nil {
		return
	}
	chosen, phases := a.chosen(ctx, runner, config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	outcome, err := runner.Cancel(ctx, config.request(chosen, phases, resp))
	if err != nil {
		resp.Diagnostics.Append(unable("cancel", "devices", fmt.Errorf("%w (so far: %s)", err, outcome)))
		return
	}
	outcome.AlreadyFinal += config.finalBefore(chosen)
	resp.Diagnostics.Append(cancelFailures(config.key(), outcome)...)
	sendProgress(resp, "Done: %s", outcome)
	sendTask(ctx, runner, config.key(), resp)
}

// chosen returns the subtasks that the configuration names, and the phases to cancel.
func (a *upgradeCancelAction) chosen(ctx context.Context, runner *campaign.Runner, config upgradeCancelModel,
	diags *diag.Diagnostics,
) (campaign.Selected, []progress.Phase) {
	selection, found := config.selection(ctx, config.All.ValueBool())
	diags.Append(found...)
	phases := cancellable
	if !config.Phases.IsNull() {
		phases = nil
		diags.Append(config.Phases.ElementsAs(ctx, &phases, false)...)
	}
	if diags.HasError() {
		return campaign.Selected{}, nil
	}
	chosen, err := runner.Select(ctx, config.key(), selection, phases...)
	if err != nil {
		diags.Append(unable("find", "the devices to cancel", err))
	}
	diags.Append(missingWarnings(chosen)...)
	return chosen, phases
}

// request returns the request to cancel the chosen subtasks.
func (m upgradeCancelModel) request(chosen campaign.Selected, phases []progress.Phase, resp *action.InvokeResponse) campaign.CancelRequest {
	o, next := chosen.Observation, inSteps()
	q := campaign.CancelRequest{
		Key: m.key(), Protocol: o.Task.Protocol(), Subtasks: chosen.Subtasks, BatchSize: int(m.BatchSize.ValueInt64()),
		Table: o.Histogram.Table, TaskSize: o.Histogram.Total,
		Report: func(done, of int) {
			if next(int64(done), int64(of)) {
				sendProgress(resp, "Cancelled %s of %s", grouped(done), countedDevices(of, ""))
			}
		},
	}
	if !m.Phases.IsNull() {
		q.Subtasks = chosen.Active(phases...)
	}
	if trueIfNull(m.Wait) {
		q.Patience = -1
	}
	return q
}

// finalBefore returns the number of devices, with all = true, that were final before the cancel. The request
// does not list them.
func (m upgradeCancelModel) finalBefore(chosen campaign.Selected) int {
	h := chosen.Observation.Histogram
	switch {
	case !m.All.ValueBool():
		return 0
	case !m.Phases.IsNull(): // active devices of other phases are not listed either
		return int(h.Total - h.MaybeActive())
	}
	return int(h.Total) - len(chosen.Subtasks)
}

// cancelFailures returns an error if the platform refused to cancel devices.
func cancelFailures(key aep.TaskKey, outcome campaign.CancelOutcome) (diags diag.Diagnostics) {
	if len(outcome.Failures) > 0 {
		diags.Append(failure("Unable to cancel devices", "%s: %s.\n%s", capitalized(key.Object()), outcome, failureLines(outcome.Failures)))
	}
	return diags
}
