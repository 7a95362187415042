package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// namedFault is one way of the platform, or of the road to it, to misbehave.
type namedFault struct {
	name  string
	fault simulator.Fault
}

// matrixFaults are the columns of the matrix; its rows are the requests of a campaign.
var matrixFaults = []namedFault{
	{"refused", simulator.Fault{Kind: simulator.ConnectionRefused}},
	{"reset before", simulator.Fault{Kind: simulator.ResetBefore}},
	{"reset after", simulator.Fault{Kind: simulator.ResetAfter}},
	{"401", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusUnauthorized}},
	{"404", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusNotFound}},
	{"429", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusTooManyRequests}},
	{"429 Retry-After", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusTooManyRequests, RetryAfter: "7"}},
	{"500 before", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusInternalServerError}},
	{"500 after", simulator.Fault{Kind: simulator.StatusAfter, Status: http.StatusInternalServerError}},
	{"502 page", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusBadGateway, HTML: true}},
	{"502 page after", simulator.Fault{Kind: simulator.StatusAfter, Status: http.StatusBadGateway, HTML: true}},
	{"503", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusServiceUnavailable}},
	{"503 Retry-After", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusServiceUnavailable, RetryAfter: "7"}},
	{"504 before", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusGatewayTimeout}},
	{"504 after", simulator.Fault{Kind: simulator.StatusAfter, Status: http.StatusGatewayTimeout}},
	{"truncated", simulator.Fault{Kind: simulator.TruncatedJSON}},
	{"null", simulator.Fault{Kind: simulator.NullBody}},
	{"empty body", simulator.Fault{Kind: simulator.EmptyBody}},
	{"empty result", simulator.Fault{Kind: simulator.EmptyResult}},
	{"page with 200", simulator.Fault{Kind: simulator.HTMLPage}},
	{"business error", simulator.Fault{Kind: simulator.BusinessError, Code: 1500, Message: "系统繁忙"}},
	{"hang before", simulator.Fault{Kind: simulator.HangBefore}},
	{"hang after", simulator.Fault{Kind: simulator.HangAfter}},
	{"late", simulator.Fault{Kind: simulator.Late}},
	{"slow body", simulator.Fault{Kind: simulator.SlowBody}},
	{"redirect", simulator.Fault{Kind: simulator.Redirect, Location: "https://elsewhere.example/task"}},
	{"deep JSON", simulator.Fault{Kind: simulator.DeepJSON, Bytes: 20_000}},
}

// outages last for a time from one request on.
var outages = []struct {
	name string
	set  func(*simulator.Platform, bool)
	last time.Duration
}{
	{"503 for 30 s", (*simulator.Platform).Outage, 30 * time.Second},
	{"503 for 10 min", (*simulator.Platform).Outage, 10 * time.Minute},
	{"refused for 30 s", (*simulator.Platform).OutageRefused, 30 * time.Second},
	{"refused for 10 min", (*simulator.Platform).OutageRefused, 10 * time.Minute},
}

var matrixProducts = map[string]int64{"lwm2m": lwm2mProduct, "t_link": tLinkProduct}

// TestFaultMatrix lets every request of a campaign meet every fault, once, and
// insists that one more apply at most sets everything right.
func TestFaultMatrix(t *testing.T) {
	var cases, healed atomic.Int64
	t.Run("of", func(t *testing.T) {
		for name, product := range matrixProducts {
			requests := matrixCase(t, product, func(*fleet) {}).requests
			if requests < 60 {
				t.Fatalf("the campaign of %s took %d requests only", name, requests)
			}
			column := func(fault string, arm func(*fleet, int)) {
				t.Run(name+"/"+fault, func(t *testing.T) {
					t.Parallel()
					for k := range requests {
						result := matrixCase(t, product, func(f *fleet) { arm(f, k) })
						cases.Add(1)
						if result.failed {
							t.Errorf("^ %s, request %d of %d (%s)", fault, k, requests, result.met)
							return
						}
						if result.again {
							healed.Add(1)
						}
					}
				})
			}
			for _, one := range matrixFaults {
				column(one.name, func(f *fleet, k int) {
					fault := one.fault
					fault.When = simulator.AtIndex(k)
					f.p.Inject(fault)
				})
			}
			for _, one := range outages {
				column(one.name, func(f *fleet, k int) {
					f.p.BeforeRequest(func(r simulator.Request) {
						if r.Index == k {
							one.set(f.p, true)
							time.AfterFunc(one.last, func() { one.set(f.p, false) })
						}
					})
				})
			}
		}
	})
	t.Logf("fault matrix: %d cases, each right after at most one more apply; %d needed that one", cases.Load(), healed.Load())
}

// outcome is what came of one case.
type outcome struct {
	requests int
	met      string // the request that met the fault
	again    bool   // one more apply was needed
	failed   bool
}

// matrixCase runs one campaign in virtual time, on a platform prepared by arm.
func matrixCase(t *testing.T, product int64, arm func(*fleet)) (result outcome) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t, func(o *simulator.Options) {
			o.Products = simulator.DefaultProducts(16)
			o.CountEcho = true
			o.Upgrade.WaitingTime = 1000 * time.Hour
		})
		f := newFleet(t, p, product)
		f.adopt = true
		arm(f)
		ids := p.DeviceIDs(product)
		first := wish{names: [2]string{"north", "south"}, about: [2]string{"", "the other half"}, devices: [2][]string{ids[:7], ids[7:9]}}
		second := first
		second.names[0], second.about = "north, gently", [2]string{"one by one", ""}
		second.devices[0] = append(slices.Clone(ids[:6]), ids[9], ids[10])
		third := second
		third.start = true
		for _, w := range []wish{first, second, third} {
			result.again = f.converge(w) || result.again
		}
		f.check(third, ids)
		if diags := f.destroy(t.Context(), third); diags.errors() != "" {
			result.again = true
			f.rest()
			if diags := f.destroy(t.Context(), third); diags.errors() != "" {
				t.Errorf("the second destroy fails: %s", diags.errors())
			}
		}
		f.checkNothingLeft()
		for _, r := range p.Requests() {
			result.requests = max(result.requests, r.Index+1)
			if r.Fault != "" {
				result.met = fmt.Sprintf("%s %s", r.Method, r.Path)
			}
		}
		result.failed = t.Failed()
	})
	return result
}

// rest lets every outage end.
func (f *fleet) rest() { time.Sleep(15 * time.Minute) }

// converge applies once, and once more if that was not enough. It reports
// whether it took two.
func (f *fleet) converge(w wish) (again bool) {
	f.t.Helper()
	ctx := f.t.Context()
	diags := f.apply(ctx, w)
	todo, planned := f.plan(ctx, w)
	if diags.errors() == "" && planned.errors() == "" && len(todo) == 0 {
		return false
	}
	f.rest()
	if second := f.apply(ctx, w); second.errors() != "" {
		f.t.Errorf("the second apply fails: %s\nThe first: %s", second.errors(), diags.errors())
	}
	todo, planned = f.plan(ctx, w)
	if planned.errors() != "" || len(todo) > 0 {
		f.t.Errorf("the plan after the second apply: %v %s\nThe first apply: %s", todo, planned.errors(), diags.errors())
	}
	return true
}

// check insists on what a campaign must have left on the platform.
func (f *fleet) check(w wish, ids []string) {
	f.t.Helper()
	present := f.p.Tasks(f.product)
	if len(present) != len(f.tasks) || f.p.TasksEverCreated() != len(f.tasks) {
		f.t.Errorf("%d tasks stand there, and %d were made, want %d", len(present), f.p.TasksEverCreated(), len(f.tasks))
	}
	for n := range f.tasks {
		id := number(f.tasks[n], "task_id")
		task, _ := f.p.Task(id)
		if task.Name != w.names[n] || task.Description != w.about[n] {
			f.t.Errorf("task %d is %q, %q on the platform, want %q, %q", id, task.Name, task.Description, w.names[n], w.about[n])
		}
		for _, s := range f.p.Subtasks(id) {
			wanted := slices.Contains(w.devices[n], s.DeviceID)
			if s.Joins != 1 || (s.Phase == simulator.PhaseCancelled) == wanted {
				f.t.Errorf("device %s of task %d was joined %d times and is %s; wanted: %t", s.DeviceID, id, s.Joins, s.Phase, wanted)
			}
		}
		for _, device := range ids {
			if got := f.p.JoinCount(id, device); got == 0 && slices.Contains(w.devices[n], device) {
				f.t.Errorf("device %s is not in task %d", device, id)
			}
		}
		starts := 0
		if n == 0 && w.start && f.rollout != nil {
			starts = 1
		}
		if got := f.p.StartCount(id); got != starts {
			f.t.Errorf("task %d was started %d times, want %d", id, got, starts)
		}
	}
}

func (f *fleet) checkNothingLeft() {
	f.t.Helper()
	for _, i := range f.instances() {
		if i.exists() {
			f.t.Errorf("destroy left %s %s in the state", i.typeName, i.get("id"))
		}
	}
	if left := f.p.Tasks(f.product); len(left) > 0 {
		f.t.Errorf("destroy left %d tasks", len(left))
	}
}
