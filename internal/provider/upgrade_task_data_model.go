package provider

import (
	"cmp"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// taskColumns are what both a task of its own and a row of the list of tasks tell.
var taskColumns = columns[aep.Task]{
	{"id", "`<product_id>/<task_id>`, the import id of resource `aep_upgrade_task`.", func(t aep.Task) attr.Value { return types.StringValue(t.Key().String()) }},
	{"task_id", "Number of the task (`jobId`).", func(t aep.Task) attr.Value { return types.Int64Value(t.ID) }},
	{"name", "Name of the task (`jobName`).", func(t aep.Task) attr.Value { return stringOrNull(t.Name) }},
	{"description", "Description of the task, null if it has none (`jobDesc`).", func(t aep.Task) attr.Value { return stringOrNull(t.Description) }},
	{"status", "`pending`, `running`, `finished`, or `unknown_<n>` for a number that is not documented (`jobStatus`).", func(t aep.Task) attr.Value { return statusOf(t) }},
	{"protocol", "`lwm2m` or `t_link`, by the settings of the task.", func(t aep.Task) attr.Value { return types.StringValue(t.Protocol().String()) }},
	{"retry_times", "How often the platform tries a failed device again, for LwM2M; null for T-Link (`retryTimes`).", func(t aep.Task) attr.Value { return retryTimesOf(t) }},
	{"timeout_hours", "Hours after which a device that has not finished counts as failed, for T-Link; null for LwM2M (`outTime`).", func(t aep.Task) attr.Value { return int64OrNull(t.TimeoutHours) }},
	{"firmware_id", "Firmware that the task brings to the devices (`firmwareId`).", func(t aep.Task) attr.Value { return int64OrNull(t.FirmwareID) }},
	{"firmware_name", "Name of the firmware (`firmwareName`).", func(t aep.Task) attr.Value { return stringOrNull(t.FirmwareName) }},
	{"firmware_version", "Version of the firmware (`firmwareVersion`).", func(t aep.Task) attr.Value { return stringOrNull(t.FirmwareVersion) }},
	{"firmware_url", "Where the platform keeps the firmware, as a path on its own host (`firmwareUrl`).", func(t aep.Task) attr.Value { return stringOrNull(t.FirmwareURL) }},
	{"file_name", "Name of the firmware's file (`fileName`).", func(t aep.Task) attr.Value { return stringOrNull(t.FileName) }},
	{"tenant_id", "Tenant that the task belongs to (`tenantId`).", func(t aep.Task) attr.Value { return stringOrNull(t.TenantID) }},
	{"product_name", "Name of the product (`productName`).", func(t aep.Task) attr.Value { return stringOrNull(t.ProductName) }},
	{"upgrade_plan", "Kind of upgrade, as the firmware has it (`upgradePlan`); the platform does not document its values.", func(t aep.Task) attr.Value { return int64OrNull(t.UpgradePlan) }},
	{"elapsed", "How long the upgrade has been going on, in the platform's words, such as `93时43分`; null before the start (`takeTime`).", func(t aep.Task) attr.Value { return stringOrNull(t.Elapsed) }},
	{"created_at", "When the task was created, RFC 3339 in China's time zone (`createTime`).", func(t aep.Task) attr.Value { return stringOrNull(timeText(t.CreatedAt)) }},
}

// statusOf is null where a row of the list of tasks lacks the status.
func statusOf(t aep.Task) types.String {
	if t.Lacks != "" && t.Status == 0 {
		return types.StringNull()
	}
	return types.StringValue(t.Status.String())
}

// retryTimesOf is null for T-Link, where the platform shows a 0 that means nothing.
func retryTimesOf(t aep.Task) types.Int64 {
	if t.Protocol() == aep.TLink {
		return types.Int64Null()
	}
	return types.Int64PointerValue(t.RetryTimes)
}

// upgradeTaskDataModel is the state of data source aep_upgrade_task.
type upgradeTaskDataModel struct {
	ProductID       types.Int64  `tfsdk:"product_id"`
	TaskID          types.Int64  `tfsdk:"task_id"`
	Name            types.String `tfsdk:"name"`
	WithProgress    types.Bool   `tfsdk:"with_progress"`
	ID              types.String `tfsdk:"id"`
	Description     types.String `tfsdk:"description"`
	Status          types.String `tfsdk:"status"`
	Protocol        types.String `tfsdk:"protocol"`
	RetryTimes      types.Int64  `tfsdk:"retry_times"`
	TimeoutHours    types.Int64  `tfsdk:"timeout_hours"`
	FirmwareID      types.Int64  `tfsdk:"firmware_id"`
	FirmwareName    types.String `tfsdk:"firmware_name"`
	FirmwareVersion types.String `tfsdk:"firmware_version"`
	FirmwareURL     types.String `tfsdk:"firmware_url"`
	FileName        types.String `tfsdk:"file_name"`
	TenantID        types.String `tfsdk:"tenant_id"`
	ProductName     types.String `tfsdk:"product_name"`
	UpgradePlan     types.Int64  `tfsdk:"upgrade_plan"`
	DeviceStatus    types.Int64  `tfsdk:"device_status"`
	DeviceCount     types.Int64  `tfsdk:"device_count"`
	Elapsed         types.String `tfsdk:"elapsed"`
	CreatedAt       types.String `tfsdk:"created_at"`
	Progress        types.Object `tfsdk:"progress"`
}

func (m upgradeTaskDataModel) wantsProgress() bool {
	return m.WithProgress.IsNull() || m.WithProgress.ValueBool()
}

// read returns m with what the platform tells of the task.
func (m upgradeTaskDataModel) read(t aep.Task) upgradeTaskDataModel {
	m.TaskID = types.Int64Value(t.ID)
	m.Name = types.StringValue(t.Name)
	m.ID = types.StringValue(t.Key().String())
	m.Description = stringOrNull(t.Description)
	m.Status = types.StringValue(t.Status.String())
	m.Protocol = types.StringValue(t.Protocol().String())
	m.RetryTimes = retryTimesOf(t)
	m.TimeoutHours = int64OrNull(t.TimeoutHours)
	m.FirmwareID = int64OrNull(t.FirmwareID)
	m.FirmwareName = stringOrNull(t.FirmwareName)
	m.FirmwareVersion = stringOrNull(t.FirmwareVersion)
	m.FirmwareURL = stringOrNull(t.FirmwareURL)
	m.FileName = stringOrNull(t.FileName)
	m.TenantID = stringOrNull(t.TenantID)
	m.ProductName = stringOrNull(t.ProductName)
	m.UpgradePlan = int64OrNull(t.UpgradePlan)
	m.DeviceStatus = int64OrNull(t.DeviceStatus)
	m.DeviceCount = types.Int64Value(t.DeviceCount)
	m.Elapsed = stringOrNull(t.Elapsed)
	m.CreatedAt = stringOrNull(timeText(t.CreatedAt))
	m.Progress = types.ObjectNull(progressColumns.types())
	return m
}

// wholeTask puts together the two answers about one task, each of which lacks
// what the other has. What both have is taken from the later one.
func wholeTask(task, detail aep.Task) aep.Task {
	detail.ProductName = cmp.Or(detail.ProductName, task.ProductName)
	detail.TenantID = cmp.Or(detail.TenantID, task.TenantID)
	detail.FirmwareURL = cmp.Or(detail.FirmwareURL, task.FirmwareURL)
	detail.FileName = cmp.Or(detail.FileName, task.FileName)
	detail.UpgradePlan = cmp.Or(detail.UpgradePlan, task.UpgradePlan)
	detail.DeviceStatus = cmp.Or(detail.DeviceStatus, task.DeviceStatus)
	detail.TimeoutHours = cmp.Or(detail.TimeoutHours, task.TimeoutHours)
	if detail.RetryTimes == nil {
		detail.RetryTimes = task.RetryTimes
	}
	if detail.CreatedAt.IsZero() {
		detail.CreatedAt = task.CreatedAt
	}
	return detail
}

// progressColumns are the counters that say how far a task has come.
var progressColumns = columns[progress.Histogram]{
	{"total_count", "Devices that take part: those of the task without the cancelled ones.", func(h progress.Histogram) attr.Value { return types.Int64Value(h.TakingPart()) }},
	{"waiting_count", "Devices that have not begun.", func(h progress.Histogram) attr.Value { return types.Int64Value(h.Waiting) }},
	{"in_progress_count", "Devices that are upgrading, or being cancelled.", func(h progress.Histogram) attr.Value { return types.Int64Value(h.InProgress) }},
	{"succeeded_count", "Devices that were upgraded, as far as the data proves it.", func(h progress.Histogram) attr.Value { return types.Int64Value(h.Succeeded) }},
	{"failed_count", "Devices whose upgrade failed.", func(h progress.Histogram) attr.Value { return types.Int64Value(h.Failed) }},
	{"cancelled_count", "Devices whose upgrade was cancelled; they are not part of `total_count`.", func(h progress.Histogram) attr.Value { return types.Int64Value(h.Cancelled) }},
	{"unknown_count", "Devices in a state that is not documented, or that the platform's two numberings read differently; see the provider's `lwm2m_status_codes`.", func(h progress.Histogram) attr.Value { return types.Int64Value(h.Unknown) }},
	{"success_percent", "Share of `succeeded_count` in `total_count` in percent, cut to two digits: `100` means all. `0` if no device takes part.", func(h progress.Histogram) attr.Value { return types.Float64Value(h.SuccessPercent()) }},
}
