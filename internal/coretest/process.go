package coretest

import (
	"maps"
	"net/http"
	"strconv"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// New starts the provider for a simulated platform. The provider block has
// arguments beside those of the platform.
func New(t testing.TB, p *simulator.Platform, arguments Config) *Core {
	t.Helper()
	c := &Core{T: t, Wire: &wire{next: p.Transport()}}
	c.Server = serveOver(c.Wire)
	ctx := t.Context()
	var err error
	c.Schemas, err = c.Server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	c.Must(err)
	c.NoErrors(c.Schemas.Diagnostics)
	c.identities, err = c.Server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	c.Must(err)
	c.NoErrors(c.identities.Diagnostics)
	c.Arguments = arguments
	c.BeginWalk()
	return c
}

// Restarted starts the provider again, as another process. It takes the schemas
// from c, because reading them takes longer than everything else.
func (c *Core) Restarted(t testing.TB, p *simulator.Platform, arguments Config) *Core {
	t.Helper()
	again := &Core{T: t, Wire: &wire{next: p.Transport()}, Schemas: c.Schemas, identities: c.identities, Arguments: arguments}
	again.Server = serveOver(again.Wire)
	again.BeginWalk()
	return again
}

// BeginWalk configures the provider again. Terraform does so for every walk, in a
// new process: the provider remembers nothing of the walk before.
func (c *Core) BeginWalk() {
	c.T.Helper()
	block := Config{
		"endpoint": simulator.BaseURL, "app_key": simulator.DefaultAppKey, "app_secret": simulator.DefaultAppSecret, "requests_per_second": 0,
		"master_keys": masterKeys(),
	}
	maps.Copy(block, c.Arguments)
	configured, err := c.Server.ConfigureProvider(c.T.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: c.Pack(c.Typed(c.Schemas.Provider.ValueType(), block)),
	})
	c.Must(err)
	c.NoErrors(configured.Diagnostics)
}

// serveOver returns a server of the provider that sends its requests over a transport.
func serveOver(over http.RoundTripper) tfprotov6.ProviderServer {
	return provider.NewServer("test", func(c *aep.Config) { c.Transport = over })()
}

// Factories returns the provider for terraform-plugin-testing. It runs in this
// process and sends its requests to p.
func Factories(p *simulator.Platform) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"aep": func() (tfprotov6.ProviderServer, error) { return serveOver(p.Transport()), nil },
	}
}

// masterKeys returns the argument master_keys of the provider block.
func masterKeys() Config {
	keys := Config{}
	for product, key := range MasterKeys {
		keys[strconv.FormatInt(product, 10)] = key
	}
	return keys
}
