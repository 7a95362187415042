package coretest_test

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
)

func TestSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, part string
		want       bool
	}{
		{"cancels 2 devices", "2 devices", true},
		{"2 devices", "2 devices", true},
		{"cancels 12 devices", "2 devices", false},
		{"cancels 1,002 devices", "2 devices", false},
		{"cancels 1,002 devices", "002 devices", false},
		{"12 devices, 2 devices", "2 devices", true},
		{"retries 2", "retries 2", true},
		{"retries 20", "retries 2", false},
		{"retries 2.", "retries 2", true},
		{"retries 2,000 devices", "retries 2", false},
		{"task 3456 of product 10005977", "task 3456 of", true},
		{"a1", "1", true},
		{"any text", "", true},
		{"any text", "other", false},
	} {
		if got := coretest.Says(c.text, c.part); got != c.want {
			t.Errorf("%q says %q: %t, want %t", c.text, c.part, got, c.want)
		}
	}
}
