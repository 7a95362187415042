package aep

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// platformClock returns a transport to a platform that checks timestamps by its own
// clock.
func platformClock(ahead *time.Duration) *script {
	s := play(func(r *http.Request) (*http.Response, error) {
		ms, _ := strconv.ParseInt(r.Header.Get("timestamp"), 10, 64)
		if skew := time.Now().Add(*ahead).Sub(time.UnixMilli(ms)).Abs(); skew > 30*time.Second {
			return respond(http.StatusUnauthorized, `{"error_desc":"Timestamp expired"}`)(r)
		}
		return respond(http.StatusOK, success)(r)
	})
	s.echo = func(r *http.Request) (*http.Response, error) {
		now := time.Now().Add(*ahead).UnixMilli()
		return respond(http.StatusOK, "", "x-ag-timestamp", strconv.FormatInt(now, 10))(r)
	}
	return s
}

func start(t *testing.T, c *Client) error {
	t.Helper()
	return c.StartTask(t.Context(), testKey)
}

func TestClockOffsetIsMeasuredOnceInFiveMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ahead := 10 * time.Minute
		platform := platformClock(&ahead)
		client := newClient(t, platform)
		if platform.echoes != 0 {
			t.Error("New has sent a request")
		}
		for range 3 {
			if err := start(t, client); err != nil {
				t.Fatal(err)
			}
		}
		if got := time.Until(client.Now(t.Context())); got != ahead {
			t.Errorf("Now is %s ahead, want %s", got, ahead)
		}
		if platform.echoes != 1 {
			t.Errorf("got %d measurements, want 1", platform.echoes)
		}
		time.Sleep(clockLifetime)
		if err := start(t, client); err != nil || platform.echoes != 2 {
			t.Errorf("got %d measurements after five minutes, want 2; %v", platform.echoes, err)
		}
	})
}

func TestClockOffsetIsZeroOnFailure(t *testing.T) {
	t.Parallel()
	for name, echo := range map[string]step{
		"no header": respond(200, ""), "no number": respond(200, "", "X-Ag-Timestamp", "now"), "unsent": unsent,
		"NaN": respond(200, "", "X-Ag-Timestamp", "NaN"), "infinite": respond(200, "", "X-Ag-Timestamp", "Inf"),
		"seconds": respond(200, "", "X-Ag-Timestamp", "1557995337"), "negative": respond(200, "", "X-Ag-Timestamp", "-1"),
		"hang": hang,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var ahead time.Duration
				platform := platformClock(&ahead)
				platform.echo = echo
				client := newClient(t, platform)
				for range 2 {
					if err := start(t, client); err != nil {
						t.Error(err)
					}
				}
				if got := client.clock.current(t.Context()); got != 0 || platform.echoes != 1 {
					t.Errorf("got the offset %s after %d measurements, want 0 after 1", got, platform.echoes)
				}
			})
		})
	}
}

func TestClockIsMeasuredAgainAfter401(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]time.Duration{"forward": 10 * time.Minute, "back": -10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var ahead time.Duration
				platform := platformClock(&ahead)
				client := newClient(t, platform)
				if err := start(t, client); err != nil {
					t.Fatal(err)
				}
				ahead = jump
				if err := start(t, client); err != nil {
					t.Fatalf("not signed again: %v", err)
				}
				sent := platform.sent()
				if len(sent) != 3 || platform.echoes != 2 {
					t.Errorf("got %d requests and %d measurements, want 3 and 2", len(sent), platform.echoes)
				}
				if sent[1].Header.Get("signature") == sent[2].Header.Get("signature") || sent[1].body != sent[2].body {
					t.Error("the repeated request must have a new signature and the same body")
				}
			})
		})
	}
}

func TestClockThatKeepsChangingIsFollowedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		platform := play(respond(http.StatusUnauthorized, ""))
		ahead := time.Hour
		platform.echo = func(r *http.Request) (*http.Response, error) {
			ahead += time.Hour
			return respond(200, "", "X-Ag-Timestamp", strconv.FormatInt(time.Now().Add(ahead).UnixMilli(), 10))(r)
		}
		err := start(t, newClient(t, platform))
		// By the first measurement, by the second one, and by the clock of this machine.
		if !IsUnauthorized(err) || len(platform.sent()) != 3 {
			t.Errorf("got %d requests, want 3; %v", len(platform.sent()), err)
		}
	})
}

// If the platform shows a wrong time, the clock of this machine is used.
func TestLocalClockIsTriedWhereThePlatformLies(t *testing.T) {
	t.Parallel()
	for name, lies := range map[string]bool{"always the same": false, "always another": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var ahead time.Duration
				platform := platformClock(&ahead)
				lie := 10 * time.Minute
				platform.echo = func(r *http.Request) (*http.Response, error) {
					if lies {
						lie += time.Hour
					}
					return respond(200, "", "X-Ag-Timestamp", strconv.FormatInt(time.Now().Add(lie).UnixMilli(), 10))(r)
				}
				client := newClient(t, platform)
				var group sync.WaitGroup
				for i := range int64(20) {
					group.Go(func() {
						if err := client.StartTask(t.Context(), TaskKey{ProductID: testProduct, TaskID: i + 1}); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				before, echoes := len(platform.sent()), platform.echoes
				for range 3 {
					time.Sleep(2 * clockLifetime)
					if err := start(t, client); err != nil {
						t.Error(err)
					}
				}
				if sent := len(platform.sent()) - before; sent != 3 || platform.echoes != echoes {
					t.Errorf("got %d requests and %d measurements for three calls, want 3 and 0", sent, platform.echoes-echoes)
				}
				if got := time.Until(client.Now(t.Context())); got != 0 {
					t.Errorf("Now is %s ahead, want 0s", got)
				}
			})
		})
	}
}

// If the call that tries the local clock is interrupted, another call tries it.
func TestTrialOfTheLocalClockSurvivesItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ahead time.Duration
		platform := platformClock(&ahead)
		checked := platform.steps[0]
		platform.steps = []step{checked, hang, checked}
		platform.echo = respond(200, "", "X-Ag-Timestamp", strconv.FormatInt(time.Now().Add(time.Hour).UnixMilli(), 10))
		client := newClient(t, platform)
		ctx, giveUp := context.WithCancel(t.Context())
		go func() { _ = client.StartTask(ctx, testKey) }()
		synctest.Wait()
		done := make(chan error, 1)
		go func() { done <- client.StartTask(t.Context(), TaskKey{ProductID: testProduct, TaskID: 1}) }()
		synctest.Wait()
		giveUp()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A wrong secret costs one request a call and few measurements, even if the clock of
// this machine is wrong.
func TestWrongSecretDoesNotStorm(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, 10 * time.Minute} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			wrongSecret(t, ahead)
		})
	}
}

func wrongSecret(t *testing.T, ahead time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		platform := platformClock(&ahead)
		platform.steps = []step{respond(http.StatusUnauthorized, `{"error_desc":"Signature not matched"}`)}
		client := newClient(t, platform)
		const calls = 1000
		var group sync.WaitGroup
		for range calls {
			group.Go(func() {
				if err := start(t, client); !IsUnauthorized(err) {
					t.Errorf("got %v, want an unauthorized call", err)
				}
			})
		}
		group.Wait()
		trials := min(1, int(ahead)) // of the clock of this machine
		if got := len(platform.sent()); got != calls+trials {
			t.Errorf("got %d requests for %d calls, want %d", got, calls, calls+trials)
		}
		if platform.echoes > 1+DefaultMaxConcurrentRequests {
			t.Errorf("got %d measurements, want at most %d", platform.echoes, 1+DefaultMaxConcurrentRequests)
		}
	})
}

// If the call that measures for all is interrupted, another call measures.
func TestMeasurementSurvivesItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ahead := 10 * time.Minute
		platform := platformClock(&ahead)
		good := platform.echo
		platform.echo = func(r *http.Request) (*http.Response, error) {
			if platform.echoes == 1 {
				return hang(r)
			}
			return good(r)
		}
		client := newClient(t, platform)
		leader, giveUp := context.WithCancel(t.Context())
		go func() { _ = client.StartTask(leader, testKey) }()
		synctest.Wait()
		var group sync.WaitGroup
		for i := range int64(3) {
			group.Go(func() {
				if err := client.StartTask(t.Context(), TaskKey{ProductID: testProduct, TaskID: i + 1}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		giveUp()
		group.Wait()
		if got := len(platform.sent()); got != 3 || platform.echoes != 2 {
			t.Errorf("got %d requests and %d measurements, want 3 and 2", got, platform.echoes)
		}
	})
}

// The timestamp is taken after the wait for the rate limit.
func TestSignedAfterTheWaitForTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		platform := play(respond(200, success))
		client := newClient(t, platform, func(c *Config) { c.RequestsPerSecond = 1.0 / 60 })
		for range 3 {
			if err := start(t, client); err != nil {
				t.Fatal(err)
			}
		}
		sent := platform.sent()
		for _, r := range sent {
			if got, want := r.Header.Get("timestamp"), timestamp(r.at); got != want {
				t.Errorf("got the timestamp %s, want %s", got, want)
			}
		}
		if waited := sent[2].at.Sub(sent[1].at); waited != time.Minute {
			t.Errorf("waited %s, want 1m0s", waited)
		}
	})
}
