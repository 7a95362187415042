package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

// terraform runs the example of the demo.
type terraform struct {
	*cli.CLI
}

// planFile is the plan that apply applies.
const planFile = "demo.tfplan"

// newTerraform prepares the folder campaign below folder. It downloads Terraform
// if neither terraform nor tofu is on PATH.
func newTerraform(ctx context.Context, folder, binaries string, environment map[string]string) (*terraform, error) {
	program := cli.Find()
	if program == "" {
		fmt.Println("Neither terraform nor tofu is on PATH: downloading Terraform for this run.")
		var err error
		if program, err = cli.Install(ctx, filepath.Join(folder, "cli")); err != nil {
			return nil, err
		}
	}
	c, err := cli.New(ctx, program, filepath.Join(folder, "campaign"), binaries, environment)
	return &terraform{c}, err
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
