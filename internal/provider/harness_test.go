package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// Products and firmware that every simulated platform of these tests has.
const (
	lwm2mProduct  = 10005977
	lwm2mFirmware = 3297
	lwm2mNewer    = 3298
	tLinkProduct  = 10005986
	tLinkFirmware = 3275

	simulatorFirstTask = 3456
)

// testFolder is removed after the tests.
var testFolder string

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the tests make much garbage and keep little
	var err error
	if testFolder, err = os.MkdirTemp("", "aep-test-"); err != nil {
		panic(err)
	}
	// A CLI configuration of the machine must not reach the tests.
	empty := filepath.Join(testFolder, "empty.tfrc")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		panic(err)
	}
	_ = os.Setenv("TF_CLI_CONFIG_FILE", empty)
	_ = os.Setenv("CHECKPOINT_DISABLE", "1")
	code := m.Run()
	_ = os.RemoveAll(testFolder)
	os.Exit(code)
}

// newPlatform starts a simulated platform of the test's own.
func newPlatform(t *testing.T, change ...func(*simulator.Options)) *simulator.Platform {
	t.Helper()
	options := simulator.Options{Products: simulator.DefaultProducts(100)}
	for _, c := range change {
		c(&options)
	}
	p := simulator.New(options)
	t.Cleanup(p.Close)
	return p
}

// factories serve the provider in this process, over the platform's transport.
func factories(p *simulator.Platform) map[string]func() (tfprotov6.ProviderServer, error) {
	overPipe := func(c *aep.Config) { c.Transport = p.Transport() }
	return map[string]func() (tfprotov6.ProviderServer, error){
		"aep": providerserver.NewProtocol6WithError(provider.New("test", overPipe)()),
	}
}

// serveOver serves the provider in this process, over a transport.
func serveOver(over http.RoundTripper) func() (tfprotov6.ProviderServer, error) {
	adjust := func(c *aep.Config) { c.Transport = over }
	return providerserver.NewProtocol6WithError(provider.New("test", adjust)())
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
	withoutRaceDetector(t)
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(p), Steps: steps})
}

// withoutRaceDetector leaves a test of the real Terraform to the other run of the
// tests: the protocol's tests do the same concurrently, and more of it.
func withoutRaceDetector(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("runs without the race detector")
	}
}
