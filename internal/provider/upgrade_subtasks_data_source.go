package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*upgradeSubtasksDataSource)(nil)

func newUpgradeSubtasksDataSource() datasource.DataSource { return &upgradeSubtasksDataSource{} }

// upgradeSubtasksDataSource lists the subtasks of a task.
type upgradeSubtasksDataSource struct{ configuredDataSource }

// largestState is the largest state code that the platform documents.
const largestState = 11

func (d *upgradeSubtasksDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_subtasks"
}

func (d *upgradeSubtasksDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The subtasks of a firmware upgrade task: the upgrade of each device. " +
			"The console shows them in their task, under 固件远程升级管理.",
		Attributes: map[string]schema.Attribute{
			"product_id": productIDAttribute(),
			"task_id": schema.Int64Attribute{
				Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
				MarkdownDescription: "Task whose subtasks to list (`id`).",
			},
			"phases": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.UniqueValues(),
					listvalidator.ValueStringsAre(oneOf(progress.Phases...)),
				},
				MarkdownDescription: "Phases to return: " + quoted(progress.Phases) + ". With `states`, a subtask must match both. Defaults to all.",
			},
			"states": schema.ListAttribute{
				ElementType: types.Int64Type, Optional: true,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.UniqueValues(),
					listvalidator.ValueInt64sAre(int64validator.Between(0, largestState)),
				},
				MarkdownDescription: "State codes to return (`taskStatus`): 0 to 11 for LwM2M, 1 to 4 for T-Link. " +
					"LwM2M codes have another meaning in each of the platform's two numberings, so `phases` is the safer choice. Defaults to all.",
			},
			"search": filterAttribute("Part of the device's id, number, IMEI or name, as the platform searches it (`searchValue`). " +
				"Defaults to any device."),
			"max_results": maxResultsAttribute(),
			"subtasks":    subtaskColumns(nil).tableAttribute("The subtasks, in the platform's order."),
			"counts": schema.MapAttribute{
				ElementType: types.Int64Type, Computed: true,
				MarkdownDescription: "Number of subtasks in the whole task by phase, without the filters. Every phase is a key.",
			},
			"total":           totalAttribute("subtasks"),
			"truncated":       truncatedAttribute(),
			"device_ids_text": deviceIDsTextAttribute("subtasks"),
		},
	}
	maps.Copy(resp.Schema.Attributes, subtaskReportAttributes())
}

// subtaskReportAttributes returns the schema of the reports on the returned subtasks.
func subtaskReportAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"counts_by_result_code": schema.MapAttribute{
			ElementType: types.Int64Type, Computed: true,
			MarkdownDescription: "Number of returned subtasks by `result_code`. Subtasks without a code are left out.",
		},
		"counts_by_version": schema.MapAttribute{
			ElementType: types.Int64Type, Computed: true,
			MarkdownDescription: "Number of returned subtasks by the firmware version that the device runs: `version_after` of a " +
				"success, otherwise `version_before`. A version that is not reported counts under `unknown`.",
		},
		"csv": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "The returned subtasks as CSV (RFC 4180), in UTF-8 without a byte order mark. " +
				"The columns are the attributes of `subtasks`. A `result_code` of `-1` is an empty cell. " +
				"Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break for a formula. " +
				"Such a cell has an apostrophe before it.",
		},
		"markdown": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "A report in GitHub's Markdown: a summary, and a table of the returned subtasks, the failed ones first. " +
				"It has at most 60,000 bytes, so that it fits into a comment. If rows are left out, its last line says how many.",
		},
	}
}

func (d *upgradeSubtasksDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config upgradeSubtasksModel
	runner := d.begin(ctx, req.Config, &config, &resp.Diagnostics)
	if runner == nil {
		return
	}
	task, err := runner.TaskDetail(ctx, config.key())
	if err != nil {
		resp.Diagnostics.Append(unableToRead("upgrade task", err))
		return
	}
	resp.Diagnostics.Append(config.checkStates(task)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := runner.FindSubtasks(ctx, task, config.filter(), maxResults(config.MaxResults))
	if err != nil {
		resp.Diagnostics.Append(unableToRead("subtasks of upgrade task", err))
		return
	}
	resp.Diagnostics.Append(unknownPhases(task.Key(), found.Histogram)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, config.read(task, found))...)
}

// checkStates returns an error for each state that the protocol of the task does not have.
func (m upgradeSubtasksModel) checkStates(task aep.Task) (diags diag.Diagnostics) {
	if task.Protocol() != aep.TLink {
		return diags
	}
	for _, state := range m.States {
		if code := aep.SubtaskCode(state.ValueInt64()); !slices.Contains(aep.TLinkSubtaskCodes, code) {
			diags.Append(atArgument("states", failure("State of another protocol",
				"%s is a T-Link task. Its subtasks have the states 1 waiting, 2 in progress, 3 succeeded, 4 failed; there is no %d.",
				capitalized(task.Key().Object()), code)))
		}
	}
	return diags
}
