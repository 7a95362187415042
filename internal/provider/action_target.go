package provider

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	// actionTimeout is the default time limit of an action.
	actionTimeout = 60 * time.Minute
	// quietTime is the longest time without a line of progress while an action waits.
	quietTime = 5 * time.Minute
	// progressSteps is about the largest number of lines of progress of one action.
	progressSteps = 10
)

// targetModel is the task of an action.
type targetModel struct {
	ProductID types.Int64    `tfsdk:"product_id"`
	TaskID    types.Int64    `tfsdk:"task_id"`
	Timeouts  timeouts.Value `tfsdk:"timeouts"`
}

func (m targetModel) key() aep.TaskKey { return taskKey(m.ProductID, m.TaskID) }

// taskAction is embedded by every action.
type taskAction struct{ configuredAction }

// actionModel is the configuration of an action.
type actionModel interface{ target() targetModel }

func (m targetModel) target() targetModel { return m }

// begin decodes the configuration of an action. It returns a context with the time limit of the action, and
// the runner. The runner is nil after an error.
func (a *taskAction) begin(ctx context.Context, config tfsdk.Config, m actionModel, diags *diag.Diagnostics,
) (context.Context, context.CancelFunc, *campaign.Runner) {
	diags.Append(config.Get(ctx, m)...)
	limit, found := m.target().Timeouts.Invoke(ctx, actionTimeout)
	diags.Append(found...)
	if diags.HasError() {
		return ctx, func() {}, nil
	}
	ctx, cancel := withLimit(ctx, "invoke", limit)
	return ctx, cancel, a.open(diags)
}

// beginPreview decodes the configuration of an action for its plan, and returns the runner. The runner is nil
// after an error, and while a part of the configuration is not known.
func (a *taskAction) beginPreview(ctx context.Context, config tfsdk.Config, m actionModel, diags *diag.Diagnostics) *campaign.Runner {
	if !a.ready() || !config.Raw.IsFullyKnown() {
		return nil
	}
	if diags.Append(config.Get(ctx, m)...); diags.HasError() {
		return nil
	}
	return a.open(diags)
}

// targetSchema returns the schema of an action: its task, and further arguments.
func targetSchema(ctx context.Context, description string, further ...map[string]schema.Attribute) schema.Schema {
	attributes := map[string]schema.Attribute{
		"product_id": schema.Int64Attribute{
			Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Product that the task belongs to (`productId`).",
		},
		"task_id": schema.Int64Attribute{
			Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Id of the task on the platform (`jobId`). " + tasksInConsole,
		},
	}
	for _, more := range further {
		maps.Copy(attributes, more)
	}
	return schema.Schema{
		MarkdownDescription: description,
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.BlockWithOpts(ctx, timeouts.Opts{
				InvokeDescription: "Time limit for the action with all its waiting. Defaults to `60m`.",
			}),
		},
	}
}

// gateArguments returns the arguments with which an action watches a task.
func gateArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"minimum_success_percent": schema.Float64Attribute{
			Optional: true, Validators: []validator.Float64{percentValidator{}}, MarkdownDescription: minimumSuccessText,
		},
		"abort_failure_percent": schema.Float64Attribute{
			Optional: true, Validators: []validator.Float64{percentValidator{}}, MarkdownDescription: abortFailureText,
		},
		"abort_minimum_devices": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)}, MarkdownDescription: abortDevicesText,
		},
		"on_abort": schema.StringAttribute{
			Optional: true, Validators: []validator.String{oneOf(progress.OnAborts...)}, MarkdownDescription: onAbortText,
		},
		"poll_interval": schema.StringAttribute{
			CustomType: timetypes.GoDurationType{}, Optional: true,
			Validators: []validator.String{durationValidator{least: leastPollInterval}}, MarkdownDescription: pollIntervalText,
		},
	}
}

// inSteps returns a function that reports whether a line of progress is due: once for each of progressSteps
// equal parts of all.
func inSteps() func(done, all int64) bool {
	var last int64
	return func(done, all int64) bool {
		step := progressSteps * done / max(all, 1)
		reached := step != last
		last = step
		return reached
	}
}

// watchTask watches a task for an action, and sends its progress.
func watchTask(ctx context.Context, runner *campaign.Runner, q campaign.WatchRequest, resp *action.InvokeResponse) {
	var (
		sent   string
		sentAt time.Time
		status aep.TaskStatus
		next   = inSteps()
	)
	q.Report = func(now progress.Observation) {
		text, h := taskLine(now), now.Histogram
		if next(2*(h.Total-h.MaybeActive())+h.InProgress, 2*h.Total) || now.Task.Status != status || time.Since(sentAt) >= quietTime {
			sent, sentAt, status = text, time.Now(), now.Task.Status
			sendProgress(resp, "%s", text)
		}
	}
	now, err := runner.Watch(ctx, q)
	if err != nil {
		resp.Diagnostics.Append(watchFailure(err))
	}
	if text := taskLine(now); now.Task.ID != 0 && text != sent {
		sendProgress(resp, "%s", text)
	}
}

// sendProgress sends a line of progress.
func sendProgress(resp *action.InvokeResponse, format string, arguments ...any) {
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, arguments...)})
}

// sendTask sends the state of the task at the end of an action.
func sendTask(ctx context.Context, runner *campaign.Runner, key aep.TaskKey, resp *action.InvokeResponse) {
	now, err := runner.Observe(ctx, key)
	if err != nil {
		resp.Diagnostics.Append(warning("Upgrade task not read back", "The action has done what was asked. %s", sentence(err)))
		return
	}
	sendProgress(resp, "%s", taskLine(now))
}

// taskLine returns the state of a task in one line.
func taskLine(o progress.Observation) string {
	return fmt.Sprintf("%s '%s' is %s", capitalized(o.Task.Key().Object()), o.Task.Name, o)
}
