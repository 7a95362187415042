// Command demo runs examples/campaign with the real Terraform on a simulated
// platform and tells what happens: plan, apply, a change behind Terraform's
// back, the plan that finds it, and destroy. It succeeds only if every step did
// what it says, and leaves nothing behind.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := demonstrate(ctx)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "\ndemo: interrupted; everything it started is stopped and removed")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

// demonstrate builds what the story needs, tells it, and cleans up.
func demonstrate(ctx context.Context) (err error) {
	began := time.Now()
	folder, err := os.MkdirTemp("", "aep-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return err
	}
	binaries := filepath.Join(folder, "bin")
	if err := build(ctx, folder, binaries); err != nil {
		return err
	}
	platform, err := startPlatform(ctx, folder, binaries, allDevices)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, platform.stop()) }()
	if err := platform.firstDevices(productID, ourDevices, filepath.Join(folder, "campaign", "devices.txt")); err != nil {
		return err
	}
	terraform, err := newTerraform(ctx, folder, binaries, platform.environment)
	if err != nil {
		return err
	}
	fmt.Printf("%s, with a provider and a simulated platform built in %s.\n", terraform.name, since(began))
	if err := tell(ctx, terraform, platform); err != nil {
		return err
	}
	fmt.Printf("\nEvery step did what it says, in %s; nothing is left behind.\n", since(began))
	return nil
}

func since(began time.Time) time.Duration { return time.Since(began).Round(100 * time.Millisecond) }

// build compiles both programs and copies the example, so that the state and
// all else that Terraform writes stays in the demo's folder.
func build(ctx context.Context, folder, binaries string) error {
	output, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("the demo runs in the repository: %w", err)
	}
	root := strings.TrimSpace(string(output))
	for name, source := range map[string]string{
		"terraform-provider-aep": ".", "aep-simulator": "./internal/cmd/aep-simulator",
	} {
		command := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(binaries, executable(name)), source) //nolint:gosec // Names of ours.
		command.Dir = root
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", name, err, output)
		}
	}
	return os.CopyFS(filepath.Join(folder, "campaign"), os.DirFS(filepath.Join(root, "examples", "campaign")))
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
