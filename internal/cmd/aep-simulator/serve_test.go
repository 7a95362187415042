package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest/tools"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// started runs the program with flags until do returns, and returns all that
// it has printed. do gets the content of the ready file and the endpoint.
func started(t *testing.T, flags string, do func(environment, endpoint string)) string {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "ready")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out bytes.Buffer
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append(strings.Fields(flags), "-ready-file", ready), &out) }()
	environment := waitFor(t, ready, ended)
	do(environment, regexp.MustCompile(`AEP_ENDPOINT=(\S+)`).FindStringSubmatch(environment)[1])
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return out.String()
}

// get sends a request whose response does not matter.
func get(t *testing.T, url string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}

// announced is what the program prints for -devices 3.
const announced = `export AEP_ENDPOINT=http://ADDRESS AEP_APP_KEY=dAaFG7DiPt8 AEP_APP_SECRET=Zx9Yw8Vu7T AEP_MASTER_KEYS=TEXT
export PATH='FOLDER':"$PATH"
# Paste the two lines above into a second shell.
# product 10005977, Water meters (LwM2M), 3 devices
#   firmware 3296, version 1.3000
#   firmware 3297, version 1.3251
#   firmware 3298, version 1.4000
#   group 21001, north
#   group 21002, south
#   group 21005, pilot
# product 10005986, Street lamps (T-Link), 3 devices
#   firmware 3274, version 10.2
#   firmware 3275, version 10.3
#   firmware 3276, version 10.4
#   group 21003, north
#   group 21004, south
#   group 21005, pilot
# console: http://ADDRESS/console/, or the commands of aep-simulator -h
# listening on ADDRESS; Ctrl-C stops it
`

// keys are the MasterKeys of both products as a shell reads them.
const keys = `'{"10005977":"0123456789abcdef0123456789abcdef","10005986":"fedcba9876543210fedcba9876543210"}'`

func TestStartPrintsWhatAPersonNeeds(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var environment, address string
	got := started(t, "-devices 3", func(ready, endpoint string) {
		environment, address = ready, strings.TrimPrefix(endpoint, "http://")
		get(t, endpoint+"/console/api/tasks")
		get(t, endpoint+"/echo")
		get(t, endpoint+"/aep_upgrade_management/task?productId=10005977&id=3456")
		if got := printed(t, endpoint, "task list"); !strings.HasPrefix(got, "TASK ") {
			t.Errorf("the platform has no console: %s", got)
		}
	})
	want := strings.NewReplacer("ADDRESS", address, "TEXT", keys, "FOLDER", filepath.ToSlash(filepath.Dir(program))).Replace(announced)
	lines, log := got[:min(len(got), len(want))], got[min(len(got), len(want)):]
	if lines != want {
		t.Errorf("got\n%s\nwant\n%s", lines, want)
	}
	if first, _, _ := strings.Cut(want, "\n"); environment != first+"\n" {
		t.Errorf("the ready file has %q, want the first line", environment)
	}
	if !regexp.MustCompile(`^\d\d:\d\d:\d\d GET    QueryRemoteUpgradeTask of task 3456: ` +
		`HTTP 400 Required head parameter 'version' can not be null\n$`).MatchString(log) {
		t.Errorf("the log is %q, want one line", log)
	}
}

func TestPathLine(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{
		"/a b/$HOME/`c`": "export PATH='/a b/$HOME/`c`':\"$PATH\"\n",
		"/it's":          `export PATH='/it'\''s':"$PATH"` + "\n",
		"C:/bin":         "export PATH='/c/bin':\"$PATH\"\n",
	} {
		if got := pathLineOf(folder); got != want {
			t.Errorf("%s: got %s, want %s", folder, got, want)
		}
	}
}

func TestQuietPrintsNoRequests(t *testing.T) {
	t.Parallel()
	got := started(t, "-devices 1 -quiet", func(_, endpoint string) { get(t, endpoint+"/unknown") })
	if _, log, _ := strings.Cut(got, "Ctrl-C stops it\n"); log != "" || !strings.HasPrefix(got, "export AEP_ENDPOINT=") {
		t.Errorf("got %s", got)
	}
}

func TestPortInUseNamesTheFlag(t *testing.T) {
	t.Parallel()
	started(t, "-devices 1", func(_, endpoint string) {
		err := run(t.Context(), []string{"-listen", strings.TrimPrefix(endpoint, "http://")}, &bytes.Buffer{})
		if err == nil || !strings.HasSuffix(err.Error(), "name another address by -listen, or by LISTEN= of make simulate") {
			t.Errorf("got %v", err)
		}
	})
}

func TestFailureFlagsReachThePlatform(t *testing.T) {
	t.Parallel()
	c, err := parse(words("-fail-percent 30 -fail-version 1.4000 -upgrade-time 50s -upgrade-spread 9s -hold-after 7"), &bytes.Buffer{})
	want := simulator.Upgrade{
		FailPercent: 30, FailVersion: "1.4000", WaitingTime: 10 * time.Second, UpgradeTime: 40 * time.Second, Spread: 9 * time.Second,
		HoldAfter: 7,
	}
	if got := c.options().Upgrade; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// TestExitCodes runs the program itself.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	tools.Need(t, "go")
	program := filepath.Join(t.TempDir(), "aep-simulator.exe")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for line, want := range map[string]struct {
		code   int
		stderr string
	}{
		"-h":             {0, ""},
		"task -h":        {0, ""},
		"task rename -h": {0, ""},
		"-no":            {1, "aep-simulator: flag provided but not defined: -no; see aep-simulator -h\n"},
		"task":           {1, "aep-simulator: task needs a command; see aep-simulator task -h\n"},
		"task list -endpoint http://127.0.0.1:1": {1, "aep-simulator: task list: no simulated platform responds at http://127.0.0.1:1: " +
			"Get \"http://127.0.0.1:1/console/api/tasks\": dial tcp 127.0.0.1:1: "},
	} {
		command := exec.CommandContext(t.Context(), program, strings.Fields(line)...)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		_ = command.Run() // The exit code follows.
		code, printed := command.ProcessState.ExitCode(), stderr.String()
		if code != want.code || !strings.HasPrefix(printed, want.stderr) || (code == 0) != (printed == "") {
			t.Errorf("%s: exit code %d, %q", line, code, printed)
		}
	}
}

// TestCtrlCEndsMakeSimulate presses Ctrl-C in a terminal. make must not report
// an error, and no process may remain.
func TestCtrlCEndsMakeSimulate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs the script program of Linux")
	}
	tools.Need(t, "make", "script", "ps", "go")
	folder := t.TempDir()
	ready := filepath.Join(folder, "ready")
	command := exec.CommandContext(t.Context(), "script", "-qec", "make simulate BIN="+folder+" LISTEN=127.0.0.1:0 "+
		"FLAGS='-devices 2 -device-file "+folder+" -ready-file "+ready+"'; echo exit code $?", filepath.Join(folder, "typescript"))
	command.Dir = filepath.Join("..", "..", "..")
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "MAKE") || strings.HasPrefix(variable, "MFLAGS") // Of the make that runs the tests.
	})
	terminal, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	command.Stdout = &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	environment := waitFor(t, ready, ended)
	if _, err := terminal.Write([]byte{3}); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, after, _ := strings.Cut(out.String(), "Ctrl-C stops it"); strings.TrimSpace(strings.ReplaceAll(after, "^C", "")) != "exit code 0" {
		t.Errorf("after Ctrl-C, make printed %q", after)
	}
	endpoint := regexp.MustCompile(`AEP_ENDPOINT=(\S+)`).FindStringSubmatch(environment)[1]
	if response, err := http.Get(endpoint); err == nil {
		_ = response.Body.Close()
		t.Error("the platform still listens")
	}
}
