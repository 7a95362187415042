package aep

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// 1000 calls to a dead platform share one retry budget, even if each attempt takes
// a minute to fail.
func TestOutageIsSharedByAllCalls(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]step{"unreachable": unsent, "unavailable": respond(503, ""), "silent": hang} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const calls, callers = 1000, 10
				dead := play(failure)
				dead.echo = unsent
				client := newClient(t, dead)
				begin := time.Now()
				var next atomic.Int64
				var group sync.WaitGroup
				for range callers {
					group.Go(func() {
						for next.Add(1) <= calls {
							if err := aRead(t.Context(), client); !IsTransient(err) {
								t.Errorf("got %v, want a transient failure", err)
							}
						}
					})
				}
				group.Wait()
				if took := time.Since(begin); took > DefaultRetryBudget+callers*time.Minute {
					t.Errorf("took %s, want at most %s", took, DefaultRetryBudget+callers*time.Minute)
				}
				if got := len(dead.sent()); got > callers*60 {
					t.Errorf("got %d requests for %d calls, want at most %d", got, calls, callers*60)
				}
				err := aCreate(t.Context(), client)
				if got := predicatesOf(err); !isKind(err, kindBreakerOpen) || !slices.Equal(got, []string{"IsTransient"}) {
					t.Errorf("a create: got %v, which is %q, want IsTransient without a request", err, got)
				}
				// A later call finds out that the platform responds again.
				dead.steps = []step{ok("{" + soundTask + "}")}
				time.Sleep(outageProbe + time.Second)
				for range 2 {
					if err := aRead(t.Context(), client); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// A call to an endpoint that has never responded fails soon, and names the endpoint.
func TestEndpointThatHasNeverResponded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		echo, failure step
		soon          bool
	}{
		"never":      {unsent, unsent, true},
		"no address": {unresolved, unresolved, true},
		"an echo":    {respond(200, ""), unsent, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dead := play(c.failure)
				dead.echo = c.echo
				client := newClient(t, dead)
				begin := time.Now()
				var group sync.WaitGroup
				for range 3 {
					group.Go(func() {
						err := aRead(t.Context(), client)
						if IsUnreachable(err) != c.soon || !IsTransient(err) || strings.Contains(err.Error(), "platform.test") != c.soon {
							t.Errorf("got %v, want a transient failure that names the endpoint: %t", err, c.soon)
						}
					})
				}
				group.Wait()
				if took := time.Since(begin); (took <= 20*time.Second) != c.soon {
					t.Errorf("took %s, want at most 20s: %t", took, c.soon)
				}
			})
		})
	}
}

func TestBreakerCountsFromTheFirstFailure(t *testing.T) {
	t.Parallel()
	failed := &Error{kind: kindUnsent}
	refused := &Error{kind: kindRefused}
	throttled := &Error{kind: kindThrottled}
	type event struct {
		after   time.Duration // since the event before
		took    time.Duration // by the attempt that ends now
		failure *Error
	}
	cases := map[string]struct {
		events []event
		want   time.Duration // spent by a call that starts at the last event
	}{
		"none":              {[]event{{0, 0, nil}}, 0},
		"began now":         {[]event{{0, 0, failed}}, 0},
		"continues":         {[]event{{0, 0, failed}, {time.Minute, 0, failed}}, time.Minute},
		"since it was sent": {[]event{{0, time.Minute, failed}}, time.Minute},
		"success ends it":   {[]event{{0, 0, failed}, {time.Minute, 0, nil}}, 0},
		"a refusal ends it": {[]event{{0, 0, failed}, {time.Minute, 0, refused}}, 0},
		"a busy platform is no outage": {
			[]event{{0, 0, failed}, {time.Minute, 0, throttled}}, 0,
		},
		"other calls succeeded": {
			[]event{{0, 0, nil}, {30 * time.Second, 0, nil}, {10 * time.Second, time.Minute, failed}}, 10 * time.Second,
		},
		"no attempt for long": {
			[]event{{0, 0, failed}, {time.Hour, time.Second, failed}}, time.Second,
		},
		"long attempts in a row": {
			[]event{{0, 0, failed}, {150 * time.Second, time.Minute, failed}}, 150 * time.Second,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Hour)
				b := breaker{responded: new(atomic.Bool)}
				for _, e := range c.events {
					time.Sleep(e.after)
					b.record(time.Now().Add(-e.took), e.failure)
				}
				if got := b.spent(time.Now()); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}

// The breaker does not count an attempt whose caller was interrupted.
func TestInterruptedCallsAreNoOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, play(hang))
		ctx, cancel := contextFor(t, time.Second)
		defer cancel()
		if err := aRead(ctx, client); !IsCanceled(err) {
			t.Fatalf("got %v, want a cancelled call", err)
		}
		time.Sleep(time.Minute)
		if got := client.services.of(upgradeService).breaker.spent(time.Now()); got != 0 {
			t.Errorf("got an outage of %s, want none", got)
		}
	})
}
