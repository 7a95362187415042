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

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// run is what one run of Terraform asks of the platform.
type run struct {
	t *testing.T
	p *simulator.Platform
}

// costs lets a run do something, and insists on the number of its calls, with
// those for the clock. The run takes no more calls than want. It takes at least
// four fifths of them: otherwise want is to be lowered. The next run finds no
// cached reads.
func (r run) costs(what string, want int, do func(ctx context.Context)) {
	r.t.Helper()
	r.p.ResetJournal()
	do(r.t.Context())
	if n := len(r.p.Requests()); n > want || 5*n < 4*want {
		calls := map[string]int{}
		for _, one := range r.p.Requests() {
			calls[one.Operation]++
		}
		r.t.Errorf("%s took %d calls, want %d: %v", what, n, want, calls)
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
	const size, page = 3000, 100
	for name, one := range map[string]struct {
		draft simulator.TaskDraft
		// Calls of each step. The list of all devices takes 30.
		attach, exchange, removal, removalOfMany int
	}{
		"LwM2M": {
			simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: "fleet", RetryTimes: 1}, 65, 19, 12, 79,
		},
		"T-Link": {
			simulator.TaskDraft{
				ProductID: coretest.TLinkProduct, FirmwareID: coretest.TLinkFirmware, Name: "fleet",
				TimeoutHours: 1,
			}, 69, 25, 15, 76,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "devices.txt")
			synctest.Test(t, func(t *testing.T) {
				p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Products = simulator.DefaultProducts(size) })
				task, err := p.CreateTask(one.draft)
				if err != nil {
					t.Fatal(err)
				}
				ids := p.DeviceIDs(one.draft.ProductID)
				c, r := coretest.New(t, p, coretest.Config{"page_size": page}), run{t, p}
				set, config := c.Absent("aep_upgrade_devices"), coretest.Config{
					"product_id": one.draft.ProductID, "task_id": task, "device_ids_file": file, "batch_size": 100,
				}
				apply := func(ctx context.Context) {
					if said := append(c.Refresh(ctx, set), c.Apply(ctx, set, config)...); len(said) > 0 {
						t.Error(said.Errors(), said.Warnings())
					}
				}

				writeLines(t, file, ids[:size-2])
				r.costs("attach", one.attach, func(ctx context.Context) {
					if said := c.Apply(ctx, set, config); len(said) > 0 {
						t.Error(said.Errors(), said.Warnings())
					}
				})
				r.costs("plan without change", 3, func(ctx context.Context) { c.WantSettled(ctx, set, config) })

				writeLines(t, file, ids[1:])
				r.costs("plan of +2 -1", 2, func(ctx context.Context) {
					made := c.Plan(ctx, set, config)
					if got := fmt.Sprint(coretest.Plain(coretest.Fields(made.Planned)["planned_change"])); !strings.HasPrefix(got, "+2 −1, to ") {
						t.Errorf("the plan wants %s", got)
					}
				})
				r.costs("+2 -1", one.exchange, apply)
				writeLines(t, file, ids[2:])
				r.costs("removal of one", one.removal, apply)
				writeLines(t, file, ids[1000:])
				// As many pages again show that the devices are cancelled.
				r.costs("removal of many", one.removalOfMany, apply)

				config["drift_detection"] = "full"
				apply(t.Context())
				time.Sleep(time.Hour)
				r.costs("full check", 32, func(ctx context.Context) { c.WantSettled(ctx, set, config) })
			})
		})
	}
}

func TestManyTasksAreReadFromOneList(t *testing.T) {
	t.Parallel()
	const tasks, page, parallel = 1000, 100, 10
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Latency = 20 * time.Millisecond })
		c, r := coretest.New(t, p, coretest.Config{"page_size": page}), run{t, p}
		all := make([]*coretest.Instance, tasks)
		for n := range all {
			id, err := p.CreateTask(simulator.TaskDraft{
				ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: fmt.Sprintf("task %d", n), RetryTimes: 1,
			})
			if err != nil {
				t.Fatal(err)
			}
			var said coretest.Diagnostics
			if all[n], said = c.Import(t.Context(), "aep_upgrade_task", fmt.Sprintf("%d/%d", coretest.LwM2MProduct, id)); len(said) > 0 {
				t.Fatal(said.Errors())
			}
		}
		time.Sleep(time.Hour)
		r.costs("refresh", tasks/page+2, func(ctx context.Context) {
			c.BeginWalk()
			var walk sync.WaitGroup
			next := make(chan *coretest.Instance)
			for range parallel {
				walk.Go(func() {
					for i := range next {
						if said := c.Read(ctx, i); len(said) > 0 {
							t.Error(said.Errors(), said.Warnings())
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
				p := coretest.NewPlatform(t, func(o *simulator.Options) {
					o.Products, o.Latency = simulator.DefaultProducts(sets*size), 20*time.Millisecond
				})
				task, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 0)
				ids := p.DeviceIDs(coretest.LwM2MProduct)
				c, r := coretest.NewDataReader(t, p, coretest.Config{"page_size": page}), run{t, p}
				var all [sets]*coretest.Instance
				for n := range all {
					all[n] = c.Absent("aep_upgrade_devices")
					if said := c.Apply(t.Context(), all[n], coretest.Config{
						"product_id": coretest.LwM2MProduct, "task_id": task, "name": fmt.Sprint(n), "device_ids": ids[n*size : (n+1)*size],
					}); said.Errors() != "" {
						t.Fatal(said.Errors(), said.Warnings())
					}
				}
				time.Sleep(time.Hour)
				data := func(limit int) {
					state, said := c.Raw("aep_upgrade_devices", coretest.Config{
						"product_id": coretest.LwM2MProduct, "task_id": task, "scope": "joined", "max_results": limit,
					})
					if n := len(coretest.Plain(state).(coretest.Config)["devices"].([]any)); n != limit || said != "" {
						t.Errorf("%d devices, want %d; %s", n, limit, said)
					}
				}
				// The clock and the task take a call each.
				r.costs("the run", 2+pages+one.more, func(ctx context.Context) {
					c.BeginWalk()
					var walk sync.WaitGroup
					if one.dataFirst {
						walk.Go(func() { data(one.limit) })
						time.Sleep(time.Millisecond)
					}
					for _, set := range all {
						walk.Go(func() {
							if said := c.Core.Read(ctx, set); len(said) > 0 {
								t.Error(said.Errors(), said.Warnings())
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
