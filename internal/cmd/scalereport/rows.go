package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// groups are the rows by the names of -rows.
var groups = map[string]func(*report, context.Context) error{
	"set": (*report).set, "limits": (*report).limits, "share": (*report).share, "tasks": (*report).tasks,
	"progress": (*report).progress, "subtasks": (*report).subtasks, "memory": (*report).memory,
}

// each calls use with a new fleet at each latency. Above a second, the fleet has
// a tenth of the devices. A platform that is not wide is measured below a second.
func (r *report) each(ctx context.Context, protocol aep.Protocol, most limits, use func(*fleet)) error {
	for _, latency := range r.latencies {
		s := setup{protocol: protocol, size: r.devices, most: most, latency: latency}
		if latency > time.Second {
			s.size /= 10
		}
		if most != wide && latency >= time.Second {
			continue
		}
		if err := r.with(ctx, s, use); err != nil {
			return err
		}
	}
	return nil
}

// set measures the life of one large device set, and the plans of a set with
// consecutive ids.
func (r *report) set(ctx context.Context) error {
	err := r.each(ctx, aep.LwM2M, wide, func(f *fleet) {
		f.attach(ctx, "")
		f.plans(ctx, "")
		if f.latency == 0 {
			f.forms(ctx)
		}
		f.remove(ctx)
	})
	if err != nil {
		return err
	}
	return r.with(ctx, setup{protocol: aep.TLink, size: r.devices, most: wide}, func(f *fleet) {
		f.apply(ctx, f.deviceSet("fleet", fromFile, ""))
		f.plans(ctx, ", consecutive ids")
	})
}

// limits measures the attach on platforms that take less in a call.
func (r *report) limits(ctx context.Context) error {
	cut := limits{ids: 200, rows: 100}
	err := r.each(ctx, aep.LwM2M, cut, func(f *fleet) { f.attach(ctx, ", 200 ids, pages cut to 100 rows") })
	if err != nil {
		return err
	}
	refused := limits{ids: 100, rows: 100, tooLarge: simulator.PageTooLargeRefused}
	return r.each(ctx, aep.LwM2M, refused, func(f *fleet) { f.attach(ctx, ", 100 ids, pages above 100 rows refused") })
}

// memory measures the attach of ten times as many devices.
func (r *report) memory(ctx context.Context) error {
	s := setup{protocol: aep.LwM2M, size: 10 * r.devices, most: wide}
	return r.with(ctx, s, func(f *fleet) { f.attach(ctx, "") })
}

// attach measures the create of a device set. The plain loop has a platform of
// its own, because a device is in one unfinished task at a time.
func (f *fleet) attach(ctx context.Context, suffix string) {
	n := len(f.ids)
	work := row{work: fmt.Sprintf("attach %d devices%s", n, suffix), least: quotient(n, f.most.ids) + f.pages(n)}
	f.measure(ctx, work, apply, f.twin.attach)
	if joined, _ := f.Task(f.key.TaskID); joined.DeviceCount != n {
		f.try(fmt.Errorf("%d devices have joined, want %d", joined.DeviceCount, n))
	}
}

// plans measures a plan without change, a plan with one device less and two
// others, and a plan that compares every device with the platform.
func (f *fleet) plans(ctx context.Context, suffix string) {
	n := len(f.ids)
	f.measure(ctx, row{work: "plan without change" + suffix, least: 2}, planNothing, nil)
	if f.protocol == aep.LwM2M {
		f.writeIDs(append(f.ids[1:n:n], "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcde0"))
		f.measure(ctx, row{work: "plan of +2 −1", least: 2}, planChanges, nil)
		f.writeIDs(f.ids)
	}
	f.apply(ctx, f.deviceSet("fleet", fromFile, `drift_detection = "full"`))
	f.measure(ctx, row{work: fmt.Sprintf("full check of %d devices%s", n, suffix), least: f.pages(n)}, planNothing, f.list)
	f.apply(ctx, f.deviceSet("fleet", fromFile, ""))
}

// forms measures a plan without change for the other arguments that take any number of ids.
func (f *fleet) forms(ctx context.Context) {
	for _, argument := range []string{
		`device_ids_wo = split("\n", trimspace(file("devices.txt")))`,
	} {
		f.apply(ctx, f.deviceSet("fleet", argument, ""))
		name, _, _ := strings.Cut(argument, " ")
		f.measure(ctx, row{work: "plan without change, " + name, least: 2}, planNothing, nil)
	}
	f.apply(ctx, f.deviceSet("fleet", fromFile, ""))
}

// remove measures an apply that removes each hundredth device from the list. The
// devices after them stay in the list, but have been cancelled in the console.
func (f *fleet) remove(ctx context.Context) {
	var rest, cancelled []string
	for i, id := range f.ids {
		if i%100 != 0 {
			rest = append(rest, id)
		}
		if i%100 == 1 {
			cancelled = append(cancelled, id)
		}
	}
	f.try(f.Cancel(f.key.TaskID, cancelled...))
	f.writeIDs(rest)
	n, removed := len(f.ids), len(f.ids)-len(rest)
	work := row{work: fmt.Sprintf("remove %d of %d devices", removed, n), least: f.pages(n) + quotient(removed, f.most.ids)}
	f.measure(ctx, work, apply, func(ctx context.Context) error { return f.twin.remove(ctx, rest) })
}

// share measures five sets and a data source of one task in one plan. The data
// source comes last: whether it reads a page of its own would depend on the order.
func (r *report) share(ctx context.Context) error {
	return r.each(ctx, aep.LwM2M, wide, func(f *fleet) {
		var sets strings.Builder
		var labels []string
		for i := range 5 {
			label := fmt.Sprintf("set%d", i)
			labels = append(labels, "aep_upgrade_devices."+label)
			sets.WriteString(f.deviceSet(label, fromFile, fmt.Sprintf(
				"name = %q\n  drift_detection = \"full\"\n  wave = { weights = [1, 1, 1, 1, 1], index = %d, seed = \"s\" }", label, i)))
		}
		f.apply(ctx, sets.String())
		f.configure(sets.String(), f.block(`data "aep_upgrade_devices" "joined"`, `scope = "joined"
  max_results = 1000
  depends_on  = [`+strings.Join(labels, ", ")+"]"))
		work := row{work: "full check of 5 sets and a data source of one task", least: f.pages(len(f.ids))}
		f.measure(ctx, work, planNothing, f.list)
	})
}

// tasks measures the refresh of many tasks of one product.
func (r *report) tasks(ctx context.Context) error {
	return r.each(ctx, aep.LwM2M, wide, func(f *fleet) {
		n := len(f.ids) / 100
		f.try(f.DeleteTask(f.key.TaskID))
		f.apply(ctx, fmt.Sprintf(`resource "aep_upgrade_task" "campaign" {
  count       = %d
  product_id  = %d
  firmware_id = %d
  name        = "campaign ${count.index}"
  retry_times = 1
}
`, n, f.key.ProductID, f.firmware))
		f.measure(ctx, row{work: fmt.Sprintf("plan without change of %d tasks", n), least: f.pages(n)}, planNothing, nil)
	})
}

// progress measures the data source of a task. It reads the task in two calls
// and counts its devices.
func (r *report) progress(ctx context.Context) error {
	for _, kind := range []struct {
		protocol aep.Protocol
		work     row
	}{
		{aep.LwM2M, row{work: "progress of an LwM2M task", least: 14}},
		{aep.TLink, row{work: "progress of a T-Link task", least: 6}},
	} {
		if err := r.each(ctx, kind.protocol, wide, func(f *fleet) { f.read(ctx, kind.work, "aep_upgrade_task", "") }); err != nil {
			return err
		}
	}
	return nil
}

// subtasks measures data sources that list many rows.
func (r *report) subtasks(ctx context.Context) error {
	return r.each(ctx, aep.LwM2M, wide, func(f *fleet) {
		for _, limit := range []int{len(f.ids) / 100, len(f.ids) / 5} {
			work := row{work: fmt.Sprintf("list %d of %d subtasks", limit, len(f.ids)), least: f.pages(limit)}
			f.read(ctx, work, "aep_upgrade_subtasks", fmt.Sprintf("max_results = %d", limit))
		}
	})
}

// read measures a plan that reads a data source of the task with all devices.
func (f *fleet) read(ctx context.Context, work row, source, arguments string) {
	if joined, _ := f.Task(f.key.TaskID); joined.DeviceCount == 0 {
		for batch := range slices.Chunk(f.ids, f.most.ids) {
			f.try(f.Join(f.key.TaskID, batch...))
		}
	}
	f.configure(f.block(`data "`+source+`" "fleet"`, arguments))
	f.measure(ctx, work, planNothing, nil)
}

// pages returns the number of pages that a list of rows takes.
func (p *platform) pages(rows int) int { return quotient(rows, p.most.rows) }

// quotient returns a/b, rounded up.
func quotient(a, b int) int { return (a + b - 1) / b }
