// Package cli runs Terraform or OpenTofu with a provider that is built from
// this repository.
package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// ChangesPlanned is the exit code of `plan -detailed-exitcode` with changes.
const ChangesPlanned = 2

// CLI is a program that runs in one folder. It sees no configuration, plugin or
// credential of the user.
type CLI struct {
	Name        string // such as "Terraform 1.11.4"
	Folder      string
	program     string
	environment []string
}

// Result is the outcome of one command.
type Result struct {
	Output   string // standard output
	ExitCode int    // 0 or ChangesPlanned
	Wall     time.Duration
	CPU      time.Duration // of the program and its providers
}

// New returns a CLI that runs program in folder, with the provider in the
// folder binaries and with additional environment variables.
func New(ctx context.Context, program, folder, binaries string, variables map[string]string) (*CLI, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	overrides := strings.ReplaceAll(`provider_installation {
  dev_overrides {
    "registry.terraform.io/ctwing/aep" = "BINARIES"
    "registry.opentofu.org/ctwing/aep" = "BINARIES"
  }
  direct {}
}
`, "BINARIES", filepath.ToSlash(binaries))
	settings := filepath.Join(folder, "cli.tfrc")
	if err := os.WriteFile(settings, []byte(overrides), 0o600); err != nil {
		return nil, err
	}
	c := &CLI{program: program, Folder: folder}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AEP_") {
			c.environment = append(c.environment, variable)
		}
	}
	c.environment = append(c.environment,
		"TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1", "HOME="+folder)
	for name, value := range variables {
		c.environment = append(c.environment, name+"="+value)
	}
	var err error
	c.Name, err = c.version(ctx)
	return c, err
}

// version returns the name and version of the program.
func (c *CLI) version(ctx context.Context) (string, error) {
	result, err := c.Run(ctx, "version", "-json")
	if err != nil {
		return "", err
	}
	var response struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(result.Output), &response); err != nil {
		return "", err
	}
	name := "Terraform"
	if strings.HasPrefix(filepath.Base(c.program), "tofu") {
		name = "OpenTofu"
	}
	return name + " " + response.Version, nil
}

// Run runs one command. An exit code other than 0 and ChangesPlanned is an error
// with all output.
func (c *CLI) Run(ctx context.Context, arguments ...string) (Result, error) {
	command := exec.CommandContext(ctx, c.program, arguments...) //nolint:gosec // The program was found on PATH.
	command.Dir, command.Env = c.Folder, c.environment
	command.Cancel = func() error { return Interrupt(command.Process) }
	command.WaitDelay = 2 * time.Minute // After an interrupt, Terraform saves its state.
	ownGroup(command)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	began := time.Now()
	err := command.Run()
	result := Result{Output: stdout.String(), Wall: time.Since(began)}
	if state := command.ProcessState; state != nil {
		result.ExitCode, result.CPU = state.ExitCode(), state.UserTime()+state.SystemTime()
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && result.ExitCode == ChangesPlanned {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(c.program), strings.Join(arguments, " "), err, &stdout, &stderr)
	}
	return result, err
}

// Interrupt ends a process gracefully where the operating system can.
func Interrupt(process *os.Process) error {
	if runtime.GOOS == "windows" {
		return process.Kill()
	}
	return process.Signal(os.Interrupt)
}

// Executable returns the file name of a program.
func Executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
