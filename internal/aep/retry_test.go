package aep

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// predicatesOf returns the names of the predicates that hold for err.
func predicatesOf(err error) []string {
	predicates := []struct {
		name  string
		holds func(error) bool
	}{
		{"Ambiguous", Ambiguous},
		{"IsBadRequest", IsBadRequest},
		{"IsCanceled", IsCanceled},
		{"IsReadOnly", IsReadOnly},
		{"IsRefused", IsRefused},
		{"IsThrottled", IsThrottled},
		{"IsTransient", IsTransient},
		{"IsUnauthorized", IsUnauthorized},
		{"IsUnknownApplication", IsUnknownApplication},
		{"IsUnreliable", IsUnreliable},
		{"MaybeGone", MaybeGone},
	}
	var names []string
	for _, p := range predicates {
		if p.holds(err) {
			names = append(names, p.name)
		}
	}
	return names
}

// One call for each class of endpoint.
var (
	aRead = func(ctx context.Context, c *Client) error {
		_, err := c.Task(ctx, testKey)
		return err
	}
	aModify = func(ctx context.Context, c *Client) error {
		return c.ModifyTask(ctx, ModifyTaskRequest{Key: testKey, Name: "n"})
	}
	aCreate = func(ctx context.Context, c *Client) error {
		_, err := c.CreateTask(ctx, CreateTaskRequest{ProductID: testProduct, Name: "n"})
		return err
	}
	actions = map[string]func(context.Context, *Client) error{
		"create": aCreate,
		"start":  func(ctx context.Context, c *Client) error { return c.StartTask(ctx, testKey) },
		"delete": func(ctx context.Context, c *Client) error { return c.DeleteTask(ctx, testKey) },
		"join": func(ctx context.Context, c *Client) error {
			return c.JoinDevices(ctx, testKey, LwM2M, []string{"d"})
		},
		"cancel": func(ctx context.Context, c *Client) error { return c.CancelSubtasks(ctx, testKey, []int64{59}) },
		"retry":  func(ctx context.Context, c *Client) error { return c.RetrySubtasks(ctx, testKey, []int64{59}) },
	}
)

const always = -1 // requests until the budget is spent

func tlsFailure(*http.Request) (*http.Response, error) {
	return nil, &url.Error{Op: "Get", URL: "https://x", Err: &tls.CertificateVerificationError{Err: errors.New("x509: unknown authority")}}
}

func unresolved(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "platform.test", IsNotFound: true}}
}

// The table says for each failure how often each class of call is sent, and which
// predicates hold for its error. It pins the table of kinds.
func TestRepetition(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		failure                 step
		read, modify, act       int // requests sent
		readIs, modifyIs, actIs string
	}{
		"dial refused": {unsent, always, always, always, "IsTransient", "IsTransient", "IsTransient"},
		"no such host": {unresolved, 3, 3, 3, "IsTransient", "IsTransient", "IsTransient"},
		"certificate":  {tlsFailure, 1, 1, 1, "", "", ""},
		"reset":        {lost, always, always, 1, "IsTransient", "Ambiguous IsTransient", "Ambiguous IsTransient"},
		"timeout":      {hang, always, always, 1, "IsTransient", "Ambiguous IsTransient", "Ambiguous IsTransient"},
		"429": {
			respond(429, ""), always, always, always, "IsThrottled IsTransient", "IsThrottled IsTransient",
			"IsThrottled IsTransient",
		},
		"business 429": {
			respond(200, `{"code":429}`), always, always, always, "IsThrottled IsTransient", "IsThrottled IsTransient",
			"IsThrottled IsTransient",
		},
		"500":      {respond(500, ""), 1, 1, 1, "IsTransient", "Ambiguous IsTransient", "Ambiguous IsTransient"},
		"502":      {respond(502, "<html>"), always, always, 1, "IsTransient", "Ambiguous IsTransient", "Ambiguous IsTransient"},
		"503":      {respond(503, ""), always, always, 1, "IsTransient", "Ambiguous IsTransient", "Ambiguous IsTransient"},
		"504":      {respond(504, ""), always, always, 1, "IsTransient", "Ambiguous IsTransient", "Ambiguous IsTransient"},
		"408":      {respond(408, ""), 1, 1, 1, "", "Ambiguous", "Ambiguous"},
		"400":      {respond(400, ""), 1, 1, 1, "IsBadRequest", "IsBadRequest", "IsBadRequest"},
		"413":      {respond(413, ""), 1, 1, 1, "IsBadRequest", "IsBadRequest", "IsBadRequest"},
		"401":      {respond(401, ""), 1, 1, 1, "IsUnauthorized", "IsUnauthorized", "IsUnauthorized"},
		"403":      {respond(403, ""), 1, 1, 1, "IsUnauthorized", "IsUnauthorized", "IsUnauthorized"},
		"404":      {respond(404, ""), 1, 1, 1, "IsUnknownApplication", "IsUnknownApplication", "IsUnknownApplication"},
		"redirect": {respond(307, "", "Location", "https://evil.example"), 1, 1, 1, "", "", ""},
		"HTML 200": {respond(200, "<html>"), 3, 3, 1, "IsTransient", "Ambiguous IsTransient", "Ambiguous IsTransient"},
		"truncated JSON": {
			respond(200, `{"code":0,"result":{"jobId"`), 3, 3, 1, "IsTransient", "Ambiguous IsTransient",
			"Ambiguous IsTransient",
		},
		"null": {respond(200, "null"), 3, 3, 1, "IsTransient", "Ambiguous IsTransient", "Ambiguous IsTransient"},
		"business error": {
			respond(200, `{"code":1002,"msg":"no"}`), 1, 1, 1, "IsRefused MaybeGone", "IsRefused MaybeGone",
			"IsRefused MaybeGone",
		},
		"business 503":    {respond(200, `{"code":503}`), 1, 1, 1, "IsRefused MaybeGone", "IsRefused MaybeGone", "IsRefused MaybeGone"},
		"gateway says ok": {respond(503, success), always, always, 1, "IsTransient", "Ambiguous IsTransient", "Ambiguous IsTransient"},
	}
	for name, c := range cases {
		check := func(kind string, call func(context.Context, *Client) error, requests int, predicates string) {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					failing := play(c.failure)
					client := newClient(t, failing)
					start := time.Now()
					err := call(t.Context(), client)
					elapsed := time.Since(start)
					sent := len(failing.sent())
					if requests == always && (sent < 4 || elapsed < 3*time.Minute) || requests != always && sent != requests {
						t.Errorf("got %d requests in %s, want %d (-1: until the budget is spent)", sent, elapsed, requests)
					}
					if limit := client.config.RetryBudget + client.config.RequestTimeout; elapsed > limit {
						t.Errorf("took %s, want at most %s", elapsed, limit)
					}
					if got := strings.Join(predicatesOf(err), " "); got != predicates {
						t.Errorf("%v\nis %q, want %q", err, got, predicates)
					}
					if failure := failureOf(t, err); failure.Attempts != sent {
						t.Errorf("got %d attempts in the error, want %d", failure.Attempts, sent)
					}
				})
			})
		}
		check("read", aRead, c.read, c.readIs)
		check("modify", aModify, c.modify, c.modifyIs)
		for action, call := range actions {
			check(action, call, c.act, c.actIs)
		}
	}
}

func TestEmptyResult(t *testing.T) {
	t.Parallel()
	for _, result := range []string{`null`, `{}`, `""`, `[]`, `{"jobId":null}`, `{"jobId":0}`} {
		t.Run(result, func(t *testing.T) {
			t.Parallel()
			empty := play(ok(result))
			client := newClient(t, empty)
			if got := predicatesOf(aRead(t.Context(), client)); !slices.Equal(got, []string{"MaybeGone"}) {
				t.Errorf("a read: got %q, want MaybeGone", got)
			}
			if got := predicatesOf(aCreate(t.Context(), client)); !slices.Equal(got, []string{"Ambiguous", "MaybeGone"}) {
				t.Errorf("a create: got %q, want Ambiguous and MaybeGone", got)
			}
			if got := len(empty.sent()); got != 2 {
				t.Errorf("got %d requests, want 2", got)
			}
			if err := client.StartTask(t.Context(), testKey); err != nil {
				t.Errorf("a start needs no result: got %v", err)
			}
		})
	}
}

// A repeated write stays ambiguous, even if its last attempt is not.
func TestDoubtOutlivesLaterAttempts(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]step{
		"unsent": unsent, "refused": respond(200, `{"code":1}`), "throttled": respond(429, ""), "unauthorized": respond(401, ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if err := aModify(t.Context(), newClient(t, play(lost, later))); !Ambiguous(err) {
					t.Errorf("got %v, want an ambiguous failure", err)
				}
				if err := aModify(t.Context(), newClient(t, play(later))); Ambiguous(err) {
					t.Errorf("without the lost attempt: got %v, want no ambiguous failure", err)
				}
			})
		})
	}
}

func TestRetryAfterIsObeyedWithinReason(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		header   string
		min, max time.Duration // of the wait
		read     time.Duration // value of the header
	}{
		"30 seconds": {"30", 30 * time.Second, 30 * time.Second, 30 * time.Second},
		"a date":     {"Sat, 01 Jan 2000 00:00:40 GMT", 40 * time.Second, 40 * time.Second, 40 * time.Second},
		"a day":      {"86400", time.Minute, time.Minute, 24 * time.Hour},
		"none":       {"", 0, firstPause, 0},
		"negative":   {"-1", 0, firstPause, 0},
		"no number":  {"abc", 0, firstPause, 0},
		"past date":  {"Fri, 31 Dec 1999 23:00:00 GMT", 0, firstPause, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limited := play(respond(429, "", "Retry-After", c.header), ok("null"))
				client := newClient(t, limited)
				if err := client.StartTask(t.Context(), testKey); err != nil {
					t.Fatal(err)
				}
				sent := limited.sent()
				if wait := sent[1].at.Sub(sent[0].at); len(sent) != 2 || wait < c.min || wait > c.max {
					t.Errorf("got %d requests with a pause of %s, want 2 with %s to %s", len(sent), wait, c.min, c.max)
				}
				if got := retryAfter(c.header, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); got != c.read {
					t.Errorf("got the value %s, want %s", got, c.read)
				}
			})
		})
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"30", "-1", "abc", "86400", "99999999999999999999", "Sat, 01 Jan 2000 00:00:40 GMT", "1.5", " 3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if got := retryAfter(header, time.Unix(0, 0)); got < 0 {
			t.Errorf("%q: got %s, want no negative pause", header, got)
		}
	})
}

func TestNegativeBudgetMeansOneAttempt(t *testing.T) {
	t.Parallel()
	failing := play(respond(503, ""))
	client := newClient(t, failing, func(c *Config) { c.RetryBudget = -1 })
	if err := aRead(t.Context(), client); err == nil || len(failing.sent()) != 1 {
		t.Errorf("got %d requests, %v, want 1 and a failure", len(failing.sent()), err)
	}
}
