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

// The descriptions of the arguments with which a task is watched.
const (
	waitForText = "`none` starts the task (`runStatus`) and does not wait. `started` waits until it runs. " +
		"`finished` waits until every device is in a final state, and judges the task. "
	minimumSuccessText = "Smallest share of devices that must have succeeded, in percent from 0 to 100. Cancelled devices do not count. " +
		"Judged when the task has finished. " +
		"The platform may try failed devices again (`retry_times`). " +
		"So the task is judged once the platform shows it as finished, or after 60 times `poll_interval`. Defaults to `100`."
	abortFailureText = "Share of failed devices among the devices that have succeeded or failed, in percent from 0 to 100. " +
		"The watch ends once this share is reached and at least one device has failed. Judged while the task runs. " +
		"With `retry_times` above 0, a device counts as failed once it has stayed failed for 60 times `poll_interval`. " +
		"Not set: the watch does not end early."
	abortDevicesText = "Number of devices that must have succeeded or failed before `abort_failure_percent` is judged, at least 1. " +
		"Defaults to `10`."
	onAbortText = "Action when `abort_failure_percent` is reached. `cancel` cancels every device that is not in a final state, and fails. " +
		"The cancelling has 30 minutes, even after the timeout. `stop_waiting` fails and cancels nothing. Defaults to `cancel`. " +
		"T-Link may show devices that were cancelled before the start as failed. " +
		"If a rollout or `aep_upgrade_start` did not see the start of a T-Link task, it cancels nothing. " +
		"`aep_upgrade_wait` never cancels anything of a T-Link task."
	pollIntervalText = "Time between two reads of the task, at least `1s`. " +
		"Each read makes 5 requests for T-Link and up to 13 for LwM2M, whatever the number of devices. " +
		"It also sets how long a gate waits for retries by the platform. Defaults to `30s`."
)

// gatesModel holds the arguments with which a task is watched.
type gatesModel struct {
	MinimumSuccessPercent types.Float64        `tfsdk:"minimum_success_percent"`
	AbortFailurePercent   types.Float64        `tfsdk:"abort_failure_percent"`
	AbortMinimumDevices   types.Int64          `tfsdk:"abort_minimum_devices"`
	OnAbort               types.String         `tfsdk:"on_abort"`
	PollInterval          timetypes.GoDuration `tfsdk:"poll_interval"`
}

// defaulted returns m with the defaults of arguments that are not set.
func (m gatesModel) defaulted() gatesModel {
	if m.MinimumSuccessPercent.IsNull() {
		m.MinimumSuccessPercent = types.Float64Value(defaultMinimumSuccess)
	}
	if m.AbortMinimumDevices.IsNull() {
		m.AbortMinimumDevices = types.Int64Value(defaultAbortDevices)
	}
	setIfNull(&m.OnAbort, string(progress.AbortCancels))
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

// watchRequest returns the request to watch a task until it has reached a progress.
func (m gatesModel) watchRequest(key aep.TaskKey, until campaign.WaitFor) campaign.WatchRequest {
	interval, diags := m.defaulted().PollInterval.ValueGoDuration()
	if diags.HasError() {
		interval = defaultPollInterval // the attribute's type refuses such a value
	}
	return campaign.WatchRequest{Key: key, Until: until, Gates: m.gates(), Interval: interval}
}

// same reports whether m and other judge a task alike.
func (m gatesModel) same(other gatesModel) bool {
	return m.MinimumSuccessPercent.Equal(other.MinimumSuccessPercent) && m.AbortFailurePercent.Equal(other.AbortFailurePercent) &&
		m.AbortMinimumDevices.Equal(other.AbortMinimumDevices)
}
