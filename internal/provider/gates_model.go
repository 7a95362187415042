package provider

import (
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Defaults of the arguments with which a task is watched.
const (
	defaultMinimumSuccess = 100.0
	defaultAbortDevices   = 10
	defaultPollInterval   = 30 * time.Second
	leastPollInterval     = time.Second
)

// What the arguments of a watch mean, wherever they stand.
const (
	minimumSuccessText = "Least share of devices that must have succeeded, in percent from 0 to 100, of all that take part: cancelled " +
		"devices do not. " +
		"Judged when the task has finished. While the task runs, the verdict waits for failed devices that the platform may try again " +
		"(`retry_times`): until the platform shows the task as finished, or for 60 times `poll_interval`. Defaults to `100`."
	abortFailureText = "Share of failures, in percent from 0 to 100, that ends the watch: at least one device has failed, and this share " +
		"of the devices that have succeeded or failed. " +
		"Judged while the task runs. The platform may try a failed device again if `retry_times` is above 0: such a device counts once it " +
		"has stayed failed for 60 times `poll_interval`. Not set: never."
	abortDevicesText = "How many devices must have succeeded or failed before `abort_failure_percent` is judged, at least 1. Defaults to " +
		"`10`."
	onAbortText = "What happens when `abort_failure_percent` is reached: `cancel` cancels every device that is not in a final " +
		"state, and fails; it has 30 minutes, even after the timeout. " +
		"`stop_waiting` fails and cancels nothing. Defaults to `cancel`. " +
		"T-Link may show devices that were cancelled before the start as failed. A rollout or `aep_upgrade_start` that finds a T-Link task " +
		"started, and does not know these devices, cancels nothing on an abort; neither does `aep_upgrade_wait` with T-Link."
	pollIntervalText = "Time between two looks at the platform, at least `1s`; it also sets how long a gate waits for retries by the " +
		"platform. A look takes 5 calls for T-Link and up to 13 for LwM2M, whatever the number of devices. Defaults to `30s`."
)

// gatesModel holds the arguments with which a task is watched.
type gatesModel struct {
	MinimumSuccessPercent types.Float64        `tfsdk:"minimum_success_percent"`
	AbortFailurePercent   types.Float64        `tfsdk:"abort_failure_percent"`
	AbortMinimumDevices   types.Int64          `tfsdk:"abort_minimum_devices"`
	OnAbort               types.String         `tfsdk:"on_abort"`
	PollInterval          timetypes.GoDuration `tfsdk:"poll_interval"`
}

// defaulted returns m with the default of every argument that is not set.
func (m gatesModel) defaulted() gatesModel {
	if m.MinimumSuccessPercent.IsNull() {
		m.MinimumSuccessPercent = types.Float64Value(defaultMinimumSuccess)
	}
	if m.AbortMinimumDevices.IsNull() {
		m.AbortMinimumDevices = types.Int64Value(defaultAbortDevices)
	}
	if m.OnAbort.IsNull() {
		m.OnAbort = types.StringValue(string(progress.AbortCancels))
	}
	if m.PollInterval.IsNull() {
		m.PollInterval = timetypes.NewGoDurationValueFromStringMust(defaultPollInterval.String())
	}
	return m
}

func (m gatesModel) gates() progress.Gates {
	m = m.defaulted()
	return progress.Gates{
		MinimumSuccessPercent: m.MinimumSuccessPercent.ValueFloat64(),
		AbortFailurePercent:   m.AbortFailurePercent.ValueFloat64Pointer(),
		AbortMinimumDevices:   m.AbortMinimumDevices.ValueInt64(),
		OnAbort:               progress.OnAbort(m.OnAbort.ValueString()),
	}
}

// watchRequest asks to watch a task until it has come so far.
func (m gatesModel) watchRequest(key aep.TaskKey, until campaign.WaitFor) campaign.WatchRequest {
	interval, diags := m.defaulted().PollInterval.ValueGoDuration()
	if diags.HasError() {
		interval = defaultPollInterval // a validator has refused it before
	}
	return campaign.WatchRequest{Key: key, Until: until, Gates: m.gates(), Interval: interval, BatchSize: cancelBatchSize}
}

// same reports whether a task that passed m need not be judged anew by other.
func (m gatesModel) same(other gatesModel) bool {
	return m.MinimumSuccessPercent.Equal(other.MinimumSuccessPercent) && m.AbortFailurePercent.Equal(other.AbortFailurePercent) &&
		m.AbortMinimumDevices.Equal(other.AbortMinimumDevices)
}
