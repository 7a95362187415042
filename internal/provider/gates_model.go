package provider

import (
	"math"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
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
	minimumSuccessText = "Least share of all devices that must have succeeded, in percent from 0 to 100; judged when the task has finished. Defaults to `100`."
	abortFailureText   = "Share of failures, in percent from 0 to 100, that ends the watch: as soon as at least one device has failed and so many of the devices in a final state have failed. Judged while the task runs. Not set: never."
	abortDevicesText   = "How many devices must be in a final state before `abort_failure_percent` is judged, at least 1. Defaults to `10`."
	onAbortText        = "What happens when `abort_failure_percent` is reached: `cancel` cancels every device that is not in a final state, and fails; `stop_waiting` fails and leaves them alone. Defaults to `cancel`."
	pollIntervalText   = "Time between two looks at the platform, at least `1s`. A look takes 5 calls for T-Link and up to 13 for LwM2M, whatever the number of devices. Defaults to `30s`."
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
		m.OnAbort = types.StringValue(string(campaign.AbortCancels))
	}
	if m.PollInterval.IsNull() {
		m.PollInterval = timetypes.NewGoDurationValueFromStringMust(defaultPollInterval.String())
	}
	return m
}

func (m gatesModel) gates() campaign.Gates {
	m = m.defaulted()
	return campaign.Gates{
		MinimumSuccessPercent: m.MinimumSuccessPercent.ValueFloat64(),
		AbortFailurePercent:   m.AbortFailurePercent.ValueFloat64Pointer(),
		AbortMinimumDevices:   m.AbortMinimumDevices.ValueInt64(),
		OnAbort:               campaign.OnAbort(m.OnAbort.ValueString()),
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

// hundredths cuts a share to two digits; never up, for 100 shall mean all.
func hundredths(percent float64) float64 { return math.Floor(percent*100) / 100 }
