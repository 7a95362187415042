package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
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
	attributes := taskDetailColumns.attributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"product_id": productIDAttribute(),
		"task_id": schema.Int64Attribute{
			Optional: true, Computed: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "Id of the task (`jobId`). Exactly one of `task_id` and `name` is set.",
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "Full name of the task (`jobName`). No task of this name, or several, is an error. " +
				"Exactly one of `task_id` and `name` is set.",
		},
		"with_progress": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether to count the devices by phase, which takes some more requests. Defaults to `true`.",
		},
		"progress": schema.SingleNestedAttribute{
			Computed: true, Attributes: progressColumns.attributes(),
			MarkdownDescription: "Numbers of devices by phase. Null if `with_progress` is `false`.",
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "A firmware upgrade task and its progress. " + tasksInConsole,
		Attributes:          attributes,
	}
}

func (d *upgradeTaskDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{oneArgument{[]string{"task_id", "name"}, ""}}
}

func (d *upgradeTaskDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, diags := readTaskConfig(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	runner := d.start(&resp.Diagnostics)
	if runner == nil {
		return
	}
	key := taskKey(config.productID, config.taskID)
	if config.taskID.IsNull() {
		key.TaskID, diags = d.find(ctx, runner, key.ProductID, config.name.ValueString())
		if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
			return
		}
	}
	task, err := runner.WholeTask(ctx, key)
	if err != nil {
		resp.Diagnostics.Append(unableToRead("upgrade task", err))
		return
	}
	progress := types.ObjectNull(progressColumns.types())
	if trueIfNull(config.withProgress) {
		states, err := runner.StateCounts(ctx, task)
		if err != nil {
			resp.Diagnostics.Append(unable("count", "devices of upgrade task", err))
			return
		}
		h := states.Histogram()
		resp.Diagnostics.Append(unknownPhases(key, h)...)
		progress = progressColumns.object(h)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config.state(task, progress))...)
}

// taskDataConfig is the configuration of data source aep_upgrade_task. The other attributes are those of
// taskDetailColumns.
type taskDataConfig struct {
	productID, taskID types.Int64
	name              types.String
	withProgress      types.Bool
}

func readTaskConfig(ctx context.Context, config tfsdk.Config) (c taskDataConfig, diags diag.Diagnostics) {
	diags.Append(config.GetAttribute(ctx, path.Root("product_id"), &c.productID)...)
	diags.Append(config.GetAttribute(ctx, path.Root("task_id"), &c.taskID)...)
	diags.Append(config.GetAttribute(ctx, path.Root("name"), &c.name)...)
	diags.Append(config.GetAttribute(ctx, path.Root("with_progress"), &c.withProgress)...)
	return c, diags
}

// state returns the state of the data source.
func (c taskDataConfig) state(t aep.Task, progress types.Object) types.Object {
	values := taskDetailColumns.values(t)
	values["product_id"], values["with_progress"], values["progress"] = c.productID, c.withProgress, progress
	return objectOf(values)
}

// find returns the id of the only task of this name.
func (d *upgradeTaskDataSource) find(ctx context.Context, runner *campaign.Runner, productID int64, name string,
) (id int64, diags diag.Diagnostics) {
	list, err := runner.Client().Tasks(ctx, aep.TaskQuery{ProductID: productID, NameContains: name}, 0)
	if err != nil {
		return 0, diag.Diagnostics{unable("find", "upgrade task", err)}
	}
	found := slices.DeleteFunc(slices.Clone(list.Rows), func(t aep.Task) bool { return t.Name != name })
	switch others := len(list.Rows) - len(found); {
	case len(found) == 1:
		return found[0].ID, nil
	case len(found) == 0:
		detail := fmt.Sprintf("Product %d has no task whose name is %q.", productID, name)
		if others > 0 {
			detail += fmt.Sprintf(" The name of %s contains it. Data source aep_upgrade_tasks lists them.",
				counted(others, "other task", "other tasks"))
		}
		diags.Append(atArgument("name", failure("Upgrade task not found", "%s", detail)))
	default:
		ids := make([]string, len(found))
		for i, t := range found {
			ids[i] = fmt.Sprint(t.ID)
		}
		diags.Append(atArgument("name", failure("Several upgrade tasks of one name",
			"Product %d has %d tasks whose name is %q: %s.\n\nSet task_id to one of these instead of name.",
			productID, len(found), name, shortened(ids, 20))))
	}
	return 0, diags
}
