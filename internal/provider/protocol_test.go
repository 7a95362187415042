package provider_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// core plays Terraform's core towards the provider in this process, and insists
// on what core insists on: a plan agrees with the configuration, a new state
// with its plan. It works inside a synctest bubble.
type core struct {
	t          testing.TB
	server     tfprotov6.ProviderServer
	wire       *wire
	arguments  object // of the provider block
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
}

// instance is one object in the state; its value is null while it does not exist.
type instance struct {
	typeName    string
	value       tftypes.Value
	private     []byte
	identity    *tfprotov6.ResourceIdentityData
	tainted     bool
	needs       []string // addresses on which it depends, directly or not
	createFirst bool     // create_before_destroy, its own or that of a dependant
}

// newCore configures the provider for a simulated platform; arguments are added
// to those of its provider block.
func newCore(t testing.TB, p *simulator.Platform, arguments object) *core {
	t.Helper()
	c := &core{t: t, wire: &wire{next: p.Transport()}}
	server, err := serveOver(c.wire)()
	c.must(err)
	c.server = server
	ctx := t.Context()
	c.schemas, err = server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	c.must(err, c.schemas.Diagnostics...)
	c.identities, err = server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	c.must(err, c.identities.Diagnostics...)
	c.arguments = arguments
	c.renew()
	return c
}

// restarted is another process of the same provider, which is spared the
// questions whose answers are known.
func (c *core) restarted(t testing.TB, p *simulator.Platform, arguments object) *core {
	t.Helper()
	again := &core{t: t, wire: &wire{next: p.Transport()}, schemas: c.schemas, identities: c.identities, arguments: arguments}
	server, err := serveOver(again.wire)()
	again.must(err)
	again.server = server
	again.renew()
	return again
}

// renew configures the provider again. Terraform does so for every walk: what
// the provider remembers of one is lost to the next.
func (c *core) renew() {
	c.t.Helper()
	block := object{
		"endpoint": simulator.BaseURL, "app_key": simulator.DefaultAppKey, "app_secret": simulator.DefaultAppSecret, "requests_per_second": 0,
	}
	maps.Copy(block, c.arguments)
	configured, err := c.server.ConfigureProvider(c.t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: c.pack(c.typed(c.schemas.Provider.ValueType(), block)),
	})
	c.must(err, configured.Diagnostics...)
}

// wire carries the requests of one provider. It marks them, so that those of
// several providers can be told apart, and can be cut.
type wire struct {
	next http.RoundTripper
	cut  atomic.Bool
}

const wireHeader = "X-Wire"

func (w *wire) name() string { return fmt.Sprintf("%p", w) }

// RoundTrip sends a request, unless the wire is cut.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.cut.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	r = r.Clone(r.Context())
	r.Header.Set(wireHeader, w.name())
	return w.next.RoundTrip(r)
}

// sent reports whether a request came over the wire.
func (w *wire) sent(r simulator.Request) bool { return r.Header.Get(wireHeader) == w.name() }

func (c *core) must(err error, diags ...*tfprotov6.Diagnostic) {
	c.t.Helper()
	if text := diagnostics(diags).errors(); err != nil || text != "" {
		c.t.Fatal(err, text)
	}
}

func (c *core) schema(typeName string) *tfprotov6.Schema {
	s := c.schemas.ResourceSchemas[typeName]
	if s == nil {
		c.t.Fatalf("there is no resource %q", typeName)
	}
	return s
}

func (c *core) absent(typeName string) *instance {
	return &instance{typeName: typeName, value: tftypes.NewValue(c.schema(typeName).ValueType(), nil)}
}

// plan validates a configuration and plans the way to it, in a walk of its own;
// nil plans a destroy.
func (c *core) plan(ctx context.Context, i *instance, config object) change {
	c.t.Helper()
	c.renew()
	return c.planOne(ctx, i, config, lifecycle{})
}

// apply plans and applies a configuration (nil: destroys), replacing the
// instance where it is tainted or the plan says so. The instance is left as
// core would record it, error or not.
func (c *core) apply(ctx context.Context, i *instance, config object) diagnostics {
	c.t.Helper()
	made := c.plan(ctx, i, config)
	if made.diags.errors() != "" {
		return made.diags
	}
	return append(made.diags, c.carryOut(ctx, i, config, made)...)
}

// carryOut applies a plan that was made before, in a walk of its own.
func (c *core) carryOut(ctx context.Context, i *instance, config object, made change) diagnostics {
	c.t.Helper()
	c.renew()
	return c.perform(ctx, i, config, made)
}

// refresh reads an instance in a walk of its own.
func (c *core) refresh(ctx context.Context, i *instance) diagnostics {
	c.t.Helper()
	c.renew()
	return c.read(ctx, i)
}

// read reads an instance in the walk at hand.
func (c *core) read(ctx context.Context, i *instance) diagnostics {
	c.t.Helper()
	resp, err := c.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: i.typeName, CurrentState: c.pack(i.value), Private: i.private, CurrentIdentity: i.identity,
	})
	c.must(err)
	if diagnostics(resp.Diagnostics).errors() == "" {
		i.value, i.private = c.unpack(resp.NewState, c.schema(i.typeName).ValueType()), resp.Private
		i.identity = resp.NewIdentity
		i.tainted = i.tainted && i.exists()
	}
	return resp.Diagnostics
}

// settled insists that a refresh changes nothing and that the plan is empty.
func (c *core) settled(ctx context.Context, i *instance, config object) {
	c.t.Helper()
	before := i.value
	if diags := c.refresh(ctx, i); diags.errors() != "" {
		c.t.Error(diags.errors())
	}
	if difference, err := before.Diff(i.value); err != nil || len(difference) > 0 {
		c.t.Errorf("a refresh changes %v %v", difference, err)
	}
	c.insistEmpty(i, c.planOne(ctx, i, config, lifecycle{}))
}

// empty insists that there is nothing to plan.
func (c *core) empty(ctx context.Context, i *instance, config object) {
	c.t.Helper()
	c.insistEmpty(i, c.plan(ctx, i, config))
}

func (c *core) insistEmpty(i *instance, made change) {
	c.t.Helper()
	if made.diags.errors() != "" {
		c.t.Fatal(made.diags.errors())
	}
	if difference, err := i.value.Diff(made.planned); err != nil || len(difference) > 0 {
		c.t.Errorf("the plan is not empty: %v %v", difference, err)
	}
}
