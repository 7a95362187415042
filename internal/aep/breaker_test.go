package aep

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A thousand calls into a dead platform spend one budget between them, even if
// each attempt takes a minute to fail.
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
								t.Errorf("got %v", err)
							}
						}
					})
				}
				group.Wait()
				if took := time.Since(begin); took > DefaultRetryBudget+callers*time.Minute {
					t.Errorf("took %s", took)
				}
				if got := len(dead.sent()); got > callers*60 {
					t.Errorf("%d requests for %d calls", got, calls)
				}
				// Whoever asks later finds the platform well again.
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

// A wrong endpoint shows soon: nothing has ever answered there.
func TestEndpointThatHasNeverAnswered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		echo step
		soon bool
	}{"never": {unsent, true}, "an echo": {respond(200, ""), false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dead := play(unsent)
				dead.echo = c.echo
				client := newClient(t, dead)
				begin := time.Now()
				var group sync.WaitGroup
				for range 3 {
					group.Go(func() {
						err := aRead(t.Context(), client)
						if IsUnreachable(err) != c.soon || !IsTransient(err) || strings.Contains(err.Error(), "platform.test") != c.soon {
							t.Errorf("got %v", err)
						}
					})
				}
				group.Wait()
				if took := time.Since(begin); (took <= 20*time.Second) != c.soon {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

func TestOutageMemory(t *testing.T) {
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
		"goes on":           {[]event{{0, 0, failed}, {time.Minute, 0, failed}}, time.Minute},
		"since it was sent": {[]event{{0, time.Minute, failed}}, time.Minute},
		"success ends it":   {[]event{{0, 0, failed}, {time.Minute, 0, nil}}, 0},
		"an answer ends it": {[]event{{0, 0, failed}, {time.Minute, 0, refused}}, 0},
		"a busy platform is none": {
			[]event{{0, 0, failed}, {time.Minute, 0, throttled}}, 0,
		},
		"others were answered": {
			[]event{{0, 0, nil}, {30 * time.Second, 0, nil}, {10 * time.Second, time.Minute, failed}}, 10 * time.Second,
		},
		"nobody tried for long": {
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
				var b breaker
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

// What a caller's own interruption breaks is no outage of the platform.
func TestInterruptedCallsAreNoOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, play(hang))
		ctx, cancel := contextFor(t, time.Second)
		defer cancel()
		if err := aRead(ctx, client); !IsCanceled(err) {
			t.Fatalf("got %v", err)
		}
		time.Sleep(time.Minute)
		if got := client.breaker.spent(time.Now()); got != 0 {
			t.Errorf("an outage of %s is noted", got)
		}
	})
}
