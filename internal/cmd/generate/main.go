// Command generate writes docs/ from the provider's schema, templates/ and
// examples/, and formats the examples. It also writes the provider's surface. It
// runs in the root of the repository.
//
// The schema comes from the provider in this process. An installed Terraform
// would leave out the parts that are newer than itself.
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

// docsModule pins tfplugindocs outside the provider's own go.mod.
const docsModule = ".ci/docs/go.mod"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	if err := formatExamples("examples"); err != nil {
		return err
	}
	text, err := surface(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(surfaceFile, []byte(text), 0o644); err != nil { //nolint:gosec // Sources are readable by everyone.
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
		command := exec.CommandContext(ctx, "go", "tool", "-modfile="+docsModule, //nolint:gosec // The file is temporary.
			"tfplugindocs", verb, "--provider-name", "aep", "--providers-schema", file)
		output, err := command.CombinedOutput()
		if err != nil {
			return fmt.Errorf("tfplugindocs %s: %w\n%s", verb, err, output)
		}
	}
	return nil
}

// formatExamples formats the files below root as `terraform fmt` does, and
// needs no Terraform.
func formatExamples(root string) error {
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if !strings.HasSuffix(name, ".tf") && !strings.HasSuffix(name, ".hcl") && !strings.HasSuffix(name, ".tfvars") {
			return nil
		}
		before, err := os.ReadFile(name) //nolint:gosec // The file is in the repository.
		if err != nil {
			return err
		}
		after := hclwrite.Format(before)
		if bytes.Equal(before, after) {
			return nil
		}
		fmt.Println("formatted", name)
		return os.WriteFile(name, after, 0o644) //nolint:gosec // Sources are readable by everyone.
	})
}
