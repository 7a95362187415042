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
	latency time.Duration
	p       *platform
	w       *workspace
	task    int64
}

func (r *report) pages(rows int) int { return (rows + r.pageSize - 1) / r.pageSize }

// set measures the life of one large device set.
func (r *report) set(ctx context.Context) error {
	applying, planning, err := r.idleTimes(ctx, 1)
	if err != nil {
		return err
	}
	r.idle = map[string]time.Duration{"apply": applying, "plan": planning}
	for _, latency := range r.latencies {
		if err := r.life(ctx, latency); err != nil {
			return err
		}
	}
	return nil
}

func (r *report) life(ctx context.Context, latency time.Duration) error {
	f, err := r.newFleet(r.devices, latency)
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

func (r *report) newFleet(devices int, latency time.Duration) (*fleet, error) {
	f := &fleet{report: r, latency: latency}
	var err error
	if f.p, err = newPlatform(devices); err != nil {
		return nil, err
	}
	if f.task, err = f.p.task("fleet"); err != nil {
		return nil, err
	}
	if f.w, err = r.tools.workspace(f.p.environment(r.settings)); err != nil {
		return nil, err
	}
	f.p.slow(latency)
	return f, errors.Join(f.w.configure("aep", deviceSet(f.task, "")), f.w.devices(f.p.ids))
}

func (f *fleet) attach(ctx context.Context) error {
	other, err := newPlatform(len(f.p.ids))
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
	bare, err := runBare(ctx, j)
	other.Close()
	if err != nil {
		return err
	}
	f.p.ResetJournal()
	m, err := f.w.apply(ctx)
	if err != nil {
		return err
	}
	if got, _ := f.p.Task(f.task); got.DeviceCount != len(f.p.ids) {
		return fmt.Errorf("%d devices have joined", got.DeviceCount)
	}
	f.add(row{
		work: fmt.Sprintf("attach %d devices", len(f.p.ids)), latency: f.latency,
		calls: f.p.calls(), least: len(j.Join) + f.pages(len(f.p.ids)), wall: m.wall, bare: bare, idle: f.idle["apply"], rss: m.rss, state: f.w.stateSize(),
	})
	return nil
}

func (f *fleet) noop(ctx context.Context) error {
	m, calls, err := f.median(f.p, func() (measure, error) { return f.w.plan(ctx, false) })
	if err != nil {
		return err
	}
	f.add(row{
		work: "plan without change, drift_detection = auto", latency: f.latency,
		calls: calls, least: 2, wall: m.wall, idle: f.idle["plan"], rss: m.rss, state: f.w.stateSize(),
	})
	return nil
}

var changedLine = regexp.MustCompile(`(?m)^ +[~+-] .*`)

// difference plans one device less and two others instead.
func (f *fleet) difference(ctx context.Context) error {
	ids := append(slices.Clone(f.p.ids[1:]), "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcde0")
	if err := f.w.devices(ids); err != nil {
		return err
	}
	m, calls, err := f.median(f.p, func() (measure, error) { return f.w.plan(ctx, true) })
	if err != nil {
		return err
	}
	lines := changedLine.FindAllString(m.output, -1)
	f.add(row{
		work: "plan of +2 −1", latency: f.latency, calls: calls, least: 2, wall: m.wall, idle: f.idle["plan"], rss: m.rss,
		note: fmt.Sprintf("%d lines of difference", len(lines)),
	})
	return f.w.devices(f.p.ids)
}

// fullCheck compares every member with the platform.
func (f *fleet) fullCheck(ctx context.Context) error {
	if err := f.w.configure("aep", deviceSet(f.task, `drift_detection = "full"`)); err != nil {
		return err
	}
	if _, err := f.w.apply(ctx); err != nil {
		return err
	}
	j := f.p.job(f.settings, f.task)
	j.Pages = true
	bare, err := runBare(ctx, j)
	if err != nil {
		return err
	}
	m, calls, err := f.median(f.p, func() (measure, error) { return f.w.plan(ctx, false) })
	if err != nil {
		return err
	}
	f.add(row{
		work: fmt.Sprintf("full check of %d members", len(f.p.ids)), latency: f.latency,
		calls: calls, least: f.pages(len(f.p.ids)), wall: m.wall, bare: bare, idle: f.idle["plan"], rss: m.rss,
	})
	if err := f.w.configure("aep", deviceSet(f.task, "")); err != nil {
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
	bare, err := runBare(ctx, j)
	if err != nil {
		return err
	}
	if err := f.w.devices(rest); err != nil {
		return err
	}
	f.p.ResetJournal()
	m, err := f.w.apply(ctx)
	if err != nil {
		return err
	}
	if strings.Contains(m.output, "Warning") && strings.Contains(m.output, "still being cancelled") {
		return errors.New(m.output)
	}
	f.add(row{
		work: fmt.Sprintf("remove %d of %d devices", len(mine), len(f.p.ids)), latency: f.latency,
		calls: f.p.calls(), least: min(len(mine), f.pages(len(f.p.ids))) + (len(mine)+batchSize-1)/batchSize,
		wall: m.wall, bare: bare, idle: f.idle["apply"], rss: m.rss,
	})
	return nil
}
