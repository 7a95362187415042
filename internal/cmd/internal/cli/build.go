package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Root returns the folder of the repository that contains the current folder.
func Root(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}

// Build compiles a package of the repository, such as ".", into a program in
// the given folder.
func Build(ctx context.Context, source, folder, name string, flags ...string) error {
	root, err := Root(ctx)
	if err != nil {
		return err
	}
	arguments := append(append([]string{"build"}, flags...), "-o", filepath.Join(folder, Executable(name)), source)
	command := exec.CommandContext(ctx, "go", arguments...) //nolint:gosec // The arguments are constants and a temporary folder.
	command.Dir = root
	// The compilers that it runs end with it, and their temporary files are in folder.
	ownGroup(command)
	command.Cancel = func() error { return killGroup(command.Process) }
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	command.Env = append(os.Environ(), "GOTMPDIR="+folder)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", name, err, output)
	}
	return nil
}
