package provider

import (
	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// upgradeSubtasksModel is the state of aep_upgrade_subtasks.
//
// Deliberately absent from the rows: jobId, productId, tenantId and productName,
// which are the same in each.
type upgradeSubtasksModel struct {
	ProductID     types.Int64    `tfsdk:"product_id"`
	TaskID        types.Int64    `tfsdk:"task_id"`
	Phases        []types.String `tfsdk:"phases"`
	States        []types.Int64  `tfsdk:"states"`
	Search        types.String   `tfsdk:"search"`
	MaxResults    types.Int64    `tfsdk:"max_results"`
	Subtasks      types.List     `tfsdk:"subtasks"`
	Counts        types.Map      `tfsdk:"counts"`
	Total         types.Int64    `tfsdk:"total"`
	Truncated     types.Bool     `tfsdk:"truncated"`
	DeviceIDsText types.String   `tfsdk:"device_ids_text"`
}

func (m upgradeSubtasksModel) key() aep.TaskKey {
	return aep.TaskKey{ProductID: m.ProductID.ValueInt64(), TaskID: m.TaskID.ValueInt64()}
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

// read returns m with what was found.
func (m upgradeSubtasksModel) read(found campaign.FoundSubtasks) upgradeSubtasksModel {
	m.Subtasks = subtaskColumns(found.Phase).list(found.Rows)
	m.Counts = countsByPhase(found.Histogram)
	m.Total = types.Int64Value(found.Total)
	m.Truncated = types.BoolValue(found.Truncated)
	m.DeviceIDsText = types.StringValue(lines(found.Rows, func(s aep.Subtask) string { return s.DeviceID }))
	return m
}

func countsByPhase(h progress.Histogram) types.Map {
	counts := make(map[string]attr.Value, len(progress.Phases))
	for _, phase := range progress.Phases {
		counts[string(phase)] = types.Int64Value(h.Of(phase))
	}
	return types.MapValueMust(types.Int64Type, counts)
}

// subtaskColumns describe a row; phase reads its state, which takes more than
// the row itself to know.
func subtaskColumns(phase func(aep.SubtaskCode) progress.Phase) columns[aep.Subtask] {
	if phase == nil {
		phase = func(aep.SubtaskCode) progress.Phase { return progress.Unknown }
	}
	return columns[aep.Subtask]{
		{"subtask_id", "Number of the subtask (`taskId`).", func(s aep.Subtask) attr.Value { return types.Int64Value(s.ID) }},
		{"device_id", "Id of the device (`deviceId`).", func(s aep.Subtask) attr.Value { return types.StringValue(s.DeviceID) }},
		{"device_name", "Name of the device (`deviceName`).", func(s aep.Subtask) attr.Value { return stringOrNull(s.DeviceName) }},
		{"device_sn", "Number of the device, for T-Link (`deviceSn`).", func(s aep.Subtask) attr.Value { return stringOrNull(s.DeviceSN) }},
		{"imei", "IMEI of the device, for LwM2M (`imei`).", func(s aep.Subtask) attr.Value { return stringOrNull(s.IMEI) }},
		{"phase", "What `state_code` means: " + quoted(progress.Phases) + ". No success is reported that the data does not prove; see the provider's `lwm2m_status_codes`.", func(s aep.Subtask) attr.Value { return types.StringValue(string(phase(s.Code))) }},
		{"state_code", "The platform's own number of the state (`taskState`).", func(s aep.Subtask) attr.Value { return stateCodeOrNull(s.Code) }},
		{"result_code", "Result of the upgrade as the platform gives it; `-1` while there is none, other values are not documented (`resultCode`).", func(s aep.Subtask) attr.Value { return stringOrNull(s.ResultCode) }},
		{"version_before", "Firmware version before the upgrade (`preUpgradeVersion`).", func(s aep.Subtask) attr.Value { return stringOrNull(s.VersionBefore) }},
		{"version_after", "Firmware version after the upgrade (`upgradedVersion`).", func(s aep.Subtask) attr.Value { return stringOrNull(s.VersionAfter) }},
		{"updated_at", "When the subtask last changed, RFC 3339 in China's time zone (`updateTime`).", func(s aep.Subtask) attr.Value { return stringOrNull(timeText(s.UpdatedAt)) }},
		{"finished_at", "When the subtask ended, RFC 3339 in China's time zone (`finishTime`).", func(s aep.Subtask) attr.Value { return stringOrNull(timeText(s.FinishedAt)) }},
	}
}

func stateCodeOrNull(code aep.SubtaskCode) types.Int64 {
	if code == aep.NoSubtaskCode {
		return types.Int64Null()
	}
	return types.Int64Value(int64(code))
}
