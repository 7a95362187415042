package campaign

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a platform in virtual time and a Runner that works on it.
type world struct {
	*simulator.Platform
	*Runner
	t        *testing.T
	protocol aep.Protocol
	product  int64
	firmware int64
}

// variant is one of the ways in which the platform numbers states.
type variant struct {
	name     string
	protocol aep.Protocol
	table    simulator.CodeTable
}

var variants = []variant{
	{"lwm2m 2019", aep.LwM2M, simulator.Table2019},
	{"lwm2m 2022", aep.LwM2M, simulator.Table2022},
	{"t_link", aep.TLink, simulator.Table2019},
}

// setting is what a test wants of its world.
type setting struct {
	devices int
	change  func(*simulator.Options)
	config  func(*aep.Config)
	options Options
}

// everywhere runs a test for each variant, on a platform that insists on the
// MasterKey, whose clock is an hour off, and whose pages hold no more than 7 rows.
func everywhere(t *testing.T, s setting, test func(t *testing.T, w *world)) {
	t.Helper()
	change := s.change
	s.change = func(o *simulator.Options) {
		o.RequireMasterKey, o.ClockOffset, o.Paging.MaxPageSize = true, -time.Hour, 7
		if change != nil {
			change(o)
		}
	}
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			in(t, v, s, test)
		})
	}
}

// in runs a test in virtual time.
func in(t *testing.T, v variant, s setting, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		options := simulator.Options{Products: simulator.DefaultProducts(s.devices)}
		options.Upgrade.Table = v.table
		if s.change != nil {
			s.change(&options)
		}
		p := simulator.New(options)
		defer p.Close()
		w := &world{Platform: p, t: t, protocol: v.protocol, product: simulator.LwM2MProduct, firmware: simulator.LwM2MFirmware}
		if v.protocol == aep.TLink {
			w.product, w.firmware = simulator.TLinkProduct, simulator.TLinkFirmware
		}
		w.Runner = newRunner(t, p, s)
		test(t, w)
	})
}

func newRunner(t testing.TB, p *simulator.Platform, s setting) *Runner {
	t.Helper()
	config := aep.Config{
		AppKey: simulator.DefaultAppKey, AppSecret: simulator.DefaultAppSecret, Endpoint: simulator.BaseURL,
		MasterKeys: map[int64]string{
			simulator.LwM2MProduct: simulator.LwM2MMasterKey, simulator.TLinkProduct: simulator.TLinkMasterKey,
		},
		RequestsPerSecond: -1, MaxConcurrentRequests: 8, Transport: p.Transport(),
	}
	if s.config != nil {
		s.config(&config)
	}
	client, err := aep.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return New(client, s.options)
}

func (w *world) request(name string) CreateRequest {
	q := CreateRequest{CreateTaskRequest: aep.CreateTaskRequest{
		ProductID: w.product, FirmwareID: w.firmware, Name: name, RetryTimes: ptr[int64](1),
	}}
	if w.protocol == aep.TLink {
		q.RetryTimes, q.TimeoutHours = nil, ptr[int64](24)
	}
	return q
}

// task makes a task at the console and lets devices join it.
func (w *world) task(joined ...string) aep.TaskKey {
	w.t.Helper()
	id, err := w.Platform.CreateTask(simulator.TaskDraft{
		ProductID: w.product, FirmwareID: w.firmware, Name: "seeded", RetryTimes: 1, TimeoutHours: 24,
	})
	w.must(err)
	if len(joined) > 0 {
		w.must(w.Join(id, joined...))
	}
	return aep.TaskKey{ProductID: w.product, TaskID: id}
}

// histogram counts a task of so many devices, 0 if their number is not known.
func (w *world) histogram(key aep.TaskKey, deviceCount int64) progress.Histogram {
	w.t.Helper()
	states, err := w.count(bg(), progress.Query{Key: key, Protocol: w.protocol, DeviceCount: deviceCount})
	w.must(err)
	return states.Histogram()
}

// devices are n devices of the product, in order.
func (w *world) devices(n int) deviceset.Set {
	return deviceset.Set(slices.Sorted(slices.Values(w.DeviceIDs(w.product)[:n])))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// calls are the requests so far, without those for the time.
func (w *world) calls() int {
	n := 0
	for _, r := range w.Requests() {
		if r.Operation != simulator.OpEcho {
			n++
		}
	}
	return n
}

func (w *world) wantCalls(what string, most int) {
	w.t.Helper()
	if n := w.calls(); n > most {
		w.t.Errorf("%s took %d calls, want at most %d", what, n, most)
	}
}

func (w *world) wantCount(operation string, want int) {
	w.t.Helper()
	if n := w.Count(operation); n != want {
		w.t.Errorf("%s was called %d times, want %d", operation, n, want)
	}
}

// wantSpent insists that every fault of the test has met a request.
func (w *world) wantSpent() {
	w.t.Helper()
	if n := w.ArmedFaults(); n > 0 {
		w.t.Errorf("%d faults met no request", n)
	}
}

// wantJoinedOnce insists that these devices, and no others, are in the task,
// each joined once.
func (w *world) wantJoinedOnce(key aep.TaskKey, ids deviceset.Set) {
	w.t.Helper()
	for _, id := range ids {
		if n := w.JoinCount(key.TaskID, id); n != 1 {
			w.t.Errorf("device %s was joined %d times", id, n)
		}
	}
	if n := len(w.Platform.Subtasks(key.TaskID)); n != len(ids) {
		w.t.Errorf("the task has %d devices, want %d", n, len(ids))
	}
}

func ptr[T any](v T) *T { return &v }

func bg() context.Context { return context.Background() }

// ids makes n device ids that no platform knows.
func ids(prefix string, n int) deviceset.Set {
	set := make(deviceset.Set, n)
	for i := range set {
		set[i] = fmt.Sprintf("%s%07d", prefix, i)
	}
	return set
}
