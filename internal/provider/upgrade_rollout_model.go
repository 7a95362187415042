package provider

import (
	"context"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	// The values of on_destroy.
	destroyNone   = "none"
	destroyCancel = "cancel"

	rolloutTimeout       = 60 * time.Minute
	rolloutFinishTimeout = 24 * time.Hour // with wait_for = "finished"
)

// upgradeRolloutModel is the state of aep_upgrade_rollout.
//
// Deliberately absent: takeTime, and the attributes of aep_upgrade_task.
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

// rolloutCounts is the progress of a task.
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

func (m upgradeRolloutModel) key() aep.TaskKey { return taskKey(m.ProductID, m.TaskID) }

// taskKnown reports whether the task of a planned rollout is known.
func (m upgradeRolloutModel) taskKnown() bool {
	return !m.ProductID.IsUnknown() && !m.TaskID.IsUnknown()
}

// coming returns m as a rollout whose create is planned.
func (m upgradeRolloutModel) coming() comingRollout {
	return comingRollout{productID: m.ProductID, taskID: m.TaskID, recreates: m.AllowRecreate.ValueBool()}
}

func (m upgradeRolloutModel) limits() (timeouts.Value, crudLimits) {
	watch := rolloutTimeout
	if m.WaitFor.ValueString() == string(campaign.WaitFinished) {
		watch = rolloutFinishTimeout
	}
	return m.Timeouts, crudLimits{create: watch, read: 5 * time.Minute, update: watch, delete: 30 * time.Minute}
}

func (m upgradeRolloutModel) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return setTaskIdentity(ctx, identity, m.key())
}

// identified returns m with its id, if its task is known.
func (m upgradeRolloutModel) identified() upgradeRolloutModel {
	if m.taskKnown() {
		m.ID = types.StringValue(m.key().String())
	}
	return m
}

// defaulted returns m with the defaults of arguments that an import leaves null.
func (m upgradeRolloutModel) defaulted(o progress.Observation) upgradeRolloutModel {
	if m.ExpectedDeviceCount.IsNull() {
		m.ExpectedDeviceCount = types.Int64Value(o.DeviceCount())
	}
	setIfNull(&m.WaitFor, string(campaign.WaitStarted))
	setIfNull(&m.OnDestroy, destroyNone)
	m.AllowRecreate = falseIfNull(m.AllowRecreate)
	m.gatesModel = m.gatesModel.defaulted()
	return m
}

// isEmpty reports whether m shows a task that was not started, because no device was expected. It does not
// show a start whose watch failed: see wasStarted.
func (m upgradeRolloutModel) isEmpty() bool {
	return m.ExpectedDeviceCount.Equal(types.Int64Value(0)) && m.Status.ValueString() == aep.TaskPending.String()
}

// acts reports whether an update from prior to m starts a task or waits for one. Devices that are expected
// for the first time have not been judged, even if their task was started.
func (m upgradeRolloutModel) acts(prior upgradeRolloutModel) bool {
	if prior.ExpectedDeviceCount.Equal(types.Int64Value(0)) && !m.ExpectedDeviceCount.Equal(prior.ExpectedDeviceCount) {
		return true
	}
	if !m.WaitFor.Equal(prior.WaitFor) {
		return m.WaitFor.ValueString() != string(campaign.WaitNone)
	}
	return m.WaitFor.ValueString() == string(campaign.WaitFinished) && !m.gatesModel.same(prior.gatesModel)
}

// uncounted returns m for a task that was started and not read since.
func (m upgradeRolloutModel) uncounted() upgradeRolloutModel {
	m.rolloutCounts = rolloutCounts{FailedDeviceIDs: types.ListNull(types.StringType)}
	return m.identified()
}

// observed returns m with the progress of the task and its failed devices.
func (m upgradeRolloutModel) observed(o progress.Observation, failed []aep.Subtask) upgradeRolloutModel {
	h := o.Histogram
	ids := make([]string, len(failed))
	for i, s := range failed {
		ids[i] = s.DeviceID
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
		FailedDeviceIDs: stringList(ids),
	}
	return m.identified()
}

// recounted returns m with the progress of the task, and the failed devices of m. If their number has
// changed, it returns false: the caller lists them.
func (m upgradeRolloutModel) recounted(o progress.Observation) (fresh upgradeRolloutModel, sameFailures bool) {
	fresh = m.observed(o, nil)
	sameFailures = m.FailedCount.Equal(fresh.FailedCount) && !m.FailedDeviceIDs.IsNull()
	if sameFailures {
		fresh.FailedDeviceIDs = m.FailedDeviceIDs
	}
	return fresh, sameFailures || fresh.FailedCount.ValueInt64() == 0
}
