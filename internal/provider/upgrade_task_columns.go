package provider

import (
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// taskColumns are the attributes of a task, as the list of tasks has them.
var taskColumns = columns[aep.Task]{
	{
		"id", "`<product_id>/<task_id>`, the import id of resource `aep_upgrade_task`.",
		func(t aep.Task) attr.Value { return types.StringValue(t.Key().String()) },
	},
	{"task_id", "Number of the task (`jobId`).", func(t aep.Task) attr.Value { return types.Int64Value(t.ID) }},
	{"name", "Name of the task (`jobName`).", func(t aep.Task) attr.Value { return stringOrNull(t.Name) }},
	{
		"description", "Description of the task, null if it has none (`jobDesc`).",
		func(t aep.Task) attr.Value { return stringOrNull(t.Description) },
	},
	{
		"status", "`pending`, `running`, `finished`, or `unknown_<n>` for a number that is not documented (`jobStatus`).",
		func(t aep.Task) attr.Value { return statusOf(t) },
	},
	{
		"protocol", "`lwm2m` or `t_link`, by the settings of the task.",
		func(t aep.Task) attr.Value { return types.StringValue(t.Protocol().String()) },
	},
	{
		"retry_times", "Number of times that the platform tries a failed device again (`retryTimes`). Null for T-Link.",
		func(t aep.Task) attr.Value { return retryTimesOf(t) },
	},
	{
		"timeout_hours", "Hours after which a device that has not finished counts as failed (`outTime`). Null for LwM2M.",
		func(t aep.Task) attr.Value { return int64OrNull(t.TimeoutHours) },
	},
	{
		"firmware_id", "Firmware that the devices are upgraded to (`firmwareId`).",
		func(t aep.Task) attr.Value { return int64OrNull(t.FirmwareID) },
	},
	{"firmware_name", "Name of the firmware (`firmwareName`).", func(t aep.Task) attr.Value { return stringOrNull(t.FirmwareName) }},
	{
		"firmware_version", "Version of the firmware (`firmwareVersion`).",
		func(t aep.Task) attr.Value { return stringOrNull(t.FirmwareVersion) },
	},
	{
		"firmware_url", "Path of the firmware on the platform's host (`firmwareUrl`).",
		func(t aep.Task) attr.Value { return stringOrNull(t.FirmwareURL) },
	},
	{"file_name", "Name of the firmware's file (`fileName`).", func(t aep.Task) attr.Value { return stringOrNull(t.FileName) }},
	{"tenant_id", "Tenant that the task belongs to (`tenantId`).", func(t aep.Task) attr.Value { return stringOrNull(t.TenantID) }},
	{"product_name", "Name of the product (`productName`).", func(t aep.Task) attr.Value { return stringOrNull(t.ProductName) }},
	{
		"upgrade_plan", "Kind of upgrade, from the firmware (`upgradePlan`). Its values are not documented.",
		func(t aep.Task) attr.Value { return int64OrNull(t.UpgradePlan) },
	},
	{
		"elapsed", "Time since the start, as the platform writes it, such as `93时43分` (`takeTime`). Null before the start.",
		func(t aep.Task) attr.Value { return stringOrNull(t.Elapsed) },
	},
	{
		"created_at", "Time of creation, RFC 3339 in China's time zone (`createTime`).",
		func(t aep.Task) attr.Value { return timeOrNull(t.CreatedAt) },
	},
}

// taskDetailColumns are the attributes of a task that is read on its own.
var taskDetailColumns = append(slices.Clone(taskColumns), columns[aep.Task]{
	{
		"device_status", "State of the task's devices (`deviceStatus`). Its values are not documented.",
		func(t aep.Task) attr.Value { return int64OrNull(t.DeviceStatus) },
	},
	{"device_count", "Number of devices in the task (`allNum`).", func(t aep.Task) attr.Value { return types.Int64Value(t.DeviceCount) }},
}...)

// statusOf returns the status of a task, null if its row in a list lacks it.
func statusOf(t aep.Task) types.String {
	if t.Lacks != "" && t.Status == 0 {
		return types.StringNull()
	}
	return types.StringValue(t.Status.String())
}

// retryTimesOf returns retry_times of a task, null for T-Link: the platform shows a 0
// there that means nothing.
func retryTimesOf(t aep.Task) types.Int64 {
	if t.Protocol() == aep.TLink {
		return types.Int64Null()
	}
	return types.Int64PointerValue(t.RetryTimes)
}

// progressColumns are the numbers of devices by phase.
var progressColumns = columns[progress.Histogram]{
	{
		"total_count", "Number of devices in the task that are not cancelled.",
		func(h progress.Histogram) attr.Value { return types.Int64Value(h.TakingPart()) },
	},
	{"waiting_count", "Devices whose upgrade has not begun.", func(h progress.Histogram) attr.Value { return types.Int64Value(h.Waiting) }},
	{
		"in_progress_count", "Devices that are upgrading, or being cancelled.",
		func(h progress.Histogram) attr.Value { return types.Int64Value(h.InProgress) },
	},
	{
		"succeeded_count", "Devices whose upgrade is proven to have succeeded.",
		func(h progress.Histogram) attr.Value { return types.Int64Value(h.Succeeded) },
	},
	{"failed_count", "Devices whose upgrade failed.", func(h progress.Histogram) attr.Value { return types.Int64Value(h.Failed) }},
	{
		"cancelled_count", "Devices whose upgrade was cancelled. `total_count` does not include them.",
		func(h progress.Histogram) attr.Value { return types.Int64Value(h.Cancelled) },
	},
	{
		"unknown_count", "Devices in a state that proves nothing: it is not documented, or the platform's two numberings read it differently. " +
			"See `lwm2m_status_codes` of the provider.",
		func(h progress.Histogram) attr.Value { return types.Int64Value(h.Unknown) },
	},
	{
		"success_percent", "Share of `succeeded_count` in `total_count` in percent, rounded down to two digits: `100` means all. " +
			"`0` if `total_count` is 0.",
		func(h progress.Histogram) attr.Value { return types.Float64Value(h.SuccessPercent()) },
	},
}
