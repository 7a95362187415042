package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// share measures several sets and a data source on one task, in one run.
func (r *report) share(ctx context.Context) error {
	for _, latency := range r.latencies {
		f, err := r.newFleet(r.devices, 0)
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
	config := ""
	for i := range sharers {
		config += strings.Replace(deviceSet(f.task, fmt.Sprintf(`drift_detection = "full"
  name            = "set%d"
  wave            = { weights = [1, 1, 1, 1, 1], index = %d, seed = "s" }`, i, i)), `"fleet"`, fmt.Sprintf(`"set%d"`, i), 1)
	}
	data := fmt.Sprintf(`data "aep_upgrade_devices" "joined" {
  product_id  = %d
  task_id     = %d
  scope       = "joined"
  max_results = 1000
}
`, product, f.task)
	if err := f.w.configure("aep", config); err != nil {
		return err
	}
	if _, err := f.w.apply(ctx); err != nil {
		return err
	}
	if err := f.w.configure("aep", config+data); err != nil {
		return err
	}
	f.p.slow(latency)
	bare := f.p.job(f.settings, f.task)
	bare.Pages = true
	alone, err := runBare(ctx, bare)
	if err != nil {
		return err
	}
	m, calls, err := f.median(f.p, func() (measure, error) { return f.w.plan(ctx, false) })
	if err != nil {
		return err
	}
	f.add(row{
		work: fmt.Sprintf("full check of %d sets and a data source of one task", sharers), latency: latency,
		calls: calls, least: f.pages(len(f.p.ids)), wall: m.wall, bare: alone, rss: m.rss, state: f.w.stateSize(),
	})
	return nil
}

// manyTasks measures the refresh of many tasks of one product.
func (r *report) manyTasks(ctx context.Context) error {
	_, idle, err := r.idleTimes(ctx, r.tasks)
	if err != nil {
		return err
	}
	p, err := newPlatform(1)
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
`, r.tasks, product, simulator.LwM2MFirmware)); err != nil {
		return err
	}
	if _, err := w.apply(ctx); err != nil {
		return err
	}
	for _, latency := range r.latencies {
		p.slow(latency)
		m, calls, err := r.median(p, func() (measure, error) { return w.plan(ctx, false) })
		if err != nil {
			return err
		}
		r.add(row{
			work: fmt.Sprintf("plan without change of %d tasks", r.tasks), latency: latency, calls: calls, least: r.pages(r.tasks),
			wall: m.wall, idle: idle, rss: m.rss, state: w.stateSize(),
		})
	}
	return nil
}

// full is a platform with a task that every device has joined.
func (r *report) full() (*fleet, error) {
	f, err := r.newFleet(r.devices, 0)
	if err != nil {
		return nil, err
	}
	return f, f.p.Join(f.task, f.p.ids...)
}

// progress measures the counters of a task, at any size.
func (r *report) progress(ctx context.Context) error {
	return r.reading(ctx, "progress of a task", fmt.Sprintf(`data "aep_upgrade_task" "fleet" {
  product_id = %d
  task_id    = %%d
}
`, product), 12, false)
}

// subtasks measures a data source that lists many subtasks.
func (r *report) subtasks(ctx context.Context) error {
	limit := min(20_000, r.devices)
	return errors.Join(
		r.reading(ctx, fmt.Sprintf("list %d subtasks", limit), fmt.Sprintf(`data "aep_upgrade_subtasks" "fleet" {
  product_id  = %d
  task_id     = %%d
  max_results = %d
}
`, product, limit), r.pages(limit), false),
		r.reading(ctx, fmt.Sprintf("list the ids of %d joined devices", r.devices), fmt.Sprintf(`data "aep_upgrade_devices" "fleet" {
  product_id  = %d
  task_id     = %%d
  scope       = "joined"
  max_results = %d
}
`, product, limit), r.pages(limit), false))
}

// reading measures a plan that reads a data source of a full task.
func (r *report) reading(ctx context.Context, work, config string, least int, bare bool) error {
	f, err := r.full()
	if err != nil {
		return err
	}
	defer f.p.Close()
	if err := f.w.configure("aep", fmt.Sprintf(config, f.task)); err != nil {
		return err
	}
	for _, latency := range r.latencies {
		f.p.slow(latency)
		m, calls, err := r.median(f.p, func() (measure, error) { return f.w.plan(ctx, false) })
		if err != nil {
			return err
		}
		r.add(row{work: work, latency: latency, calls: calls, least: least, wall: m.wall, rss: m.rss})
	}
	return nil
}

// memory measures the attach of as many devices as a product can hold.
func (r *report) memory(ctx context.Context) error {
	f, err := r.newFleet(r.many, 0)
	if err != nil {
		return err
	}
	defer f.p.Close()
	return f.attach(ctx)
}
