package examples_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestModuleTests runs the tests of the example module, which need neither a
// platform nor credentials.
func TestModuleTests(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.environment = slices.DeleteFunc(w.environment, func(v string) bool { return strings.HasPrefix(v, "AEP_") })
	w.copied("testing")
	output := w.run("terraform init && terraform test")
	if !strings.Contains(output, "5 passed, 0 failed") {
		t.Errorf("not five tests passed:\n%s", output)
	}
	if n := len(w.platform.Requests()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// TestModuleStartsTheRest applies the example module with both waves. The rest starts only after the canary has passed.
func TestModuleStartsTheRest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		failures, code int
		starts         map[string]int
	}{
		"canary passes": {starts: map[string]int{"canary": 1, "rest": 1}},
		"canary fails":  {failures: 100, code: 1, starts: map[string]int{"canary": 1, "rest": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, func(o *simulator.Options) { o.Upgrade.FailPercent = tc.failures })
			w.copied("testing")
			seed(w, "testing")
			w.run("terraform init")
			output, code := w.shell("terraform apply -var canary_only=false")
			if code != tc.code {
				t.Errorf("exit code %d, not %d:\n%s", code, tc.code, output)
			}
			starts := map[string]int{}
			for _, task := range w.platform.Tasks(lwm2mProduct) {
				_, wave, _ := strings.Cut(task.Name, ", ")
				starts[wave] = w.platform.StartCount(task.ID)
			}
			if !maps.Equal(starts, tc.starts) {
				t.Errorf("the waves were started %v times, want %v", starts, tc.starts)
			}
		})
	}
}

// TestCampaignIsForOneProtocol plans the example for a product of the other protocol.
func TestCampaignIsForOneProtocol(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.copied("campaign")
	w.run("terraform init")
	output, code := w.shell(`terraform plan -var 'product=Street lamps' -var firmware_version=10.3`)
	if code != 1 || !strings.Contains(output, "This product uses t_link") {
		t.Errorf("exit code %d:\n%s", code, output)
	}
}
