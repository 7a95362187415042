package aep

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

// slow is a step that responds after a time, unless the context of the request ends.
func slow(d time.Duration, then step) step {
	return func(r *http.Request) (*http.Response, error) {
		markSent(r)
		select {
		case <-time.After(d):
			return then(r)
		case <-r.Context().Done():
			return nil, context.Cause(r.Context())
		}
	}
}

func TestInterruptionEndsEveryWaitAtOnce(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		prepare func(*testing.T, *Client)
		script  *script
		change  func(*Config)
		call    func(context.Context, *Client) error
		is      string // predicates
		sent    int
	}{
		"back-off of a read": {
			script: play(respond(503, "", "Retry-After", "50")), call: aRead, sent: 1, is: "IsCanceled IsTransient",
		},
		"back-off of a write": {
			script: play(respond(429, "", "Retry-After", "50")), call: aCreate, sent: 1, is: "IsCanceled IsThrottled IsTransient",
		},
		"back-off of a write in doubt": {
			script: play(respond(503, "", "Retry-After", "50")), call: aModify, sent: 1, is: "Ambiguous IsCanceled IsTransient",
		},
		"a read under way": {script: play(hang), call: aRead, sent: 1, is: "IsCanceled IsTransient"},
		"rate limit": {
			script: play(ok("{" + soundTask + "}")), change: func(c *Config) { c.RequestsPerSecond = 1.0 / 3600 },
			call: aRead, is: "IsCanceled",
		},
		"slots": {
			script: play(ok("{" + soundTask + "}")), call: aCreate, is: "IsCanceled",
			prepare: func(_ *testing.T, c *Client) {
				c.clock.measured = time.Now()
				for range cap(c.limits.slots) {
					c.limits.slots <- struct{}{}
				}
			},
		},
		"another write to the task": {
			script: play(respond(200, success)), call: actions["start"], is: "IsCanceled",
			prepare: func(t *testing.T, c *Client) {
				t.Helper()
				if _, err := c.writes.Lock(t.Context(), testKey, syncs.Exclusive); err != nil {
					t.Fatal(err)
				}
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				change := c.change
				if change == nil {
					change = func(*Config) {}
				}
				client := newClient(t, c.script, change)
				if c.prepare != nil {
					c.prepare(t, client)
				}
				if c.change != nil {
					client.clock.current(t.Context()) // takes the only token
				}
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(7*time.Second, cancel)
				begin := time.Now()
				err := c.call(ctx, client)
				if took := time.Since(begin); took != 7*time.Second {
					t.Errorf("ended after %s, want 7s", took)
				}
				if got := strings.Join(predicatesOf(err), " "); got != c.is {
					t.Errorf("%v\nis %q, want %q", err, got, c.is)
				}
				if !errors.Is(err, context.Canceled) {
					t.Errorf("%v does not wrap context.Canceled", err)
				}
				if got := len(c.script.sent()); got != c.sent {
					t.Errorf("got %d requests, want %d", got, c.sent)
				}
			})
		})
	}
}

func TestInterruptedWriteMayFinish(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		takes time.Duration
		then  step
		is    string // predicates
		ends  time.Duration
	}{
		"in time":         {5 * time.Second, ok(`{"jobId":9}`), "", 5 * time.Second},
		"refused in time": {5 * time.Second, respond(200, `{"code":1,"msg":"no"}`), "IsRefused MaybeGone", 5 * time.Second},
		"busy in time":    {5 * time.Second, respond(503, ""), "Ambiguous IsCanceled IsTransient", 5 * time.Second},
		"too late":        {30 * time.Second, ok(`{"jobId":9}`), "Ambiguous IsCanceled IsTransient", time.Second + writeGrace},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				platform := play(slow(c.takes, c.then))
				client := newClient(t, platform)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begin := time.Now()
				created, err := client.CreateTask(ctx, CreateTaskRequest{ProductID: testProduct, Name: "n"})
				if took := time.Since(begin); took != c.ends {
					t.Errorf("ended after %s, want %s", took, c.ends)
				}
				if got := strings.Join(predicatesOf(err), " "); got != c.is || (err == nil) != (created.ID == 9) {
					t.Errorf("got %+v, %v: is %q, want %q", created, err, got, c.is)
				}
				if got := len(platform.sent()); got != 1 {
					t.Errorf("got %d requests, want 1", got)
				}
			})
		})
	}
}

func TestNothingIsSentOnceTheContextIsDone(t *testing.T) {
	t.Parallel()
	for name, call := range actions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			platform := play(ok(`{"jobId":9}`))
			client := newClient(t, platform)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			for range 20 { // a select between two ready channels chooses at random
				if err := call(ctx, client); !IsCanceled(err) || Ambiguous(err) || !strings.Contains(err.Error(), "not sent: context canceled") {
					t.Fatalf("got %v, want a cancelled call that was not sent", err)
				}
			}
			if got := len(platform.sent()) + platform.echoes; got != 0 {
				t.Errorf("got %d requests, want none", got)
			}
			if err := call(t.Context(), client); err != nil || len(platform.sent()) != 1 {
				t.Errorf("with a live context: got %d requests, %v, want 1", len(platform.sent()), err)
			}
		})
	}
}

// An interruption while the second attempt waits keeps the outcome of the first.
func TestInterruptionBeforeTheSecondAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		platform := play(lost)
		client := newClient(t, platform, func(c *Config) { c.RequestsPerSecond = 1.0 / 60 })
		client.clock.measured = time.Now() // the first attempt takes the only token
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err := aModify(ctx, client)
		if !Ambiguous(err) || !IsCanceled(err) || !strings.Contains(err.Error(), "connection reset by peer; given up:") {
			t.Errorf("got %v, want an ambiguous and cancelled call with the first failure", err)
		}
		if got := failureOf(t, err).Attempts; got != 1 {
			t.Errorf("got %d attempts in the error, want 1", got)
		}
	})
}
