// Command demo runs examples/campaign with the real Terraform on a simulated
// platform and prints each step. The steps are plan, apply, a change in the
// console, the plan that finds it, and destroy. The command fails unless every
// step has the expected result. It leaves no file or process behind.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := demonstrate(ctx)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "\ndemo: interrupted; all processes are stopped and all files removed")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

// demonstrate builds both programs, runs all steps and cleans up.
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
	terraform, err := newTerraform(ctx, folder, binaries, platform.environment)
	if err != nil {
		return err
	}
	fmt.Printf("%s, with a provider and a simulated platform built in %s.\n", terraform.Name, since(began))
	if err := runSteps(ctx, terraform, platform); err != nil {
		return err
	}
	fmt.Printf("\nEvery step had the expected result, in %s; nothing is left behind.\n", since(began))
	return nil
}

// build compiles both programs and copies the example into folder: Terraform
// writes its state beside the configuration.
func build(ctx context.Context, folder, binaries string) error {
	root, err := cli.Root(ctx)
	if err != nil {
		return err
	}
	return errors.Join(
		cli.Build(ctx, ".", binaries, "terraform-provider-aep"),
		cli.Build(ctx, "./internal/cmd/aep-simulator", binaries, simulatorName),
		os.CopyFS(filepath.Join(folder, "campaign"), os.DirFS(filepath.Join(root, "examples", "campaign"))))
}
