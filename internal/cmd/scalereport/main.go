// Command scalereport measures the provider at the size of a large fleet:
// through the real Terraform, against the simulated platform with a set latency
// for each call, beside a bare loop that sends the same calls and a provider
// that does nothing. It prints a table and writes it into a file.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// settings are the flags.
type settings struct {
	devices, many, tasks  int
	concurrency, pageSize int
	repeat                int
	latencies             []time.Duration
	rows                  string
	write                 string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	if len(os.Args) == 2 && os.Args[1] == bareArgument {
		err = bareLoop(ctx)
	} else {
		err = run(ctx)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "scalereport:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	s := settings{latencies: []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond}}
	flag.IntVar(&s.devices, "devices", 100_000, "size of the fleet")
	flag.IntVar(&s.many, "many", 1_000_000, "size of the fleet of the memory row")
	flag.IntVar(&s.tasks, "tasks", 1000, "number of tasks")
	flag.IntVar(&s.concurrency, "concurrency", 8, "max_concurrent_requests")
	flag.IntVar(&s.pageSize, "page-size", 100, "page_size")
	flag.IntVar(&s.repeat, "repeat", 5, "how often the short rows are run; the median is shown")
	flag.StringVar(&s.rows, "rows", "start,set,share,tasks,progress,subtasks,memory", "which groups of rows to run")
	flag.StringVar(&s.write, "write", "", "write the table into this `file` as well")
	flag.Func("latency", "comma-separated times that each call takes (default 0,20ms,100ms)", func(text string) error {
		s.latencies = nil
		for part := range strings.SplitSeq(text, ",") {
			latency, err := time.ParseDuration(part)
			if err != nil {
				return err
			}
			s.latencies = append(s.latencies, latency)
		}
		return nil
	})
	flag.Parse()

	folder, err := os.MkdirTemp("", "aep-scale-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return err
	}
	built, err := build(ctx, folder)
	if err != nil {
		return err
	}
	r := &report{settings: s, tools: built}
	if err := r.run(ctx); err != nil {
		return err
	}
	text, err := r.text(ctx)
	if err != nil {
		return err
	}
	fmt.Print(text)
	if s.write == "" {
		return nil
	}
	return os.WriteFile(s.write, []byte(text), 0o644) //nolint:gosec // For everyone to read.
}
