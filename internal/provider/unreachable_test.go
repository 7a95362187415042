package provider_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
)

func TestEndpointThatNothingAnswersAtIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		p.SetOutageRefused(true)
		c := coretest.New(t, p, nil)
		begin := time.Now()
		said := c.Apply(t.Context(), c.Absent("aep_upgrade_task"), taskConfig(nil)).Errors()
		mentions(t, "the create", said, "nothing answers at ", "endpoint", "HTTPS_PROXY")
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("it took %s", took)
		}
		p.ClearFaults()
		time.Sleep(time.Minute)
		i := c.Absent("aep_upgrade_task")
		c.MustApply(t.Context(), i, taskConfig(nil))

		// A platform that has responded before is waited for.
		p.SetOutageRefused(true)
		begin = time.Now()
		if said := c.Read(t.Context(), i).Errors(); said == "" || time.Since(begin) < time.Minute {
			t.Errorf("after %s: %q", time.Since(begin), said)
		}
	})
}
