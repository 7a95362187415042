package provider_test

import (
	"fmt"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestUpgradeTasksDataSource(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, func(o *simulator.Options) { o.Paging.MaxPageSize = 7 })
	var ids []int64
	for i := range 30 {
		firmware := int64(lwm2mFirmware)
		if i%2 == 1 {
			firmware = lwm2mNewer
		}
		id, _ := consoleTask(t, p, simulator.TaskDraft{Name: fmt.Sprintf("meters %02d", i), ProductID: lwm2mProduct, FirmwareID: firmware}, 0)
		ids = append(ids, id)
	}
	atConsole(t, p.SetTaskStatus(ids[3], simulator.Running))
	atConsole(t, p.SetTaskStatus(ids[4], simulator.Finished))
	atConsole(t, p.SetJobStatusCode(ids[5], 9))

	for _, c := range []struct {
		name      string
		arguments object
		rows      int
		total     int
		truncated bool
		requests  int
	}{
		{"all", nil, 30, 30, false, 5},
		{"as many as there are", object{"max_results": 30}, 30, 30, false, 5},
		{"the first page", object{"max_results": 5}, 5, 30, true, 1},
		{"two pages", object{"max_results": 8}, 8, 30, true, 2},
		{"by name", object{"name_contains": "meters 1"}, 10, 10, false, 2},
		{"by status", object{"statuses": []string{"running", "finished"}}, 2, 2, false, 5},
		{"by a status without a name", object{"statuses": []string{"unknown_9"}}, 1, 1, false, 5},
		{"by firmware", object{"firmware_id": lwm2mNewer, "max_results": 4}, 4, 15, true, 5},
		{"by everything", object{"firmware_id": lwm2mNewer, "name_contains": "meters 0", "statuses": []string{"running"}}, 1, 1, false, 2},
		{"by what does not occur", object{"firmware_id": 1}, 0, 0, false, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newDataReader(t, p, nil)
			arguments := object{"product_id": lwm2mProduct}
			for name, value := range c.arguments {
				arguments[name] = value
			}
			state := r.quiet("aep_upgrade_tasks", arguments)
			wantMembers(t, state, object{"total": c.total, "truncated": c.truncated})
			if n := len(state["tasks"].([]any)); n != c.rows {
				t.Errorf("%d tasks, want %d", n, c.rows)
			}
			r.wantRequests(map[string]int{"/tasks": c.requests})
		})
	}

	r := newDataReader(t, p, nil)
	state := r.quiet("aep_upgrade_tasks", object{"product_id": lwm2mProduct, "statuses": []string{"running"}})
	wantMembers(t, state["tasks"].([]any)[0], object{
		"id": fmt.Sprintf("%d/%d", lwm2mProduct, ids[3]), "task_id": int(ids[3]), "name": "meters 03", "status": "running",
		"protocol": "lwm2m", "retry_times": 0, "timeout_hours": nil, "firmware_id": lwm2mNewer, "description": nil,
	})
}
