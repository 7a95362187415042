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

// statesFolder holds the recordings of releases. A release adds one, see `make freeze`.
const statesFolder = "testdata/states"

// present is the configuration that the next release records, with resources of every kind and of every source of
// devices. Each task has a letter, which is the name of its resources. Recordings do not depend on it.
type present struct {
	*coretest.Workspace
	held heldPlatform
	ids  map[int64][]string
	file string // of device ids
}

// newPresent returns a workspace for the configuration, on a platform without tasks. One of the first ten LwM2M devices
// fails. The twelfth to the twentieth do not finish. The file gets the T-Link devices.
func newPresent(t *testing.T, file string) *present {
	t.Helper()
	like := coretest.NewPlatform(t)
	w := &present{held: heldPlatform{TenantID: like.Options().TenantID}, ids: map[int64][]string{}, file: file}
	for _, seed := range simulator.DefaultProducts(0) {
		product := heldProduct{ID: seed.ID, Name: seed.Name, Protocol: seed.Protocol, Devices: like.DeviceIDs(seed.ID)[:60]}
		for _, image := range seed.Firmware {
			product.Firmware = append(product.Firmware, heldFirmware{image.ID, image.Name, image.Version})
		}
		w.ids[seed.ID] = product.Devices
		if seed.ID == coretest.LwM2MProduct {
			product.Groups = map[string][]string{"north": product.Devices[11:20]}
			product.Versions = map[string][]string{"1.3251": product.Devices[30:32]}
			w.held.Failing, w.held.Hanging = product.Devices[3:4], product.Devices[11:20]
		}
		w.held.Products = append(w.held.Products, product)
	}
	writeNew(t, file, []byte(strings.Join(w.ids[coretest.TLinkProduct], "\n")+"\n"))
	w.Workspace = w.held.begin(t)
	return w
}

// drafts are the tasks of the configuration, in the order of their ids.
func (w *present) drafts() []simulator.TaskDraft {
	lwm2m := simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, RetryTimes: 2}
	a, b, d := lwm2m, lwm2m, lwm2m
	a.Name, b.Name, d.Name = "a, finished", "b, running", "d, pending"
	a.Description = "两批水表"
	c := simulator.TaskDraft{ProductID: coretest.TLinkProduct, FirmwareID: coretest.TLinkFirmware, TimeoutHours: 24, Name: "c, pending"}
	return []simulator.TaskDraft{a, b, c, d}
}

// configuration returns the configuration, with or without the rollouts of the first two tasks.
func (w *present) configuration(start bool) (c configuration) {
	sets := []coretest.Config{
		{"device_ids": w.ids[coretest.LwM2MProduct][:10], "force_destroy": true, "timeouts": coretest.Config{"create": "2h"}},
		{"device_group_id": "north", "exclusive": start, "name": "group"},
		{
			"device_ids_file": w.file, "drift_detection": "count", "batch_size": 7,
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
	tasks, devices, starts := map[string]coretest.Config{}, map[string]coretest.Config{}, map[string]coretest.Config{}
	for n, draft := range w.drafts() {
		letter := string(rune('a' + n))
		task := coretest.Config{"product_id": draft.ProductID, "task_id": "${aep_upgrade_task." + letter + ".task_id}"}
		tasks[letter], devices[letter] = taskOf(draft), coretest.Merge(sets[n], task)
		if start && n < len(rollouts) {
			needs := coretest.Config{"depends_on": []any{"aep_upgrade_devices." + letter}}
			starts[letter] = coretest.Merge(rollouts[n], coretest.Merge(task, needs))
		}
	}
	all := map[string]map[string]coretest.Config{"aep_upgrade_task": tasks, "aep_upgrade_devices": devices, "aep_upgrade_rollout": starts}
	text, err := json.Marshal(configuration{all})
	coretest.Must(w.T, err)
	coretest.Must(w.T, json.Unmarshal(text, &c))
	return c
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

// build applies the configuration, first without the rollouts.
func (w *present) build() {
	w.T.Helper()
	for _, start := range []bool{false, true, true} {
		w.Core.NoErrors(w.Apply(w.T.Context(), w.configuration(start).blocks(), coretest.Options{}))
		time.Sleep(time.Hour)
	}
}

// record applies the configuration and returns the recording. It must have every kind of resource.
func (w *present) record(t *testing.T) recording {
	t.Helper()
	w.build()
	made := recording{Platform: w.held, Tasks: tasksOf(w.Platform), Configuration: w.configuration(true)}
	for _, address := range w.State.Addresses() {
		made.States = append(made.States, w.Store(address))
	}
	for kind := range w.Core.Schemas.ResourceSchemas {
		if !slices.ContainsFunc(made.States, func(s coretest.Stored) bool { return coretest.TypeOf(s.Address) == kind }) {
			t.Errorf("the configuration has no %s", kind)
		}
	}
	return made
}

// TestStatesOfReleases reads the states that releases have written. A refresh must change nothing, and the plan must
// be empty.
func TestStatesOfReleases(t *testing.T) {
	t.Parallel()
	if release := os.Getenv("AEP_RECORD_STATES"); release != "" {
		synctest.Test(t, func(t *testing.T) {
			made := newPresent(t, filepath.Join(statesFolder, release+".txt")).record(t)
			text, err := json.MarshalIndent(made, "", "  ")
			coretest.Must(t, err)
			writeNew(t, filepath.Join(statesFolder, release+".json"), append(text, '\n'))
		})
	}
	files, err := filepath.Glob(statesFolder + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s holds no states: %v", statesFolder, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, one := range problems(t, readRecording(t, file)) {
					t.Error(one)
				}
			})
		})
	}
}
