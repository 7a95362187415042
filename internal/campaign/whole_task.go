package campaign

import (
	"cmp"
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// WholeTask reads a task with everything that the platform shows of it. That takes two
// calls. The error is a *GoneError if the task is proven not to exist.
func (r *Runner) WholeTask(ctx context.Context, key aep.TaskKey) (aep.Task, error) {
	task, err := r.ReadTask(ctx, key)
	if err != nil {
		return aep.Task{}, err
	}
	detail, err := r.TaskDetail(ctx, key)
	return mergedTask(task, detail), err
}

// mergedTask returns a task with the values of two responses. Each response lacks values
// of the other. A value that both have is that of detail, the later response.
func mergedTask(task, detail aep.Task) aep.Task {
	detail.ProductName = cmp.Or(detail.ProductName, task.ProductName)
	detail.TenantID = cmp.Or(detail.TenantID, task.TenantID)
	detail.FirmwareURL = cmp.Or(detail.FirmwareURL, task.FirmwareURL)
	detail.FileName = cmp.Or(detail.FileName, task.FileName)
	detail.UpgradePlan = cmp.Or(detail.UpgradePlan, task.UpgradePlan)
	detail.DeviceStatus = cmp.Or(detail.DeviceStatus, task.DeviceStatus)
	detail.TimeoutHours = cmp.Or(detail.TimeoutHours, task.TimeoutHours)
	detail.RetryTimes = cmp.Or(detail.RetryTimes, task.RetryTimes)
	if detail.CreatedAt.IsZero() {
		detail.CreatedAt = task.CreatedAt
	}
	return detail
}
