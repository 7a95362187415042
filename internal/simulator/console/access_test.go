package console_test

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/ctwing/terraform-provider-aep/internal/simulator/console"
)

// TestOnlyTheConsoleItselfWrites sends requests as browsers do for this page
// and for others.
func TestOnlyTheConsoleItselfWrites(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	id, err := p.CreateTask(simulator.TaskDraft{ProductID: simulator.LwM2MProduct, FirmwareID: simulator.LwM2MFirmware, Name: "meters"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method, path string
		header       []string
		status       int
	}{
		"another page writes":               {"DELETE", "tasks/3456", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a page of another port writes":     {"DELETE", "tasks/3456", []string{"Origin", "http://127.0.0.1:1"}, 403},
		"a page of the same machine writes": {"DELETE", "tasks/3456", []string{"Sec-Fetch-Site", "same-site"}, 403},
		"a foreign name writes":             {"DELETE", "tasks/3456", []string{"Host", "console.example.com"}, 403},
		"a foreign name reads":              {"GET", "tasks", []string{"Host", "console.example.com:8080"}, 403},
		"the page reads":                    {"GET", "tasks", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"localhost reads":                   {"GET", "tasks", []string{"Host", "localhost:8080"}, 200},
		"an IPv6 address reads":             {"GET", "tasks", []string{"Host", "[::1]:8080"}, 200},
		"an IPv6 address without a port":    {"GET", "tasks", []string{"Host", "[::1]"}, 200},
		"the page writes":                   {"PATCH", "settings", []string{"Sec-Fetch-Site", "same-origin"}, 400},
		"a program writes":                  {"PATCH", "settings", nil, 400},
		"an unknown path":                   {"GET", "nothing", nil, 404},
		"a method that it does not have":    {"PUT", "tasks", nil, 405},
	} {
		if status, text := send(t, server, c.method, "/console/api/"+c.path, "", c.header...); status != c.status {
			t.Errorf("%s: got HTTP %d %s, want %d", name, status, text, c.status)
		}
	}
	if _, exists := p.Task(id); !exists {
		t.Error("a refused request has deleted the task")
	}
}

// TestOtherPathsBelongToThePlatform compares the journal with the requests.
func TestOtherPathsBelongToThePlatform(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	for path, want := range map[string]int{"/": 404, "/consoles": 404, "/aep_upgrade_management/tasks": 400, "/echo": 200, "/console": 200} {
		if status, text := send(t, server, "GET", path, ""); status != want {
			t.Errorf("%s: got HTTP %d %s, want %d", path, status, text, want)
		}
	}
	if n := len(p.Requests()); n != 4 {
		t.Errorf("the journal has %d requests, want 4", n)
	}
}

func TestRequestsOfThePlatform(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	read := func(path string) (found console.Requests, lines []string) {
		_, text := send(t, server, "GET", "/console/api/"+path, "")
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			t.Fatal(err, text)
		}
		for _, r := range found.Requests {
			lines = append(lines, regexp.MustCompile(`^\d\d:\d\d:\d\d `).ReplaceAllString(r.String(), "at "))
		}
		return found, lines
	}
	p.Inject(simulator.Fault{Operation: simulator.OpDelete, Kind: simulator.StatusBefore, Status: 503})
	version := []string{"version", "20190615001444"}
	send(t, server, "GET", "/echo", "")
	send(t, server, "GET", "/aep_upgrade_management/tasks?productId=1", "")
	send(t, server, "DELETE", "/aep_upgrade_management/task?id=3456&productId=10005977", "", version...)
	send(t, server, "DELETE", "/aep_upgrade_management/task?id=3456&productId=10005977", "", version...)
	send(t, server, "POST", "/unknown", "")
	all := []string{
		"at GET    QueryRemoteUpgradeTaskList: HTTP 400 Required head parameter 'version' can not be null",
		"at DELETE DeleteRemoteUpgradeTask of task 3456: fault status_before",
		"at DELETE DeleteRemoteUpgradeTask of task 3456: HTTP 404 Application not found: ",
		"at POST   /unknown: HTTP 404 API not found: POST /unknown",
	}
	found, lines := read("requests")
	if found.Next != 4 || !reflect.DeepEqual(lines, all) {
		t.Errorf("next is %d, and the lines are\n%s\nwant\n%s", found.Next, strings.Join(lines, "\n"), strings.Join(all, "\n"))
	}
	if found, lines := read("requests?from=1&limit=2"); found.Next != 4 || !reflect.DeepEqual(lines, all[2:]) {
		t.Errorf("next is %d, and the newest two are %q", found.Next, lines)
	}
	if found, lines := read("requests?from=4"); found.Next != 4 || lines != nil {
		t.Errorf("next is %d, and after the last are %q", found.Next, lines)
	}
}

// TestRequestInProgressHidesLaterOnes lets a reader continue without a gap.
func TestRequestInProgressHidesLaterOnes(t *testing.T) {
	t.Parallel()
	p, server := newPlatform(t)
	entered, leave := make(chan bool), make(chan bool)
	p.BeforeRequest(func(r simulator.Request) {
		if r.Path == "/held" {
			entered <- true
			<-leave
		}
	})
	ended := make(chan error)
	go func() {
		response, err := http.Get(server.URL + "/held")
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		ended <- err
	}()
	<-entered
	send(t, server, "GET", "/later", "")
	want(t, server, "GET", "requests", "", 200, `{"next":0,"requests":[]}`)
	leave <- true
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	_, text := send(t, server, "GET", "/console/api/requests", "")
	held, later := strings.Index(text, "/held"), strings.Index(text, "/later")
	if held < 0 || later < held || !strings.Contains(text, `"next":2`) {
		t.Error("after the end:", text)
	}
}
