package provider

import (
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Texts about the platform's numbers for tasks.
const (
	statusText = "Status of the task (`jobStatus`): `pending` before the start, `running`, `finished`, " +
		"or `unknown_<n>` for a number that is not documented."
	upgradePlanText = "Kind of upgrade, which a task takes from its firmware (`upgradePlan`). " +
		"1 and 2 occur; their meaning is not documented."
)

// taskColumns are the attributes of a task, as the list of tasks has them.
var taskColumns = columns[aep.Task]{
	textColumn("id", "Import id of resource `aep_upgrade_task`, `<product_id>/<task_id>`.",
		func(t aep.Task) string { return t.Key().String() }),
	countColumn("task_id", "Id of the task (`jobId`).", func(t aep.Task) int64 { return t.ID }),
	textColumn("name", "Name of the task (`jobName`).", func(t aep.Task) string { return t.Name }),
	textColumn("description", "Description of the task, null if it has none (`jobDesc`).", func(t aep.Task) string { return t.Description }),
	valueColumn("status", statusText, statusOf),
	textColumn("protocol", "Protocol of the task, by its settings: `lwm2m` or `t_link`.",
		func(t aep.Task) string { return t.Protocol().String() }),
	valueColumn("retry_times", "Number of times that the platform tries a failed device again (`retryTimes`). Null for T-Link.",
		retryTimesOf),
	numberColumn("timeout_hours", "Hours after which a device that has not finished counts as failed (`outTime`). Null for LwM2M.",
		func(t aep.Task) int64 { return t.TimeoutHours }),
	numberColumn("firmware_id", "Firmware that the devices are upgraded to (`firmwareId`).", func(t aep.Task) int64 { return t.FirmwareID }),
	textColumn("firmware_name", "Name of the firmware (`firmwareName`).", func(t aep.Task) string { return t.FirmwareName }),
	textColumn("firmware_version", "Version of the firmware (`firmwareVersion`).", func(t aep.Task) string { return t.FirmwareVersion }),
	textColumn("firmware_url", "Path of the firmware on the platform's host (`firmwareUrl`).",
		func(t aep.Task) string { return t.FirmwareURL }),
	textColumn("file_name", "Name of the firmware's file (`fileName`).", func(t aep.Task) string { return t.FileName }),
	textColumn("tenant_id", "Tenant that the task belongs to (`tenantId`).", func(t aep.Task) string { return t.TenantID }),
	textColumn("product_name", "Name of the product (`productName`).", func(t aep.Task) string { return t.ProductName }),
	numberColumn("upgrade_plan", upgradePlanText,
		func(t aep.Task) int64 { return t.UpgradePlan }),
	textColumn("elapsed", "Time since the start, as the platform writes it, such as `93时43分` (`takeTime`). Null before the start.",
		func(t aep.Task) string { return t.Elapsed }),
	timeColumn("created_at", "Time of creation, RFC 3339 in China's time zone (`createTime`).",
		func(t aep.Task) time.Time { return t.CreatedAt }),
}

// taskDetailColumns are the attributes of a task that is read on its own.
var taskDetailColumns = append(slices.Clone(taskColumns), columns[aep.Task]{
	numberColumn("device_status",
		"Number of the platform (`deviceStatus`), whose meaning for a task is not documented: 1 in the document's example.",
		func(t aep.Task) int64 { return t.DeviceStatus }),
	countColumn("device_count", "Number of devices in the task (`allNum`).", func(t aep.Task) int64 { return t.DeviceCount }),
}...)

// statusOf returns the status of a task, null if its row in a list lacks it.
func statusOf(t aep.Task) types.String {
	if t.Lacks != "" && t.Status == 0 {
		return types.StringNull()
	}
	return types.StringValue(t.Status.String())
}

// retryTimesOf returns retry_times of a task, null for T-Link: the platform shows a 0 there that means
// nothing.
func retryTimesOf(t aep.Task) types.Int64 {
	if t.Protocol() == aep.TLink {
		return types.Int64Null()
	}
	return types.Int64PointerValue(t.RetryTimes)
}

// progressColumns are the numbers of devices by phase.
var progressColumns = columns[progress.Histogram]{
	countColumn("total_count", "Number of devices in the task that are not cancelled.",
		func(h progress.Histogram) int64 { return h.TakingPart() }),
	countColumn("waiting_count", "Number of devices whose upgrade has not begun.", func(h progress.Histogram) int64 { return h.Waiting }),
	countColumn("in_progress_count", "Number of devices that are upgrading, or being cancelled.",
		func(h progress.Histogram) int64 { return h.InProgress }),
	countColumn("succeeded_count", "Number of devices whose upgrade is proven to have succeeded.",
		func(h progress.Histogram) int64 { return h.Succeeded }),
	countColumn("failed_count", "Number of devices whose upgrade failed.", func(h progress.Histogram) int64 { return h.Failed }),
	countColumn("cancelled_count", "Number of devices whose upgrade was cancelled. `total_count` does not include them.",
		func(h progress.Histogram) int64 { return h.Cancelled }),
	countColumn("unknown_count", "Number of devices in a state that proves nothing. It is not documented, or it has another meaning in each "+
		"of the platform's two numberings. See `lwm2m_status_codes` of the provider.",
		func(h progress.Histogram) int64 { return h.Unknown }),
	valueColumn("success_percent", "Share of `succeeded_count` in `total_count` in percent, rounded down to two digits: `100` means all. "+
		"`0` if `total_count` is 0.",
		func(h progress.Histogram) attr.Value { return types.Float64Value(h.SuccessPercent()) }),
}
