package provider_test

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(1600) // the tests allocate much and keep little
	debug.SetMemoryLimit(1 << 30)
	os.Exit(cli.Main(m))
}

// withProvider puts a provider block for the simulated platform before config.
func withProvider(config string, arguments ...string) string {
	return fmt.Sprintf(`
provider "aep" {
  endpoint            = %q
  app_key             = %q
  app_secret          = %q
  requests_per_second = 0
  %s
}
%s`, simulator.BaseURL, simulator.DefaultAppKey, simulator.DefaultAppSecret, strings.Join(arguments, "\n  "), config)
}

// story runs steps with the real Terraform.
func story(t *testing.T, p *simulator.Platform, steps ...resource.TestStep) {
	t.Helper()
	coretest.WithoutRaceDetector(t, coretest.RealCLI)
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: coretest.Factories(p), Steps: steps})
}
