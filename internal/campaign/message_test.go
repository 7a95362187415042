package campaign

import (
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

func TestFailedDevicesAreNamedByResult(t *testing.T) {
	t.Parallel()
	var failed []aep.Subtask
	for i, code := range []string{"8", "8", "4", "", "8", "5000", "8", "8", "8", "8", "8"} {
		failed = append(failed, aep.Subtask{DeviceID: string(rune('a' + i)), ResultCode: code})
	}
	for product, want := range map[aep.Protocol]string{
		aep.LwM2M: "a, b, e, g, h, i, j (result code 8: update failed), c (result code 4: connection lost during the download), " +
			"d (no result code), f (result code 5000) and 1,990 more",
		aep.TLink: "a, b, e, g, h, i, j (result code 8), c (result code 4), d (no result code), f (result code 5000) and 1,990 more",
	} {
		o := progress.Observation{Task: aep.Task{KnownProtocol: product}, Histogram: progress.Histogram{Failed: 2000}}
		if got := namedFailures(o, failed); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestNumbersOfDevicesAreGrouped looks for the number of 1,234 devices in messages.
func TestNumbersOfDevicesAreGrouped(t *testing.T) {
	t.Parallel()
	ids := deviceset.Of(slices.Collect(func(yield func(string) bool) {
		for n := range 1234 {
			if !yield(strings.Repeat("x", n+1)) {
				return
			}
		}
	}))
	operation := &batchOperation[int]{verb: "cancelled", accepted: make([]int, 1234)}
	for _, err := range []error{
		operation.stopped(1234, ErrTLinkRetry), &UnlistedAtStartError{Count: 1234}, &SpellingError{Count: 1234},
		&UnannouncedError{Devices: ids, Announced: 1234}, &UnlistedError{Devices: ids}, &FullTaskError{Twin: Twin{Active: 1234}},
	} {
		if text := err.Error(); !strings.Contains(text, "1,234") || strings.Contains(text, "1234") {
			t.Errorf("%T: %s", err, text)
		}
	}
}
