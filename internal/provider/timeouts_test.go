package provider_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestUpgradeTaskTimeoutIsNamed ends the create of a task in each kind of wait.
func TestUpgradeTaskTimeoutIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    simulator.Fault
		provider object
	}{
		"retries":          {simulator.Fault{Kind: simulator.StatusBefore, Status: 503, Times: -1}, nil},
		"a silent answer":  {simulator.Fault{Kind: simulator.HangBefore, Times: -1}, nil},
		"the rate limiter": {simulator.Fault{Kind: simulator.StatusBefore, Status: 503, Times: -1}, object{"requests_per_second": 0.1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform(t)
				p.Inject(c.fault)
				core := newCore(t, p, c.provider)
				i := core.absent("aep_upgrade_task")
				said := core.apply(t.Context(), i, taskConfig(object{"timeouts": object{"create": "8s"}})).errors()
				mentions(t, "the create", said, "timed out after 8s (timeouts.create)", "raise timeouts.create")
				if strings.Contains(said, "deadline exceeded") || i.exists() {
					t.Errorf("the create says %q", said)
				}
			})
		})
	}
}
