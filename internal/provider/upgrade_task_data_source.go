package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSourceWithConfigure        = (*upgradeTaskDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*upgradeTaskDataSource)(nil)
)

func newUpgradeTaskDataSource() datasource.DataSource { return &upgradeTaskDataSource{} }

// upgradeTaskDataSource reads one task, found by its number or by its name.
type upgradeTaskDataSource struct{ configuredDataSource }

func (d *upgradeTaskDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_task"
}

func (d *upgradeTaskDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := taskColumns.attributes()
	attributes["product_id"] = productIDAttribute()
	attributes["task_id"] = schema.Int64Attribute{
		Optional: true, Computed: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		MarkdownDescription: "Number of the task (`jobId`). Exactly one of `task_id` and `name` is set.",
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		MarkdownDescription: "Name of the task, in full (`jobName`). No task of this name, or several, is an error. Exactly one of `task_id` and `name` is set.",
	}
	attributes["with_progress"] = schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "Whether to count the devices by phase, which takes 4 requests for a T-Link task and up to 12 for LwM2M. Defaults to `true`.",
	}
	attributes["device_status"] = computedAttribute(types.Int64Type, "State of the task's devices (`deviceStatus`); the platform does not document its values.")
	attributes["device_count"] = computedAttribute(types.Int64Type, "How many devices the task has (`allNum`).")
	attributes["progress"] = schema.SingleNestedAttribute{
		Computed: true, Attributes: progressColumns.attributes(),
		MarkdownDescription: "Devices of the task by phase; null if `with_progress` is `false`.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A firmware upgrade task and how far it has come.",
		Attributes:          attributes,
	}
}

func (d *upgradeTaskDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("task_id"), path.MatchRoot("name"))}
}

func (d *upgradeTaskDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config upgradeTaskDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	runner := d.start(&resp.Diagnostics)
	if runner == nil {
		return
	}
	key := aep.TaskKey{ProductID: config.ProductID.ValueInt64(), TaskID: config.TaskID.ValueInt64()}
	if config.TaskID.IsNull() {
		if key.TaskID = d.find(ctx, runner, key.ProductID, config.Name.ValueString(), &resp.Diagnostics); key.TaskID == 0 {
			return
		}
	}
	task, err := readWhole(ctx, runner, key)
	if err != nil {
		resp.Diagnostics.Append(unreadable("upgrade task", err))
		return
	}
	state := config.read(task)
	if config.wantsProgress() {
		s, err := runner.StateCounts(ctx, task)
		if err != nil {
			resp.Diagnostics.Append(unable("count", "devices of upgrade task", err))
			return
		}
		h := s.Histogram()
		resp.Diagnostics.Append(unknownPhases(key, h)...)
		state.Progress = progressColumns.object(h)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// readWhole reads everything that the platform tells of a task, for which it
// has to be asked twice.
func readWhole(ctx context.Context, runner *campaign.Runner, key aep.TaskKey) (aep.Task, error) {
	task, err := runner.ReadTask(ctx, key)
	if err != nil {
		return aep.Task{}, err
	}
	detail, err := runner.TaskDetail(ctx, key)
	return wholeTask(task, detail), err
}

// find returns the number of the one task of this name, or 0 after an error.
func (d *upgradeTaskDataSource) find(ctx context.Context, runner *campaign.Runner, productID int64, name string, diags *diag.Diagnostics) int64 {
	list, err := runner.Client().Tasks(ctx, aep.TaskQuery{ProductID: productID, NameContains: name}, 0)
	if err != nil {
		diags.Append(unable("find", "upgrade task", err))
		return 0
	}
	others := len(list.Rows)
	list.Rows = slices.DeleteFunc(list.Rows, func(t aep.Task) bool { return t.Name != name })
	others -= len(list.Rows)
	switch len(list.Rows) {
	case 1:
		return list.Rows[0].ID
	case 0:
		detail := fmt.Sprintf("Product %d has no task whose name is %q.", productID, name)
		if others > 0 {
			detail += fmt.Sprintf(" The name of %s contains it; data source aep_upgrade_tasks lists them.", plural(others, "other task", "other tasks"))
		}
		diags.AddAttributeError(path.Root("name"), "Upgrade task not found", detail)
	default:
		diags.AddAttributeError(path.Root("name"), "Several upgrade tasks of one name", fmt.Sprintf(
			"Product %d has %d tasks whose name is %q: %s. Set task_id to one of these instead of name.",
			productID, len(list.Rows), name, taskIDs(list.Rows)))
	}
	return 0
}

// taskIDs lists the numbers of tasks, as many as a person will read.
func taskIDs(tasks []aep.Task) string {
	const shown = 20
	ids := make([]string, 0, shown+1)
	for _, t := range tasks[:min(len(tasks), shown)] {
		ids = append(ids, fmt.Sprint(t.ID))
	}
	if len(tasks) > shown {
		ids = append(ids, "…")
	}
	return strings.Join(ids, ", ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
