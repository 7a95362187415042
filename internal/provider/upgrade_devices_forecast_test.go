package provider_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

const timeWarning = "Time limit shorter than the work: "

// timedSet is a set of devices on a platform that takes a while for each call.
type timedSet struct {
	*coretest.Core
	p    *simulator.Platform
	set  *coretest.Instance
	ids  []string
	base coretest.Config
}

// timed runs a test with a set of a pending task that does not exist yet.
func timed(t *testing.T, latency time.Duration, test func(t *testing.T, s timedSet)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Latency = latency })
		task, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 0)
		core := coretest.New(t, p, coretest.Config{"page_size": 10, "requests_per_second": 10})
		test(t, timedSet{core, p, core.Absent("aep_upgrade_devices"), p.DeviceIDs(coretest.LwM2MProduct), coretest.Config{
			"product_id": coretest.LwM2MProduct, "task_id": task, "batch_size": 5,
		}})
	})
}

// with returns the configuration with n devices, further arguments and these time limits.
func (s timedSet) with(n int, timeouts coretest.Config, arguments ...coretest.Config) coretest.Config {
	config := coretest.Merge(s.base, coretest.Config{"device_ids": s.ids[:n], "timeouts": timeouts})
	for _, more := range arguments {
		config = coretest.Merge(config, more)
	}
	return config
}

const shorterWork = "A larger batch_size or page_size needs fewer calls, if the platform accepts it. " +
	"max_concurrent_requests and requests_per_second permit more calls at once. Waves divide the devices among several applies."

func TestPlanThatTakesLongerThanItsTimeLimitIsAnnounced(t *testing.T) {
	t.Parallel()
	short := func(operation, limit string) coretest.Config { return coretest.Config{operation: limit} }
	for name, c := range map[string]struct {
		latency time.Duration
		have    int // devices before the plan, 0: the set does not exist
		plan    func(s timedSet) coretest.Config
		want    string
	}{
		"a new set": {
			0, 0, func(s timedSet) coretest.Config { return s.with(90, short("create", "20s")) },
			`Set "default": attaching 90 devices of task 3456 of product 10005977 takes about 25s, and timeouts.create is 20s. ` +
				"The estimate counts 31 calls:\n" +
				"  - 18 with up to 5 devices each, one after the other\n" +
				"  - 9 that read up to 10 rows each, 4 at once\n" +
				"  - at most 10 calls a second\n" +
				"  - 1s for a call, assumed: this run has measured none\n\n" +
				`Set timeouts.create = "5m". What is done within the limit is in the state, and the next apply continues.` + "\n\n" + shorterWork,
		},
		"a new set of a new task": {
			0, 0, func(s timedSet) coretest.Config {
				return s.with(90, short("create", "20s"), coretest.Config{"task_id": coretest.Unknown{}})
			},
			`Set "default": attaching 90 devices takes about 25s, and timeouts.create is 20s. The estimate counts 31 calls:`,
		},
		"a new set on a slow platform": {
			2 * time.Second, 0, func(s timedSet) coretest.Config {
				return s.with(90, short("create", "25s"), coretest.Config{"exclusive": true})
			},
			"  - 2s for a call, as measured in this run",
		},
		"more devices and fewer": {
			3 * time.Second, 50, func(s timedSet) coretest.Config {
				return s.with(0, short("update", "50s"), coretest.Config{"device_ids": s.ids[10:70]})
			},
			`Set "default": attaching 20 devices and cancelling 10 devices of task 3456 of product 10005977 takes about 51s, ` +
				"and timeouts.update is 50s. The estimate counts 30 calls:\n" +
				"  - 6 with up to 5 devices each, one after the other\n" +
				"  - 20 that read up to 10 rows each, 4 at once\n" +
				"  - at most 10 calls a second\n" +
				"  - 3s for a call, as measured in this run\n\n" +
				`Set timeouts.update = "5m". What is done within the limit is in the state, and the next apply continues.` + "\n\n" + shorterWork,
		},
		"a destroy": {
			3 * time.Second, 50, func(timedSet) coretest.Config { return nil },
			`Set "default": cancelling 50 devices of task 3456 of product 10005977 takes about 54s, and timeouts.delete is 40s. ` +
				"The estimate counts 24 calls:\n" +
				"  - 10 with up to 5 devices each, one after the other\n" +
				"  - 10 that read up to 10 rows each, 4 at once\n" +
				"  - at most 10 calls a second\n" +
				"  - 3s for a call, as measured in this run\n\n" +
				`Set timeouts.delete = "5m". A destroy uses the limit that was applied.` + "\n\n" + shorterWork,
		},
		"a replacement": {
			3 * time.Second, 50, func(s timedSet) coretest.Config {
				other, _ := coretest.ConsoleTask(s.T, s.p, simulator.TaskDraft{}, 0)
				return s.with(50, short("create", "40s"), coretest.Config{"task_id": other})
			},
			`Set "default": attaching 50 devices of task 3457 of product 10005977 takes about 48s, and timeouts.create is 40s.`,
		},
		"a comparison of each device": {
			0, 0, func(s timedSet) coretest.Config { return s.with(90, short("read", "6s")) },
			`Set "default": comparing 90 devices of task 3456 of product 10005977 takes about 7s, and timeouts.read is 6s. ` +
				"The estimate counts 13 calls:\n" +
				"  - 9 that read up to 10 rows each, 4 at once\n" +
				"  - at most 10 calls a second\n" +
				"  - 1s for a call, assumed: this run has measured none\n\n" +
				`Set timeouts.read = "5m". Every plan makes this comparison. ` +
				`drift_detection = "count" compares only the number of devices.` + "\n\n" + shorterWork,
		},
		"a limit that is long enough": {0, 0, func(s timedSet) coretest.Config { return s.with(90, short("create", "25s")) }, ""},
		"the usual limits":            {3 * time.Second, 50, func(s timedSet) coretest.Config { return s.with(90, nil) }, ""},
		"a plan without a change":     {3 * time.Second, 50, func(s timedSet) coretest.Config { return s.with(50, short("update", "1s")) }, ""},
		"a comparison of the number only": {0, 0, func(s timedSet) coretest.Config {
			return s.with(90, short("read", "6s"), coretest.Config{"drift_detection": "count"})
		}, ""},
		"the usual limit of a very slow platform": {
			50 * time.Second, 10, func(s timedSet) coretest.Config { return s.with(100, nil, coretest.Config{"batch_size": 1}) },
			"takes about 1h22m, and timeouts.update is 1h.",
		},
		"a limit that is not known": {50 * time.Second, 10, func(s timedSet) coretest.Config {
			return s.with(100, short("update", ""), coretest.Config{"batch_size": 1, "timeouts": coretest.Config{"update": coretest.Unknown{}}})
		}, ""},
		"a list that is not known": {0, 0, func(s timedSet) coretest.Config {
			return s.with(0, short("create", "1s"), coretest.Config{"device_ids": coretest.Unknown{}})
		}, ""},
		"devices that stay in the task": {3 * time.Second, 50, func(s timedSet) coretest.Config {
			return s.with(1, short("update", "20s"), coretest.Config{"on_remove": "keep"})
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timed(t, c.latency, func(t *testing.T, s timedSet) {
				if c.have > 0 {
					// A limit of a destroy is that of the state.
					s.MustApply(t.Context(), s.set, s.with(c.have, coretest.Config{"delete": "40s"}))
					time.Sleep(time.Hour)
				}
				plan := s.RefreshAndPlan
				if c.have == 0 {
					plan = func(i *coretest.Instance, config coretest.Config) coretest.Change {
						return s.Plan(t.Context(), i, config)
					}
				}
				said := plan(s.set, c.plan(s)).Diags
				if said.Errors() != "" {
					t.Fatal(said.Errors())
				}
				_, got, found := strings.Cut(said.Warnings(), timeWarning)
				if found != (c.want != "") || !strings.Contains(got, c.want) {
					t.Errorf("the plan warns:\n%s\nwant:\n%s", said.Warnings(), c.want)
				}
			})
		})
	}
}

// TestAnnouncedTimeLimitIsShorterThanTheWork lets an announced apply run into its limit,
// and the limit that the warning names suffice.
func TestAnnouncedTimeLimitIsShorterThanTheWork(t *testing.T) {
	t.Parallel()
	timed(t, time.Second, func(t *testing.T, s timedSet) {
		said := s.MustApply(t.Context(), s.set, s.with(90, coretest.Config{"create": "20s"}))
		mentions(t, "the apply", said, timeWarning, `Set timeouts.create = "5m"`, "timed out after 20s (timeouts.create)")
		said = s.MustApply(t.Context(), s.set, s.with(90, coretest.Config{"update": "5m"}))
		if said != "" || s.set.Get("attached_count") != "90" {
			t.Errorf("the second apply attaches %s devices, and warns: %s", s.set.Get("attached_count"), said)
		}
	})
}

// TestDefaultTimeLimitsGrowWithTheDevices lets every call hang until the limit of the
// operation.
func TestDefaultTimeLimitsGrowWithTheDevices(t *testing.T) {
	t.Parallel()
	const wanted, members = 4000, 2999
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Products = simulator.DefaultProducts(wanted) })
		task, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 0)
		core := coretest.New(t, p, coretest.Config{"retry_budget": "1000h", "request_timeout": "1000h"})
		ids := p.DeviceIDs(coretest.LwM2MProduct)
		set, config := core.Absent("aep_upgrade_devices"), func(n int) coretest.Config {
			return coretest.Config{
				"product_id": coretest.LwM2MProduct, "task_id": task, "device_ids_wo": ids[:n], "drift_detection": "full",
			}
		}
		ends := func(what, want string, do func() coretest.Diagnostics) {
			t.Helper()
			p.Inject(simulator.Fault{Kind: simulator.HangBefore, Times: -1})
			start := time.Now()
			said := do().Errors()
			p.ClearFaults()
			if !coretest.Says(said, "timed out after "+want) {
				t.Errorf("the %s ended after %s, want %s: %s", what, time.Since(start), want, said)
			}
		}
		made := core.Plan(t.Context(), set, config(members))
		ends("create", "1h2m0s (timeouts.create)", func() coretest.Diagnostics {
			return core.ApplyPlan(t.Context(), set, config(members), made)
		})
		core.MustApply(t.Context(), set, config(members))
		time.Sleep(time.Hour)
		ends("read", "22m0s (timeouts.read)", func() coretest.Diagnostics { return core.Refresh(t.Context(), set) })
		// An update counts the devices before and after.
		more := core.Plan(t.Context(), set, config(wanted))
		ends("update", "1h6m0s (timeouts.update)", func() coretest.Diagnostics {
			return core.ApplyPlan(t.Context(), set, config(wanted), more)
		})
		time.Sleep(time.Hour)
		// The number of devices of an import is not known beforehand. It counts as 1,000,000.
		ends("import", "17h0m0s (timeouts.read)", func() coretest.Diagnostics {
			_, said := core.Import(t.Context(), "aep_upgrade_devices", fmt.Sprintf("%d/%d", coretest.LwM2MProduct, task))
			return said
		})
		none := core.Plan(t.Context(), set, nil)
		ends("delete", "1h2m0s (timeouts.delete)", func() coretest.Diagnostics { return core.ApplyPlan(t.Context(), set, nil, none) })
	})
}

// TestProgressIsLogged reads the log lines of an attach and a cancel.
func TestProgressIsLogged(t *testing.T) {
	t.Parallel()
	timed(t, 2*time.Second, func(t *testing.T, s timedSet) {
		lines := func(config coretest.Config) (found []string) {
			t.Helper()
			var log bytes.Buffer
			said := s.Apply(tflogtest.RootLogger(t.Context(), &log), s.set, config)
			if said.Errors() != "" {
				t.Fatal(said.Errors())
			}
			all, err := tflogtest.MultilineJSONDecode(&log)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range all {
				if line["left"] != nil {
					found = append(found, fmt.Sprint(line["@level"], ": ", line["@message"], ", ", line["done"], " of ", line["total"],
						", ", line["per_second"], " a second, ", line["left"], " left"))
				}
			}
			return found
		}
		for _, c := range []struct {
			config coretest.Config
			want   []string
		}{
			{s.with(12, nil), []string{
				"info: joined a batch of devices, 5 of 12, 2.5 a second, 3s left",
				"info: joined a batch of devices, 10 of 12, 2.5 a second, 1s left",
				"info: joined a batch of devices, 12 of 12, 2 a second, 0s left",
			}},
			{s.with(4, nil), []string{
				"info: cancelled a batch of devices, 5 of 8, 2.5 a second, 1s left",
				"info: cancelled a batch of devices, 8 of 8, 2 a second, 0s left",
			}},
		} {
			if got := lines(c.config); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("the log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			time.Sleep(time.Hour)
		}
	})
}
