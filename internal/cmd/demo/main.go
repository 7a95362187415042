// Command demo upgrades 5,000 simulated devices with the real Terraform and
// prints each step. A first campaign passes, in spite of an interruption and a
// change in the console. A second campaign has a bad firmware, and stops at its
// canary. At the end the command writes an HTML page. It fails unless every step
// has the expected result. It leaves no other file and no process behind.
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

	"github.com/ctwing/terraform-provider-aep/internal/cmd/demo/page"
	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	s := newScreen(os.Stdout)
	err := run(ctx, s)
	interrupted := ctx.Err() != nil
	stop()
	s.progress("")
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "\ndemo: interrupted; all processes are stopped and all files removed")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

// pageName is the page, as a path from the root of the repository.
const pageName = ".cache/demo.html"

// run demonstrates, and writes the page into the repository.
func run(ctx context.Context, s *screen) error {
	root, err := cli.Root(ctx)
	if err != nil {
		return err
	}
	return demonstrate(ctx, s, filepath.Join(root, filepath.FromSlash(pageName)))
}

// demonstrate builds both programs, runs all steps, cleans up, and writes the page
// into a file.
func demonstrate(ctx context.Context, s *screen, file string) (err error) {
	began := time.Now()
	folder, err := os.MkdirTemp("", "aep-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return err
	}
	d := &demo{screen: s, folder: folder, binaries: filepath.Join(folder, "bin")}
	if err := d.build(ctx); err != nil {
		return err
	}
	if err := d.run(ctx); err != nil {
		return err
	}
	d.page.Duration = time.Since(began)
	if err := writePage(file, d.page); err != nil {
		return err
	}
	s.print(fmt.Sprintf("\nEvery step had the expected result, in %s. Nothing is left behind but the page %s.\n", since(began), pageName))
	return nil
}

// build compiles the provider and the simulator.
func (d *demo) build(ctx context.Context) error {
	began := time.Now()
	d.screen.print("Building the provider and the simulated platform ...\n")
	defer d.screen.count("building")()
	err := errors.Join(
		cli.Build(ctx, ".", d.binaries, "terraform-provider-aep"),
		cli.Build(ctx, "./internal/cmd/aep-simulator", d.binaries, simulatorName))
	if err == nil {
		d.screen.print(fmt.Sprintf("Both were built in %s.\n", since(began)))
	}
	return err
}

// writePage replaces the page atomically.
func writePage(file string, data page.Data) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), "demo-*.html")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	if err := errors.Join(page.Write(temporary, data), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), file)
}

// since returns the time since began, rounded for people.
func since(began time.Time) time.Duration { return time.Since(began).Round(100 * time.Millisecond) }
