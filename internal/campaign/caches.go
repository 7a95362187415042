package campaign

import (
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

// caches hold responses that several readers of one run need at the same time or soon after each other. An
// example is a refresh of many tasks.
type caches struct {
	tasks        syncs.Cache[int64, taskList]       // by product
	single       syncs.Cache[aep.TaskKey, aep.Task] // without the number of devices
	details      syncs.Cache[aep.TaskKey, aep.Task] // with the number of devices
	joinedCounts syncs.Cache[aep.TaskKey, int64]    // for concurrent readers only
	stateCounts  syncs.Cache[aep.TaskKey, progress.Counts]
	joined       syncs.Cache[aep.TaskKey, []aep.JoinedDevice]
	subtasks     syncs.Cache[subtaskRead, aep.Listing[aep.Subtask]]
	devices      syncs.Cache[aep.DeviceQuery, aep.Listing[aep.Device]]
	versions     syncs.Cache[aep.DeviceQuery, aep.Listing[aep.DeviceVersion]] // for concurrent readers only
	reads        taskReads
}

// taskList holds the tasks of a product, or those on the first page of its list.
type taskList struct {
	tasks  map[int64]aep.Task // by id
	pages  int                // of the whole list if this is the first page only, else 0
	stated bool               // the platform sent a list, not null
}

// subtaskRead is the key under which readers share a list of subtasks.
type subtaskRead struct {
	key           aep.TaskKey
	codes, search string
}

// invalidate drops everything that a write to the task may have changed.
func (c *caches) invalidate(key aep.TaskKey) {
	c.tasks.Invalidate(key.ProductID)
	c.single.Invalidate(key)
	c.details.Invalidate(key)
	c.joinedCounts.Invalidate(key)
	c.joined.Invalidate(key)
	c.stateCounts.Invalidate(key)
	c.subtasks.InvalidateIf(func(read subtaskRead) bool { return read.key == key })
	// A device that joins a task is no candidate for another one.
	ofProduct := func(q aep.DeviceQuery) bool { return q.Key.ProductID == key.ProductID }
	c.devices.InvalidateIf(ofProduct)
	c.versions.InvalidateIf(ofProduct)
}

// taskReads counts reads of single tasks, by product. The zero value is ready.
type taskReads struct {
	mu        sync.Mutex
	byProduct map[int64]readCount
}

type readCount struct {
	current int // under way
	total   int
}

// begin counts a read that begins.
func (t *taskReads) begin(productID int64) readCount {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byProduct == nil {
		t.byProduct = make(map[int64]readCount)
	}
	n := t.byProduct[productID]
	n.current, n.total = n.current+1, n.total+1
	t.byProduct[productID] = n
	return n
}

func (t *taskReads) end(productID int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.byProduct[productID]
	n.current--
	t.byProduct[productID] = n
}
