package provider_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
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
	{"503 for 30 s", (*simulator.Platform).SetOutage, 30 * time.Second},
	{"503 for 10 min", (*simulator.Platform).SetOutage, 10 * time.Minute},
	{"refused for 30 s", (*simulator.Platform).SetOutageRefused, 30 * time.Second},
	{"refused for 10 min", (*simulator.Platform).SetOutageRefused, 10 * time.Minute},
}

// fullMatrix in the environment asks for every cell of the matrix; without it a
// request that only reads meets every other fault, and its neighbour the rest.
const fullMatrix = "AEP_FULL_MATRIX"

// TestFaultMatrix lets every request of a campaign meet every fault, once, and
// insists that one more apply at most sets everything right.
func TestFaultMatrix(t *testing.T) {
	var cases, healed atomic.Int64
	full := os.Getenv(fullMatrix) != ""
	t.Run("of", func(t *testing.T) {
		for _, product := range []int64{lwm2mProduct, tLinkProduct} {
			stages := campaignStages(t, product)
			for n, one := range columns() {
				t.Run(fmt.Sprintf("%d/%s", product, one.name), func(t *testing.T) {
					t.Parallel()
					for _, s := range stages {
						for k, writes := range s.requests {
							if !writes && (one.writesOnly || !full && (n+k)%2 == 1) || (n+7*k)%thinning != 0 {
								continue
							}
							again, ok := s.run(t, k, one)
							cases.Add(1)
							if !ok {
								t.Fatalf("^ %s: %s at request %d of %d", s.name, one.name, k, len(s.requests))
							}
							if again {
								healed.Add(1)
							}
						}
					}
				})
			}
		}
	})
	t.Logf("fault matrix: %d cases, each right after at most one more apply; %d needed that one", cases.Load(), healed.Load())
}

// column is a way for a request to go wrong.
type column struct {
	name string
	arm  func(p *simulator.Platform, k int) (disarm func())
	// writesOnly leaves out reads, to which it looks like another column: whether
	// they were processed makes no difference.
	writesOnly bool
	// adopt lets tasks be adopted that were made in a run which never learnt of
	// it, as nothing else is left after an outage that outlasts every patience.
	adopt bool
}

func columns() []column {
	var all []column
	for _, one := range matrixFaults {
		all = append(all, column{
			name: one.name, writesOnly: strings.HasSuffix(one.name, " after"),
			arm: func(p *simulator.Platform, k int) func() {
				fault := one.fault
				fault.When = simulator.AtIndex(k)
				p.Inject(fault)
				return p.ClearFaults
			},
		})
	}
	for _, one := range outages {
		all = append(all, column{name: one.name, adopt: true, arm: func(p *simulator.Platform, k int) func() {
			disarmed := false
			p.BeforeRequest(func(r simulator.Request) {
				if r.Index == k && !disarmed {
					one.set(p, true)
					time.AfterFunc(one.last, func() { one.set(p, false) })
				}
			})
			return func() { disarmed = true }
		}})
	}
	return all
}

// stage is one run of Terraform in the course of a campaign.
type stage struct {
	name     string
	product  int64
	like     *core
	before   *wish      // what was applied before; nil: nothing
	state    []instance // and what the state held after it
	after    []instance // what it holds after this run
	want     *wish      // nil: destroy
	requests []bool     // that the run takes when nothing goes wrong: which of them write
}

// campaignStages runs a campaign without faults and cuts it into its stages, so
// that a case need not begin at the beginning.
func campaignStages(t *testing.T, product int64) (stages []stage) {
	synctest.Test(t, func(t *testing.T) {
		e := newMatrixEstate(t, product, nil)
		ids := e.p.DeviceIDs(product)
		create := wish{names: [2]string{"north", "south"}, about: [2]string{"", "the other half"}, devices: [2][]string{ids[:7], ids[7:9]}}
		change := create
		change.names[0], change.about = "north, gently", [2]string{"one by one", ""}
		change.devices[0] = append(slices.Clone(ids[:6]), ids[9], ids[10])
		change.start = true
		var before *wish
		for _, one := range []struct {
			name string
			want *wish
		}{{"create", &create}, {"change and start", &change}, {"destroy", nil}} {
			s := stage{name: one.name, product: product, like: e.like, before: before, want: one.want, state: e.copied()}
			e.p.ResetJournal()
			if diags := e.run(s.want); diags.errors() != "" {
				t.Fatal(s.name, diags.errors())
			}
			for _, r := range e.p.Requests() {
				s.requests = append(s.requests, r.Write)
			}
			before, s.after = s.want, e.copied()
			if left := e.open(s.want); left != "" {
				t.Fatal(s.name, left)
			}
			e.check(s)
			t.Logf("%d %s: %d requests", product, s.name, len(s.requests))
			stages = append(stages, s)
		}
	})
	return stages
}

func newMatrixEstate(t *testing.T, product int64, like *core) *estate {
	t.Helper()
	e := newEstate(t, newPlatform(t, func(o *simulator.Options) {
		o.Products = simulator.DefaultProducts(16)
		o.CountEcho = true
		o.Upgrade.WaitingTime = 1000 * time.Hour
	}), product, like)
	return e
}

// run lets one request of the stage meet a fault. again is true if it took
// another run to set things right.
func (s stage) run(t *testing.T, k int, with column) (again, ok bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newMatrixEstate(t, s.product, s.like)
		for n, i := range e.instances() {
			*i = s.state[n]
		}
		e.furnish(s.before)
		e.adopt = with.adopt
		e.disarm = append(e.disarm, with.arm(e.p, k))
		again = e.converge(s)
		e.check(s)
		ok = !t.Failed()
	})
	return again, ok
}

// furnish brings a new platform to where a wish would have brought it.
func (e *estate) furnish(w *wish) {
	e.t.Helper()
	if w == nil {
		return
	}
	e.written = w
	for n := range e.tasks {
		about := w.about[n]
		id, err := e.p.CreateTask(simulator.TaskDraft{
			ProductID: e.product, FirmwareID: map[int64]int64{lwm2mProduct: lwm2mFirmware, tLinkProduct: tLinkFirmware}[e.product],
			Name: w.names[n], Description: about, RetryTimes: 1, TimeoutHours: 24,
		})
		for _, device := range w.devices[n] {
			if err == nil {
				err = e.p.Join(id, device)
			}
		}
		if err == nil && n == 0 && w.start {
			err = e.p.Start(id)
		}
		if err != nil {
			e.t.Fatal(err)
		}
	}
}

// rest lets every outage end.
func (e *estate) rest() { time.Sleep(15 * time.Minute) }

// run is a terraform apply, or, of nothing, a terraform destroy.
func (e *estate) run(w *wish) diagnostics {
	e.t.Helper()
	if w == nil {
		return e.destroy(e.ctx)
	}
	return e.apply(e.ctx, *w)
}

// open says what is left to do; nothing is "".
func (e *estate) open(w *wish) string {
	e.t.Helper()
	if w == nil {
		var left []string
		for _, i := range e.instances() {
			if i.exists() {
				left = append(left, i.typeName)
			}
		}
		return strings.Join(left, " ")
	}
	todo, diags := e.plan(e.ctx, *w)
	return strings.Join(append(todo, diags.errors()), "")
}

// copied is what the state holds.
func (e *estate) copied() []instance {
	var all []instance
	for _, i := range e.instances() {
		all = append(all, *i)
	}
	return all
}

// converge runs once, and once more if that was not enough. It reports whether
// it took two.
func (e *estate) converge(s stage) (again bool) {
	e.t.Helper()
	first := e.run(s.want).errors()
	// Where the state has become what it becomes without faults, the plan is
	// empty as it is without faults: check sees to it that the platform is the same too.
	if first == "" && (slices.EqualFunc(e.copied(), s.after, sameInstance) || e.open(s.want) == "") {
		return false
	}
	for _, disarm := range e.disarm {
		disarm()
	}
	e.rest()
	if second := e.run(s.want).errors(); second != "" {
		e.t.Errorf("the second run fails: %s\nThe first: %s", second, first)
	}
	e.rest() // a drawn platform may show a change to readers only after 20 seconds
	if left := e.open(s.want); left != "" {
		e.t.Errorf("after the second run there is still to do: %s\nThe first run: %s", left, first)
	}
	return true
}

func sameInstance(a, b instance) bool {
	return a.value.Equal(b.value) && bytes.Equal(a.private, b.private) && a.tainted == b.tainted
}

// check insists on what a stage must leave on the platform.
func (e *estate) check(s stage) {
	e.t.Helper()
	present := e.p.Tasks(e.product)
	if made := e.p.TasksEverCreated(); made != len(e.tasks) {
		e.t.Errorf("%d tasks were made, want %d", made, len(e.tasks))
	}
	for _, i := range e.instances() {
		if i.tainted {
			e.t.Errorf("%s %s is tainted", i.typeName, i.get("id"))
		}
	}
	if s.want == nil {
		if len(present) > 0 {
			e.t.Errorf("destroy left %d tasks", len(present))
		}
		return
	}
	if len(present) != len(e.tasks) {
		e.t.Errorf("%d tasks stand there, want %d", len(present), len(e.tasks))
	}
	for n := range e.tasks {
		e.checkTask(number(e.tasks[n], "task_id"), n, *s.want)
	}
}

func (e *estate) checkTask(id int64, n int, w wish) {
	e.t.Helper()
	task, _ := e.p.Task(id)
	if task.Name != w.names[n] || task.Description != w.about[n] {
		e.t.Errorf("task %d is %q, %q on the platform, want %q, %q", id, task.Name, task.Description, w.names[n], w.about[n])
	}
	joined := map[string]bool{}
	for _, s := range e.p.Subtasks(id) {
		joined[s.DeviceID] = true
		wanted := slices.Contains(w.devices[n], s.DeviceID)
		if s.Joins != 1 || isActive(s) != wanted {
			e.t.Errorf("device %s of task %d was joined %d times and is %s; wanted: %t", s.DeviceID, id, s.Joins, s.Phase, wanted)
		}
	}
	for _, device := range w.devices[n] {
		if !joined[device] {
			e.t.Errorf("device %s is not in task %d", device, id)
		}
	}
	starts := 0
	if n == 0 && w.start {
		starts = 1
	}
	if got := e.p.StartCount(id); got != starts {
		e.t.Errorf("task %d was started %d times, want %d", id, got, starts)
	}
}
