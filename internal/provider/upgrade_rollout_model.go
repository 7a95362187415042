package provider

import (
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The values of on_destroy.
const (
	destroyNone   = "none"
	destroyCancel = "cancel"
)

// upgradeRolloutModel is the state of aep_upgrade_rollout.
//
// Deliberately absent: takeTime, and everything that aep_upgrade_task tells.
type upgradeRolloutModel struct {
	ID                  types.String `tfsdk:"id"`
	ProductID           types.Int64  `tfsdk:"product_id"`
	TaskID              types.Int64  `tfsdk:"task_id"`
	WaitFor             types.String `tfsdk:"wait_for"`
	ExpectedDeviceCount types.Int64  `tfsdk:"expected_device_count"`
	OnDestroy           types.String `tfsdk:"on_destroy"`
	AllowRecreate       types.Bool   `tfsdk:"allow_recreate"`
	gatesModel
	rolloutCounts
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// rolloutCounts is how far a task has come.
type rolloutCounts struct {
	Status          types.String  `tfsdk:"status"`
	TotalCount      types.Int64   `tfsdk:"total_count"`
	WaitingCount    types.Int64   `tfsdk:"waiting_count"`
	InProgressCount types.Int64   `tfsdk:"in_progress_count"`
	SucceededCount  types.Int64   `tfsdk:"succeeded_count"`
	FailedCount     types.Int64   `tfsdk:"failed_count"`
	CancelledCount  types.Int64   `tfsdk:"cancelled_count"`
	UnknownCount    types.Int64   `tfsdk:"unknown_count"`
	SuccessPercent  types.Float64 `tfsdk:"success_percent"`
	FailedDeviceIDs types.List    `tfsdk:"failed_device_ids"`
}

func (m upgradeRolloutModel) key() aep.TaskKey {
	return aep.TaskKey{ProductID: m.ProductID.ValueInt64(), TaskID: m.TaskID.ValueInt64()}
}

// identified returns m with the id that follows from its arguments, if they are known.
func (m upgradeRolloutModel) identified() upgradeRolloutModel {
	if !m.ProductID.IsUnknown() && !m.TaskID.IsUnknown() {
		m.ID = types.StringValue(m.key().String())
	}
	return m
}

// defaulted returns m with a value for every argument that an import does not
// know.
func (m upgradeRolloutModel) defaulted(o progress.Observation) upgradeRolloutModel {
	if m.ExpectedDeviceCount.IsNull() {
		m.ExpectedDeviceCount = types.Int64Value(o.DeviceCount())
	}
	if m.WaitFor.IsNull() {
		m.WaitFor = types.StringValue(string(campaign.WaitStarted))
	}
	if m.OnDestroy.IsNull() {
		m.OnDestroy = types.StringValue(destroyNone)
	}
	if m.AllowRecreate.IsNull() {
		m.AllowRecreate = types.BoolValue(false)
	}
	m.gatesModel = m.gatesModel.defaulted()
	return m
}

// timeout returns the default of the timeouts for creating and updating.
func (m upgradeRolloutModel) timeout() time.Duration {
	if m.WaitFor.ValueString() == string(campaign.WaitFinished) {
		return rolloutFinishTimeout
	}
	return rolloutTimeout
}

// isEmpty reports whether m shows a task without a start, because no device was
// expected. A start whose watch failed does not show: see wasStarted.
func (m upgradeRolloutModel) isEmpty() bool {
	return m.ExpectedDeviceCount.Equal(types.Int64Value(0)) && m.Status.ValueString() == aep.TaskPending.String()
}

// acts reports whether m has something to start or to wait for that prior had not.
// Devices that are expected for the first time have not been judged, even if
// their task was started.
func (m upgradeRolloutModel) acts(prior upgradeRolloutModel) bool {
	if prior.ExpectedDeviceCount.Equal(types.Int64Value(0)) && !m.ExpectedDeviceCount.Equal(prior.ExpectedDeviceCount) {
		return true
	}
	if !m.WaitFor.Equal(prior.WaitFor) {
		return m.WaitFor.ValueString() != string(campaign.WaitNone)
	}
	return m.WaitFor.ValueString() == string(campaign.WaitFinished) && !m.gatesModel.same(prior.gatesModel)
}

// uncounted returns m for a task that was started, but not looked at since.
func (m upgradeRolloutModel) uncounted() upgradeRolloutModel {
	m.rolloutCounts = rolloutCounts{FailedDeviceIDs: types.ListNull(types.StringType)}
	return m.identified()
}

// observed returns m with what the platform tells of the task.
func (m upgradeRolloutModel) observed(o progress.Observation, failed []aep.Subtask) upgradeRolloutModel {
	h := o.Histogram
	ids := make([]attr.Value, len(failed))
	for i, s := range failed {
		ids[i] = types.StringValue(s.DeviceID)
	}
	m.rolloutCounts = rolloutCounts{
		Status:          types.StringValue(o.Task.Status.String()),
		TotalCount:      types.Int64Value(o.DeviceCount()),
		WaitingCount:    types.Int64Value(h.Waiting),
		InProgressCount: types.Int64Value(h.InProgress),
		SucceededCount:  types.Int64Value(h.Succeeded),
		FailedCount:     types.Int64Value(h.Failed),
		CancelledCount:  types.Int64Value(h.Cancelled),
		UnknownCount:    types.Int64Value(h.Unknown),
		SuccessPercent:  types.Float64Value(o.SuccessPercent()),
		FailedDeviceIDs: types.ListValueMust(types.StringType, ids),
	}
	return m.identified()
}

// recounted is observed for a refresh. The failed devices are as they were;
// another number of them is for the caller to look into.
func (m upgradeRolloutModel) recounted(o progress.Observation) (fresh upgradeRolloutModel, sameFailures bool) {
	fresh = m.observed(o, nil)
	sameFailures = m.FailedCount.Equal(fresh.FailedCount) && !m.FailedDeviceIDs.IsNull()
	if sameFailures {
		fresh.FailedDeviceIDs = m.FailedDeviceIDs
	}
	return fresh, sameFailures || fresh.FailedCount.ValueInt64() == 0
}
