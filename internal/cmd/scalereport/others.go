package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// share measures several sets and a data source on one task, in one run.
func (r *report) share(ctx context.Context) error {
	for _, latency := range r.latencies {
		f, err := r.newFleet(lwm2m, r.devices, 0)
		if err != nil {
			return err
		}
		if err := f.share(ctx, latency); err != nil {
			return err
		}
		f.p.Close()
	}
	return nil
}

const sharers = 5

func (f *fleet) share(ctx context.Context, latency time.Duration) error {
	var config strings.Builder
	for i := range sharers {
		config.WriteString(strings.Replace(f.deviceSet(fmt.Sprintf(`drift_detection = "full"
  name            = "set%d"
  wave            = { weights = [1, 1, 1, 1, 1], index = %d, seed = "s" }`, i, i)), `"fleet"`, fmt.Sprintf(`"set%d"`, i), 1))
	}
	data := fmt.Sprintf(`data "aep_upgrade_devices" "joined" {
  product_id  = %d
  task_id     = %d
  scope       = "joined"
  max_results = 1000
}
`, f.p.product(), f.task)
	if err := f.w.configure("aep", config.String()); err != nil {
		return err
	}
	if _, err := f.w.apply(ctx); err != nil {
		return err
	}
	if err := f.w.configure("aep", config.String()+data); err != nil {
		return err
	}
	f.p.slow(latency)
	bare := f.p.job(f.settings, f.task)
	bare.Pages = true
	f.latency = latency
	one, err := f.measured(f.repeat, trial{
		p:    f.p,
		bare: func() (time.Duration, error) { return runBare(ctx, bare) },
		ours: func() (measure, error) { return f.w.plan(ctx, false) },
	})
	if err != nil {
		return err
	}
	one.work, one.least = fmt.Sprintf("full check of %d sets and a data source of one task", sharers), f.pages(len(f.p.ids))
	f.done(one)
	return nil
}

// manyTasks measures the refresh of many tasks of one product.
func (r *report) manyTasks(ctx context.Context) error {
	idle, err := r.idlePlan(ctx, r.tasks, 0)
	if err != nil {
		return err
	}
	p, err := newPlatform(lwm2m, 1)
	if err != nil {
		return err
	}
	defer p.Close()
	w, err := r.tools.workspace(p.environment(r.settings))
	if err != nil {
		return err
	}
	if err := w.configure("aep", fmt.Sprintf(`resource "aep_upgrade_task" "campaign" {
  count       = %d
  product_id  = %d
  firmware_id = %d
  name        = "campaign ${count.index}"
  retry_times = 1
}
`, r.tasks, p.product(), p.draft.FirmwareID)); err != nil {
		return err
	}
	if _, err := w.apply(ctx); err != nil {
		return err
	}
	for _, latency := range r.latencies {
		p.slow(latency)
		one, err := r.measured(max(1, r.repeat/2), trial{p: p, idle: idle, ours: func() (measure, error) { return w.plan(ctx, false) }})
		if err != nil {
			return err
		}
		one.work, one.least = fmt.Sprintf("plan without change of %d tasks", r.tasks), r.pages(r.tasks)
		one.latency, one.state = latency, w.stateSize()
		r.add(one)
	}
	return nil
}

// progress measures the data source of a task, which reads it in two calls and
// counts its devices.
func (r *report) progress(ctx context.Context) error {
	const config = `data "aep_upgrade_task" "fleet" {
  product_id = %d
  task_id    = %d
}
`
	return errors.Join(
		r.reading(ctx, lwm2m, "progress of an LwM2M task", 14, config),
		r.reading(ctx, tLink, "progress of a T-Link task", 6, config))
}

// subtasks measures data sources that list many rows.
func (r *report) subtasks(ctx context.Context) error {
	const most = 20_000 // the largest max_results
	for _, limit := range []int{most / 20, most / 2, most} {
		limit = min(limit, r.devices)
		config := fmt.Sprintf(`data "aep_upgrade_subtasks" "fleet" {
  product_id  = %%d
  task_id     = %%d
  max_results = %d
}
`, limit)
		if err := r.reading(ctx, lwm2m, fmt.Sprintf("list %d of %d subtasks", limit, r.devices), r.pages(limit), config); err != nil {
			return err
		}
	}
	return nil
}

// reading measures a plan that reads a data source of a full task.
func (r *report) reading(ctx context.Context, k kind, work string, least int, config string) error {
	f, err := r.newFleet(k, r.devices, 0)
	if err != nil {
		return err
	}
	defer f.p.Close()
	if err := errors.Join(f.p.Join(f.task, f.p.ids...), f.w.configure("aep", fmt.Sprintf(config, f.p.product(), f.task))); err != nil {
		return err
	}
	for _, f.latency = range r.latencies {
		f.p.slow(f.latency)
		one, err := r.measured(r.repeat, trial{p: f.p, ours: func() (measure, error) { return f.w.plan(ctx, false) }})
		if err != nil {
			return err
		}
		one.work, one.least = work, least
		f.done(one)
	}
	return nil
}

// memory measures the attach of as many devices as a product can hold.
func (r *report) memory(ctx context.Context) error {
	f, err := r.newFleet(lwm2m, r.many, 0)
	if err != nil {
		return err
	}
	defer f.p.Close()
	return f.attach(ctx)
}
