package provider_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestUpgradeTaskDataSource(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.WaitingTime = time.Hour })
	meters, devices := coretest.ConsoleTask(t, p, simulator.TaskDraft{
		Name: "meters", ProductID: coretest.LwM2MProduct,
		FirmwareID: coretest.LwM2MFirmware,
	}, 5)
	coretest.Must(t, p.Start(meters))
	coretest.Must(t, p.SetSubtaskCode(meters, devices[0], 8))
	coretest.Must(t, p.SetSubtaskCode(meters, devices[1], 7))
	coretest.Must(t, p.SetSubtaskCode(meters, devices[2], 10))
	coretest.Must(t, p.SetSubtaskCode(meters, devices[3], 99))
	tv, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{
		Name: "电视 & 100%", Description: "春季", ProductID: coretest.TLinkProduct,
		FirmwareID: coretest.TLinkFirmware, TimeoutHours: 24,
	}, 3)
	r := coretest.NewDataReader(t, p, nil)

	state, warned := r.Read("aep_upgrade_task", coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": meters})
	coretest.WantMembers(t, state, coretest.Config{
		"id": fmt.Sprintf("%d/%d", coretest.LwM2MProduct, meters), "name": "meters", "description": nil, "status": "running",
		"protocol": "lwm2m", "retry_times": 0, "timeout_hours": nil, "firmware_id": coretest.LwM2MFirmware, "firmware_version": "1.3251",
		"product_name": "Water meters", "file_name": "3297.bin", "upgrade_plan": 1,
		"device_status": 1, "device_count": 5, "elapsed": "0时0分",
	})
	for _, name := range []string{"firmware_name", "firmware_url", "tenant_id"} {
		if state[name] == nil {
			t.Errorf("%s is null", name)
		}
	}
	if at, _ := state["created_at"].(string); !strings.HasSuffix(at, "+08:00") {
		t.Errorf("created_at = %v", state["created_at"])
	}
	coretest.WantMembers(t, state["progress"], coretest.Config{
		"total_count": 4, "waiting_count": 1, "succeeded_count": 1, "failed_count": 1, "cancelled_count": 1,
		"unknown_count": 1, "success_percent": 25,
	})
	if !coretest.Says(warned, "Subtasks of unknown phase") {
		t.Errorf("a subtask in state 99 went unmentioned: %q", warned)
	}
	r.WantRequests(map[string]int{"/task": 1, "/detail": 1, "/details": 12})

	state = r.MustRead("aep_upgrade_task", coretest.Config{"product_id": coretest.TLinkProduct, "name": "电视 & 100%"})
	coretest.WantMembers(t, state, coretest.Config{
		"task_id": int(tv), "description": "春季", "status": "pending", "protocol": "t_link", "retry_times": nil,
		"timeout_hours": 24, "elapsed": nil,
	})
	coretest.WantMembers(t, state["progress"], coretest.Config{"total_count": 3, "waiting_count": 3, "success_percent": 0})
	r.WantRequests(map[string]int{"/tasks": 1, "/task": 1, "/detail": 1, "/details": 4})

	// A cancelled T-Link device vanishes from every state, which is no unknown one.
	coretest.Must(t, p.Cancel(tv, p.DeviceIDs(coretest.TLinkProduct)[0]))
	p.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpQueryDetail, Rewrite: func(body []byte) []byte {
		return bytes.Replace(body, []byte(`"allNum":2`), []byte(`"allNum":3`), 1)
	}})
	state = coretest.NewDataReader(t, p, nil).MustRead("aep_upgrade_task", coretest.Config{"product_id": coretest.TLinkProduct, "task_id": tv})
	coretest.WantMembers(t, state, coretest.Config{"device_count": 3})
	coretest.WantMembers(t, state["progress"], coretest.Config{"total_count": 2, "waiting_count": 2, "unknown_count": 0})

	state = r.MustRead("aep_upgrade_task", coretest.Config{"product_id": coretest.TLinkProduct, "task_id": tv, "with_progress": false})
	if state["progress"] != nil {
		t.Errorf("progress = %v though it was not asked for", state["progress"])
	}
	r.WantRequests(map[string]int{"/task": 1, "/detail": 1})
}

func TestUpgradeTaskDataSourceByNameNeedsExactlyOne(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	first, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 0)
	second, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 0)
	coretest.ConsoleTask(t, p, simulator.TaskDraft{
		Name: "meters, spring", ProductID: coretest.LwM2MProduct,
		FirmwareID: coretest.LwM2MFirmware,
	}, 0)
	r := coretest.NewDataReader(t, p, nil)

	_, said := r.Read("aep_upgrade_task", coretest.Config{"product_id": coretest.LwM2MProduct, "name": "meter"})
	if !coretest.Says(said, "Upgrade task not found") || !coretest.Says(said, "3 other tasks") || !coretest.Says(said, `"name"`) {
		t.Error(said)
	}
	_, said = r.Read("aep_upgrade_task", coretest.Config{"product_id": coretest.LwM2MProduct, "name": "meters"})
	if !coretest.Says(said, fmt.Sprintf("2 tasks whose name is \"meters\": %d, %d.", second, first)) {
		t.Error(said)
	}
	r.WantRequests(map[string]int{"/tasks": 1})
	if _, said = r.Read("aep_upgrade_task", coretest.Config{"product_id": coretest.LwM2MProduct, "name": "meters, spring"}); said != "" {
		t.Error(said)
	}
}

// A task that does not exist is an error that names both ids. That holds for every
// response of the platform, in every data source with a task.
func TestDataSourceOfMissingTask(t *testing.T) {
	t.Parallel()
	for name, missing := range map[string]simulator.Missing{
		"error": simulator.MissingError, "null": simulator.MissingNull,
		"empty object": simulator.MissingEmptyObject, "empty text": simulator.MissingEmptyText,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Quirks.Missing = missing })
			empty, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 0)
			for source, arguments := range map[string]coretest.Config{
				"aep_upgrade_task":     {},
				"aep_upgrade_subtasks": {},
				"aep_upgrade_devices":  {"scope": "joined"},
			} {
				r := coretest.NewDataReader(t, p, nil)
				arguments["product_id"], arguments["task_id"] = coretest.LwM2MProduct, 999
				state, said := r.Read(source, arguments)
				if !coretest.Says(said, "Task 999 of product 10005977 does not exist") || !coretest.Says(said, `"task_id"`) {
					t.Errorf("%s: %v %s", source, state, said)
				}
				arguments["task_id"] = empty
				if state, said = r.Read(source, arguments); said != "" {
					t.Errorf("%s of a task without devices: %v %s", source, state, said)
				}
			}
		})
	}
}

// A wrong app key is not a missing task.
func TestDataSourceWithWrongKey(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	id, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 1)
	r := coretest.NewDataReader(t, p, coretest.Config{"app_key": "unknown", "retry_budget": "0s"})
	_, said := r.Read("aep_upgrade_task", coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": id})
	if !coretest.Says(said, "It does not mean that the task is gone") {
		t.Error(said)
	}
}

func TestDataSourceWithUnknownProvider(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	r := coretest.NewDataReader(t, p, coretest.Config{"app_secret": coretest.Unknown{}})
	_, said := r.Read("aep_upgrade_tasks", coretest.Config{"product_id": coretest.LwM2MProduct})
	if !coretest.Says(said, "app_secret in the provider block is decided during apply") || !coretest.Says(said, "depends_on") {
		t.Error(said)
	}
	r.WantRequests(map[string]int{})
}

// A Terraform that can defer is asked to wait for the provider configuration.
func TestDataSourceIsDeferred(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	r := coretest.NewDataReader(t, p, nil)
	can := &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: true}
	block := r.Pack(r.Typed(r.Schemas.Provider.ValueType(), coretest.Config{"app_key": coretest.Unknown{}}))
	_, err := r.Server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: block, ClientCapabilities: can})
	coretest.Must(t, err)
	const name = "aep_upgrade_tasks"
	read, err := r.Server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: name, Config: r.Pack(r.Typed(r.Schemas.DataSourceSchemas[name].ValueType(),
			coretest.Config{"product_id": coretest.LwM2MProduct})),
		ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true},
	})
	coretest.Must(t, err)
	if text := coretest.Describe(read.Diagnostics); text != "" || read.Deferred == nil ||
		read.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
		t.Errorf("deferred %v, %s", read.Deferred, text)
	}
}

// Data sources see what their run has written, although they share lists.
func TestDataSourceSeesWritesOfTheSameRun(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	task, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 2)
	newcomer := p.DeviceIDs(coretest.LwM2MProduct)[50]
	r := coretest.NewDataReader(t, p, nil)
	look := func() (subtasks, joined, candidates, counted any) {
		key := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task}
		subtasks = r.MustRead("aep_upgrade_subtasks", key)["total"]
		joined = r.MustRead("aep_upgrade_devices", coretest.Config{
			"product_id": coretest.LwM2MProduct, "scope": "joined",
			"task_id": task,
		})["total"]
		candidates = r.MustRead("aep_upgrade_devices", coretest.Config{"product_id": coretest.LwM2MProduct, "scope": "candidates"})["total"]
		counted = r.MustRead("aep_upgrade_task", key)["progress"].(coretest.Config)["total_count"]
		return
	}
	if got := fmt.Sprint(look()); got != "2 2 98 2" {
		t.Fatalf("before: %s", got)
	}
	set := r.Absent("aep_upgrade_devices")
	if text := r.Apply(t.Context(), set, coretest.Config{
		"product_id": coretest.LwM2MProduct, "task_id": task,
		"device_ids": []string{newcomer},
	}).Errors(); text != "" {
		t.Fatal(text)
	}
	if got := fmt.Sprint(look()); got != "3 3 97 3" {
		t.Errorf("after: %s", got)
	}
}

func TestDataSourceBadInputIsRefusedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	r := coretest.NewDataReader(t, p, nil)
	for name, c := range map[string]struct {
		source    string
		arguments coretest.Config
		want      string
	}{
		"neither id nor name": {"aep_upgrade_task", coretest.Config{}, "task_id"},
		"both id and name":    {"aep_upgrade_task", coretest.Config{"task_id": 1, "name": "x"}, "task_id"},
		"task zero":           {"aep_upgrade_task", coretest.Config{"task_id": 0}, "at least 1"},
		"no such status":      {"aep_upgrade_tasks", coretest.Config{"statuses": []string{"done"}}, "must be pending, running, finished"},
		"no status at all":    {"aep_upgrade_tasks", coretest.Config{"statuses": []string{}}, "at least 1"},
		"no results":          {"aep_upgrade_tasks", coretest.Config{"max_results": 0}, "between 1 and 20000"},
		"too many results":    {"aep_upgrade_subtasks", coretest.Config{"task_id": 1, "max_results": 20001}, "between 1 and 20000"},
		"no such phase":       {"aep_upgrade_subtasks", coretest.Config{"task_id": 1, "phases": []string{"done"}}, "in_progress"},
		"no such state":       {"aep_upgrade_subtasks", coretest.Config{"task_id": 1, "states": []any{12}}, "between 0 and 11"},
		"state twice":         {"aep_upgrade_subtasks", coretest.Config{"task_id": 1, "states": []any{1, 1}}, "Duplicate"},
		"no such scope":       {"aep_upgrade_devices", coretest.Config{"scope": "all"}, "candidates"},
		"joined to nothing":   {"aep_upgrade_devices", coretest.Config{"scope": "joined"}, "Missing task_id"},
		"candidate of a task": {"aep_upgrade_devices", coretest.Config{"scope": "candidates", "task_id": 1}, "Superfluous task_id"},
		"both protocols":      {"aep_upgrade_devices", coretest.Config{"scope": "candidates", "imei": "1", "device_no": "1"}, "imei"},
		"empty filter":        {"aep_upgrade_devices", coretest.Config{"scope": "candidates", "device_id": ""}, "at least 1"},
	} {
		c.arguments["product_id"] = coretest.LwM2MProduct
		if _, said := r.Read(c.source, c.arguments); !strings.HasPrefix(said, "validate: ") || !coretest.Says(said, c.want) {
			t.Errorf("%s: %q lacks %q", name, said, c.want)
		}
		r.WantRequests(map[string]int{})
	}
	later := coretest.Config{"product_id": coretest.LwM2MProduct, "scope": "joined", "task_id": coretest.Unknown{}}
	if value, said := r.Raw("aep_upgrade_devices", later); strings.HasPrefix(said, "validate: ") {
		t.Errorf("a task id that is not known yet: %v %s", value, said)
	}
	if state, said := r.Read("aep_upgrade_tasks", coretest.Config{"product_id": coretest.LwM2MProduct}); said != "" ||
		len(state["tasks"].([]any)) != 0 {
		t.Errorf("control: %v %s", state, said)
	}
	r.WantRequests(map[string]int{"/tasks": 1})
}
