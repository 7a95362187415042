package provider_test

import (
	"bytes"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// brokenRows lets the list of tasks leave out members of the task named x.
func brokenRows() simulator.Fault {
	return simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpTasks, Times: -1, Rewrite: func(body []byte) []byte {
		rows := bytes.SplitAfter(body, []byte("},"))
		for i, row := range rows {
			if bytes.Contains(row, []byte(`"jobName":"x"`)) {
				rows[i] = bytes.ReplaceAll(bytes.ReplaceAll(row, []byte(`"firmwareId"`), []byte(`"f"`)), []byte(`"jobStatus"`), []byte(`"s"`))
			}
		}
		return bytes.Join(rows, nil)
	}}
}

func TestBrokenRowsOfTasks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		for _, name := range []string{"x", "y"} {
			coretest.ConsoleTask(t, p, simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: name}, 0)
		}
		p.Inject(brokenRows())
		state := coretest.NewDataReader(t, p, nil).MustRead("aep_upgrade_tasks", coretest.Config{"product_id": coretest.LwM2MProduct})
		rows := state["tasks"].([]any)
		coretest.WantMembers(t, rows[1], coretest.Config{"task_id": coretest.FirstTask, "status": nil, "firmware_id": nil, "name": "x"})
		coretest.WantMembers(t, rows[0], coretest.Config{"status": "pending", "firmware_id": coretest.LwM2MFirmware, "name": "y"})

		results := coretest.New(t, p, nil).List(t.Context(), "aep_upgrade_task", coretest.Config{"product_id": coretest.LwM2MProduct}, 0, true)
		if len(results) != 2 {
			t.Fatalf("%d results", len(results))
		}
		mentions(t, "the list", results[1].DisplayName, "x (pending, task 3456)")
	})
}
