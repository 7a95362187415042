package coretest

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

// Core plays Terraform's core towards the provider in this process, and insists
// on what core insists on: a plan agrees with the configuration, a new state
// with its plan. It works inside a synctest bubble.
type Core struct {
	T          testing.TB
	Server     tfprotov6.ProviderServer
	Wire       *wire
	Arguments  Config // of the provider block
	Schemas    *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
}

// Instance is one object in the state; its value is null while it does not exist.
type Instance struct {
	TypeName    string
	Value       tftypes.Value
	Private     []byte
	identity    *tfprotov6.ResourceIdentityData
	Tainted     bool
	needs       []string // addresses on which it depends, directly or not
	createFirst bool     // create_before_destroy, its own or that of a dependant
}

// New configures the provider for a simulated platform; arguments are added
// to those of its provider block.
func New(t testing.TB, p *simulator.Platform, arguments Config) *Core {
	t.Helper()
	c := &Core{T: t, Wire: &wire{next: p.Transport()}}
	server, err := serveOver(c.Wire)()
	c.Must(err)
	c.Server = server
	ctx := t.Context()
	c.Schemas, err = server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	c.Must(err)
	c.NoErrors(c.Schemas.Diagnostics)
	c.identities, err = server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	c.Must(err)
	c.NoErrors(c.identities.Diagnostics)
	c.Arguments = arguments
	c.BeginWalk()
	return c
}

// Restarted is another process of the same provider, which is spared the
// questions whose answers are known.
func (c *Core) Restarted(t testing.TB, p *simulator.Platform, arguments Config) *Core {
	t.Helper()
	again := &Core{T: t, Wire: &wire{next: p.Transport()}, Schemas: c.Schemas, identities: c.identities, Arguments: arguments}
	server, err := serveOver(again.Wire)()
	again.Must(err)
	again.Server = server
	again.BeginWalk()
	return again
}

// BeginWalk configures the provider again. Terraform does so for every walk: what
// the provider remembers of one is lost to the next.
func (c *Core) BeginWalk() {
	c.T.Helper()
	block := Config{
		"endpoint": simulator.BaseURL, "app_key": simulator.DefaultAppKey, "app_secret": simulator.DefaultAppSecret, "requests_per_second": 0,
	}
	maps.Copy(block, c.Arguments)
	configured, err := c.Server.ConfigureProvider(c.T.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: c.Pack(c.Typed(c.Schemas.Provider.ValueType(), block)),
	})
	c.Must(err)
	c.NoErrors(configured.Diagnostics)
}

// wire carries the requests of one provider. It marks them, so that those of
// several providers can be told apart, and can be cut.
type wire struct {
	next http.RoundTripper
	Cut  atomic.Bool
}

const wireHeader = "X-Wire"

func (w *wire) name() string { return fmt.Sprintf("%p", w) }

// RoundTrip sends a request, unless the wire is cut.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.Cut.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	r = r.Clone(r.Context())
	r.Header.Set(wireHeader, w.name())
	return w.next.RoundTrip(r)
}

// Sent reports whether a request came over the wire.
func (w *wire) Sent(r simulator.Request) bool { return r.Header.Get(wireHeader) == w.name() }

// Must fails the test on an error of a protocol call.
func (c *Core) Must(err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatal(err)
	}
}

// NoErrors fails the test if there is an error among diags.
func (c *Core) NoErrors(diags Diagnostics) {
	c.T.Helper()
	if text := diags.Errors(); text != "" {
		c.T.Fatal(text)
	}
}

// MustApply is Apply without errors. It returns the warnings.
func (c *Core) MustApply(ctx context.Context, i *Instance, config Config) (warnings string) {
	c.T.Helper()
	diags := c.Apply(ctx, i, config)
	c.NoErrors(diags)
	return diags.Warnings()
}

// MustRefresh is Refresh without errors. It returns the warnings.
func (c *Core) MustRefresh(ctx context.Context, i *Instance) (warnings string) {
	c.T.Helper()
	diags := c.Refresh(ctx, i)
	c.NoErrors(diags)
	return diags.Warnings()
}

func (c *Core) Schema(typeName string) *tfprotov6.Schema {
	s := c.Schemas.ResourceSchemas[typeName]
	if s == nil {
		c.T.Fatalf("there is no resource %q", typeName)
	}
	return s
}

func (c *Core) Absent(typeName string) *Instance {
	return &Instance{TypeName: typeName, Value: tftypes.NewValue(c.Schema(typeName).ValueType(), nil)}
}

// Plan validates a configuration and plans the way to it, in a walk of its own;
// nil plans a destroy.
func (c *Core) Plan(ctx context.Context, i *Instance, config Config) Change {
	c.T.Helper()
	c.BeginWalk()
	return c.PlanOne(ctx, i, config, Lifecycle{})
}

// Apply plans and applies a configuration (nil: destroys), replacing the
// instance where it is tainted or the plan says so. The instance is left as
// core would record it, error or not.
func (c *Core) Apply(ctx context.Context, i *Instance, config Config) Diagnostics {
	c.T.Helper()
	made := c.Plan(ctx, i, config)
	if made.Diags.Errors() != "" {
		return made.Diags
	}
	return append(made.Diags, c.ApplyPlan(ctx, i, config, made)...)
}

// ApplyPlan applies a plan that was made before, in a walk of its own.
func (c *Core) ApplyPlan(ctx context.Context, i *Instance, config Config, made Change) Diagnostics {
	c.T.Helper()
	c.BeginWalk()
	return c.Perform(ctx, i, config, made)
}

// Refresh reads an instance in a walk of its own.
func (c *Core) Refresh(ctx context.Context, i *Instance) Diagnostics {
	c.T.Helper()
	c.BeginWalk()
	return c.Read(ctx, i)
}

// Read reads an instance in the walk at hand.
func (c *Core) Read(ctx context.Context, i *Instance) Diagnostics {
	c.T.Helper()
	resp, err := c.Server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: i.TypeName, CurrentState: c.Pack(i.Value), Private: i.Private, CurrentIdentity: i.identity,
	})
	c.Must(err)
	if Diagnostics(resp.Diagnostics).Errors() == "" {
		i.Value, i.Private = c.Unpack(resp.NewState, c.Schema(i.TypeName).ValueType()), resp.Private
		i.identity = resp.NewIdentity
		i.Tainted = i.Tainted && i.Exists()
	}
	return resp.Diagnostics
}

// WantSettled insists that a refresh changes nothing and that the plan is empty.
func (c *Core) WantSettled(ctx context.Context, i *Instance, config Config) {
	c.T.Helper()
	before := i.Value
	if diags := c.Refresh(ctx, i); diags.Errors() != "" {
		c.T.Error(diags.Errors())
	}
	if difference, err := before.Diff(i.Value); err != nil || len(difference) > 0 {
		c.T.Errorf("a refresh changes %v %v", difference, err)
	}
	c.wantEmpty(i, c.PlanOne(ctx, i, config, Lifecycle{}))
}

// WantEmpty insists that there is nothing to plan.
func (c *Core) WantEmpty(ctx context.Context, i *Instance, config Config) {
	c.T.Helper()
	c.wantEmpty(i, c.Plan(ctx, i, config))
}

func (c *Core) wantEmpty(i *Instance, made Change) {
	c.T.Helper()
	if made.Diags.Errors() != "" {
		c.T.Fatal(made.Diags.Errors())
	}
	if difference, err := i.Value.Diff(made.Planned); err != nil || len(difference) > 0 {
		c.T.Errorf("the plan is not empty: %v %v", difference, err)
	}
}

// RefreshAndPlan reads an instance and plans it in one walk.
func (c *Core) RefreshAndPlan(i *Instance, config Config) Change {
	c.T.Helper()
	c.BeginWalk()
	read := c.Read(c.T.Context(), i)
	made := c.PlanOne(c.T.Context(), i, config, Lifecycle{})
	made.Diags = append(read, made.Diags...)
	return made
}
