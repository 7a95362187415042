package campaign

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
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

// TestProgressCountsEachDeviceOnce attaches to a platform that cuts off calls without
// a word, so that devices are sent again.
func TestProgressCountsEachDeviceOnce(t *testing.T) {
	t.Parallel()
	const devices, most = 450, 150
	var lines []string
	log := func(_ context.Context, _ string, fields map[string]any) {
		if fields["done"] != nil {
			lines = append(lines, fmt.Sprint(fields["batch"], ": ", fields["done"], " of ", fields["total"]))
			if done, _ := fields["done"].(int); done > devices || fields["total"] != devices {
				t.Errorf("the log says %v", fields)
			}
		}
	}
	in(t, variants[0], setting{
		devices: devices, options: Options{Log: log},
		change: func(o *simulator.Options) {
			o.Quirks.MaxOperationalIDs, o.Quirks.TooManyIDs = most, simulator.TooManyIDsTruncated
		},
	}, func(t *testing.T, w *world) {
		key, all := w.task(), w.devices(devices)
		result, err := w.Attach(t.Context(), AttachRequest{Key: key, Protocol: w.protocol, DeviceIDs: all, Pending: true})
		if err != nil || len(result.Attached) != devices {
			t.Fatal(len(result.Attached), err)
		}
		if last := lines[len(lines)-1]; w.JoinCount(key.TaskID, all[0]) != 1 || last[len(last)-len("450 of 450"):] != "450 of 450" {
			t.Errorf("the log has %v", lines)
		}
	})
}
