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
	work          string
	latency       time.Duration
	calls         int
	least         int           // calls that the work can't do without
	wall, cpu     time.Duration // of Terraform with all its providers
	bare          time.Duration // the same calls in a bare loop
	idle, idleCPU time.Duration // the same command with a provider that does nothing
	rss, idleRSS  int64
	state         int64
	note          string
	output        string
}

type report struct {
	settings
	tools tools
	rows  []row
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

// trial is one command, and what is measured beside it.
type trial struct {
	p    *platform // whose calls are counted, if there is one
	ours func() (measure, error)
	idle func() (measure, error)       // the same with a provider that does nothing
	bare func() (time.Duration, error) // the same calls in a bare loop
}

// measured runs a trial several times, each time beside the others, so that a
// busy machine is busy for all of them. It returns the medians.
func (r *report) measured(times int, t trial) (row, error) {
	var (
		one                row
		walls, idles, bare []time.Duration
		cpu, idleCPU       []time.Duration
	)
	for range times {
		if t.idle != nil {
			m, err := t.idle()
			if err != nil {
				return row{}, err
			}
			idles, idleCPU, one.idleRSS = append(idles, m.wall), append(idleCPU, m.cpu), max(one.idleRSS, m.rss)
		}
		if t.bare != nil {
			wall, err := t.bare()
			if err != nil {
				return row{}, err
			}
			bare = append(bare, wall)
		}
		if t.p != nil {
			t.p.ResetJournal()
		}
		m, err := t.ours()
		if err != nil {
			return row{}, err
		}
		if t.p != nil {
			one.calls = max(one.calls, t.p.calls())
		}
		walls, cpu, one.rss, one.output = append(walls, m.wall), append(cpu, m.cpu), max(one.rss, m.rss), m.output
	}
	one.wall, one.idle, one.bare = middle(walls), middle(idles), middle(bare)
	one.cpu, one.idleCPU = middle(cpu), middle(idleCPU)
	return one, nil
}

func middle(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// idleSet is so many resources that exist and do nothing, each with so many
// bytes of private state.
func (r *report) idleSet(ctx context.Context, resources int, private int64) (w *workspace, applied measure, err error) {
	if w, err = r.tools.workspace(nil); err != nil {
		return nil, measure{}, err
	}
	config := "resource \"idle_thing\" \"thing\" {\n  count   = %d\n  name    = \"thing\"\n  private = %d\n}\n"
	if err = w.configure("idle", fmt.Sprintf(config, resources, private)); err != nil {
		return nil, measure{}, err
	}
	applied, err = w.apply(ctx)
	return w, applied, err
}

// idlePlan returns the plan of such resources.
func (r *report) idlePlan(ctx context.Context, resources int, private int64) (func() (measure, error), error) {
	w, _, err := r.idleSet(ctx, resources, private)
	return func() (measure, error) { return w.plan(ctx, false) }, err
}

// start measures how long a provider takes to give its schema.
func (r *report) start(ctx context.Context) error {
	ask := map[string]func() (measure, error){}
	for _, source := range []string{"idle", "aep"} {
		w, err := r.tools.workspace(nil)
		if err != nil {
			return err
		}
		if err := w.configure(source, ""); err != nil {
			return err
		}
		ask[source] = func() (measure, error) { return w.run(ctx, "providers", "schema", "-json") }
	}
	one, err := r.measured(2*r.repeat, trial{ours: ask["aep"], idle: ask["idle"]})
	if err != nil {
		return err
	}
	one.work = "start to schema (terraform providers schema)"
	one.note = "RSS of the other provider: " + megabytes(one.idleRSS)
	r.add(one)
	return nil
}
