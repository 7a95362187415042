package provider_test

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestEndpointThatNothingAnswersAtIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t)
		p.SetOutageRefused(true)
		c := newCore(t, p, nil)
		begin := time.Now()
		said := c.apply(t.Context(), c.absent("aep_upgrade_task"), taskConfig(nil)).errors()
		mentions(t, "the create", said, "nothing answers at ", "endpoint", "HTTPS_PROXY")
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("it took %s", took)
		}
		p.ClearFaults()
		time.Sleep(time.Minute)
		i := c.absent("aep_upgrade_task")
		c.must(nil, c.apply(t.Context(), i, taskConfig(nil))...)

		// What has answered before is waited for.
		p.SetOutageRefused(true)
		begin = time.Now()
		if said := c.read(t.Context(), i).errors(); said == "" || time.Since(begin) < time.Minute {
			t.Errorf("after %s: %q", time.Since(begin), said)
		}
	})
}
