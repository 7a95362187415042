package provider_test

import (
	"fmt"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestUpgradeTasksDataSource(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Paging.MaxPageSize = 7 })
	var ids []int64
	for i := range 30 {
		firmware := int64(coretest.LwM2MFirmware)
		if i%2 == 1 {
			firmware = coretest.LwM2MNewer
		}
		id, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{
			Name: fmt.Sprintf("meters %02d", i), ProductID: coretest.LwM2MProduct,
			FirmwareID: firmware,
		}, 0)
		ids = append(ids, id)
	}
	coretest.Must(t, p.SetTaskStatus(ids[3], simulator.Running))
	coretest.Must(t, p.SetTaskStatus(ids[4], simulator.Finished))
	coretest.Must(t, p.SetJobStatusCode(ids[5], 9))

	for _, c := range []struct {
		name      string
		arguments coretest.Config
		rows      int
		total     int
		truncated bool
		requests  int
	}{
		{"all", nil, 30, 30, false, 5},
		{"as many as there are", coretest.Config{"max_results": 30}, 30, 30, false, 5},
		{"the first page", coretest.Config{"max_results": 5}, 5, 30, true, 1},
		{"two pages", coretest.Config{"max_results": 8}, 8, 30, true, 2},
		{"by name", coretest.Config{"name_contains": "meters 1"}, 10, 10, false, 2},
		{"by status", coretest.Config{"statuses": []string{"running", "finished"}}, 2, 2, false, 5},
		{"by a status without a name", coretest.Config{"statuses": []string{"unknown_9"}}, 1, 1, false, 5},
		{"by firmware", coretest.Config{"firmware_id": coretest.LwM2MNewer, "max_results": 4}, 4, 15, true, 5},
		{
			"by everything",
			coretest.Config{"firmware_id": coretest.LwM2MNewer, "name_contains": "meters 0", "statuses": []string{"running"}},
			1, 1, false, 2,
		},
		{"by what does not occur", coretest.Config{"firmware_id": 1}, 0, 0, false, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := coretest.NewDataReader(t, p, nil)
			arguments := coretest.Config{"product_id": coretest.LwM2MProduct}
			for name, value := range c.arguments {
				arguments[name] = value
			}
			state := r.MustRead("aep_upgrade_tasks", arguments)
			coretest.WantMembers(t, state, coretest.Config{"total": c.total, "truncated": c.truncated})
			if n := len(state["tasks"].([]any)); n != c.rows {
				t.Errorf("%d tasks, want %d", n, c.rows)
			}
			r.WantRequests(map[string]int{"/tasks": c.requests})
		})
	}

	r := coretest.NewDataReader(t, p, nil)
	state := r.MustRead("aep_upgrade_tasks", coretest.Config{"product_id": coretest.LwM2MProduct, "statuses": []string{"running"}})
	coretest.WantMembers(t, state["tasks"].([]any)[0], coretest.Config{
		"id": fmt.Sprintf("%d/%d", coretest.LwM2MProduct, ids[3]), "task_id": int(ids[3]), "name": "meters 03", "status": "running",
		"protocol": "lwm2m", "retry_times": 0, "timeout_hours": nil, "firmware_id": coretest.LwM2MNewer, "description": nil,
	})
}
