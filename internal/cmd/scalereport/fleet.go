package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// fleet is one device set that goes through its life.
type fleet struct {
	*report
	latency  time.Duration
	p        *platform
	w        *workspace
	task     int64
	note     string                  // on every row
	empty    func() (measure, error) // a plan with a provider that does nothing
	carrying func() (measure, error) // and carries as much state
}

func (r *report) pages(rows int) int { return (rows + r.pageSize - 1) / r.pageSize }

// set measures the life of one large device set.
func (r *report) set(ctx context.Context) error {
	for _, latency := range r.latencies {
		if err := errors.Join(r.life(ctx, latency), r.inARow(ctx, latency)); err != nil {
			return err
		}
	}
	return nil
}

func (r *report) life(ctx context.Context, latency time.Duration) error {
	f, err := r.newFleet(lwm2m, r.devices, latency)
	if err != nil {
		return err
	}
	defer f.p.Close()
	for _, step := range []func(context.Context) error{f.attach, f.noop, f.difference, f.fullCheck, f.remove} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// inARow measures the plans of a set whose ids are numbers in a row, and so
// take little room in the state.
func (r *report) inARow(ctx context.Context, latency time.Duration) error {
	f, err := r.newFleet(tLink, r.devices, 0)
	if err != nil {
		return err
	}
	defer f.p.Close()
	f.note = "ids in a row"
	if _, err := f.w.apply(ctx); err != nil {
		return err
	}
	f.p.slow(latency)
	f.latency = latency
	return errors.Join(f.noop(ctx), f.fullCheck(ctx))
}

func (r *report) newFleet(k kind, devices int, latency time.Duration) (*fleet, error) {
	f := &fleet{report: r, latency: latency}
	var err error
	if f.p, err = newPlatform(k, devices); err != nil {
		return nil, err
	}
	if f.task, err = f.p.task("fleet"); err != nil {
		return nil, err
	}
	if f.w, err = r.tools.workspace(f.p.environment(r.settings)); err != nil {
		return nil, err
	}
	f.p.slow(latency)
	return f, errors.Join(f.w.configure("aep", f.deviceSet("")), f.w.devices(f.p.ids))
}

func (f *fleet) attach(ctx context.Context) error {
	other, err := newPlatform(f.p.kind, len(f.p.ids))
	if err != nil {
		return err
	}
	task, err := other.task("bare")
	if err != nil {
		return err
	}
	other.slow(f.latency)
	j := other.job(f.settings, task)
	j.Join, j.Pages = slices.Collect(slices.Chunk(other.ids, batchSize)), true
	one, err := f.measured(1, trial{
		p: f.p,
		bare: func() (time.Duration, error) {
			wall, err := runBare(ctx, j)
			other.Close()
			return wall, err
		},
		ours: func() (measure, error) { return f.w.apply(ctx) },
	})
	if err != nil {
		return err
	}
	_, idle, err := f.idleSet(ctx, 1, f.carried())
	if err != nil {
		return err
	}
	one.idle, one.idleCPU = idle.wall, idle.cpu
	if got, _ := f.p.Task(f.task); got.DeviceCount != len(f.p.ids) {
		return fmt.Errorf("%d devices have joined", got.DeviceCount)
	}
	one.work, one.least = fmt.Sprintf("attach %d devices", len(f.p.ids)), len(j.Join)+f.pages(len(f.p.ids))
	f.done(one)
	return nil
}

// done adds a row of this fleet.
func (f *fleet) done(one row) {
	one.latency, one.state = f.latency, f.w.stateSize()
	one.note = strings.Trim(f.note+"; "+one.note, "; ")
	f.add(one)
}

// carried is how much private state makes a state as large as that of the
// fleet: Terraform writes what a provider keeps to itself in base64 twice.
func (f *fleet) carried() int64 { return f.w.stateSize() * 9 / 16 }

func (f *fleet) noop(ctx context.Context) error {
	var err error
	if f.empty, err = f.idlePlan(ctx, 1, 0); err != nil {
		return err
	}
	if f.carrying, err = f.idlePlan(ctx, 1, f.carried()); err != nil {
		return err
	}
	empty, err := f.measured(f.repeat, trial{ours: f.empty})
	if err != nil {
		return err
	}
	one, err := f.measured(f.repeat, trial{p: f.p, idle: f.carrying, ours: func() (measure, error) { return f.w.plan(ctx, false) }})
	if err != nil {
		return err
	}
	one.work, one.least = "plan without change, drift_detection = auto", 2
	one.note = "idle without that state: " + seconds(empty.wall)
	f.done(one)
	return nil
}

// changedAttribute finds the attributes of a resource that a plan changes.
var changedAttribute = regexp.MustCompile(`(?m)^ {6}[~+-] .*`)

// difference plans one device less and two others instead.
func (f *fleet) difference(ctx context.Context) error {
	ids := append(slices.Clone(f.p.ids[1:]), "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcde0")
	if err := f.w.devices(ids); err != nil {
		return err
	}
	one, err := f.measured(f.repeat, trial{p: f.p, idle: f.carrying, ours: func() (measure, error) { return f.w.plan(ctx, true) }})
	if err != nil {
		return err
	}
	one.work, one.least = "plan of +2 −1", 2
	changed := changedAttribute.FindAllString(one.output, -1)
	open := slices.DeleteFunc(slices.Clone(changed), func(line string) bool { return !strings.HasSuffix(line, "(known after apply)") })
	one.note = fmt.Sprintf("%d attributes change, and %d that only an apply can tell", len(changed)-len(open), len(open))
	f.done(one)
	return f.w.devices(f.p.ids)
}

// fullCheck compares every member with the platform.
func (f *fleet) fullCheck(ctx context.Context) error {
	if err := f.w.configure("aep", f.deviceSet(`drift_detection = "full"`)); err != nil {
		return err
	}
	if _, err := f.w.apply(ctx); err != nil {
		return err
	}
	j := f.p.job(f.settings, f.task)
	j.Pages = true
	one, err := f.measured(f.repeat, trial{
		p: f.p, idle: f.carrying,
		bare: func() (time.Duration, error) { return runBare(ctx, j) },
		ours: func() (measure, error) { return f.w.plan(ctx, false) },
	})
	if err != nil {
		return err
	}
	one.work, one.least = fmt.Sprintf("full check of %d members", len(f.p.ids)), f.pages(len(f.p.ids))
	f.done(one)
	if err := f.w.configure("aep", f.deviceSet("")); err != nil {
		return err
	}
	_, err = f.w.apply(ctx)
	return err
}

// remove takes every hundredth device out; the bare loop has done so with their
// neighbours before.
func (f *fleet) remove(ctx context.Context) error {
	const every = 100
	var mine, others, rest []string
	for i, id := range f.p.ids {
		switch i % every {
		case 0:
			mine = append(mine, id)
			continue
		case 1:
			others = append(others, id)
		}
		rest = append(rest, id)
	}
	j := f.p.job(f.settings, f.task)
	j.LookUp, j.Cancel = others, batchSize
	if err := f.w.devices(rest); err != nil {
		return err
	}
	one, err := f.measured(1, trial{
		p: f.p,
		idle: func() (measure, error) {
			_, idle, err := f.idleSet(ctx, 1, f.carried())
			return idle, err
		},
		bare: func() (time.Duration, error) { return runBare(ctx, j) },
		ours: func() (measure, error) { return f.w.apply(ctx) },
	})
	if err != nil {
		return err
	}
	if strings.Contains(one.output, "Warning: Devices") {
		return errors.New(one.output)
	}
	one.work = fmt.Sprintf("remove %d of %d devices", len(mine), len(f.p.ids))
	one.least = min(len(mine), f.pages(len(f.p.ids))) + (len(mine)+batchSize-1)/batchSize
	f.done(one)
	return nil
}
