package campaign

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"
)

func TestPace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after       time.Duration
		done, total int
		want        map[string]any
	}{
		"nothing done":       {time.Minute, 0, 1000, map[string]any{"done": 0, "total": 1000}},
		"no time has passed": {0, 100, 1000, map[string]any{"done": 100, "total": 1000}},
		"at work": {
			3 * time.Second, 100, 100_000,
			map[string]any{"done": 100, "total": 100_000, "per_second": 33.3, "left": "49m57s"},
		},
		"slow": {
			time.Hour, 90, 100,
			map[string]any{"done": 90, "total": 100, "per_second": 0.0, "left": "6m40s"},
		},
		"all done": {
			10 * time.Second, 1000, 1000,
			map[string]any{"done": 1000, "total": 1000, "per_second": 100.0, "left": "0s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := pace{start: time.Now()}
				time.Sleep(c.after)
				if got := p.fields(c.done, c.total); !maps.Equal(got, c.want) {
					t.Errorf("fields %v, want %v", got, c.want)
				}
			})
		})
	}
}
