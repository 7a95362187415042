package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// selectionModel names devices of a task. "All of them" is an argument of each action.
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
			MarkdownDescription: "Path of a file with one device id a line, at most 1,000,000 (`deviceId`). " +
				"Blank lines and lines that begin with `#` do not count.",
		},
		"subtask_ids": schema.ListAttribute{
			ElementType: types.Int64Type, Optional: true,
			Validators: []validator.List{
				listvalidator.SizeAtLeast(1), listvalidator.UniqueValues(),
				listvalidator.ValueInt64sAre(int64validator.AtLeast(1)),
			},
			MarkdownDescription: "Subtasks by their id (`taskId`), each once. A subtask is the upgrade of one device.",
		},
		"wait": schema.BoolAttribute{Optional: true, MarkdownDescription: wait + " Defaults to `true`."},
		"batch_size": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, 1000)},
			MarkdownDescription: "Devices in one call, 1 to 1000 (`taskIdList`). Learned by default: 100 in the first call, " +
				"and twice as many after each call that the platform accepts, up to 1,000. Without `wait`, 100 at most.",
		},
	}
}

// oneSelection returns the validators that require exactly one way to name devices. all is the argument for all of them.
func oneSelection(all, devices string) []action.ConfigValidator {
	return []action.ConfigValidator{oneArgument{
		[]string{all, "device_ids", "device_ids_file", "subtask_ids"},
		all + " = true names every " + devices + ".",
	}}
}

// selection returns the named devices.
func (m selectionModel) selection(ctx context.Context, all bool) (campaign.Selection, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := campaign.Selection{All: all}
	switch {
	case !m.DeviceIDs.IsNull():
		s.DeviceIDs, _, diags = listedDevices(m.DeviceIDs, "device_ids")
	case !m.DeviceIDsFile.IsNull():
		s.DeviceIDs, _, diags = fileDevices(m.DeviceIDsFile)
	case !m.SubtaskIDs.IsNull():
		diags = m.SubtaskIDs.ElementsAs(ctx, &s.SubtaskIDs, false)
	}
	return s, diags
}

// missingWarnings returns a warning if the task lacks some of the named devices or subtasks, and an error if it lacks
// all of them.
func missingWarnings(s campaign.Selected) (diags diag.Diagnostics) {
	n := len(s.Missing)
	task := s.Observation.Task.Key().Object()
	switch {
	case n == 0:
	case len(s.Subtasks) == 0:
		diags.Append(failure("Not part of the upgrade task", "None of %s is in %s: %s.\n\n"+
			"Check product_id, task_id and the ids. device_ids takes the platform's deviceId, subtask_ids its taskId.",
			counted(n, "given id", "given ids"), task, shortened(s.Missing, 10)))
	default:
		diags.Append(warning("Not part of the upgrade task", "%s not in %s and skipped: %s.",
			counted(n, "given id is", "given ids are"), task, shortened(s.Missing, 10)))
	}
	return diags
}
