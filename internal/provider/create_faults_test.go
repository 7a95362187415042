package provider_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestCreatedTaskThatCannotBeReadIsRecorded has nothing but failures after the
// create: an error would taint the task, and the next apply would delete it.
func TestCreatedTaskThatCannotBeReadIsRecorded(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"refused": {Kind: simulator.StatusBefore, Status: http.StatusForbidden, Operation: simulator.OpQueryTask, Times: -1},
		"unknown": {Kind: simulator.StatusBefore, Status: http.StatusNotFound, Operation: simulator.OpQueryTask, Times: -1},
		"broken":  {Kind: simulator.TruncatedJSON, Operation: simulator.OpQueryTask, Times: -1},
		"silent":  {Kind: simulator.HangBefore, Operation: simulator.OpQueryTask, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := coretest.NewPlatform(t)
				c := coretest.New(t, p, nil)
				p.Inject(fault)
				config := coretest.Config{
					"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters",
					"retry_times": 1,
				}
				i := c.Absent("aep_upgrade_task")
				diags := c.Apply(t.Context(), i, config)
				if diags.Errors() != "" || !coretest.Says(diags.Warnings(), "exists and is recorded in the state") {
					t.Errorf("errors %q, warnings %q", diags.Errors(), diags.Warnings())
				}
				if i.Tainted || coretest.Number(i, "task_id") != coretest.FirstTask {
					t.Errorf("task %s, tainted: %t", i.Get("task_id"), i.Tainted)
				}
				p.ClearFaults()
				if diags := c.Refresh(t.Context(), i); diags.Errors() != "" {
					t.Error(diags.Errors())
				}
				c.WantEmpty(t.Context(), i, config)
			})
		})
	}
}

// TestInterruptedCreateRecordsItsTask presses Ctrl-C while the create is on its way.
func TestInterruptedCreateRecordsItsTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		c := coretest.New(t, p, nil)
		ctx, interrupt := context.WithCancel(t.Context())
		p.BeforeRequest(coretest.Once(1, coretest.Calls(simulator.OpCreate), interrupt))
		config := coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1}
		i := c.Absent("aep_upgrade_task")
		if diags := c.Apply(ctx, i, config); diags.Errors() != "" {
			t.Error(diags.Errors())
		}
		if i.Tainted || coretest.Number(i, "task_id") != coretest.FirstTask || p.TasksEverCreated() != 1 {
			t.Errorf("task %s, tainted: %t; %d were made", i.Get("task_id"), i.Tainted, p.TasksEverCreated())
		}
		if diags := c.Refresh(t.Context(), i); diags.Errors() != "" {
			t.Error(diags.Errors())
		}
		c.WantEmpty(t.Context(), i, config)
	})
}
