// Command scalereport measures the provider with a large number of devices. It
// runs the real Terraform against the simulated platform and prints a table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "scalereport:", err)
		os.Exit(1)
	}
}

// run writes the report to stdout, and each row to stderr when it is measured.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	r := &report{log: stderr}
	var file string
	flags := flag.NewFlagSet("scalereport", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&r.devices, "devices", 100_000, "`number` of devices; the other numbers are parts of it")
	flags.IntVar(&r.repeat, "repeat", 3, "`number` of runs of each plan; the table has the median")
	names := flags.String("rows", "set,limits,share,tasks,progress,subtasks,memory", "comma-separated `groups` of rows")
	latencies := flags.String("latency", "0s,20ms,1s,3s", "comma-separated `durations` of a call")
	flags.StringVar(&file, "write", "", "also write the report into `file`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for text := range strings.SplitSeq(*latencies, ",") {
		latency, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		r.latencies = append(r.latencies, latency)
	}
	if r.devices < 100 || r.repeat < 1 {
		return errors.New("-devices is at least 100, and -repeat at least 1")
	}
	if err := r.measureGroups(ctx, strings.Split(*names, ",")); err != nil {
		return err
	}
	text := r.document()
	if _, err := io.WriteString(stdout, text); err != nil || file == "" {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644) //nolint:gosec // The report is readable by everyone.
}

// measureGroups builds the provider as it is released and measures groups of rows.
func (r *report) measureGroups(ctx context.Context, names []string) (err error) {
	for _, name := range names {
		if groups[name] == nil {
			return fmt.Errorf("unknown rows %q", name)
		}
	}
	if r.program = cli.Find(); r.program == "" {
		return errors.New("neither terraform nor tofu is on PATH")
	}
	if r.folder, err = os.MkdirTemp("", "aep-scale-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(r.folder) }()
	if err := cli.Build(ctx, ".", r.folder, "terraform-provider-aep", "-ldflags=-s -w"); err != nil {
		return err
	}
	for _, name := range names {
		if err := groups[name](r, ctx); err != nil {
			return fmt.Errorf("rows %s: %w", name, err)
		}
	}
	return nil
}
