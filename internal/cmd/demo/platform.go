package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

// platform is the simulated platform in a process of its own.
type platform struct {
	process     *exec.Cmd
	stopped     chan struct{}
	log         bytes.Buffer
	environment map[string]string // the settings of a client
}

// heldAfter is the number of devices of a task that succeed before the platform
// holds its others. So the last wave is in the middle for as long as the demo needs,
// on a slow machine too.
const heldAfter = 2000

// simulatorName is the program in the folder binaries.
const simulatorName = "aep-simulator"

// startPlatform starts the simulator on a free port and waits until it accepts
// connections.
func startPlatform(ctx context.Context, folder, binaries string) (*platform, error) {
	p := &platform{stopped: make(chan struct{})}
	ready := filepath.Join(folder, "ready")
	program := filepath.Join(binaries, cli.Executable(simulatorName))
	p.process = exec.CommandContext(ctx, program, //nolint:gosec // The demo has built this program.
		"-listen", "127.0.0.1:0", "-ready-file", ready, "-quiet", "-devices", strconv.Itoa(allDevices), "-device-file", folder,
		"-upgrade-time", "1500ms", "-upgrade-spread", "5s", "-hold-after", strconv.Itoa(heldAfter),
		"-fail-percent", "40", "-fail-version", badVersion)
	p.process.Stdout, p.process.Stderr = &p.log, &p.log
	if err := p.process.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.process.Wait() // Its ProcessState says how it ended.
		close(p.stopped)
	}()
	for {
		if content, err := os.ReadFile(ready); err == nil {
			p.environment = exported(string(content))
			p.environment["AEP_REQUESTS_PER_SECOND"] = "0" // No limit: the platform has no other load.
			return p, nil
		}
		select {
		case <-p.stopped:
			return nil, fmt.Errorf("the simulated platform ended early: %s\n%s", p.process.ProcessState, &p.log)
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), p.stop())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// resume lets all devices continue that are held after heldAfter of their task.
func (p *platform) resume(ctx context.Context) error {
	command := exec.CommandContext(ctx, p.process.Path, "set", "-hold-after", "0", //nolint:gosec // The demo has built this program.
		"-endpoint", p.environment["AEP_ENDPOINT"])
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("resuming the held devices: %w\n%s", err, output)
	}
	return nil
}

// stop ends the process and waits for its end. After a minute it kills the
// process and returns an error.
func (p *platform) stop() error {
	if err := cli.Interrupt(p.process.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.stopped:
		return nil
	case <-time.After(time.Minute):
		return errors.Join(errors.New("the simulated platform had to be killed"), p.process.Process.Kill())
	}
}

// exported returns the variables of lines such as: export A=b C='d'. No value
// contains a blank.
func exported(script string) map[string]string {
	variables := map[string]string{}
	for word := range strings.FieldsSeq(script) {
		if name, value, found := strings.Cut(word, "="); found {
			variables[name] = strings.Trim(value, "'")
		}
	}
	return variables
}

// client returns a client with its own connections and operator.
func (p *platform) client(operator string) (*aep.Client, error) {
	keys := map[int64]string{}
	if err := json.Unmarshal([]byte(p.environment["AEP_MASTER_KEYS"]), &keys); err != nil {
		return nil, err
	}
	return aep.New(aep.Config{
		Endpoint:   p.environment["AEP_ENDPOINT"],
		AppKey:     p.environment["AEP_APP_KEY"],
		AppSecret:  p.environment["AEP_APP_SECRET"],
		MasterKeys: keys,
		Operator:   operator,
		// The platform has no other load.
		RequestsPerSecond: -1,
	})
}
