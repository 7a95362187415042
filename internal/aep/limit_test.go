package aep

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

// meter is a step that responds after a second. most is the largest number of
// requests at the same time.
type meter struct{ now, most atomic.Int64 }

func (g *meter) step(r *http.Request) (*http.Response, error) {
	now := g.now.Add(1)
	for most := g.most.Load(); now > most && !g.most.CompareAndSwap(most, now); most = g.most.Load() {
	}
	defer g.now.Add(-1)
	return slow(time.Second, respond(200, success))(r)
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	sameTask := func(int64) TaskKey { return testKey }
	otherTasks := func(i int64) TaskKey { return TaskKey{ProductID: testProduct, TaskID: i + 1} }
	otherProducts := func(i int64) TaskKey { return TaskKey{ProductID: i + 1, TaskID: testTask} }
	cases := map[string]struct {
		key  func(int64) TaskKey
		most int64
		took time.Duration
	}{
		"writes to one task":          {sameTask, 1, 12 * time.Second},
		"writes to different tasks":   {otherTasks, 4, 3 * time.Second},
		"equal ids in other products": {otherProducts, 4, 3 * time.Second},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var g meter
				client := newClient(t, play(g.step))
				begin := time.Now()
				var group sync.WaitGroup
				for i := range int64(12) {
					group.Go(func() {
						if err := client.StartTask(t.Context(), c.key(i)); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				if got, took := g.most.Load(), time.Since(begin); got != c.most || took != c.took {
					t.Errorf("got %d at the same time in %s, want %d in %s", got, took, c.most, c.took)
				}
			})
		})
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		perSecond float64
		took      time.Duration // of 101 requests and the measurement of the clock
	}{
		"ten":      {10, 9200 * time.Millisecond}, // ten at once, then ten a second
		"two":      {2.5, 40 * time.Second},       // two at once
		"one":      {1, 101 * time.Second},
		"a half":   {0.5, 202 * time.Second},
		"no limit": {-1, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newClient(t, play(respond(200, success)), func(config *Config) { config.RequestsPerSecond = c.perSecond })
				begin := time.Now()
				for range 101 {
					if err := client.StartTask(t.Context(), testKey); err != nil {
						t.Fatal(err)
					}
				}
				if took := time.Since(begin).Round(10 * time.Millisecond); took != c.took {
					t.Errorf("took %s, want %s", took, c.took)
				}
			})
		})
	}
}

// TestBurstAfterAPause insists on the waits of 13 calls at ten requests a second. A pause of a second or more lets
// ten of them be sent at once.
func TestBurstAfterAPause(t *testing.T) {
	t.Parallel()
	for pause, took := range map[time.Duration]time.Duration{
		0: 1300 * time.Millisecond, 500 * time.Millisecond: 800 * time.Millisecond,
		time.Second: 300 * time.Millisecond, time.Hour: 300 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			limits := newLimits(Config{RequestsPerSecond: 10, MaxConcurrentRequests: 13})
			admitted(t, limits, 10)
			time.Sleep(pause)
			times := admitted(t, limits, 13)
			if got := times[12].Round(time.Millisecond); got != took {
				t.Errorf("after a pause of %s, 13 calls waited %s, want %s", pause, got, took)
			}
		})
	}
}

// TestRateIsKeptInTheLongRun insists on the most requests in any second: twice the rate at the beginning, and the
// rate afterwards.
func TestRateIsKeptInTheLongRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		times := admitted(t, newLimits(Config{RequestsPerSecond: 10, MaxConcurrentRequests: 4}), n)
		if got, want := times[n-1].Round(time.Millisecond), 999*time.Second; got != want {
			t.Errorf("%d requests took %s, want %s", n, got, want)
		}
		for i, begin := range times {
			most := 10
			if begin < time.Second/2 {
				most = 20
			}
			// The limiter rounds to nanoseconds.
			if end := i + most; end < n && times[end]-begin < time.Second-time.Microsecond {
				t.Fatalf("request %d and %d more were sent within %s", i, most, times[end]-begin)
			}
		}
	})
}

// admitted lets n requests pass one after the other, and returns when each may be sent.
func admitted(t *testing.T, l *limits, n int) []time.Duration {
	t.Helper()
	start := time.Now()
	times := make([]time.Duration, n)
	for i := range times {
		release, err := l.admit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		release()
		times[i] = time.Since(start)
	}
	return times
}

func TestReadOnlySendsNoWrite(t *testing.T) {
	t.Parallel()
	platform := play(ok("{" + soundTask + "}"))
	client := newClient(t, platform, func(c *Config) { c.ReadOnly = true })
	for name, call := range actions {
		err := call(t.Context(), client)
		if got := predicatesOf(err); !slices.Equal(got, []string{"IsReadOnly"}) {
			t.Errorf("%s: got %v, which is %q, want IsReadOnly", name, err, got)
		}
	}
	if err := aModify(t.Context(), client); !IsReadOnly(err) || len(platform.sent())+platform.echoes != 0 {
		t.Errorf("got %d requests, %v, want none", len(platform.sent())+platform.echoes, err)
	}
	if err := aRead(t.Context(), client); err != nil || len(platform.sent()) != 1 {
		t.Errorf("a read: got %d requests, %v, want 1 and a success", len(platform.sent()), err)
	}
}

func TestObserveSeesEveryAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var attempts []Attempt
		platform := play(respond(503, ""), slow(3*time.Second, respond(200, `{"code":7,"msg":"no"}`)))
		client := newClient(t, platform, func(c *Config) {
			c.Observe = func(_ context.Context, a Attempt) { attempts = append(attempts, a) }
		})
		_ = aRead(t.Context(), client)
		want := []Attempt{
			{Operation: "Echo", Method: "GET", Path: "/echo", Number: 1, HTTPStatus: 404},
			{
				Operation: "QueryRemoteUpgradeTask", Method: "GET", Path: "/aep_upgrade_management/task", ProductID: testProduct,
				TaskID: testTask, Number: 1, HTTPStatus: 503, Failure: "HTTP 503, Service Unavailable",
			},
			{
				Operation: "QueryRemoteUpgradeTask", Method: "GET", Path: "/aep_upgrade_management/task", ProductID: testProduct,
				TaskID: testTask, Number: 2, HTTPStatus: 200, Code: "7", Failure: "code 7: no", Duration: 3 * time.Second,
			},
		}
		if len(attempts) != len(want) || !strings.Contains(attempts[0].Failure, "x-ag-timestamp") {
			t.Fatalf("got %+v, want %+v", attempts, want)
		}
		attempts[0].Failure = ""
		for i := range want {
			if attempts[i] != want[i] {
				t.Errorf("got  %+v\nwant %+v", attempts[i], want[i])
			}
		}
	})
}

// endlessBody is a body of four times responseLimit. It counts the bytes read.
type endlessBody struct{ read int }

func (e *endlessBody) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 4*responseLimit {
		return 0, io.EOF
	}
	return len(p), nil
}

func TestNoMoreIsReadThanTheLimit(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 302, 500} {
		var body endlessBody
		platform := play(func(r *http.Request) (*http.Response, error) {
			response, err := respond(status, "")(r)
			response.Body, response.ContentLength = io.NopCloser(&body), -1
			return response, err
		})
		err := aRead(t.Context(), newClient(t, platform, func(c *Config) { c.RetryBudget = -1 }))
		if err == nil || body.read < responseLimit || body.read > 2*responseLimit {
			t.Errorf("HTTP %d: %d bytes were read, %v, want %d to %d", status, body.read, err, responseLimit, 2*responseLimit)
		}
	}
}
