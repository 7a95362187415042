package progress

import (
	"testing"
)

func TestHistogramInWords(t *testing.T) {
	t.Parallel()
	tests := map[string]Histogram{
		"0 devices":                                {},
		"1 device: 1 in progress":                  {Total: 1, InProgress: 1},
		"4,000 devices: 3,000 failed":              {Total: 4000, Failed: 3000},
		"2 devices: 2 unknown (state codes [3 7])": {Total: 2, Unknown: 2, UnknownCodes: codesOf(3, 7)},
	}
	for want, h := range tests {
		if h.String() != want {
			t.Errorf("got %q, want %q", h, want)
		}
	}
	for _, one := range []struct {
		h    Histogram
		want float64
	}{
		{Histogram{}, 0},
		{Histogram{Total: 3, Succeeded: 1}, 33.33},
		{Histogram{Total: 5, Succeeded: 4, Cancelled: 1}, 100},
		{Histogram{Total: 100_000, Succeeded: 99_999}, 99.99},
		{Histogram{Total: 2, Cancelled: 2}, 0},
	} {
		if p := one.h.SuccessPercent(); p != one.want {
			t.Errorf("%s: %v %%, want %v", one.h, p, one.want)
		}
	}
}
