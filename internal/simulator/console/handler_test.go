package console_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/ctwing/terraform-provider-aep/internal/simulator/console"
)

// newPlatform returns a platform with devices that need an hour, and a server
// with its console.
func newPlatform(t *testing.T) (*simulator.Platform, *httptest.Server) {
	t.Helper()
	options := simulator.Options{Products: simulator.DefaultProducts(20)}
	options.Upgrade.Within(time.Hour)
	p := simulator.New(options)
	server := httptest.NewServer(console.Handler(p))
	t.Cleanup(func() {
		p.Close()
		server.Close()
	})
	return p, server
}

// send sends a request and returns the status and the body. A header is a name
// and a value.
func send(t *testing.T, server *httptest.Server, method, path, body string, header ...string) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSuffix(string(content), "\n")
}

// want sends a request to the API, and compares status and body.
func want(t *testing.T, server *httptest.Server, method, path, body string, status int, text string) {
	t.Helper()
	if gotStatus, got := send(t, server, method, "/console/api/"+path, body); gotStatus != status || got != text {
		t.Errorf("%s %s %s:\ngot  %d %s\nwant %d %s", method, path, body, gotStatus, got, status, text)
	}
}

// failing returns the body of a failure.
func failing(format string, args ...any) string {
	content, _ := json.Marshal(console.Failure{Message: fmt.Sprintf(format, args...)})
	return string(content)
}

// Expected texts of the API about one task, with the sizes of its phases.
const (
	meters = `{"id":3456,"productId":10005977,"product":"Water meters","protocol":"LwM2M","firmwareId":3297,"version":"1.3251",` +
		`"name":%q,"description":%q,"retryTimes":%d,"status":%q,"devices":%d,"phases":{%s}}`
	lamps = `{"id":3457,"productId":10005986,"product":"Street lamps","protocol":"T-Link","firmwareId":3276,"version":"10.4",` +
		`"name":"lamps","description":"","timeoutHours":24,"status":"pending","devices":0,"phases":{}}`
)

func TestTasksFromCreateToDelete(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	want(t, server, "GET", "tasks", "", 200, "[]")
	created := fmt.Sprintf(meters, "spring", "by hand", 2, "pending", 5, `"waiting":5`)
	want(t, server, "POST", "tasks",
		`{"productId":10005977,"firmwareId":3297,"name":"spring","description":"by hand","retryTimes":2,"devices":5}`, 200, created)
	want(t, server, "POST", "tasks", `{"productId":10005986,"firmwareId":3276,"name":"lamps"}`, 200, lamps)
	want(t, server, "GET", "tasks", "", 200, "["+created+","+lamps+"]")
	want(t, server, "PATCH", "tasks/3456", `{"name":"summer"}`, 200, fmt.Sprintf(meters, "summer", "by hand", 2, "pending", 5, `"waiting":5`))
	want(t, server, "PATCH", "tasks/3456", `{"description":"","retryTimes":0}`, 200,
		fmt.Sprintf(meters, "summer", "", 0, "pending", 5, `"waiting":5`))
	want(t, server, "POST", "tasks/3456/start", "", 200, fmt.Sprintf(meters, "summer", "", 0, "running", 5, `"waiting":5`))
	want(t, server, "POST", "tasks/3456/finish", "", 200, fmt.Sprintf(meters, "summer", "", 0, "finished", 5, `"succeeded":5`))
	want(t, server, "DELETE", "tasks/3456", "", 200, fmt.Sprintf(meters, "summer", "", 0, "finished", 5, `"succeeded":5`))
	want(t, server, "GET", "tasks", "", 200, "["+lamps+"]")
	if task, _ := p.Task(3457); task.CreateBy != "console" {
		t.Errorf("the task was created by %q", task.CreateBy)
	}
	if all := p.Requests(); len(all) != 0 {
		t.Errorf("the journal has requests of the console: %v", all)
	}
}

func TestDevicesOfATask(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	ids := p.DeviceIDs(simulator.TLinkProduct)
	id, err := p.CreateTask(simulator.TaskDraft{ProductID: simulator.TLinkProduct, FirmwareID: simulator.TLinkFirmware, Name: "lamps"})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("tasks/%d/devices", id)
	want(t, server, "GET", path, "", 200, `{"total":0,"devices":[]}`)
	want(t, server, "POST", path+"/join", fmt.Sprintf(`{"devices":[%q]}`, ids[7]), 200, `{"devices":1}`)
	want(t, server, "POST", path+"/join", `{"count":3}`, 200, `{"devices":3}`)
	want(t, server, "POST", path+"/join", `{"all":true}`, 200, `{"devices":16}`)
	want(t, server, "POST", path+"/cancel", `{"count":2}`, 200, `{"devices":2}`)
	want(t, server, "GET", path+"?phase=cancelled&limit=1", "", 200, fmt.Sprintf(
		`{"total":2,"devices":[{"id":%q,"phase":"cancelled","code":-1,"resultCode":"-1","versionBefore":"","versionAfter":"","tries":0}]}`,
		ids[7]))
	want(t, server, "POST", fmt.Sprintf("tasks/%d/start", id), "", 200, `{"id":3456,"productId":10005986,"product":"Street lamps",`+
		`"protocol":"T-Link","firmwareId":3275,"version":"10.3","name":"lamps","description":"","timeoutHours":24,"status":"running",`+
		`"devices":20,"phases":{"cancelled":2,"waiting":18}}`)
	want(t, server, "POST", path+"/fail", fmt.Sprintf(`{"devices":[%q],"resultCode":"5"}`, ids[1]), 200, `{"devices":1}`)
	want(t, server, "POST", path+"/fail", `{"count":4}`, 200, `{"devices":4}`)
	want(t, server, "GET", path+"?phase=failed&limit=1", "", 200, fmt.Sprintf(
		`{"total":5,"devices":[{"id":%q,"phase":"failed","code":4,"resultCode":"5","versionBefore":"","versionAfter":"","tries":1}]}`, ids[1]))
	want(t, server, "POST", path+"/cancel", `{"all":true}`, 200, `{"devices":13}`)
	want(t, server, "POST", path+"/join", `{"all":true}`, 400,
		failing("product 10005986 has no free device that task 3456 of product 10005986 lacks"))
	want(t, server, "POST", path+"/cancel", `{"all":true}`, 400, failing("no device of task 3456 of product 10005986 can be cancelled"))
}

// TestRetryLeavesBusyDevices retries failed devices, of which one has joined
// another task since.
func TestRetryLeavesBusyDevices(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	draft := simulator.TaskDraft{ProductID: simulator.LwM2MProduct, FirmwareID: simulator.LwM2MFirmware, Name: "meters"}
	first, err1 := p.CreateTask(draft)
	second, err2 := p.CreateTask(draft)
	ids := p.DeviceIDs(simulator.LwM2MProduct)[:4]
	if err1 != nil || err2 != nil || p.Join(first, ids...) != nil || p.Start(first) != nil || p.Fail(first, "", ids...) != nil ||
		p.Join(second, ids[1]) != nil {
		t.Fatal("the tasks are not prepared", err1, err2)
	}
	want(t, server, "POST", "tasks/3456/devices/retry", `{"all":true}`, 200, `{"devices":3}`)
	if counts := p.PhaseCounts(first); counts[simulator.PhaseWaiting] != 3 || counts[simulator.PhaseFailed] != 1 {
		t.Errorf("the phases are %v", counts)
	}
	_, text := send(t, server, "POST", "/console/api/tasks/3456/devices/retry", fmt.Sprintf(`{"devices":[%q]}`, ids[1]))
	if !strings.Contains(text, "devices of task 3456 of product 10005977: 2507 ") {
		t.Errorf("got %s, want the words of the platform", text)
	}
}

func TestBadRequestsChangeNothing(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	want(t, server, "POST", "tasks", `{"productId":10005977,"firmwareId":3297,"name":"spring","devices":5}`, 200,
		fmt.Sprintf(meters, "spring", "", 0, "pending", 5, `"waiting":5`))
	const title = "task 3456 of product 10005977"
	create := func(rest string) string { return `{"productId":10005977,"firmwareId":3297,` + rest + `}` }
	for _, c := range []struct {
		method, path, body string
		status             int
		message            string
	}{
		{"POST", "tasks", `{"productId":1}`, 404, "product 1 does not exist"},
		{"POST", "tasks", create(`"name":""`), 400, "a task needs a name"},
		{"POST", "tasks", create(`"name":"a","devices":16`), 400, "product 10005977 has 15 free devices, not 16"},
		{"POST", "tasks", create(`"name":"a","devices":-1`), 400, "product 10005977 has 15 free devices, not -1"},
		{"POST", "tasks", create(`"name":"a","retryTimes":4`), 400, "the retry times are 0 to 3, not 4"},
		{
			"POST", "tasks", create(`"name":"a","timeoutHours":4`), 400,
			"product 10005977 uses LwM2M, which has retry times and no hours until the timeout",
		},
		{
			"POST", "tasks", `{"productId":10005986,"firmwareId":3275,"name":"a","retryTimes":1}`, 400,
			"product 10005986 uses T-Link, which has hours until the timeout and no retry times",
		},
		{
			"POST", "tasks", `{"productId":10005986,"firmwareId":3275,"name":"a","timeoutHours":169}`, 400,
			"the hours until the timeout are 1 to 168, not 169",
		},
		{
			"POST", "tasks", `{"productId":10005977,"firmwareId":3275,"name":"a"}`, 409,
			"creating a task of product 10005977: 2502 固件不存在或不属于该产品",
		},
		{"PATCH", "tasks/3457", `{}`, 404, "task 3457 does not exist"},
		{"PATCH", "tasks/spring", `{}`, 400, `"spring" is not the id of a task`},
		{"PATCH", "tasks/3456", `{"name":""}`, 400, "a task needs a name"},
		{"PATCH", "tasks/3456", `{"status":"finished"}`, 400, `the body is not as expected: json: unknown field "status"`},
		{"PATCH", "tasks/3456", ``, 400, "the body is not as expected: EOF"},
		{"DELETE", "tasks/1", ``, 404, "task 1 does not exist"},
		{"POST", "tasks/3456/stop", ``, 404, `a task has start and finish, not "stop"`},
		{
			"GET", "tasks/3456/devices?phase=done", ``, 400,
			`"done" is not one of the phases [waiting in_progress succeeded failed cancelled]`,
		},
		{"GET", "tasks/3456/devices?limit=x", ``, 400, `limit is a number from 0, not "x"`},
		{"GET", "products/x/devices", ``, 400, `"x" is not the id of a product`},
		{"GET", "products/1/devices", ``, 404, "product 1 does not exist"},
		{"GET", "products/10005977/devices?limit=x", ``, 400, `limit is a number from 0, not "x"`},
		{"POST", "tasks/3456/devices/stop", `{"all":true}`, 404, `devices have join, cancel, retry and fail, not "stop"`},
		{"POST", "tasks/3456/devices/join", `{"devices":["a"]}`, 404, "device a does not exist in product 10005977"},
		{"POST", "tasks/3456/devices/cancel", `{"devices":["a"]}`, 404, "device a is not in " + title},
		{"POST", "tasks/3456/devices/retry", `{"all":true}`, 400, "no device of " + title + " can be retried"},
		{"POST", "tasks/3456/devices/fail", `{"count":1}`, 409, "devices of " + title + ": 2504 任务未在升级中"},
		{"POST", "tasks/3456/devices/join", `{}`, 400, "name devices, a count of at least 1, or all: exactly one of these"},
		{"POST", "tasks/3456/devices/join", `{"count":-1}`, 400, "name devices, a count of at least 1, or all: exactly one of these"},
		{
			"POST", "tasks/3456/devices/join", `{"count":1,"all":true}`, 400,
			"name devices, a count of at least 1, or all: exactly one of these",
		},
		{"PATCH", "settings", `{"failPercent":101}`, 400, "the percentage of devices that fail is 0 to 100, not 101"},
		{"PATCH", "settings", `{"failPercent":5,"failVersion":"2"}`, 400, `no firmware has the version "2"`},
		{
			"PATCH", "settings", `{"failPercent":5,"holdAfter":-1}`, 400,
			"the number of devices that succeed until a task is held is 0 or more, not -1",
		},
		{"PATCH", "settings", `{"latency":"5"}`, 400, `the latency has a number and a unit, such as 10s or 1h30m, not "5"`},
		{
			"PATCH", "settings", `{"failPercent":5,"upgradeTime":"-1s"}`, 400,
			`the upgrade time has a number and a unit, such as 10s or 1h30m, not "-1s"`,
		},
		{"GET", "requests?from=-1", ``, 400, `from is a number from 0, not "-1"`},
	} {
		want(t, server, c.method, c.path, c.body, c.status, failing("%s", c.message))
	}
	want(t, server, "GET", "tasks", "", 200, "["+fmt.Sprintf(meters, "spring", "", 0, "pending", 5, `"waiting":5`)+"]")
	if o := p.Options(); o.Upgrade.FailPercent != 0 {
		t.Errorf("a refused change has set %d percent", o.Upgrade.FailPercent)
	}
}

// TestRefusedDevicesLeaveNoTask creates a task with more devices than a join takes.
func TestRefusedDevicesLeaveNoTask(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	p.Configure(func(o *simulator.Options) { o.Quirks.MaxOperationalIDs = 2 })
	status, text := send(t, server, "POST", "/console/api/tasks", `{"productId":10005977,"firmwareId":3297,"name":"a","devices":3}`)
	if status != http.StatusConflict || !strings.HasPrefix(text, `{"error":"no task was created, because joining 3 devices to it failed: `) {
		t.Errorf("got HTTP %d %s", status, text)
	}
	if left := p.Tasks(simulator.LwM2MProduct); len(left) != 0 || len(p.FreeDevices(simulator.LwM2MProduct, -1)) != 20 {
		t.Errorf("the platform has %+v", left)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	const settings = `{"failPercent":%d,"failVersion":%q,"upgradeTime":%q,"holdAfter":%d,"latency":%q}`
	want(t, server, "PATCH", "settings", `{"failPercent":30,"failVersion":"10.4"}`, 200, fmt.Sprintf(settings, 30, "10.4", "1h0m0s", 0, "0s"))
	want(t, server, "PATCH", "settings", `{"upgradeTime":"10s","holdAfter":7,"latency":"1ms","failVersion":""}`, 200,
		fmt.Sprintf(settings, 30, "", "10s", 7, "1ms"))
	if u := p.Options().Upgrade; u.WaitingTime != 2*time.Second || u.UpgradeTime != 8*time.Second {
		t.Errorf("the times are %v and %v", u.WaitingTime, u.UpgradeTime)
	}
	_, text := send(t, server, "GET", "/console/api/platform", "")
	for _, part := range []string{
		`{"id":10005977,"name":"Water meters","protocol":"LwM2M","devices":20,"firmware":[{"id":3296,`,
		`{"id":3276,"name":"Street lamp 10.4","version":"10.4"}]`,
		`"settings":` + fmt.Sprintf(settings, 30, "", "10s", 7, "1ms"),
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%s\nlacks %s", text, part)
		}
	}
}
