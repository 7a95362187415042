package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// actionTimeout bounds an action that says nothing of its own.
const actionTimeout = 60 * time.Minute

// targetModel is the task that an action is about.
type targetModel struct {
	ProductID types.Int64    `tfsdk:"product_id"`
	TaskID    types.Int64    `tfsdk:"task_id"`
	Timeouts  timeouts.Value `tfsdk:"timeouts"`
}

func (m targetModel) key() aep.TaskKey {
	return aep.TaskKey{ProductID: m.ProductID.ValueInt64(), TaskID: m.TaskID.ValueInt64()}
}

// taskAction is embedded by every action: what they do alike.
type taskAction struct{ configuredAction }

// begin opens the runner and bounds the time of an action; the runner is nil
// after an error.
func (a *taskAction) begin(ctx context.Context, m targetModel, diags *diag.Diagnostics) (context.Context, context.CancelFunc,
	*campaign.Runner,
) {
	limit, found := m.Timeouts.Invoke(ctx, actionTimeout)
	diags.Append(found...)
	if diags.HasError() {
		return ctx, func() {}, nil
	}
	ctx, cancel := withLimit(ctx, "invoke", limit)
	return ctx, cancel, a.open(diags)
}

// previewable reports whether a plan can say what an action will do: all that
// decides it is known.
func (a *taskAction) previewable(req action.ModifyPlanRequest) bool {
	return a.ready() && req.Config.Raw.IsFullyKnown()
}

// targetSchema is the schema of an action: the task, and further arguments.
func targetSchema(ctx context.Context, description string, further ...map[string]schema.Attribute) schema.Schema {
	attributes := map[string]schema.Attribute{
		"product_id": schema.Int64Attribute{
			Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Product that the task belongs to (`productId`).",
		},
		"task_id": schema.Int64Attribute{
			Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Number of the task on the platform (`jobId`).",
		},
	}
	for _, more := range further {
		maps.Copy(attributes, more)
	}
	return schema.Schema{
		MarkdownDescription: description,
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.BlockWithOpts(ctx, timeouts.Opts{InvokeDescription: "How long the action may take, with all its waiting; " +
				"defaults to `60m`."}),
		},
	}
}

// gateArguments are the arguments with which an action watches a task.
func gateArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"minimum_success_percent": schema.Float64Attribute{
			Optional: true, Validators: []validator.Float64{float64validator.Between(0, 100)}, MarkdownDescription: minimumSuccessText,
		},
		"abort_failure_percent": schema.Float64Attribute{
			Optional: true, Validators: []validator.Float64{float64validator.Between(0, 100)}, MarkdownDescription: abortFailureText,
		},
		"abort_minimum_devices": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)}, MarkdownDescription: abortDevicesText,
		},
		"on_abort": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.OneOf(namesOf(progress.OnAborts)...)}, MarkdownDescription: onAbortText,
		},
		"poll_interval": schema.StringAttribute{
			CustomType: timetypes.GoDurationType{}, Optional: true,
			Validators: []validator.String{durationValidator{least: leastPollInterval}}, MarkdownDescription: pollIntervalText,
		},
	}
}

// quietTime is how long an action that waits may go without a line of progress.
const quietTime = 5 * time.Minute

// progressSteps bounds the lines of progress of one action.
const progressSteps = 20

// inSteps returns a function that reports whether done has passed another of
// progressSteps equal parts of all: whether it is worth a line.
func inSteps() func(done, all int64) bool {
	last := int64(-1)
	return func(done, all int64) bool {
		step := progressSteps * done / max(all, 1)
		worth := step != last
		last = step
		return worth
	}
}

// watch watches a task for an action and reports its progress.
func watch(ctx context.Context, runner *campaign.Runner, q campaign.WatchRequest, resp *action.InvokeResponse) {
	var (
		said   string
		at     time.Time
		status aep.TaskStatus
		next   = inSteps()
	)
	q.Report = func(now progress.Observation) {
		text, h := taskLine(now), now.Histogram
		if next(2*(h.Total-h.MaybeActive())+h.InProgress, 2*h.Total) || now.Task.Status != status || time.Since(at) >= quietTime {
			said, at, status = text, time.Now(), now.Task.Status
			tell(resp, "%s", text)
		}
	}
	now, err := runner.Watch(ctx, q)
	if err != nil {
		resp.Diagnostics.Append(watchFailure(err))
	}
	if text := taskLine(now); now.Task.ID != 0 && text != said {
		tell(resp, "%s", text)
	}
}

// tell sends a line of progress.
func tell(resp *action.InvokeResponse, format string, arguments ...any) {
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, arguments...)})
}

// tellTask ends an action with the state of its task.
func tellTask(ctx context.Context, runner *campaign.Runner, key aep.TaskKey, resp *action.InvokeResponse) {
	now, err := runner.Observe(ctx, key)
	if err != nil {
		resp.Diagnostics.AddWarning("Upgrade task not read back", "What was asked was done. "+capitalized(err.Error())+".")
		return
	}
	tell(resp, "%s", taskLine(now))
}

// taskLine describes the state of a task in one line.
func taskLine(o progress.Observation) string {
	return fmt.Sprintf("Task %d '%s' is %s", o.Task.ID, o.Task.Name, o)
}

// grouped writes a count with its thousands apart, as in 1,234.
func grouped[T ~int | ~int64](n T) string { return progress.Grouped(n) }

// countedDevices writes a number of devices, as in "1 device" and "1,234 devices".
func countedDevices[T ~int | ~int64](n T, adjective string) string {
	noun := "devices"
	if n == 1 {
		noun = "device"
	}
	return strings.Join(strings.Fields(grouped(n)+" "+adjective+" "+noun), " ")
}
