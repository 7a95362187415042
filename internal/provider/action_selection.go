package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-validators/actionvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// selectionModel names devices of a task, besides "all of them".
type selectionModel struct {
	DeviceIDs     types.List   `tfsdk:"device_ids"`
	DeviceIDsFile types.String `tfsdk:"device_ids_file"`
	SubtaskIDs    types.List   `tfsdk:"subtask_ids"`
	Wait          types.Bool   `tfsdk:"wait"`
	BatchSize     types.Int64  `tfsdk:"batch_size"`
}

func selectionArguments(wait string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"device_ids": schema.ListAttribute{
			ElementType: types.StringType, Optional: true, Validators: []validator.List{listvalidator.SizeAtLeast(1)},
			MarkdownDescription: "Devices by their id (`deviceId`), each once.",
		},
		"device_ids_file": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Path of a file of device ids (`deviceId`): one a line, blank lines and lines that begin with `#` do not " +
				"count, at most 1,000,000.",
		},
		"subtask_ids": schema.ListAttribute{
			ElementType: types.Int64Type, Optional: true,
			Validators: []validator.List{
				listvalidator.SizeAtLeast(1), listvalidator.UniqueValues(),
				listvalidator.ValueInt64sAre(int64validator.AtLeast(1)),
			},
			MarkdownDescription: "Subtasks by their id (`taskId`), each once; one subtask is one device's upgrade.",
		},
		"wait": schema.BoolAttribute{Optional: true, MarkdownDescription: wait + " Defaults to `true`."},
		"batch_size": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, 1000)},
			MarkdownDescription: "Devices to a call (`taskIdList`), from 1 to 1000. Defaults to `" + countText(defaultBatchSize) + "`.",
		},
	}
}

// oneSelection insists on exactly one way of naming devices.
func oneSelection(all string) []action.ConfigValidator {
	return []action.ConfigValidator{actionvalidator.ExactlyOneOf(
		path.MatchRoot(all), path.MatchRoot("device_ids"), path.MatchRoot("device_ids_file"), path.MatchRoot("subtask_ids"))}
}

// selection reads which devices are meant.
func (m selectionModel) selection(ctx context.Context, all bool) (campaign.Selection, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := campaign.Selection{All: all}
	switch {
	case !m.DeviceIDs.IsNull():
		s.DeviceIDs, _, diags = listedDevices(m.DeviceIDs, path.Root("device_ids"))
	case !m.DeviceIDsFile.IsNull():
		s.DeviceIDs, _, diags = fileDevices(m.DeviceIDsFile)
	case !m.SubtaskIDs.IsNull():
		diags = m.SubtaskIDs.ElementsAs(ctx, &s.SubtaskIDs, false)
	}
	return s, diags
}

func (m selectionModel) waits() bool { return m.Wait.IsNull() || m.Wait.ValueBool() }

func (m selectionModel) batchSize() int {
	if m.BatchSize.IsNull() {
		return defaultBatchSize
	}
	return int(m.BatchSize.ValueInt64())
}

// missing warns of named devices or subtasks that the task does not have. If it
// has none of them, that is an error.
func missing(s campaign.Selected) diag.Diagnostics {
	var diags diag.Diagnostics
	n := len(s.Missing)
	if n == 0 {
		return diags
	}
	task := s.Observation.Task
	examples := strings.Join(s.Missing[:min(n, 10)], ", ")
	if len(s.Subtasks) == 0 {
		diags.AddError("Not part of the upgrade task", fmt.Sprintf("Task %d of product %d has none of the %s ids that are named, such as %s. "+
			"Check product_id, task_id and the ids; device_ids take the platform's deviceId, subtask_ids its taskId.",
			task.ID, task.ProductID, grouped(n), examples))
	} else {
		diags.AddWarning("Not part of the upgrade task", fmt.Sprintf("Task %d of product %d does not have %s of the ids that are named, "+
			"such as %s. They are passed over.",
			task.ID, task.ProductID, grouped(n), examples))
	}
	return diags
}
