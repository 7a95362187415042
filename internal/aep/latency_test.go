package aep

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// takes returns a step that does the given step after a time.
func takes(d time.Duration, do step) step {
	return func(r *http.Request) (*http.Response, error) {
		time.Sleep(d)
		return do(r)
	}
}

func TestLatencyIsTheMedianOfSuccessfulAttempts(t *testing.T) {
	t.Parallel()
	const count = `{"total":0,"list":[]}`
	for name, c := range map[string]struct {
		steps []step
		calls int
		want  time.Duration
	}{
		"no call":  {[]step{ok(count)}, 0, 0},
		"one call": {[]step{takes(3*time.Second, ok(count))}, 1, 3 * time.Second},
		"one call that hangs": {[]step{
			takes(time.Second, ok(count)), takes(50*time.Second, ok(count)), takes(time.Second, ok(count)),
		}, 3, time.Second},
		"failures do not count": {[]step{
			takes(20*time.Second, respond(http.StatusServiceUnavailable, "")), takes(30*time.Second, lost),
			takes(2*time.Second, ok(count)),
		}, 1, 2 * time.Second},
		"only the last calls count": {append(
			repeated(latencyWindow, takes(9*time.Second, ok(count))), takes(2*time.Second, ok(count)),
		), latencyWindow + latencyWindow/2 + 1, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				client := newClient(t, play(c.steps...))
				for range c.calls {
					if _, err := client.CountSubtasks(t.Context(), testKey, nil); err != nil {
						t.Fatal(err)
					}
				}
				if got, seen := client.Latency(); got != c.want || seen != (c.calls > 0) {
					t.Errorf("latency %s (%t), want %s", got, seen, c.want)
				}
			})
		})
	}
}

func repeated(n int, one step) []step {
	steps := make([]step, n)
	for i := range steps {
		steps[i] = one
	}
	return steps
}

func TestLatencyHasNoWaits(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		client := newClient(t, play(takes(2*time.Second, ok(`{"total":0,"list":[]}`))), func(c *Config) {
			c.MaxConcurrentRequests, c.RequestsPerSecond = 1, 0.1
		})
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() {
				if _, err := client.CountSubtasks(t.Context(), testKey, nil); err != nil {
					t.Error(err)
				}
			})
		}
		start := time.Now()
		calls.Wait()
		if took := time.Since(start); took <= 3*2*time.Second {
			t.Fatalf("the calls took %s: they have not waited for the rate limit", took)
		}
		if got, _ := client.Latency(); got != 2*time.Second {
			t.Errorf("latency %s, want 2s", got)
		}
	})
}
