package provider_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

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
				p := newPlatform(t)
				c := newCore(t, p, nil)
				p.Inject(fault)
				config := object{"product_id": lwm2mProduct, "firmware_id": lwm2mFirmware, "name": "meters", "retry_times": 1}
				i := c.absent("aep_upgrade_task")
				diags := c.apply(t.Context(), i, config)
				if diags.errors() != "" || !strings.Contains(diags.warnings(), "exists and is recorded in the state") {
					t.Errorf("errors %q, warnings %q", diags.errors(), diags.warnings())
				}
				if i.tainted || number(i, "task_id") != simulatorFirstTask {
					t.Errorf("task %s, tainted: %t", i.get("task_id"), i.tainted)
				}
				p.ClearFaults()
				if diags := c.refresh(t.Context(), i); diags.errors() != "" {
					t.Error(diags.errors())
				}
				c.empty(t.Context(), i, config)
			})
		})
	}
}

// TestInterruptedCreateRecordsItsTask presses Ctrl-C while the create is on its way.
func TestInterruptedCreateRecordsItsTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t)
		c := newCore(t, p, nil)
		ctx, interrupt := context.WithCancel(t.Context())
		p.BeforeRequest(once(1, isCall(simulator.OpCreate), interrupt))
		config := object{"product_id": lwm2mProduct, "firmware_id": lwm2mFirmware, "name": "meters", "retry_times": 1}
		i := c.absent("aep_upgrade_task")
		if diags := c.apply(ctx, i, config); diags.errors() != "" {
			t.Error(diags.errors())
		}
		if i.tainted || number(i, "task_id") != simulatorFirstTask || p.TasksEverCreated() != 1 {
			t.Errorf("task %s, tainted: %t; %d were made", i.get("task_id"), i.tainted, p.TasksEverCreated())
		}
		if diags := c.refresh(t.Context(), i); diags.errors() != "" {
			t.Error(diags.errors())
		}
		c.empty(t.Context(), i, config)
	})
}
