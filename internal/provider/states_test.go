package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// statesFolder holds the states that releases have written. A release adds a file, see `make freeze`.
const statesFolder = "testdata/states"

// recorded is the configuration whose states are kept, with resources of every kind and of every source of devices.
// Each task has a letter, which is the name of its resources.
type recorded struct {
	*coretest.Workspace
	ids map[int64][]string
}

// newRecorded returns a workspace for the configuration, on a platform without tasks. One of the first ten LwM2M
// devices fails. The twelfth to the twentieth do not finish.
func newRecorded(t *testing.T) *recorded {
	t.Helper()
	ids := map[int64][]string{}
	p := coretest.NewPlatform(t, func(o *simulator.Options) {
		o.Upgrade.UpgradeTime = time.Minute
		o.Upgrade.Fail = func(device string, _ int) string {
			return map[bool]string{true: "8"}[device == ids[coretest.LwM2MProduct][3]]
		}
		o.Upgrade.Hang = func(device string) bool { return slices.Contains(ids[coretest.LwM2MProduct][11:20], device) }
	})
	for _, product := range []int64{coretest.LwM2MProduct, coretest.TLinkProduct} {
		ids[product] = p.DeviceIDs(product)
	}
	coretest.Must(t, p.SetDeviceGroup(coretest.LwM2MProduct, "north", ids[coretest.LwM2MProduct][11:20]...))
	coretest.Must(t, p.SetDeviceVersion(coretest.LwM2MProduct, "1.3251", ids[coretest.LwM2MProduct][30:32]...))
	w := &recorded{coretest.NewWorkspace(t, p, nil), ids}
	w.Monitor.Lists = func(string) []string { return slices.Concat(ids[coretest.LwM2MProduct], ids[coretest.TLinkProduct]) }
	return w
}

// drafts are the tasks of the configuration, in the order of their ids.
func (w *recorded) drafts() []simulator.TaskDraft {
	lwm2m := simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, RetryTimes: 2}
	a, b, d := lwm2m, lwm2m, lwm2m
	a.Name, b.Name, d.Name = "a, finished", "b, running", "d, pending"
	a.Description = "两批水表"
	c := simulator.TaskDraft{ProductID: coretest.TLinkProduct, FirmwareID: coretest.TLinkFirmware, TimeoutHours: 24, Name: "c, pending"}
	return []simulator.TaskDraft{a, b, c, d}
}

// blocks returns the configuration, with or without the rollouts of the first two tasks.
func (w *recorded) blocks(start bool) (all []*coretest.Block) {
	sets := []coretest.Config{
		{"device_ids": w.ids[coretest.LwM2MProduct][:10], "force_destroy": true, "timeouts": coretest.Config{"create": "2h"}},
		{"device_group_id": "north", "exclusive": start, "name": "group"},
		{
			"device_ids_file": statesFolder + "/devices.txt", "drift_detection": "count", "batch_size": 7,
			"wave": coretest.Config{"weights": []any{1, 2}, "index": 1, "seed": "spring"},
		},
		{"device_ids_wo": w.ids[coretest.LwM2MProduct][29:40], "skip_current": true, "unknown_versions": "skip", "on_remove": "keep"},
	}
	rollouts := []coretest.Config{
		{
			"expected_device_count": 10, "wait_for": "finished", "minimum_success_percent": 80.5, "abort_failure_percent": 50,
			"on_destroy": "cancel",
		},
		{"expected_device_count": 9},
	}
	for n, draft := range w.drafts() {
		letter := string(rune('a' + n))
		task := "aep_upgrade_task." + letter
		all = append(all, &coretest.Block{Address: task, Config: func(coretest.Lookup) coretest.Config { return taskOf(draft) }})
		add := func(kind string, config coretest.Config, needs ...string) {
			all = append(all, &coretest.Block{Address: kind + "." + letter, Needs: needs, Config: func(of coretest.Lookup) coretest.Config {
				return coretest.Merge(config, coretest.Config{"product_id": draft.ProductID, "task_id": of(task, "task_id")})
			}})
		}
		add("aep_upgrade_devices", sets[n], task)
		if start && n < len(rollouts) {
			add("aep_upgrade_rollout", rollouts[n], task, "aep_upgrade_devices."+letter)
		}
	}
	return all
}

// taskOf returns the configuration of a task.
func taskOf(draft simulator.TaskDraft) coretest.Config {
	config := coretest.Config{"product_id": draft.ProductID, "firmware_id": draft.FirmwareID, "name": draft.Name}
	if draft.Description != "" {
		config["description"] = draft.Description
	}
	if draft.TimeoutHours > 0 {
		return coretest.Merge(config, coretest.Config{"timeout_hours": draft.TimeoutHours})
	}
	return coretest.Merge(config, coretest.Config{"retry_times": draft.RetryTimes, "force_destroy": true})
}

// recording is a file of statesFolder: the states, and what the platform held.
type recording struct {
	Tasks  []recordedTask    `json:"platform"`
	States []coretest.Stored `json:"states"`
}

type recordedTask struct {
	Devices []string `json:"devices"`
	Started bool     `json:"started"`
}

// record applies the configuration and returns the states.
func (w *recorded) record(t *testing.T) (all recording) {
	t.Helper()
	for _, start := range []bool{false, true, true} {
		w.Core.NoErrors(w.Apply(t.Context(), w.blocks(start), coretest.Options{}))
		time.Sleep(time.Hour)
	}
	for _, address := range w.State.Addresses() {
		all.States = append(all.States, w.Store(address))
	}
	for n := range w.drafts() {
		id := coretest.FirstTask + int64(n)
		one := recordedTask{Started: w.Platform.StartCount(id) > 0}
		for _, s := range w.Platform.Subtasks(id) {
			one.Devices = append(one.Devices, s.DeviceID)
		}
		all.Tasks = append(all.Tasks, one)
	}
	return all
}

// restore gives the platform and the state what a recording holds. Nothing of it comes from this provider.
func (w *recorded) restore(t *testing.T, from recording) {
	t.Helper()
	for n, draft := range w.drafts() {
		id, err := w.Platform.CreateTask(draft)
		coretest.Must(t, err)
		coretest.Must(t, w.Platform.Join(id, from.Tasks[n].Devices...))
		if from.Tasks[n].Started {
			coretest.Must(t, w.Platform.Start(id))
		}
	}
	time.Sleep(3 * time.Hour)
	for _, one := range from.States {
		w.Load(one)
	}
}

// TestStatesOfReleases reads the states that releases have written. A refresh must change nothing, and the plan must
// be empty.
func TestStatesOfReleases(t *testing.T) {
	t.Parallel()
	if release := os.Getenv("AEP_RECORD_STATES"); release != "" {
		synctest.Test(t, func(t *testing.T) {
			text, err := json.MarshalIndent(newRecorded(t).record(t), "", "  ")
			coretest.Must(t, err)
			coretest.Must(t, os.WriteFile(filepath.Join(statesFolder, release+".json"), append(text, '\n'), 0o600))
		})
	}
	files, err := filepath.Glob(statesFolder + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s holds no states: %v", statesFolder, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { plansEmpty(t, readRecording(t, file)) })
		})
	}
}

func readRecording(t *testing.T, file string) (from recording) {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // The file is in the repository.
	coretest.Must(t, err)
	coretest.Must(t, json.Unmarshal(text, &from))
	return from
}

// plansEmpty fails the test unless the provider reads all states of a recording, and plans nothing.
func plansEmpty(t *testing.T, from recording) {
	t.Helper()
	w := newRecorded(t)
	w.restore(t, from)
	before := w.State.Copied()
	kinds := map[string]int{}
	for _, options := range []coretest.Options{{NoRefresh: true}, {}} {
		w.Platform.ResetJournal()
		made := w.Plan(t.Context(), w.blocks(true), options)
		w.Core.NoErrors(made.Diags)
		for _, s := range made.Open() {
			t.Errorf("refreshed: %t: the plan is to %s %s: %s", !options.NoRefresh, s.Change.Action, s.Address, s.Difference())
		}
		for address, held := range before {
			kinds[held.TypeName]++
			if difference, err := held.Value.Diff(made.Step(address).Object.Value); err != nil || len(difference) > 0 {
				t.Errorf("refreshed: %t: the state of %s differs: %v %v", !options.NoRefresh, address, difference, err)
			}
		}
		if n := len(w.Platform.Requests()); !options.NoRefresh && n < len(before) {
			t.Errorf("a plan with %d objects sent only %d requests", len(before), n)
		}
	}
	if len(kinds) != len(w.Core.Schemas.ResourceSchemas) {
		t.Errorf("the recording has only %v", kinds)
	}
	w.Core.NoErrors(w.Apply(t.Context(), w.blocks(true), coretest.Options{}))
	if writes := w.Platform.Writes(); len(writes) > 0 {
		t.Errorf("an apply sends %d writes", len(writes))
	}
}
