package campaign

import (
	"context"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// statePatience is how long the states of subtasks may lag behind a refused cancel.
const statePatience = 3 * time.Second

// subtaskOperation is a batch operation on subtasks, by their ids.
type subtaskOperation struct {
	batchOperation[int64]
	protocol aep.Protocol
	taskSize int64                 // about how many devices the task has
	before   map[int64]aep.Subtask // the subtasks, as they were before the operation
}

// device returns the device of a subtask.
func (o *subtaskOperation) device(id int64) string { return o.before[id].DeviceID }

// devices returns the devices of subtasks.
func (o *subtaskOperation) devices(ids []int64) deviceset.Set {
	devices := make([]string, len(ids))
	for i, id := range ids {
		devices[i] = o.device(id)
	}
	return deviceset.Of(devices)
}

// reread reads the subtasks again, by id. The result also has other subtasks of their devices, and lacks
// subtasks that the platform no longer lists.
func (o *subtaskOperation) reread(ctx context.Context, ids []int64) (map[int64]aep.Subtask, error) {
	rows, err := o.subtasksAmong(ctx, o.key, o.protocol, o.devices(ids), o.taskSize)
	return bySubtask(rows), err
}

// bySubtask returns subtasks by their ids.
func bySubtask(subtasks []aep.Subtask) map[int64]aep.Subtask {
	byID := make(map[int64]aep.Subtask, len(subtasks))
	for _, s := range subtasks {
		byID[s.ID] = s
	}
	return byID
}

// subtaskIDs returns the ids of subtasks, in their order.
func subtaskIDs(subtasks []aep.Subtask) []int64 {
	ids := make([]int64, len(subtasks))
	for i, s := range subtasks {
		ids[i] = s.ID
	}
	return ids
}
