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
	"runtime"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
)

// terraform is the CLI, working on a copy of the example in a folder of the
// demo's own. It sees no configuration, plugin or credential of the user.
type terraform struct {
	program, name string
	folder        string
	environment   []string
}

// exit codes of `terraform plan -detailed-exitcode`.
const (
	noChanges   = 0
	withChanges = 2
)

// newTerraform prepares folder to run the example with the provider that lies
// in binaries.
func newTerraform(ctx context.Context, folder, binaries string, environment map[string]string) (*terraform, error) {
	program, err := findTerraform(ctx, filepath.Join(folder, "cli"))
	if err != nil {
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
	t := &terraform{program: program, folder: filepath.Join(folder, "campaign")}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AEP_") {
			t.environment = append(t.environment, variable)
		}
	}
	t.environment = append(t.environment,
		"TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1", "HOME="+folder)
	for name, value := range environment {
		t.environment = append(t.environment, name+"="+value)
	}
	t.name, err = t.version(ctx)
	return t, err
}

// findTerraform returns terraform or else tofu from PATH, and puts Terraform
// into folder if there is neither.
func findTerraform(ctx context.Context, folder string) (string, error) {
	for _, name := range []string{"terraform", "tofu"} {
		if program, err := exec.LookPath(name); err == nil {
			return program, nil
		}
	}
	fmt.Println("Neither terraform nor tofu is on PATH: fetching Terraform for this run.")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	constraints, err := version.NewConstraint(">= 1.8, < 2.0")
	if err != nil {
		return "", err
	}
	program, err := install.NewInstaller().Ensure(ctx, []src.Source{
		&releases.LatestVersion{Product: product.Terraform, Constraints: constraints, InstallDir: folder},
	})
	if err != nil {
		return "", fmt.Errorf("installing Terraform (put terraform or tofu on PATH instead): %w", err)
	}
	return program, nil
}

func (t *terraform) version(ctx context.Context) (string, error) {
	output, _, err := t.run(ctx, "version", "-json")
	if err != nil {
		return "", err
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		return "", err
	}
	name := "Terraform"
	if strings.HasPrefix(filepath.Base(t.program), "tofu") {
		name = "OpenTofu"
	}
	return name + " " + answer.Version, nil
}

// run returns what a command printed to standard output, and its exit code.
// Any code but 0 and withChanges is an error that holds all it printed.
func (t *terraform) run(ctx context.Context, arguments ...string) ([]byte, int, error) {
	command := exec.CommandContext(ctx, t.program, arguments...) //nolint:gosec // Found on PATH, as a shell would.
	command.Dir = t.folder
	command.Env = t.environment
	command.Cancel = func() error { return interrupt(command.Process) }
	command.WaitDelay = 30 * time.Second
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	code := command.ProcessState.ExitCode()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && code == withChanges {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(t.program), strings.Join(arguments, " "), err, &stdout, &stderr)
	}
	return stdout.Bytes(), code, err
}

// interrupt asks a process to end in its own way, where the system can.
func interrupt(process *os.Process) error {
	if runtime.GOOS == "windows" {
		return process.Kill()
	}
	return process.Signal(os.Interrupt)
}

// plan returns what Terraform would change, and insists on its exit code.
func (t *terraform) plan(ctx context.Context, want int) ([]change, error) {
	const file = "demo.tfplan"
	output, code, err := t.run(ctx, "plan", "-no-color", "-detailed-exitcode", "-out="+file)
	if err != nil {
		return nil, err
	}
	if code != want {
		return nil, fmt.Errorf("plan ended with %d, want %d:\n%s", code, want, output)
	}
	shown, _, err := t.run(ctx, "show", "-json", file)
	if err != nil {
		return nil, err
	}
	return parsePlan(shown)
}

// apply carries out the plan that plan made.
func (t *terraform) apply(ctx context.Context) error {
	_, _, err := t.run(ctx, "apply", "-no-color", "demo.tfplan")
	return err
}

func (t *terraform) destroy(ctx context.Context) error {
	_, _, err := t.run(ctx, "destroy", "-no-color", "-auto-approve")
	return err
}

// outputs returns the root module's outputs.
func (t *terraform) outputs(ctx context.Context) (map[string]any, error) {
	shown, _, err := t.run(ctx, "output", "-json")
	if err != nil {
		return nil, err
	}
	var raw map[string]struct {
		Value any `json:"value"`
	}
	if err := json.Unmarshal(shown, &raw); err != nil {
		return nil, err
	}
	values := make(map[string]any, len(raw))
	for name, output := range raw {
		values[name] = output.Value
	}
	return values, nil
}
