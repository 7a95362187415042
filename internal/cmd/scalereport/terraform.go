package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// workspace is a folder in which the real Terraform runs.
type workspace struct {
	folder      string
	environment []string
}

// measure is what one command took.
type measure struct {
	wall   time.Duration
	cpu    time.Duration // of Terraform and its providers
	rss    int64         // peak of a provider process, in bytes; 0 where the system does not tell
	code   int
	output string
}

// tools are the programs that are built for a report.
type tools struct {
	folder, settings string
}

// build compiles the provider, as a release has it, and the one that does nothing.
func build(ctx context.Context, folder string) (tools, error) {
	output, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return tools{}, fmt.Errorf("the report runs in the repository: %w", err)
	}
	binaries := filepath.Join(folder, "bin")
	for name, source := range map[string]string{
		"terraform-provider-aep": ".", "terraform-provider-idle": "./internal/cmd/scalereport/idle",
	} {
		command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(binaries, name), source) //nolint:gosec // Names of ours.
		command.Dir = strings.TrimSpace(string(output))
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := command.CombinedOutput(); err != nil {
			return tools{}, fmt.Errorf("building %s: %w\n%s", name, err, output)
		}
	}
	t := tools{folder: folder, settings: filepath.Join(folder, "cli.tfrc")}
	overrides := strings.ReplaceAll(`provider_installation {
  dev_overrides {
    "registry.terraform.io/ctwing/aep"  = "BINARIES"
    "registry.terraform.io/ctwing/idle" = "BINARIES"
  }
  direct {}
}
`, "BINARIES", binaries)
	return t, os.WriteFile(t.settings, []byte(overrides), 0o600)
}

// workspace makes a folder for Terraform, with variables for the provider.
func (t tools) workspace(variables map[string]string) (*workspace, error) {
	folder, err := os.MkdirTemp(t.folder, "run-")
	if err != nil {
		return nil, err
	}
	w := &workspace{folder: folder}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AEP_") {
			w.environment = append(w.environment, variable)
		}
	}
	w.environment = append(w.environment, "TF_CLI_CONFIG_FILE="+t.settings, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	for name, value := range variables {
		w.environment = append(w.environment, name+"="+value)
	}
	return w, nil
}

func (w *workspace) write(name, content string) error {
	return os.WriteFile(filepath.Join(w.folder, name), []byte(content), 0o600)
}

// configure replaces the configuration.
func (w *workspace) configure(source, content string) error {
	return w.write("main.tf", fmt.Sprintf(`terraform {
  required_providers {
    %[1]s = { source = "ctwing/%[1]s" }
  }
}

%[2]s`, source, content))
}

func (w *workspace) stateSize() int64 {
	info, err := os.Stat(filepath.Join(w.folder, "terraform.tfstate"))
	if err != nil {
		return 0
	}
	return info.Size()
}

// run runs Terraform; exit code 2 of a plan is none of its failures.
func (w *workspace) run(ctx context.Context, arguments ...string) (measure, error) {
	command := exec.CommandContext(ctx, "terraform", arguments...) //nolint:gosec // Found on PATH, as a shell would.
	command.Dir, command.Env = w.folder, w.environment
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	start := time.Now()
	if err := command.Start(); err != nil {
		return measure{}, err
	}
	rss := watchProviders(command.Process.Pid)
	err := command.Wait()
	m := measure{wall: time.Since(start), rss: rss(), output: output.String()}
	state := command.ProcessState
	m.code, m.cpu = state.ExitCode(), state.UserTime()+state.SystemTime() // the processes it has waited for included
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && m.code == 2 {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("terraform %s: %w\n%s", strings.Join(arguments, " "), err, m.output)
	}
	return m, err
}

func (w *workspace) apply(ctx context.Context) (measure, error) {
	return w.run(ctx, "apply", "-auto-approve", "-no-color")
}

// plan insists on a plan that changes something or does not.
func (w *workspace) plan(ctx context.Context, changes bool, arguments ...string) (measure, error) {
	m, err := w.run(ctx, append([]string{"plan", "-no-color", "-detailed-exitcode"}, arguments...)...)
	if err == nil && (m.code == 2) != changes {
		err = fmt.Errorf("the plan ended with %d:\n%s", m.code, m.output)
	}
	return m, err
}

// watchProviders follows the memory of the provider processes of a Terraform
// until the function that it returns is called, which tells the highest peak.
func watchProviders(parent int) func() int64 {
	const lookAround = 5 // ticks between looks for new processes
	var (
		peak      int64
		providers []string
		done      = make(chan struct{})
		watcher   sync.WaitGroup
	)
	watcher.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			if n%lookAround == 0 {
				providers = providersOf(parent)
			}
			for _, file := range providers {
				peak = max(peak, peakMemory(file))
			}
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() int64 {
		close(done)
		watcher.Wait()
		return peak
	}
}

// providersOf returns the status files of the providers that run now, where the
// system has such files.
func providersOf(parent int) []string {
	files, _ := filepath.Glob("/proc/[0-9]*/status") // The pattern is well formed.
	return slices.DeleteFunc(files, func(file string) bool {
		status, err := os.ReadFile(file)
		return err != nil || !bytes.HasPrefix(status, []byte("Name:\tterraform-provi")) ||
			!bytes.Contains(status, []byte("\nPPid:\t"+strconv.Itoa(parent)+"\n"))
	})
}

// peakMemory returns the highest memory that a process has had, in bytes.
func peakMemory(file string) int64 {
	status, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("\nVmHWM:"))
	fields := bytes.Fields(rest[:min(len(rest), 40)])
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(string(fields[0]), 10, 64) // 0 if it is none
	return kilobytes << 10
}
