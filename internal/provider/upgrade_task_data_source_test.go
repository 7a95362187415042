package provider_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestUpgradeTaskDataSource(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, func(o *simulator.Options) { o.Upgrade.WaitingTime = time.Hour })
	meters, devices := consoleTask(t, p, simulator.TaskDraft{Name: "meters", ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware}, 5)
	atConsole(t, p.Start(meters))
	atConsole(t, p.SetSubtaskCode(meters, devices[0], 8))
	atConsole(t, p.SetSubtaskCode(meters, devices[1], 7))
	atConsole(t, p.SetSubtaskCode(meters, devices[2], 10))
	atConsole(t, p.SetSubtaskCode(meters, devices[3], 99))
	tv, _ := consoleTask(t, p, simulator.TaskDraft{Name: "电视 & 100%", Description: "春季", ProductID: tLinkProduct, FirmwareID: tLinkFirmware, TimeoutHours: 24}, 3)
	r := newDataReader(t, p, nil)

	state, warned := r.read("aep_upgrade_task", object{"product_id": lwm2mProduct, "task_id": meters})
	wantMembers(t, state, object{
		"id": fmt.Sprintf("%d/%d", lwm2mProduct, meters), "name": "meters", "description": nil, "status": "running",
		"protocol": "lwm2m", "retry_times": 0, "timeout_hours": nil, "firmware_id": lwm2mFirmware, "firmware_version": "1.3251",
		"product_name": "复用lw二进制 远程升级", "file_name": "3297.bin", "upgrade_plan": 1, "device_status": 1, "device_count": 5, "elapsed": "0时0分",
	})
	for _, name := range []string{"firmware_name", "firmware_url", "tenant_id"} {
		if state[name] == nil {
			t.Errorf("%s is null", name)
		}
	}
	if at, _ := state["created_at"].(string); !strings.HasSuffix(at, "+08:00") {
		t.Errorf("created_at = %v", state["created_at"])
	}
	wantMembers(t, state["progress"], object{
		"total_count": 4, "waiting_count": 1, "succeeded_count": 1, "failed_count": 1, "cancelled_count": 1, "unknown_count": 1, "success_percent": 25,
	})
	if !strings.Contains(warned, "Subtasks of unknown phase") {
		t.Errorf("a subtask in state 99 went unmentioned: %q", warned)
	}
	r.wantRequests(map[string]int{"/task": 1, "/detail": 1, "/details": 12})

	state = r.quiet("aep_upgrade_task", object{"product_id": tLinkProduct, "name": "电视 & 100%"})
	wantMembers(t, state, object{
		"task_id": int(tv), "description": "春季", "status": "pending", "protocol": "t_link", "retry_times": nil, "timeout_hours": 24, "elapsed": nil,
	})
	wantMembers(t, state["progress"], object{"total_count": 3, "waiting_count": 3, "success_percent": 0})
	r.wantRequests(map[string]int{"/tasks": 1, "/task": 1, "/detail": 1, "/details": 4})

	// A cancelled T-Link device vanishes from every state, which is no unknown one.
	atConsole(t, p.Cancel(tv, p.DeviceIDs(tLinkProduct)[0]))
	p.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpQueryDetail, Rewrite: func(body []byte) []byte {
		return bytes.Replace(body, []byte(`"allNum":2`), []byte(`"allNum":3`), 1)
	}})
	state = newDataReader(t, p, nil).quiet("aep_upgrade_task", object{"product_id": tLinkProduct, "task_id": tv})
	wantMembers(t, state, object{"device_count": 3})
	wantMembers(t, state["progress"], object{"total_count": 2, "waiting_count": 2, "unknown_count": 0})

	state = r.quiet("aep_upgrade_task", object{"product_id": tLinkProduct, "task_id": tv, "with_progress": false})
	if state["progress"] != nil {
		t.Errorf("progress = %v though it was not asked for", state["progress"])
	}
	r.wantRequests(map[string]int{"/task": 1, "/detail": 1})
}

func TestUpgradeTaskDataSourceByNameNeedsExactlyOne(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	first, _ := consoleTask(t, p, simulator.TaskDraft{}, 0)
	second, _ := consoleTask(t, p, simulator.TaskDraft{}, 0)
	consoleTask(t, p, simulator.TaskDraft{Name: "meters, spring", ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware}, 0)
	r := newDataReader(t, p, nil)

	_, said := r.read("aep_upgrade_task", object{"product_id": lwm2mProduct, "name": "meter"})
	if !strings.Contains(said, "Upgrade task not found") || !strings.Contains(said, "3 other tasks") || !strings.Contains(said, `"name"`) {
		t.Error(said)
	}
	_, said = r.read("aep_upgrade_task", object{"product_id": lwm2mProduct, "name": "meters"})
	if !strings.Contains(said, fmt.Sprintf("2 tasks whose name is \"meters\": %d, %d.", second, first)) {
		t.Error(said)
	}
	r.wantRequests(map[string]int{"/tasks": 1})
	if _, said = r.read("aep_upgrade_task", object{"product_id": lwm2mProduct, "name": "meters, spring"}); said != "" {
		t.Error(said)
	}
}

// A task that does not exist is an error that names both ids, whatever the
// platform answers for it, in every data source that takes a task.
func TestDataSourceOfMissingTask(t *testing.T) {
	t.Parallel()
	for name, missing := range map[string]simulator.Missing{
		"error": simulator.MissingError, "null": simulator.MissingNull,
		"empty object": simulator.MissingEmptyObject, "empty text": simulator.MissingEmptyText,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, func(o *simulator.Options) { o.Quirks.Missing = missing })
			empty, _ := consoleTask(t, p, simulator.TaskDraft{}, 0)
			for source, arguments := range map[string]object{
				"aep_upgrade_task":     {},
				"aep_upgrade_subtasks": {},
				"aep_upgrade_devices":  {"scope": "joined"},
			} {
				r := newDataReader(t, p, nil)
				arguments["product_id"], arguments["task_id"] = lwm2mProduct, 999
				state, said := r.read(source, arguments)
				if !strings.Contains(said, "Task 999 of product 10005977 does not exist") || !strings.Contains(said, `"task_id"`) {
					t.Errorf("%s: %v %s", source, state, said)
				}
				arguments["task_id"] = empty
				if state, said = r.read(source, arguments); said != "" {
					t.Errorf("%s of a task without devices: %v %s", source, state, said)
				}
			}
		})
	}
}

// A wrong app key is not a missing task.
func TestDataSourceWithWrongKey(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	id, _ := consoleTask(t, p, simulator.TaskDraft{}, 1)
	r := newDataReader(t, p, object{"app_key": "nobody", "retry_budget": "0s"})
	_, said := r.read("aep_upgrade_task", object{"product_id": lwm2mProduct, "task_id": id})
	if !strings.Contains(said, "It does not mean that the task is gone") {
		t.Error(said)
	}
}

func TestDataSourceWithUnknownProvider(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	r := newDataReader(t, p, object{"app_secret": unknown{}})
	_, said := r.read("aep_upgrade_tasks", object{"product_id": lwm2mProduct})
	if !strings.Contains(said, "app_secret in the provider block is decided during apply") || !strings.Contains(said, "depends_on") {
		t.Error(said)
	}
	r.wantRequests(map[string]int{})
}

// A Terraform that can wait for the provider configuration is told to.
func TestDataSourceIsDeferred(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	r := newDataReader(t, p, nil)
	can := &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: true}
	block := r.pack(r.typed(r.schemas.Provider.ValueType(), object{"app_key": unknown{}}))
	_, err := r.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: block, ClientCapabilities: can})
	atConsole(t, err)
	const name = "aep_upgrade_tasks"
	read, err := r.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: name, Config: r.pack(r.typed(r.schemas.DataSourceSchemas[name].ValueType(), object{"product_id": lwm2mProduct})),
		ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true},
	})
	atConsole(t, err)
	if text := toldBy(read.Diagnostics); text != "" || read.Deferred == nil || read.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
		t.Errorf("deferred %v, %s", read.Deferred, text)
	}
}

// What one run has written its data sources see, though they share lists.
func TestDataSourceSeesWritesOfTheSameRun(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	task, _ := consoleTask(t, p, simulator.TaskDraft{}, 2)
	newcomer := p.DeviceIDs(lwm2mProduct)[50]
	r := newDataReader(t, p, nil)
	look := func() (subtasks, joined, candidates, counted any) {
		key := object{"product_id": lwm2mProduct, "task_id": task}
		subtasks = r.quiet("aep_upgrade_subtasks", key)["total"]
		joined = r.quiet("aep_upgrade_devices", object{"product_id": lwm2mProduct, "scope": "joined", "task_id": task})["total"]
		candidates = r.quiet("aep_upgrade_devices", object{"product_id": lwm2mProduct, "scope": "candidates"})["total"]
		counted = r.quiet("aep_upgrade_task", key)["progress"].(object)["total_count"]
		return
	}
	if got := fmt.Sprint(look()); got != "2 2 98 2" {
		t.Fatalf("before: %s", got)
	}
	set := r.absent("aep_upgrade_devices")
	if text := r.apply(t.Context(), set, object{"product_id": lwm2mProduct, "task_id": task, "device_ids": []string{newcomer}}).errors(); text != "" {
		t.Fatal(text)
	}
	if got := fmt.Sprint(look()); got != "3 3 97 3" {
		t.Errorf("after: %s", got)
	}
}

func TestDataSourceBadInputIsRefusedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	r := newDataReader(t, p, nil)
	for name, c := range map[string]struct {
		source    string
		arguments object
		want      string
	}{
		"neither id nor name": {"aep_upgrade_task", object{}, "task_id"},
		"both id and name":    {"aep_upgrade_task", object{"task_id": 1, "name": "x"}, "task_id"},
		"task zero":           {"aep_upgrade_task", object{"task_id": 0}, "at least 1"},
		"no such status":      {"aep_upgrade_tasks", object{"statuses": []string{"done"}}, "must be pending, running, finished"},
		"no status at all":    {"aep_upgrade_tasks", object{"statuses": []string{}}, "at least 1"},
		"no results":          {"aep_upgrade_tasks", object{"max_results": 0}, "between 1 and 20000"},
		"too many results":    {"aep_upgrade_subtasks", object{"task_id": 1, "max_results": 20001}, "between 1 and 20000"},
		"no such phase":       {"aep_upgrade_subtasks", object{"task_id": 1, "phases": []string{"done"}}, "in_progress"},
		"no such state":       {"aep_upgrade_subtasks", object{"task_id": 1, "states": []any{12}}, "between 0 and 11"},
		"state twice":         {"aep_upgrade_subtasks", object{"task_id": 1, "states": []any{1, 1}}, "Duplicate"},
		"no such scope":       {"aep_upgrade_devices", object{"scope": "all"}, "candidates"},
		"joined to nothing":   {"aep_upgrade_devices", object{"scope": "joined"}, "Missing task_id"},
		"candidate of a task": {"aep_upgrade_devices", object{"scope": "candidates", "task_id": 1}, "Superfluous task_id"},
		"both protocols":      {"aep_upgrade_devices", object{"scope": "candidates", "imei": "1", "device_no": "1"}, "imei"},
		"empty filter":        {"aep_upgrade_devices", object{"scope": "candidates", "device_id": ""}, "at least 1"},
	} {
		c.arguments["product_id"] = lwm2mProduct
		if _, said := r.read(c.source, c.arguments); !strings.HasPrefix(said, "validate: ") || !strings.Contains(said, c.want) {
			t.Errorf("%s: %q lacks %q", name, said, c.want)
		}
		r.wantRequests(map[string]int{})
	}
	later := object{"product_id": lwm2mProduct, "scope": "joined", "task_id": unknown{}}
	if value, said := r.raw("aep_upgrade_devices", later); strings.HasPrefix(said, "validate: ") {
		t.Errorf("a task id that is not known yet: %v %s", value, said)
	}
	if state, said := r.read("aep_upgrade_tasks", object{"product_id": lwm2mProduct}); said != "" || len(state["tasks"].([]any)) != 0 {
		t.Errorf("control: %v %s", state, said)
	}
	r.wantRequests(map[string]int{"/tasks": 1})
}
