package provider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// run is what one run of Terraform asks of the platform.
type run struct {
	t *testing.T
	p *simulator.Platform
}

// costs lets a run do something and insists on the number of its calls, the
// clock's included. Nothing that it has read is left for the next run.
func (r run) costs(what string, least, more int, do func(ctx context.Context)) {
	r.t.Helper()
	r.p.ResetJournal()
	do(r.t.Context())
	if n := len(r.p.Requests()); n < least || n > least+more {
		r.t.Errorf("%s took %d calls, want %d and at most %d more", what, n, least, more)
	}
	time.Sleep(time.Hour)
}

func writeLines(t *testing.T, file string, lines []string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestLargeSetTakesFewCalls goes through the life of a set that is too large
// to be compared in every plan.
func TestLargeSetTakesFewCalls(t *testing.T) {
	t.Parallel()
	const size, page, pages = 3000, 100, 30
	for name, draft := range map[string]simulator.TaskDraft{
		"LwM2M":  {ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "fleet", RetryTimes: 1},
		"T-Link": {ProductID: tLinkProduct, FirmwareID: tLinkFirmware, Name: "fleet", TimeoutHours: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "devices.txt")
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform(t, func(o *simulator.Options) { o.Products = simulator.DefaultProducts(size) })
				task, err := p.CreateTask(draft)
				if err != nil {
					t.Fatal(err)
				}
				ids := p.DeviceIDs(draft.ProductID)
				c, r := newCore(t, p, object{"page_size": page}), run{t, p}
				set, config := c.absent("aep_upgrade_devices"), object{
					"product_id": draft.ProductID, "task_id": task, "device_ids_file": file, "batch_size": 100,
				}
				apply := func(ctx context.Context) {
					if said := append(c.refresh(ctx, set), c.apply(ctx, set, config)...); len(said) > 0 {
						t.Error(said.errors(), said.warnings())
					}
				}

				writeLines(t, file, ids[:size-2])
				r.costs("attach", pages+pages, 10, func(ctx context.Context) {
					if said := c.apply(ctx, set, config); len(said) > 0 {
						t.Error(said.errors(), said.warnings())
					}
				})
				r.costs("plan without change", 2, 3, func(ctx context.Context) { c.settled(ctx, set, config) })

				writeLines(t, file, ids[1:])
				r.costs("plan of +2 -1", 0, 5, func(ctx context.Context) {
					made := c.plan(ctx, set, config)
					if got := fmt.Sprint(plainValue(fields(made.planned)["planned_change"])); !strings.HasPrefix(got, "+2 −1, to ") {
						t.Errorf("the plan wants %s", got)
					}
				})
				r.costs("+2 -1", 4, 22, apply)
				writeLines(t, file, ids[2:])
				r.costs("removal of one", 2, 14, apply)
				writeLines(t, file, ids[1000:])
				// As many pages again show that the devices are cancelled.
				r.costs("removal of many", pages+10, pages+10, apply)

				config["drift_detection"] = "full"
				apply(t.Context())
				time.Sleep(time.Hour)
				r.costs("full check", pages, 3, func(ctx context.Context) { c.settled(ctx, set, config) })
			})
		})
	}
}

func TestManyTasksAreReadFromOneList(t *testing.T) {
	t.Parallel()
	const tasks, page, parallel = 1000, 100, 10
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t, func(o *simulator.Options) { o.Latency = 20 * time.Millisecond })
		c, r := newCore(t, p, object{"page_size": page}), run{t, p}
		all := make([]*instance, tasks)
		for n := range all {
			id, err := p.CreateTask(simulator.TaskDraft{
				ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: fmt.Sprintf("task %d", n), RetryTimes: 1,
			})
			if err != nil {
				t.Fatal(err)
			}
			var said diagnostics
			if all[n], said = c.imported(t.Context(), "aep_upgrade_task", fmt.Sprintf("%d/%d", lwm2mProduct, id)); len(said) > 0 {
				t.Fatal(said.errors())
			}
		}
		time.Sleep(time.Hour)
		r.costs("refresh", tasks/page, 2, func(ctx context.Context) {
			c.renew()
			var walk sync.WaitGroup
			next := make(chan *instance)
			for range parallel {
				walk.Go(func() {
					for i := range next {
						if said := c.read(ctx, i); len(said) > 0 {
							t.Error(said.errors(), said.warnings())
						}
					}
				})
			}
			for _, i := range all {
				next <- i
			}
			close(next)
			walk.Wait()
		})
	})
}

// TestSetsAndDataSourcesShareAListing reads several sets of a task and data
// sources of its devices in one run, whichever comes first.
func TestSetsAndDataSourcesShareAListing(t *testing.T) {
	t.Parallel()
	const sets, size, page = 3, 300, 100
	const pages = sets * size / page
	for name, one := range map[string]struct {
		dataFirst bool
		limit     int // of one of the data sources
		more      int // calls
	}{
		"sets first":                         {false, sets * size, 0},
		"data sources first":                 {true, sets * size, 0},
		"few rows wanted after all are read": {false, page, 0},
		"few rows wanted first":              {true, page, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform(t, func(o *simulator.Options) {
					o.Products, o.Latency = simulator.DefaultProducts(sets*size), 20*time.Millisecond
				})
				task, _ := consoleTask(t, p, simulator.TaskDraft{}, 0)
				ids := p.DeviceIDs(lwm2mProduct)
				c, r := newDataReader(t, p, object{"page_size": page}), run{t, p}
				var all [sets]*instance
				for n := range all {
					all[n] = c.absent("aep_upgrade_devices")
					if said := c.apply(t.Context(), all[n], object{
						"product_id": lwm2mProduct, "task_id": task, "name": fmt.Sprint(n), "device_ids": ids[n*size : (n+1)*size],
					}); said.errors() != "" {
						t.Fatal(said.errors(), said.warnings())
					}
				}
				time.Sleep(time.Hour)
				data := func(limit int) {
					state, said := c.raw("aep_upgrade_devices", object{
						"product_id": lwm2mProduct, "task_id": task, "scope": "joined", "max_results": limit,
					})
					if n := len(plainValue(state).(object)["devices"].([]any)); n != limit || said != "" {
						t.Errorf("%d devices, want %d; %s", n, limit, said)
					}
				}
				// The clock and the task take a call each.
				r.costs("the run", 2+pages, one.more, func(ctx context.Context) {
					c.renew()
					var walk sync.WaitGroup
					if one.dataFirst {
						walk.Go(func() { data(one.limit) })
						time.Sleep(time.Millisecond)
					}
					for _, set := range all {
						walk.Go(func() {
							if said := c.core.read(ctx, set); len(said) > 0 {
								t.Error(said.errors(), said.warnings())
							}
						})
					}
					time.Sleep(100 * time.Millisecond)
					walk.Go(func() { data(one.limit) })
					walk.Go(func() { data(sets * size) })
					walk.Wait()
				})
			})
		})
	}
}
