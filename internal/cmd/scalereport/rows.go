package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

const batchSize = 100

// row is one line of the table. What does not apply is 0.
type row struct {
	work    string
	latency time.Duration
	calls   int
	least   int // calls that must be made
	wall    time.Duration
	bare    time.Duration // the same calls in a bare loop
	idle    time.Duration // the same command with a provider that does nothing
	rss     int64
	state   int64
	note    string
}

type report struct {
	settings
	tools tools
	rows  []row
	idle  map[string]time.Duration // by command and number of resources
}

func (r *report) add(one row) {
	r.rows = append(r.rows, one)
	fmt.Fprintf(os.Stderr, "%s\n", one.line())
}

// run measures the groups of rows that were asked for.
func (r *report) run(ctx context.Context) error {
	groups := map[string]func(context.Context) error{
		"start": r.start, "set": r.set, "share": r.share, "tasks": r.manyTasks,
		"progress": r.progress, "subtasks": r.subtasks, "memory": r.memory,
	}
	for name := range strings.SplitSeq(r.settings.rows, ",") {
		group := groups[name]
		if group == nil {
			return fmt.Errorf("there are no rows %q", name)
		}
		if err := group(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// median runs a short command several times and returns the run whose time is
// in the middle, and how many calls each of them took.
func (r *report) median(p *platform, command func() (measure, error)) (measure, int, error) {
	var (
		all   []measure
		calls int
	)
	for range r.repeat {
		if p != nil {
			p.ResetJournal()
		}
		m, err := command()
		if err != nil {
			return measure{}, 0, err
		}
		if p != nil {
			calls = max(calls, p.calls())
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b measure) int { return int(a.wall - b.wall) })
	middle := all[len(all)/2]
	for _, m := range all {
		middle.rss = max(middle.rss, m.rss)
	}
	return middle, calls, nil
}

// idleTimes measures apply and plan of so many resources that do nothing.
func (r *report) idleTimes(ctx context.Context, resources int) (apply, plan time.Duration, err error) {
	w, err := r.tools.workspace(nil)
	if err != nil {
		return 0, 0, err
	}
	if err := w.configure("idle", fmt.Sprintf("resource \"idle_thing\" \"thing\" {\n  count = %d\n  name  = \"thing\"\n}\n", resources)); err != nil {
		return 0, 0, err
	}
	applied, err := w.apply(ctx)
	if err != nil {
		return 0, 0, err
	}
	planned, _, err := r.median(nil, func() (measure, error) { return w.plan(ctx, false) })
	return applied.wall, planned.wall, err
}

// start measures how long a provider takes to give its schema.
func (r *report) start(ctx context.Context) error {
	ask := func(source string) (measure, error) {
		w, err := r.tools.workspace(nil)
		if err != nil {
			return measure{}, err
		}
		if err := w.configure(source, ""); err != nil {
			return measure{}, err
		}
		m, _, err := r.median(nil, func() (measure, error) { return w.run(ctx, "providers", "schema", "-json") })
		return m, err
	}
	idle, err := ask("idle")
	if err != nil {
		return err
	}
	ours, err := ask("aep")
	if err != nil {
		return err
	}
	r.add(row{
		work: "start to schema (terraform providers schema)", wall: ours.wall, idle: idle.wall, rss: ours.rss,
		note: fmt.Sprintf("a provider that does nothing: %s", megabytes(idle.rss)),
	})
	return nil
}
