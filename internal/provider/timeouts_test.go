package provider_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestUpgradeTaskTimeoutIsNamed ends the create of a task in each kind of wait.
func TestUpgradeTaskTimeoutIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    simulator.Fault
		provider coretest.Config
	}{
		"retries":          {simulator.Fault{Kind: simulator.StatusBefore, Status: 503, Times: -1}, nil},
		"a silent answer":  {simulator.Fault{Kind: simulator.HangBefore, Times: -1}, nil},
		"the rate limiter": {simulator.Fault{Kind: simulator.StatusBefore, Status: 503, Times: -1}, coretest.Config{"requests_per_second": 0.1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := coretest.NewPlatform(t)
				p.Inject(c.fault)
				core := coretest.New(t, p, c.provider)
				i := core.Absent("aep_upgrade_task")
				said := core.Apply(t.Context(), i, taskConfig(coretest.Config{"timeouts": coretest.Config{"create": "8s"}})).Errors()
				mentions(t, "the create", said, "timed out after 8s (timeouts.create)", "raise timeouts.create")
				if strings.Contains(said, "deadline exceeded") || i.Exists() {
					t.Errorf("the create says %q", said)
				}
			})
		})
	}
}
