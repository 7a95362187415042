package provider_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// consoleCodes sets the states of a task's devices, in their order.
func consoleCodes(t *testing.T, p *simulator.Platform, task int64, devices []string, codes ...int) {
	t.Helper()
	for i, code := range codes {
		coretest.Must(t, p.SetSubtaskCode(task, devices[i], code))
	}
}

func TestUpgradeSubtasksDataSource2019(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Paging.MaxPageSize = 7 })
	task, devices := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 20)
	consoleCodes(t, p, task, devices, 8, 8, 8, 8, 8, 8, 8, 8, 7, 5, 3, 1, 2, 4, 6, 9, 11, 10)
	coretest.Must(t, p.SetSubtaskResult(task, devices[0], "1", "1.3251"))

	for _, c := range []struct {
		name      string
		arguments coretest.Config
		rows      []string
		total     int
		truncated bool
		details   int // requests to /details
	}{
		{"all", nil, devices, 20, false, 3},
		{"the first page, and counts by counting", coretest.Config{"max_results": 5}, devices[:5], 20, true, 1 + 12},
		{"two pages", coretest.Config{"max_results": 8}, devices[:8], 20, true, 2 + 12},
		{"succeeded", coretest.Config{"phases": []string{"succeeded"}}, devices[:8], 8, false, 2 + 12},
		{"one of the succeeded", coretest.Config{"phases": []string{"succeeded"}, "max_results": 1}, devices[:1], 8, true, 1 + 12},
		{"failed", coretest.Config{"phases": []string{"failed"}}, []string{devices[10], devices[9], devices[8], devices[11]}, 4, false, 4 + 12},
		{"cancelled", coretest.Config{"phases": []string{"cancelled"}}, devices[17:18], 1, false, 1 + 12},
		{"raw states", coretest.Config{"states": []any{11, 9}}, devices[15:17], 2, false, 2 + 12},
		{
			"states within phases",
			coretest.Config{"states": []any{8, 7, 2}, "phases": []string{"failed", "waiting"}},
			devices[8:9], 1, false,
			1 + 12,
		},
		{"states outside phases", coretest.Config{"states": []any{8}, "phases": []string{"failed"}}, nil, 0, false, 12},
		{"search", coretest.Config{"search": devices[3]}, devices[3:4], 1, false, 1 + 12},
		{"search within a phase", coretest.Config{"search": devices[3], "phases": []string{"failed"}}, nil, 0, false, 4 + 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := coretest.NewDataReader(t, p, nil)
			arguments := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task}
			for name, value := range c.arguments {
				arguments[name] = value
			}
			state := r.MustRead("aep_upgrade_subtasks", arguments)
			coretest.WantMembers(t, state, coretest.Config{"total": c.total, "truncated": c.truncated})
			if got := fmt.Sprint(coretest.Column(state, "subtasks", "device_id")); !sameMembers(got, fmt.Sprint(c.rows)) {
				t.Errorf("devices %s, want %s", got, c.rows)
			}
			ids := fmt.Sprint(coretest.Column(state, "subtasks", "device_id"))
			if fmt.Sprint(strings.Fields(state["device_ids_text"].(string))) != ids {
				t.Errorf("device_ids_text = %q, want %s", state["device_ids_text"], ids)
			}
			coretest.WantMembers(t, state["counts"], coretest.Config{
				"waiting": 2, "in_progress": 5, "succeeded": 8, "failed": 4, "cancelled": 1, "unknown": 0,
			})
			r.WantRequests(map[string]int{"/detail": 1, "/details": c.details})
		})
	}

	r := coretest.NewDataReader(t, p, nil)
	state := r.MustRead("aep_upgrade_subtasks", coretest.Config{
		"product_id": coretest.LwM2MProduct, "task_id": task,
		"phases": []string{"succeeded"}, "max_results": 1,
	})
	coretest.WantMembers(t, state["subtasks"].([]any)[0], coretest.Config{
		"device_id": devices[0], "device_name": "设备-0000001", "device_sn": nil, "imei": "860000000000001", "phase": "succeeded",
		"state_code": 8, "result_code": "1", "version_after": "1.3251",
	})
	// The next data source uses the counts of the first.
	r.MustRead("aep_upgrade_subtasks", coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task, "phases": []string{"cancelled"}})
	r.WantRequests(map[string]int{"/detail": 1, "/details": 1})
	r.MustRead("aep_upgrade_task", coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task})
	r.WantRequests(map[string]int{"/task": 1, "/detail": 1})
	r.MustRead("aep_upgrade_subtasks", coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task, "phases": []string{"cancelled"}})
	r.WantRequests(map[string]int{"/detail": 1})
}

// sameMembers compares two printed lists but for their order.
func sameMembers(a, b string) bool {
	count := map[string]int{}
	for _, word := range strings.Fields(strings.Trim(a, "[]")) {
		count[word]++
	}
	for _, word := range strings.Fields(strings.Trim(b, "[]")) {
		count[word]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// Code 3 is a success in the newer numbering and a failure in the older one.
func TestUpgradeSubtasksDataSourceProvesSuccess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, table, after string
		phases             []string
		rows               int
		phase              any
		succeeded, Unknown int
		warned             bool
	}{
		{"nothing proves it", "auto", "", nil, 4, "unknown", 0, 2, true},
		{"nothing proves it, successes only", "auto", "", []string{"succeeded"}, 0, nil, 0, 2, true},
		{"nothing proves it, the unknown only", "auto", "", []string{"unknown"}, 2, "unknown", 0, 2, true},
		{"a version proves it", "auto", "1.3251", nil, 4, "succeeded", 2, 0, false},
		{"a version proves it, successes only", "auto", "1.3251", []string{"succeeded"}, 2, "succeeded", 2, 0, false},
		{"a version proves it, the unknown only", "auto", "1.3251", []string{"unknown"}, 0, nil, 2, 0, false},
		{"set to the newer", "2022", "", []string{"succeeded"}, 2, "succeeded", 2, 0, false},
		{"set to the older", "2019", "", []string{"failed"}, 2, "failed", 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := coretest.NewPlatform(t, func(o *simulator.Options) {
				o.Upgrade.Table = simulator.Table2022
				if c.table == "2019" {
					o.Upgrade.Table = simulator.Table2019
				}
			})
			task, devices := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 4)
			consoleCodes(t, p, task, devices, 3, 3, 2)
			// The row that proves it is not the sample that counting sees.
			coretest.Must(t, p.SetSubtaskResult(task, devices[0], "-1", ""))
			coretest.Must(t, p.SetSubtaskResult(task, devices[1], "-1", c.after))
			r := coretest.NewDataReader(t, p, coretest.Config{"lwm2m_status_codes": c.table})
			arguments := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task}
			if c.phases != nil {
				arguments["phases"] = c.phases
			}
			state, said := r.Read("aep_upgrade_subtasks", arguments)
			if warned := strings.Contains(said, "lwm2m_status_codes"); warned != c.warned || strings.Contains(said, "ERROR") {
				t.Fatal(said)
			}
			phases := coretest.Column(state, "subtasks", "phase")
			if len(phases) != c.rows || c.rows > 0 && phases[0] != c.phase {
				t.Errorf("phases %v, want %d rows, the first %v", phases, c.rows, c.phase)
			}
			coretest.WantMembers(t, state["counts"], coretest.Config{"succeeded": c.succeeded, "unknown": c.Unknown})
			coretest.WantMembers(t, state, coretest.Config{"total": c.rows, "truncated": false})
		})
	}
}

// Subtasks in states that no request can filter by are found by reading all.
func TestUpgradeSubtasksDataSourceUnknownStates(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	task, devices := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 6)
	consoleCodes(t, p, task, devices, 99, 8, 77, 55)
	r := coretest.NewDataReader(t, p, nil)
	state, said := r.Read("aep_upgrade_subtasks", coretest.Config{
		"product_id": coretest.LwM2MProduct, "task_id": task, "phases": []string{"unknown"}, "max_results": 2,
	})
	if !coretest.Says(said, "WARNING: Subtasks of unknown phase") {
		t.Error(said)
	}
	coretest.WantMembers(t, state, coretest.Config{"total": 3, "truncated": true})
	if got := fmt.Sprint(coretest.Column(state, "subtasks", "state_code")); got != "[99 77]" {
		t.Error(got)
	}
	coretest.WantMembers(t, state["counts"], coretest.Config{"unknown": 3, "waiting": 2, "succeeded": 1})
	r.WantRequests(map[string]int{"/detail": 1, "/details": 13})
}

func TestUpgradeSubtasksDataSourceTLink(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Paging.MaxPageSize, o.Quirks.NumericCodes = 7, true })
	draft := simulator.TaskDraft{ProductID: coretest.TLinkProduct, FirmwareID: coretest.TLinkFirmware, TimeoutHours: 24}
	task, devices := coretest.ConsoleTask(t, p, draft, 20)
	consoleCodes(t, p, task, devices, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3)
	arguments := coretest.Config{"product_id": coretest.TLinkProduct, "task_id": task}
	read := func(name string, value any) (*coretest.DataReader, coretest.Config) {
		r := coretest.NewDataReader(t, p, nil)
		with := coretest.Config{name: value}
		for name, value := range arguments {
			with[name] = value
		}
		state := r.MustRead("aep_upgrade_subtasks", with)
		coretest.WantMembers(t, state["counts"], coretest.Config{
			"waiting": 8, "in_progress": 0, "succeeded": 2, "failed": 10, "cancelled": 0,
			"unknown": 0,
		})
		return r, state
	}

	r, state := read("max_results", 20)
	coretest.WantMembers(t, state, coretest.Config{"total": 20, "truncated": false})
	coretest.WantMembers(t, state["subtasks"].([]any)[0], coretest.Config{
		"phase": "waiting", "state_code": 1, "imei": nil,
		"device_sn": "0000013",
	})
	r.WantRequests(map[string]int{"/detail": 1, "/details": 2 + 1 + 1 + 2})
	for _, line := range r.Requests() {
		if strings.HasPrefix(line, "/details") && !coretest.Says(line, "taskStatus=") {
			t.Errorf("T-Link was asked without a state: %s", line)
		}
	}

	r, state = read("max_results", 3)
	coretest.WantMembers(t, state, coretest.Config{"total": 20, "truncated": true})
	r.WantRequests(map[string]int{"/detail": 1, "/details": 4 + 4})

	r, state = read("phases", []string{"failed"})
	coretest.WantMembers(t, state, coretest.Config{"total": 10})
	r.WantRequests(map[string]int{"/detail": 1, "/details": 4 + 2})

	r, state = read("phases", []string{"cancelled", "unknown"})
	coretest.WantMembers(t, state, coretest.Config{"total": 0, "device_ids_text": ""})
	r.WantRequests(map[string]int{"/detail": 1, "/details": 4})

	r, state = read("search", "0000013")
	coretest.WantMembers(t, state, coretest.Config{"total": 1, "device_ids_text": devices[12] + "\n"})
	r.WantRequests(map[string]int{"/detail": 1, "/details": 4 + 4})

	r = coretest.NewDataReader(t, p, nil)
	arguments["states"] = []any{3, 8}
	_, said := r.Read("aep_upgrade_subtasks", arguments)
	if !coretest.Says(said, "there is no 8") || !coretest.Says(said, `"states"`) {
		t.Error(said)
	}
	r.WantRequests(map[string]int{"/detail": 1})
}

// An incomplete listing is never passed off as the whole.
func TestUpgradeSubtasksDataSourceUnreliableList(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Paging.TotalOffset = 3 })
	task, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 5)
	r := coretest.NewDataReader(t, p, nil)
	_, said := r.Read("aep_upgrade_subtasks", coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task})
	if !coretest.Says(said, "ERROR: Unable to read subtasks of upgrade task") || !coretest.Says(said, "was inconsistent") {
		t.Error(said)
	}
}

func TestUpgradeSubtasksDataSourceKeepsThePlatformsWords(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	task, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 5)
	p.Inject(simulator.Fault{Kind: simulator.BusinessError, Operation: simulator.OpSubtasks, Code: 4711, Message: "系统繁忙", Times: -1})
	r := coretest.NewDataReader(t, p, coretest.Config{"retry_budget": "0s"})
	_, said := r.Read("aep_upgrade_subtasks", coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task})
	if !coretest.Says(said, "4711") || !coretest.Says(said, "系统繁忙") || !coretest.Says(said, fmt.Sprint(task)) {
		t.Error(said)
	}
}

// As many rows as a data source returns at the most.
func BenchmarkUpgradeSubtasksDataSource(b *testing.B) {
	const n = 20_000
	p := simulator.New(simulator.Options{Products: simulator.DefaultProducts(n)})
	defer p.Close()
	task, _ := coretest.ConsoleTask(b, p, simulator.TaskDraft{}, n)
	for _, size := range []any{n / 4, n / 2, n} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				r := coretest.NewDataReader(b, p, coretest.Config{"page_size": 1000})
				value, said := r.Raw("aep_upgrade_subtasks", coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task, "max_results": size})
				if said != "" || value.IsNull() {
					b.Fatal(said)
				}
			}
		})
	}
}

func TestUpgradeSubtasksReports(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.Table = simulator.Table2019 })
	task, devices := coretest.ConsoleTask(t, p, simulator.TaskDraft{Name: "Meters | north"}, 5)
	consoleCodes(t, p, task, devices, 8, 8, 7, 6)
	coretest.Must(t, p.SetSubtaskResult(task, devices[0], "1", "1.3251"))
	coretest.Must(t, p.SetSubtaskResult(task, devices[1], "1", "1.3251"))
	coretest.Must(t, p.SetSubtaskResult(task, devices[2], "=8", ""))
	read := func(arguments coretest.Config) (coretest.Config, [][]string, string) {
		r := coretest.NewDataReader(t, p, nil)
		with := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task}
		for name, value := range arguments {
			with[name] = value
		}
		state := r.MustRead("aep_upgrade_subtasks", with)
		records, err := csv.NewReader(strings.NewReader(state["csv"].(string))).ReadAll()
		coretest.Must(t, err)
		return state, records, state["markdown"].(string)
	}

	state, records, markdown := read(nil)
	versions := map[string]int{"1.3251": 2}
	for _, row := range state["subtasks"].([]any)[2:] {
		before, reported := row.(coretest.Config)["version_before"].(string)
		if !reported {
			before = "unknown"
		}
		versions[before]++
	}
	if got := fmt.Sprint(state["counts_by_version"]); got != fmt.Sprint(versions) {
		t.Errorf("counts_by_version = %s, want %v", got, versions)
	}
	coretest.WantMembers(t, state["counts_by_result_code"], coretest.Config{"1": 2, "=8": 1, "-1": 2})
	for i, want := range []string{"result_code", "1", "1", "'=8", "", ""} {
		if records[i][7] != want || i > 0 && records[i][1] != devices[i-1] {
			t.Errorf("record %d is %q, want device %d with the result %q", i, records[i], i-1, want)
		}
	}
	if !strings.HasPrefix(markdown, "### Meters &#124; north\n") || strings.Count(markdown, "\n| `"+devices[0][:8]) != 1 ||
		!strings.Contains(markdown, "| succeeded | `1` firmware updated | ") || strings.Count(markdown, "→ `1.3251` | 20") != 2 {
		t.Error(markdown)
	}

	state, records, markdown = read(coretest.Config{"phases": []string{"succeeded"}, "max_results": 1})
	coretest.WantMembers(t, state["counts_by_result_code"], coretest.Config{"1": 1})
	coretest.WantMembers(t, state["counts_by_version"], coretest.Config{"1.3251": 1})
	if len(records) != 2 || !strings.Contains(markdown, "Truncated by `max_results`: 1 row of 2 that match.") {
		t.Errorf("%d records\n%s", len(records), markdown)
	}

	state, records, markdown = read(coretest.Config{"phases": []string{"cancelled"}})
	for _, name := range []string{"counts_by_result_code", "counts_by_version"} {
		if counts, ok := state[name].(coretest.Config); !ok || len(counts) != 0 {
			t.Errorf("%s = %v, want no key", name, state[name])
		}
	}
	if len(records) != 1 || strings.Contains(markdown, "| Device |") || !strings.Contains(markdown, "\nNo subtask is listed") {
		t.Errorf("%d records\n%s", len(records), markdown)
	}
}
