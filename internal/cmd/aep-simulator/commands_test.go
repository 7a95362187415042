package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/ctwing/terraform-provider-aep/internal/simulator/console"
)

// served returns a platform with 20 devices of each product that need an hour,
// and the address of its console.
func served(t *testing.T) (*simulator.Platform, string) {
	t.Helper()
	options := simulator.Options{Products: simulator.DefaultProducts(20)}
	options.Upgrade.Within(time.Hour)
	p := simulator.New(options)
	server := httptest.NewServer(console.Handler(p))
	t.Cleanup(func() {
		p.Close()
		server.Close()
	})
	return p, server.URL
}

// words splits a command line at blanks. Quoted text is one argument.
func words(line string) (args []string) {
	for _, word := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(line, -1) {
		args = append(args, strings.Trim(word, `"`))
	}
	return args
}

// printed runs a command line on an endpoint, and returns its output, or its
// error after "error: ".
func printed(t *testing.T, endpoint, line string) string {
	t.Helper()
	var out bytes.Buffer
	args := words(line)
	if endpoint != "" {
		args = append(args, "-endpoint", endpoint)
	}
	if err := run(t.Context(), args, &out); err != nil {
		text := err.Error()
		if endpoint != "" {
			text = strings.ReplaceAll(text, endpoint, "ENDPOINT")
		}
		return out.String() + "error: " + text
	}
	return out.String()
}

// TestCommands plays a person at the console. Each command must print the
// lines after it.
func TestCommands(t *testing.T) {
	t.Parallel()
	p, endpoint := served(t)
	const title = "task 3456 of product 10005977"
	header := "TASK  STATUS   DEVICES  WAITING  IN PROGRESS  SUCCEEDED  FAILED  CANCELLED  FIRMWARE  PRODUCT       NAME\n"
	for _, step := range []struct{ line, want string }{
		{`task list`, "TASK  STATUS  DEVICES  WAITING  IN PROGRESS  SUCCEEDED  FAILED  CANCELLED  FIRMWARE  PRODUCT  NAME\n"},
		{
			`task create -product "Water meters" -firmware 1.3251 -name "meters, spring" -retry-times 1 -devices 4`,
			"Created " + title + `, "meters, spring", with 4 devices.` + "\n",
		},
		{
			`task create -product 10005986 -firmware 3275 -name lamps -timeout-hours 5 -description all`,
			`Created task 3457 of product 10005986, "lamps", with 0 devices.` + "\n",
		},
		{`task list`, header +
			"3456  pending  4        4        0            0          0       0          1.3251    Water meters  meters, spring\n" +
			"3457  pending  0        0        0            0          0       0          10.3      Street lamps  lamps\n"},
		{`task rename "meters, spring" "TEST, do not start"`, "Renamed " + title + `, "meters, spring" to "TEST, do not start".` + "\n"},
		{`task modify 3456 -retry-times 3 -description "by hand"`, "Modified " + title + `, "TEST, do not start".` + "\n"},
		{`task modify -name meters 3456`, "Renamed " + title + `, "TEST, do not start" to "meters".` + "\n"},
		{`task modify lamps -timeout-hours 168`, `Modified task 3457 of product 10005986, "lamps".` + "\n"},
		{`device join meters -count 6`, "Joined 6 devices to " + title + `, "meters".` + "\n"},
		{`device join lamps 100059860000003 100059860000001`, `Joined 2 devices to task 3457 of product 10005986, "lamps".` + "\n"},
		{`task start meters`, "Started " + title + `, "meters", with 10 devices.` + "\n"},
		{`device fail meters -count 3 -result-code 9`, "Failed 3 devices of " + title + `, "meters".` + "\n"},
		{`device cancel meters -count 2`, "Cancelled 2 devices of " + title + `, "meters".` + "\n"},
		{`device cancel lamps 100059860000003`, `Cancelled 1 device of task 3457 of product 10005986, "lamps".` + "\n"},
		{`task list`, header +
			"3456  running  10       5        0            0          3       2          1.3251    Water meters  meters\n" +
			"3457  pending  2        1        0            0          0       1          10.3      Street lamps  lamps\n"},
		{`device list lamps`, "DEVICE           PHASE      STATE CODE  RESULT CODE  VERSION BEFORE  VERSION AFTER  TRIES\n" +
			"100059860000003  cancelled  -1          -1                                          0\n" +
			"100059860000001  waiting    1           -1                                          0\n"},
		{`device retry meters -all`, "Retried 3 devices of " + title + `, "meters".` + "\n"},
		{`task finish meters`, "Finished " + title + `, "meters", with 10 devices.` + "\n"},
		{`device list -phase succeeded lamps`, "DEVICE  PHASE  STATE CODE  RESULT CODE  VERSION BEFORE  VERSION AFTER  TRIES\n"},
		{`task delete 3457`, `Deleted task 3457 of product 10005986, "lamps", with 2 devices.` + "\n"},
		{`task list`, "TASK  STATUS    DEVICES  WAITING  IN PROGRESS  SUCCEEDED  FAILED  CANCELLED  FIRMWARE  PRODUCT       NAME\n" +
			"3456  finished  10       0        0            8          0       2          1.3251    Water meters  meters\n"},
		{
			`set -fail-percent 30 -fail-version 1.4000 -upgrade-time 5s -hold-after 9 -latency 1ms`,
			`The platform has fail-percent 30, fail-version "1.4000", upgrade-time 5s, hold-after 9, latency 1ms.` + "\n",
		},
		{`set -fail-version ""`, `The platform has fail-percent 30, fail-version "", upgrade-time 5s, hold-after 9, latency 1ms.` + "\n"},
		{`requests`, ""},
	} {
		if got := printed(t, endpoint, step.line); got != step.want {
			t.Errorf("%s:\ngot\n%swant\n%s", step.line, got, step.want)
		}
	}
	if task, _ := p.Task(3456); task.Description != "by hand" || task.RetryTimes != 3 || task.UpdateBy != "console" {
		t.Errorf("the task is %+v", task)
	}
}

func TestDeviceIDsAreThoseOfTheProduct(t *testing.T) {
	t.Parallel()
	p, endpoint := served(t)
	lamps := p.DeviceIDs(simulator.TLinkProduct)
	for line, want := range map[string][]string{
		`device ids "Water meters"`:          p.DeviceIDs(simulator.LwM2MProduct),
		`device ids 10005986`:                lamps,
		`device ids "Street lamps" -count 3`: lamps[:3],
		`device ids 10005986 -count 21`:      lamps,
	} {
		if got, text := printed(t, endpoint, line), strings.Join(want, "\n")+"\n"; got != text || len(want) < 3 {
			t.Errorf("%s: got\n%swant\n%s", line, got, text)
		}
	}
}

func TestCommandsReportBadInput(t *testing.T) {
	t.Parallel()
	p, endpoint := served(t)
	for range 2 {
		if _, err := p.CreateTask(simulator.TaskDraft{
			ProductID: simulator.LwM2MProduct, FirmwareID: simulator.LwM2MFirmware, Name: "twin",
		}); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]string{
		`task start spring`:      `task start: no task has the id or the name "spring"; see aep-simulator task list`,
		`task rename twin a`:     `task rename: 2 tasks have the name "twin"; use one of their ids: 3456, 3457`,
		`task rename 3456`:       `task rename: 1 arguments, but it takes 2: TASK NAME`,
		`task rename 3456 ""`:    `task rename: a task needs a name`,
		`task modify 3456`:       `task modify: nothing to change: use -name, -description, -retry-times or -timeout-hours`,
		`task modify 3456 a -x`:  `task modify: flag provided but not defined: -x; see aep-simulator task modify -h`,
		`task start 3456`:        `task start: starting task 3456 of product 10005977: 2505 任务下没有可升级的设备`,
		`task list all`:          `task list: 1 arguments, but it takes none`,
		`task stop 3456`:         `no command is named "task stop"; see aep-simulator task -h`,
		`task`:                   `no command is named "task -endpoint"; see aep-simulator task -h`,
		`start`:                  `no command is named "start"; see aep-simulator -h`,
		`task create -name a`:    `task create: -product, -firmware and -name are required`,
		`device ids`:             `device ids: 0 arguments, but it takes 1: PRODUCT`,
		`device ids 1 -count -1`: `device ids: -count is 0 or more, not -1`,
		`device ids 1`: `device ids: no product has the id or the name "1"; ` +
			`known are 10005977 (Water meters), 10005986 (Street lamps)`,
		`device list`:                `device list: 0 arguments, but it takes 1: TASK`,
		`device cancel`:              `device cancel: no task is named`,
		`device cancel 3456`:         `device cancel: select devices by their ids, by -count N or by -all: exactly one of these`,
		`device cancel 3456 a b`:     `device cancel: device a is not in task 3456 of product 10005977`,
		`device fail 3456 -count -1`: `device fail: select devices by their ids, by -count N or by -all: exactly one of these`,
		`device join 3456 a`:         `device join: device a does not exist in product 10005977`,
		`device join 3456 -all a`:    `device join: select devices by their ids, by -count N or by -all: exactly one of these`,
		`device retry 3456 -all`:     `device retry: no device of task 3456 of product 10005977 can be retried`,
		`device list 3456 -phase running`: `device list: "running" is not one of the phases ` +
			`[waiting in_progress succeeded failed cancelled]`,
		`task create -product a -firmware b -name c`: `task create: no product has the id or the name "a"; ` +
			`known are 10005977 (Water meters), 10005986 (Street lamps)`,
		`task create -product "Street lamps" -firmware b -name c`: `task create: ` +
			`no firmware of product 10005986 has the id or the version "b"; known are 3274 (10.2), 3275 (10.3), 3276 (10.4)`,
		`set`:                   `set: nothing to change: use -fail-percent, -fail-version, -upgrade-time, -hold-after or -latency`,
		`set -fail-percent x`:   `set: invalid value "x" for flag -fail-percent: not a number; see aep-simulator set -h`,
		`set -fail-percent 300`: `set: the percentage of devices that fail is 0 to 100, not 300`,
		`set -fail-version 2`:   `set: no firmware has the version "2"`,
		`set -upgrade-time 10`:  `set: the upgrade time has a number and a unit, such as 10s or 1h30m, not "10"`,
		`requests twice`:        `requests: 1 arguments, but it takes none`,
	} {
		if got := printed(t, endpoint, line); got != "error: "+want {
			t.Errorf("%s:\ngot  %s\nwant error: %s", line, got, want)
		}
	}
}

// TestCommandsNeedASimulatedPlatform calls servers that are none.
func TestCommandsNeedASimulatedPlatform(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("[]"))
	}))
	if got, want := printed(t, other.URL, "task list"),
		"error: task list: ENDPOINT is not a simulated platform with a console: HTTP 200 OK"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	other.Close()
	got, want := printed(t, other.URL, "task list"), "error: task list: no simulated platform responds at ENDPOINT: Get "
	if !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEndpointComesFromTheEnvironment(t *testing.T) {
	t.Setenv("AEP_ENDPOINT", "")
	if got, want := printed(t, "", "task list"),
		"error: task list: no platform is named: set AEP_ENDPOINT as the start of the platform prints it, or use -endpoint"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	_, endpoint := served(t)
	t.Setenv("AEP_ENDPOINT", endpoint+"/")
	if got := printed(t, "", "task list"); !strings.HasPrefix(got, "TASK  STATUS") {
		t.Errorf("got %s", got)
	}
	t.Setenv("AEP_ENDPOINT", "http://127.0.0.1:1")
	if got := printed(t, endpoint, "task list"); !strings.HasPrefix(got, "TASK  STATUS") {
		t.Errorf("-endpoint does not come before the environment: %s", got)
	}
}

// TestRequestsAreFollowed reads requests that come after the command.
func TestRequestsAreFollowed(t *testing.T) {
	t.Parallel()
	_, endpoint := served(t)
	get := func(path string) {
		response, err := http.Get(endpoint + path)
		if err != nil {
			t.Error(err)
			return
		}
		_ = response.Body.Close()
	}
	for _, path := range []string{"/a", "/b", "/c"} {
		get(path)
	}
	lines := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d `)
	if got, want := lines.ReplaceAllString(printed(t, endpoint, "requests -n 2"), ""),
		"GET    /b: HTTP 404 API not found: GET /b\nGET    /c: HTTP 404 API not found: GET /c\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out bytes.Buffer
	if err := run(ctx, []string{"requests", "-endpoint", endpoint, "-n", "1", "-follow"}, writerFunc(func(line []byte) (int, error) {
		switch n, err := out.Write(line); {
		case strings.Contains(string(line), "/c:"):
			get("/d")
			return n, err
		default:
			stop()
			return n, err
		}
	})); err != nil {
		t.Error(err)
	}
	if got, want := lines.ReplaceAllString(out.String(), ""),
		"GET    /c: HTTP 404 API not found: GET /c\nGET    /d: HTTP 404 API not found: GET /d\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// writerFunc is a function that writes.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(content []byte) (int, error) { return f(content) }

// TestHelpListsTheCommands compares the help with the table of commands.
func TestHelpListsTheCommands(t *testing.T) {
	t.Parallel()
	help := func(args ...string) string {
		var out bytes.Buffer
		if err := run(t.Context(), args, &out); err != nil && err.Error() != "flag: help requested" {
			t.Errorf("%v: %v", args, err)
		}
		return out.String()
	}
	all, tasks := help("-h"), help("task", "-h")
	for _, c := range commands() {
		usage := strings.TrimSpace(c.name + " " + c.arguments)
		line := regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(usage) + ` +` + regexp.QuoteMeta(c.summary) + `$`)
		if !line.MatchString(all) {
			t.Errorf("-h has no line of %q:\n%s", c.name, all)
		}
		if want := strings.HasPrefix(c.name, "task "); line.MatchString(tasks) != want {
			t.Errorf("the line of %q is in the help of task: got %v, want %v", c.name, !want, want)
		}
		if own := help(append(strings.Fields(c.name), "-h")...); !strings.HasPrefix(own, "Usage: aep-simulator "+usage+" [flags]\n") ||
			!strings.Contains(own, c.summary) || !strings.Contains(own, "-endpoint URL") {
			t.Errorf("%s -h prints %s", c.name, own)
		}
	}
	for _, flag := range []string{"-listen address", "-fail-version version", "-upgrade-spread duration", "-quiet"} {
		if !strings.Contains(all, "\n  "+flag) {
			t.Errorf("-h lacks %s", flag)
		}
	}
}
