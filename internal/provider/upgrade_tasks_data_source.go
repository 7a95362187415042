package provider

import (
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*upgradeTasksDataSource)(nil)

func newUpgradeTasksDataSource() datasource.DataSource { return &upgradeTasksDataSource{} }

// upgradeTasksDataSource lists the tasks of a product.
type upgradeTasksDataSource struct{ configuredDataSource }

// upgradeTasksModel is the state of aep_upgrade_tasks.
type upgradeTasksModel struct {
	ProductID    types.Int64    `tfsdk:"product_id"`
	NameContains types.String   `tfsdk:"name_contains"`
	Statuses     []types.String `tfsdk:"statuses"`
	FirmwareID   types.Int64    `tfsdk:"firmware_id"`
	MaxResults   types.Int64    `tfsdk:"max_results"`
	Tasks        types.List     `tfsdk:"tasks"`
	Total        types.Int64    `tfsdk:"total"`
	Truncated    types.Bool     `tfsdk:"truncated"`
}

func (d *upgradeTasksDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_tasks"
}

func (d *upgradeTasksDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Firmware upgrade tasks of a product. " + tasksInConsole,
		Attributes: map[string]schema.Attribute{
			"product_id":    productIDAttribute(),
			"name_contains": filterAttribute(nameContainsText),
			"statuses": schema.ListAttribute{
				ElementType: types.StringType, Optional: true, Validators: statusesValidators(), MarkdownDescription: statusesText,
			},
			"firmware_id": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
				MarkdownDescription: "Firmware of the tasks to return (`firmwareId`). " +
					"The platform cannot filter by firmware, so every task is read. Defaults to any.",
			},
			"max_results": maxResultsAttribute(),
			"tasks":       taskColumns.tableAttribute("The tasks, in the platform's order."),
			"total":       totalAttribute("tasks"),
			"truncated":   truncatedAttribute(),
		},
	}
}

func (d *upgradeTasksDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var state upgradeTasksModel
	runner := d.begin(ctx, req.Config, &state, &resp.Diagnostics)
	if runner == nil {
		return
	}
	list, err := state.list(ctx, runner)
	if err != nil {
		resp.Diagnostics.Append(unable("list", "upgrade tasks", err))
		return
	}
	state.Tasks = taskColumns.list(list.Rows)
	state.Total = types.Int64Value(list.Total)
	state.Truncated = types.BoolValue(list.Truncated)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// list returns the tasks. The platform filters only by name. With another filter, every task is read.
func (m upgradeTasksModel) list(ctx context.Context, runner *campaign.Runner) (aep.Listing[aep.Task], error) {
	q := aep.TaskQuery{ProductID: m.ProductID.ValueInt64(), NameContains: m.NameContains.ValueString()}
	limit := maxResults(m.MaxResults)
	if len(m.Statuses) == 0 && m.FirmwareID.IsNull() {
		return runner.Client().Tasks(ctx, q, limit)
	}
	all, err := runner.Client().Tasks(ctx, q, 0)
	return m.filtered(all.Rows, limit), err
}

// filtered returns the tasks that match the filters which the platform does not have.
func (m upgradeTasksModel) filtered(tasks []aep.Task, limit int) aep.Listing[aep.Task] {
	found := slices.DeleteFunc(slices.Clone(tasks), func(t aep.Task) bool {
		return !m.FirmwareID.IsNull() && t.FirmwareID != m.FirmwareID.ValueInt64() || !hasStatus(t, m.Statuses)
	})
	return aep.Listing[aep.Task]{Rows: found[:min(len(found), limit)], Total: int64(len(found)), Truncated: len(found) > limit}
}
