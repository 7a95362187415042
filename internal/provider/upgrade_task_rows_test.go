package provider_test

import (
	"bytes"
	"testing"
	"testing/synctest"

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
		p := newPlatform(t)
		for _, name := range []string{"x", "y"} {
			consoleTask(t, p, simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: name}, 0)
		}
		p.Inject(brokenRows())
		state := newDataReader(t, p, nil).quiet("aep_upgrade_tasks", object{"product_id": lwm2mProduct})
		rows := state["tasks"].([]any)
		wantMembers(t, rows[1], object{"task_id": simulatorFirstTask, "status": nil, "firmware_id": nil, "name": "x"})
		wantMembers(t, rows[0], object{"status": "pending", "firmware_id": lwm2mFirmware, "name": "y"})

		results := newCore(t, p, nil).list(t.Context(), "aep_upgrade_task", object{"product_id": lwm2mProduct}, 0, true)
		if len(results) != 2 {
			t.Fatalf("%d results", len(results))
		}
		mentions(t, "the list", results[1].DisplayName, "x (pending, task 3456)")
	})
}
