package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

// terraform runs a configuration of the demo.
type terraform struct {
	*cli.CLI
}

// planFile is the plan that apply applies.
const planFile = "demo.tfplan"

// findTerraform returns the program. It downloads Terraform if neither terraform
// nor tofu is on PATH.
func findTerraform(ctx context.Context, folder string, s *screen) (string, error) {
	if program := cli.Find(); program != "" {
		return program, nil
	}
	s.print("Neither terraform nor tofu is on PATH: downloading Terraform for this run ...\n")
	return cli.Install(ctx, filepath.Join(folder, "cli"))
}

// configuration is an example with the values of its variables.
type configuration struct {
	example   string
	folder    string
	variables string // content of a file .auto.tfvars
}

// newTerraform copies an example to its folder and installs its modules.
// Terraform writes its state beside the configuration.
func newTerraform(ctx context.Context, c configuration, program, binaries string, environment map[string]string) (*terraform, error) {
	root, err := cli.Root(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(c.folder, os.DirFS(filepath.Join(root, "examples", c.example))); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(c.folder, "demo.auto.tfvars"), []byte(c.variables), 0o600); err != nil {
		return nil, err
	}
	program, err = filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	started, err := cli.New(ctx, program, c.folder, binaries, environment)
	if err != nil {
		return nil, err
	}
	// `init` would search the provider in a registry.
	_, err = started.Run(ctx, "get", "-no-color")
	return &terraform{started}, err
}

// plan returns the planned changes. Another exit code than want is an error.
func (t *terraform) plan(ctx context.Context, want int) ([]change, error) {
	result, err := t.Run(ctx, "plan", "-no-color", "-detailed-exitcode", "-out="+planFile)
	if err != nil {
		return nil, err
	}
	if result.ExitCode != want {
		return nil, fmt.Errorf("plan ended with exit code %d, want %d:\n%s", result.ExitCode, want, result.Output)
	}
	shown, err := t.Run(ctx, "show", "-json", planFile)
	if err != nil {
		return nil, err
	}
	return parsePlan([]byte(shown.Output))
}

// apply applies the last plan.
func (t *terraform) apply(ctx context.Context) error {
	_, err := t.Run(ctx, "apply", "-no-color", planFile)
	return err
}

// applyFails applies the last plan, and returns what Terraform printed. Another
// exit code than 1 is an error. The end of interrupt is Ctrl-C, that of ctx is the
// end of the demo.
func (t *terraform) applyFails(ctx, interrupt context.Context) (string, error) {
	result, err := t.Run(interrupt, "apply", "-no-color", planFile)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err == nil || result.ExitCode != 1 {
		return "", fmt.Errorf("apply ended with exit code %d, want 1: %w\n%s", result.ExitCode, err, result.Output)
	}
	return err.Error(), nil
}

func (t *terraform) destroy(ctx context.Context) error {
	_, err := t.Run(ctx, "destroy", "-no-color", "-auto-approve")
	return err
}

// outputs returns the values of the outputs by their names.
func (t *terraform) outputs(ctx context.Context) (map[string]any, error) {
	shown, err := t.Run(ctx, "output", "-json")
	if err != nil {
		return nil, err
	}
	var raw map[string]struct {
		Value any `json:"value"`
	}
	if err := json.Unmarshal([]byte(shown.Output), &raw); err != nil {
		return nil, err
	}
	values := make(map[string]any, len(raw))
	for name, output := range raw {
		values[name] = output.Value
	}
	return values, nil
}
