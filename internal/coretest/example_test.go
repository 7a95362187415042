package coretest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestExample shows a test of one resource: create, drift, a plan with an unknown
// value, a fault of the platform, destroy.
func TestExample(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		platform := coretest.NewPlatform(t)
		core := coretest.New(t, platform, coretest.Config{"page_size": 100})
		task := core.Absent("aep_upgrade_task")
		config := coretest.Config{
			"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1,
		}

		// Apply creates the task. A second plan is empty.
		core.MustApply(t.Context(), task, config)
		core.WantSettled(t.Context(), task, config)
		if got := task.Get("status"); got != "pending" {
			t.Errorf("status = %s, want pending", got)
		}

		// The task is renamed at the console, and the next plan shows it.
		coretest.Must(t, platform.ModifyTask(coretest.FirstTask, func(task *simulator.Task) { task.Name = "renamed" }))
		time.Sleep(time.Hour) // no read of the run before is reused
		core.MustRefresh(t.Context(), task)
		if plan := core.Plan(t.Context(), task, config); plan.Action != coretest.UpdateIt {
			t.Errorf("the plan is to %s, want update", plan.Action)
		}

		// A firmware that is known after apply replaces nothing.
		later := coretest.Merge(config, coretest.Config{"firmware_id": coretest.Unknown{}})
		if plan := core.Plan(t.Context(), task, later); plan.Diags.Errors() != "" || plan.Action.Replaces() {
			t.Errorf("the plan is to %s; %s", plan.Action, plan.Diags.Errors())
		}

		// The response to the change is lost. The provider reads the task back.
		platform.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpModify})
		core.MustApply(t.Context(), task, config)
		core.WantEmpty(t.Context(), task, config)

		// A nil configuration destroys.
		core.MustApply(t.Context(), task, nil)
		if tasks := platform.Tasks(coretest.LwM2MProduct); len(tasks) != 0 {
			t.Errorf("the destroy leaves %d tasks", len(tasks))
		}
	})
}
