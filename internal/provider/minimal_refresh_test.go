package provider_test

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// minimal is what terraform plan -minimal-refresh does with a resource that changes: it plans, reads and plans again in
// one process. A resource that does not change is not read.
var minimal = coretest.Options{MinimalRefresh: true}

// changed returns the configuration with other values for some arguments, by address.
func (w *present) changed(changes map[string]coretest.Config) []*coretest.Block {
	blocks := w.configuration(true).blocks()
	for _, b := range blocks {
		before := b.Config
		b.Config = func(of coretest.Lookup) coretest.Config { return coretest.Merge(before(of), changes[b.Address]) }
	}
	return blocks
}

// minimalChanges are changes of the configuration, each with the objects that a plan changes.
func minimalChanges(w *present) map[string]struct {
	changes map[string]coretest.Config
	want    string
} {
	lwm2m := w.ids[coretest.LwM2MProduct]
	return map[string]struct {
		changes map[string]coretest.Config
		want    string
	}{
		"nothing": {nil, "[]"},
		"all kinds in place": {map[string]coretest.Config{
			"aep_upgrade_task.d":    {"description": "later"},
			"aep_upgrade_devices.b": {"drift_detection": "full"},
			"aep_upgrade_devices.c": {"batch_size": 9},
			"aep_upgrade_rollout.b": {"poll_interval": "1m"},
		}, "[update aep_upgrade_devices.b, update aep_upgrade_devices.c, update aep_upgrade_rollout.b, update aep_upgrade_task.d]"},
		"more devices": {map[string]coretest.Config{
			"aep_upgrade_devices.d": {"device_ids_wo": lwm2m[29:45]},
		}, "[update aep_upgrade_devices.d]"},
		"other devices and another name": {map[string]coretest.Config{
			"aep_upgrade_devices.d": {"device_ids_wo": lwm2m[35:45], "name": "later"},
		}, "[update aep_upgrade_devices.d]"},
		"another task": {map[string]coretest.Config{
			"aep_upgrade_task.d": {"firmware_id": coretest.LwM2MNewer}, "aep_upgrade_devices.d": {"force_destroy": true},
		}, "[replace aep_upgrade_devices.d, replace aep_upgrade_task.d]"},
		"another name of a running task": {map[string]coretest.Config{
			"aep_upgrade_task.b": {"name": "b, still running"},
		}, "[update aep_upgrade_task.b]"},
		"another task instead of a finished one": {map[string]coretest.Config{
			"aep_upgrade_task.a":    {"firmware_id": coretest.LwM2MNewer},
			"aep_upgrade_rollout.a": {"expected_device_count": 10},
		}, "[replace aep_upgrade_devices.a, replace aep_upgrade_rollout.a, replace aep_upgrade_task.a]"},
	}
}

// built returns a workspace in which the configuration is applied.
func built(t *testing.T) *present {
	t.Helper()
	w := newPresent(t, filepath.Join(t.TempDir(), "devices.txt"))
	w.build()
	w.Platform.ResetJournal()
	return w
}

// TestMinimalRefresh plans changes in the way of -minimal-refresh. The plan is the same as with a full refresh, a plan
// sends no write, and its apply leaves nothing to do.
func TestMinimalRefresh(t *testing.T) {
	t.Parallel()
	var names []string
	synctest.Test(t, func(t *testing.T) {
		for name := range minimalChanges(built(t)) {
			names = append(names, name)
		}
	})
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := built(t)
				one := minimalChanges(w)[name]
				made := w.Plan(t.Context(), w.changed(one.changes), minimal)
				reads := len(w.Platform.Requests())
				full := w.Plan(t.Context(), w.changed(one.changes), coretest.Options{})
				if made.Diags.Errors() != full.Diags.Errors() || made.String() != one.want || full.String() != one.want {
					t.Fatalf("the plan is %s %s; with a full refresh %s %s", made, made.Diags.Errors(), full, full.Diags.Errors())
				}
				if writes := w.Platform.Writes(); len(writes) > 0 {
					t.Errorf("a plan sends %d writes", len(writes))
				}
				for _, s := range full.Open() {
					if got := made.Step(s.Address).Change.Planned; !got.Equal(s.Change.Planned) {
						t.Errorf("%s is planned to be %s, with a full refresh %s", s.Address, got, s.Change.Planned)
					}
				}
				if reads >= len(w.Platform.Requests())-reads {
					t.Errorf("the plan takes %d requests, with a full refresh %d", reads, len(w.Platform.Requests())-reads)
				}
				w.Core.NoErrors(w.ApplyPlan(t.Context(), made))
				time.Sleep(time.Hour)
				if left := w.Plan(t.Context(), w.changed(one.changes), coretest.Options{}); left.String() != "[]" {
					t.Errorf("an apply leaves %s", left)
				}
			})
		})
	}
}

// TestMinimalRefreshFindsDrift changes a task in the console. The plan shows that only for a resource that changes in
// the configuration, too.
func TestMinimalRefreshFindsDrift(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := built(t)
		for _, id := range []int64{coretest.FirstTask + 2, coretest.FirstTask + 3} {
			coretest.Must(t, w.Platform.ModifyTask(id, func(task *simulator.Task) { task.Name = "renamed" }))
		}
		lost := w.Platform.Subtasks(coretest.FirstTask + 3)[0].DeviceID
		coretest.Must(t, w.Platform.Cancel(coretest.FirstTask+3, lost))
		blocks := w.changed(map[string]coretest.Config{
			"aep_upgrade_task.d":    {"description": "later"},
			"aep_upgrade_devices.d": {"batch_size": 9},
		})
		made := w.Plan(t.Context(), blocks, minimal)
		w.Core.NoErrors(made.Diags)
		if want := "[update aep_upgrade_devices.d, update aep_upgrade_task.d]"; made.String() != want {
			t.Errorf("the plan is %s, want %s", made, want)
		}
		if got := made.Step("aep_upgrade_task.d").Object.Get("name"); got != "renamed" {
			t.Errorf("the plan reads the name %q", got)
		}
		if got := made.Step("aep_upgrade_devices.d").Object.Get("cancelled_count"); got != "1" {
			t.Errorf("the plan reads %s cancelled devices, want 1", got)
		}
		w.Platform.ResetJournal()
		w.Core.NoErrors(w.ApplyPlan(t.Context(), made))
		if task, _ := w.Platform.Task(coretest.FirstTask + 3); task.Name != "d, pending" || task.Description != "later" {
			t.Errorf("the platform holds %q, %q", task.Name, task.Description)
		}
		if task, _ := w.Platform.Task(coretest.FirstTask + 2); task.Name != "renamed" {
			t.Errorf("a task that was not read is now %q", task.Name)
		}
	})
}

// TestMinimalRefreshOfDeletedTask deletes a task in the console. The objects are planned as if they existed, and then
// created. That must not look like two sets.
func TestMinimalRefreshOfDeletedTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := built(t)
		coretest.Must(t, w.Platform.DeleteTask(coretest.FirstTask+3))
		blocks := w.changed(map[string]coretest.Config{
			"aep_upgrade_task.d":    {"description": "later"},
			"aep_upgrade_devices.d": {"batch_size": 9},
		})
		made := w.Plan(t.Context(), blocks, minimal)
		full := w.Plan(t.Context(), blocks, coretest.Options{})
		if made.Diags.Errors() != full.Diags.Errors() || made.String() != full.String() || full.String() == "[]" {
			t.Fatalf("the plan is %s %s; with a full refresh %s %s", made, made.Diags.Errors(), full, full.Diags.Errors())
		}
		w.Core.NoErrors(w.ApplyPlan(t.Context(), made))
		if n := len(w.Platform.Subtasks(coretest.FirstTask + 4)); n != 9 {
			t.Errorf("the new task has %d devices, want 9", n)
		}
	})
}
