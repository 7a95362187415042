// Command generate writes docs/ from the provider's schema, templates/ and
// examples/, and puts the examples into canonical form. What it writes depends
// on the repository alone: it takes the schema from the provider in this
// process, not through whatever Terraform is installed, which would leave out
// everything newer than itself.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run works in the root of the repository.
func run(ctx context.Context) error {
	if err := formatExamples("examples"); err != nil {
		return err
	}
	schemas, err := providerSchemas(ctx)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "aep-generate-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, "schema.json")
	if err := os.WriteFile(file, schemas, 0o600); err != nil {
		return err
	}
	for _, verb := range []string{"generate", "validate"} {
		command := exec.CommandContext(ctx, "go", "tool", "tfplugindocs", verb, //nolint:gosec // The arguments are ours.
			"--provider-name", "aep", "--providers-schema", file)
		output, err := command.CombinedOutput()
		if err != nil {
			return fmt.Errorf("tfplugindocs %s: %w\n%s", verb, err, output)
		}
	}
	return nil
}

// formatExamples does what `terraform fmt` does, without Terraform.
func formatExamples(root string) error {
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if !strings.HasSuffix(name, ".tf") && !strings.HasSuffix(name, ".hcl") && !strings.HasSuffix(name, ".tfvars") {
			return nil
		}
		before, err := os.ReadFile(name) //nolint:gosec // It lies in the repository.
		if err != nil {
			return err
		}
		after := hclwrite.Format(before)
		if bytes.Equal(before, after) {
			return nil
		}
		fmt.Println("formatted", name)
		return os.WriteFile(name, after, 0o644) //nolint:gosec // Sources are for everyone to read.
	})
}
