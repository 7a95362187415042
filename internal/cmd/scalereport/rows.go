package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// groups are the rows by the names of -rows.
var groups = map[string]func(*report, context.Context) error{
	"set": (*report).set, "share": (*report).share, "tasks": (*report).tasks,
	"progress": (*report).progress, "subtasks": (*report).subtasks, "memory": (*report).memory,
}

// set measures the life of one large device set, and the plans of a set with
// consecutive ids.
func (r *report) set(ctx context.Context) error {
	for _, latency := range r.latencies {
		err := r.with(ctx, aep.LwM2M, r.devices, func(f *fleet) {
			f.latency = latency
			f.attach(ctx)
			f.plans(ctx, "")
			f.remove(ctx)
		})
		if err != nil {
			return err
		}
		err = r.with(ctx, aep.TLink, r.devices, func(f *fleet) {
			f.apply(ctx)
			f.latency = latency
			f.plans(ctx, ", consecutive ids")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// memory measures the attach of ten times as many devices.
func (r *report) memory(ctx context.Context) error {
	return r.with(ctx, aep.LwM2M, 10*r.devices, func(f *fleet) { f.attach(ctx) })
}

// attach measures the create of a device set. The plain loop has a platform of
// its own, because a device is in one unfinished task at a time.
func (f *fleet) attach(ctx context.Context) {
	n := len(f.ids)
	other, err := newPlatform(ctx, f.protocol, n)
	f.try(err)
	if f.err != nil {
		return
	}
	defer other.Close()
	other.setLatency(f.latency)
	work := row{work: fmt.Sprintf("attach %d devices", n), least: quotient(n, batchSize) + quotient(n, pageSize)}
	f.measure(ctx, work, 1, apply, other.attach)
	if joined, _ := f.Task(f.key.TaskID); joined.DeviceCount != n {
		f.try(fmt.Errorf("%d devices have joined, want %d", joined.DeviceCount, n))
	}
}

// plans measures a plan without change, a plan with one device less and two
// others, and a plan that compares every device with the platform.
func (f *fleet) plans(ctx context.Context, suffix string) {
	n := len(f.ids)
	f.measure(ctx, row{work: "plan without change" + suffix, least: 2}, f.repeat, planNothing, nil)
	if f.protocol == aep.LwM2M {
		f.writeIDs(append(f.ids[1:n:n], "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcde0"))
		f.measure(ctx, row{work: "plan of +2 −1", least: 2}, f.repeat, planChanges, nil)
		f.writeIDs(f.ids)
	}
	f.configure(f.deviceSet("fleet", `drift_detection = "full"`))
	f.apply(ctx)
	work := row{work: fmt.Sprintf("full check of %d devices%s", n, suffix), least: quotient(n, pageSize)}
	f.measure(ctx, work, f.repeat, planNothing, f.list)
	f.configure(f.deviceSet("fleet", ""))
	f.apply(ctx)
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
	f.measure(ctx, row{
		work:  fmt.Sprintf("remove %d of %d devices", removed, n),
		least: min(removed, quotient(n, pageSize)) + quotient(removed, batchSize),
	}, 1, apply, nil)
}

// share measures five sets and a data source of one task in one plan.
func (r *report) share(ctx context.Context) error {
	return r.with(ctx, aep.LwM2M, r.devices, func(f *fleet) {
		var sets strings.Builder
		for i := range 5 {
			label := fmt.Sprintf("set%d", i)
			sets.WriteString(f.deviceSet(label, fmt.Sprintf(
				"name = %q\n  drift_detection = \"full\"\n  wave = { weights = [1, 1, 1, 1, 1], index = %d, seed = \"s\" }", label, i)))
		}
		f.configure(sets.String())
		f.apply(ctx)
		f.configure(sets.String(), f.block(`data "aep_upgrade_devices" "joined"`, "scope = \"joined\"\n  max_results = 1000"))
		f.measureEach(ctx, row{work: "full check of 5 sets and a data source of one task", least: quotient(len(f.ids), pageSize)}, f.list)
	})
}

// tasks measures the refresh of many tasks of one product.
func (r *report) tasks(ctx context.Context) error {
	n := r.devices / 100
	return r.with(ctx, aep.LwM2M, 1, func(f *fleet) {
		f.try(f.DeleteTask(f.key.TaskID))
		f.configure(fmt.Sprintf(`resource "aep_upgrade_task" "campaign" {
  count       = %d
  product_id  = %d
  firmware_id = %d
  name        = "campaign ${count.index}"
  retry_times = 1
}
`, n, f.key.ProductID, f.firmware))
		f.apply(ctx)
		f.measureEach(ctx, row{work: fmt.Sprintf("plan without change of %d tasks", n), least: quotient(n, pageSize)}, nil)
	})
}

// progress measures the data source of a task. It reads the task in two calls
// and counts its devices.
func (r *report) progress(ctx context.Context) error {
	work := row{work: "progress of an LwM2M task", least: 14}
	if err := r.reading(ctx, aep.LwM2M, work, "aep_upgrade_task", ""); err != nil {
		return err
	}
	return r.reading(ctx, aep.TLink, row{work: "progress of a T-Link task", least: 6}, "aep_upgrade_task", "")
}

// subtasks measures data sources that list many rows.
func (r *report) subtasks(ctx context.Context) error {
	for _, limit := range []int{r.devices / 100, r.devices / 10, r.devices / 5} {
		work := row{work: fmt.Sprintf("list %d of %d subtasks", limit, r.devices), least: quotient(limit, pageSize)}
		if err := r.reading(ctx, aep.LwM2M, work, "aep_upgrade_subtasks", fmt.Sprintf("max_results = %d", limit)); err != nil {
			return err
		}
	}
	return nil
}

// reading measures a plan that reads a data source of a task with all devices.
func (r *report) reading(ctx context.Context, protocol aep.Protocol, work row, source, arguments string) error {
	return r.with(ctx, protocol, r.devices, func(f *fleet) {
		f.try(f.Join(f.key.TaskID, f.ids...))
		f.configure(f.block(`data "`+source+`" "fleet"`, arguments))
		f.measureEach(ctx, work, nil)
	})
}

// quotient returns a/b, rounded up.
func quotient(a, b int) int { return (a + b - 1) / b }
