package examples_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// reader follows a guide: in the workspace, with a clone of the repository beside it in which the program
// aep-simulator has been built. What a block exports and the folder that it changes to are kept for the next.
type reader struct {
	*workspace

	clone string
	stop  func() // ends the simulated platform; nil if none runs
}

func newReader(t *testing.T) *reader {
	t.Helper()
	if terraform.missing != nil {
		t.Fatal(terraform.missing)
	}
	program, err := simulatorProgram()
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{workspace: &workspace{t: t, folder: t.TempDir()}, clone: t.TempDir()}
	// The platform's lines set the credentials.
	r.environment = slices.DeleteFunc(environ(t, ""), func(v string) bool {
		return strings.HasPrefix(v, "AEP_") && !strings.HasPrefix(v, "AEP_REQUESTS_PER_SECOND=")
	})
	// A link has its own folder, beside which make simulate writes the lists of devices.
	bin := filepath.Join(r.clone, "bin")
	if err := errors.Join(os.Mkdir(bin, 0o700), os.Link(program, filepath.Join(bin, filepath.Base(program)))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if r.stop != nil {
			r.stop()
		}
	})
	return r
}

// simulatorProgram builds aep-simulator and returns its file.
var simulatorProgram = sync.OnceValues(func() (string, error) {
	file := filepath.Join(terraform.folder, "simulator", "aep-simulator")
	output, err := exec.Command("go", "build", "-o", file, "../internal/cmd/aep-simulator").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return file, nil
})

var simulateLine = regexp.MustCompile(`^make simulate(?: FLAGS='([^'\n]*)')?\s*$`)

func isSimulate(b block) bool { return b.language == "shell" && simulateLine.MatchString(b.text) }

// simulate stops the platform and starts another with the flags of the line. The next block has its export lines. It
// returns what the platform printed.
func (r *reader) simulate(line string) string {
	r.t.Helper()
	if r.stop != nil {
		r.stop()
	}
	ready := filepath.Join(r.t.TempDir(), "ready")
	flags := strings.Fields(simulateLine.FindStringSubmatch(line)[1])
	output, err := os.Create(ready + ".log")
	if err != nil {
		r.t.Fatal(err)
	}
	command := exec.Command(filepath.Join(r.clone, "bin", "aep-simulator"), //nolint:gosec // The guides are ours.
		append([]string{"-listen", "127.0.0.1:0", "-device-file", ".cache/devices", "-ready-file", ready}, flags...)...)
	command.Dir, command.Stdout, command.Stderr = r.clone, output, output
	if err := errors.Join(command.Start(), output.Close()); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	r.stop = func() {
		_ = command.Process.Signal(os.Interrupt)
		if err := <-ended; err != nil {
			r.t.Errorf("aep-simulator ends with %v after Ctrl-C:\n%s", err, read(r.t, ready+".log"))
		}
	}
	for {
		if _, err := os.Stat(ready); err == nil {
			break
		}
		select {
		case err := <-ended:
			ended <- err
			r.t.Fatalf("%s: %v\n%s", line, err, read(r.t, ready+".log"))
		case <-time.After(10 * time.Millisecond):
		}
	}
	printed := read(r.t, ready+".log")
	r.paste(printed)
	return printed
}

// paste runs the export lines that a platform prints.
func (r *reader) paste(printed string) {
	r.t.Helper()
	var lines []string
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, "export ") {
			lines = append(lines, line)
		}
	}
	if output, code := r.types(strings.Join(lines, "")); code != 0 || len(lines) == 0 {
		r.t.Fatalf("%d export lines end with %d: %s", len(lines), code, output)
	}
}

// types runs a script in the reader's shell, and returns what it printed and its exit code.
func (r *reader) types(script string) (string, int) {
	r.t.Helper()
	kept := filepath.Join(r.t.TempDir(), "environment")
	output, code := r.shell(fmt.Sprintf("trap 'env -0 > %q' EXIT\n%s", kept, script))
	r.environment = slices.DeleteFunc(strings.Split(read(r.t, kept), "\x00"), func(v string) bool {
		if folder, ok := strings.CutPrefix(v, "PWD="); ok {
			r.folder = folder
		}
		return !strings.Contains(v, "=")
	})
	return output, code
}

func TestReaderKeepsExportsAndFolder(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	first := r.simulate("make simulate FLAGS='-devices 7'")
	if !strings.Contains(first, ", 7 devices\n") {
		t.Errorf("the flag has no effect:\n%s", first)
	}
	home := r.folder
	if _, code := r.types("mkdir other && cd other && export A='1\n2' && false\nexport B=3"); code != 1 {
		t.Errorf("exit code %d", code)
	}
	output, _ := r.types(`echo "$A/${B-none}/$AEP_APP_KEY"
		wc -l < "$(dirname "$(command -v aep-simulator)")/../.cache/devices/10005977.txt"`)
	if output != "1\n2/none/"+simulator.DefaultAppKey+"\n7\n" || r.folder != filepath.Join(home, "other") {
		t.Errorf("%q in %s", output, r.folder)
	}
	before := slices.Clone(r.environment)
	r.simulate("make simulate")
	if slices.Equal(before, r.environment) {
		t.Error("the second platform has the endpoint of the first")
	}
}
