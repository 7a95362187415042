package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// upgradeSubtasksModel is the state of aep_upgrade_subtasks.
//
// Deliberately absent from the rows: jobId, productId, tenantId and productName, which are the same in each.
type upgradeSubtasksModel struct {
	ProductID          types.Int64    `tfsdk:"product_id"`
	TaskID             types.Int64    `tfsdk:"task_id"`
	Phases             []types.String `tfsdk:"phases"`
	States             []types.Int64  `tfsdk:"states"`
	Search             types.String   `tfsdk:"search"`
	MaxResults         types.Int64    `tfsdk:"max_results"`
	Subtasks           types.List     `tfsdk:"subtasks"`
	Counts             types.Map      `tfsdk:"counts"`
	CountsByResultCode types.Map      `tfsdk:"counts_by_result_code"`
	CountsByVersion    types.Map      `tfsdk:"counts_by_version"`
	Total              types.Int64    `tfsdk:"total"`
	Truncated          types.Bool     `tfsdk:"truncated"`
	DeviceIDsText      types.String   `tfsdk:"device_ids_text"`
	CSV                types.String   `tfsdk:"csv"`
	Markdown           types.String   `tfsdk:"markdown"`
}

func (m upgradeSubtasksModel) key() aep.TaskKey {
	return taskKey(m.ProductID, m.TaskID)
}

func (m upgradeSubtasksModel) filter() campaign.SubtaskFilter {
	f := campaign.SubtaskFilter{Search: m.Search.ValueString()}
	for _, phase := range m.Phases {
		f.Phases = append(f.Phases, progress.Phase(phase.ValueString()))
	}
	for _, state := range m.States {
		f.Codes = append(f.Codes, aep.SubtaskCode(state.ValueInt64()))
	}
	return f
}

// read returns m with the subtasks of a task that were found.
func (m upgradeSubtasksModel) read(task aep.Task, found campaign.FoundSubtasks) upgradeSubtasksModel {
	columns := subtaskColumns(found.Phase)
	m.Subtasks = columns.list(found.Rows)
	m.Counts = countsByPhase(found.Histogram)
	m.CountsByResultCode = mapOfCounts(countsByResultCode(found.Rows))
	m.CountsByVersion = mapOfCounts(countsByVersion(found.Rows, found.Phase))
	m.Total = types.Int64Value(found.Total)
	m.Truncated = types.BoolValue(found.Truncated)
	m.DeviceIDsText = types.StringValue(lines(found.Rows, func(s aep.Subtask) string { return s.DeviceID }))
	m.CSV = types.StringValue(subtasksCSV(columns, found.Rows))
	m.Markdown = types.StringValue(subtasksReport{task, found}.markdown())
	return m
}

func countsByPhase(h progress.Histogram) types.Map {
	counts := make(map[string]int64, len(progress.Phases))
	for _, phase := range progress.Phases {
		counts[string(phase)] = h.Of(phase)
	}
	return mapOfCounts(counts)
}

// lwM2MResultsInWords lists the update results of the LwM2M standard for a description.
func lwM2MResultsInWords() string {
	results := make([]string, len(progress.LwM2MResults))
	for i, result := range progress.LwM2MResults {
		results[i] = fmt.Sprintf("`%s` %s", result.Code, result.Words)
	}
	return "the LwM2M standard (object 5, Update Result) defines: " + strings.Join(results, "; ") + "."
}

// subtaskColumns returns the attributes of a subtask. phase returns the phase of a state code; it depends on
// more than the row.
func subtaskColumns(phase func(aep.SubtaskCode) progress.Phase) columns[aep.Subtask] {
	if phase == nil {
		phase = func(aep.SubtaskCode) progress.Phase { return progress.Unknown }
	}
	return columns[aep.Subtask]{
		countColumn("subtask_id", "Id of the subtask (`taskId`).", func(s aep.Subtask) int64 { return s.ID }),
		valueColumn("device_id", "Id of the device (`deviceId`).", func(s aep.Subtask) attr.Value { return types.StringValue(s.DeviceID) }),
		textColumn("device_name", "Name of the device (`deviceName`).", func(s aep.Subtask) string { return s.DeviceName }),
		textColumn("device_sn", "Device number, for T-Link (`deviceSn`).", func(s aep.Subtask) string { return s.DeviceSN }),
		textColumn("imei", "IMEI of the device, for LwM2M (`imei`).", func(s aep.Subtask) string { return s.IMEI }),
		valueColumn("phase", "Phase of the upgrade: "+quoted(progress.Phases)+". A success is reported only if it is proven. "+
			"See `lwm2m_status_codes` of the provider.",
			func(s aep.Subtask) attr.Value { return types.StringValue(string(phase(s.Code))) }),
		valueColumn("state_code", "State code of the subtask (`taskState`).", func(s aep.Subtask) attr.Value { return stateCodeOrNull(s.Code) }),
		textColumn("result_code", "Result code (`resultCode`), as text. `-1` means no result yet (inferred). "+
			"The platform documents no meaning of other codes. For LwM2M, "+lwM2MResultsInWords(),
			func(s aep.Subtask) string { return s.ResultCode }),
		textColumn("version_before", "Firmware version before the upgrade (`preUpgradeVersion`).",
			func(s aep.Subtask) string { return s.VersionBefore }),
		textColumn("version_after", "Firmware version after the upgrade (`upgradedVersion`).",
			func(s aep.Subtask) string { return s.VersionAfter }),
		timeColumn("updated_at", "Time of the last change, RFC 3339 in China's time zone (`updateTime`).",
			func(s aep.Subtask) time.Time { return s.UpdatedAt }),
		timeColumn("finished_at", "Time at which the subtask ended, RFC 3339 in China's time zone (`finishTime`).",
			func(s aep.Subtask) time.Time { return s.FinishedAt }),
	}
}
