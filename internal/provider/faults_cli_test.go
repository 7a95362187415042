package provider_test

import (
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// TestFaultsThroughTheCLI runs a sample of TestFaultMatrix through the real
// Terraform, in real time: a fault of a create, of a join, and of a read-back.
func TestFaultsThroughTheCLI(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"create, answer lost":  {Kind: simulator.ResetAfter, Operation: simulator.OpCreate},
		"join, a page of HTML": {Kind: simulator.HTMLPage, Operation: simulator.OpOperational},
		"read-back broken off": {Kind: simulator.TruncatedJSON, Operation: simulator.OpDevices},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := coretest.NewPlatform(t)
			ids := p.DeviceIDs(coretest.LwM2MProduct)[:20]
			config := deviceSet(coretest.LwM2MProduct, cli.DeviceIDs(ids)+"\nbatch_size = 7")
			story(t, p,
				resource.TestStep{PreConfig: func() { p.Inject(fault) }, Config: config, Check: holds(p, coretest.LwM2MProduct, ids...)},
				resource.TestStep{
					Config:           config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				},
			)
			if p.ArmedFaults() != 0 {
				t.Error("the fault never struck")
			}
			if n := p.TasksEverCreated(); n != 1 {
				t.Errorf("%d tasks were made, want 1", n)
			}
			for _, id := range ids {
				if n := p.JoinCount(coretest.FirstTask, id); n != 1 {
					t.Errorf("device %s was joined %d times", id, n)
				}
			}
		})
	}
}
