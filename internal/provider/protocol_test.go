package provider_test

import (
	"context"
	"maps"
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
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
}

// instance is one managed resource; its value is null while it does not exist.
type instance struct {
	typeName string
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

// change is a plan for one instance.
type change struct {
	planned  tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	replace  bool
	diags    diagnostics
}

// newCore configures the provider for a simulated platform; arguments are added
// to those of its provider block.
func newCore(t testing.TB, p *simulator.Platform, arguments object) *core {
	t.Helper()
	server, err := factories(p)["aep"]()
	c := &core{t: t, server: server}
	c.must(err)
	ctx := t.Context()
	c.schemas, err = server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	c.must(err, c.schemas.Diagnostics...)
	c.identities, err = server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	c.must(err, c.identities.Diagnostics...)
	c.configure(arguments)
	return c
}

// restarted is another process of the same provider, which is spared the
// questions whose answers are known.
func (c *core) restarted(t testing.TB, p *simulator.Platform, arguments object) *core {
	t.Helper()
	server, err := factories(p)["aep"]()
	again := &core{t: t, server: server, schemas: c.schemas, identities: c.identities}
	again.must(err)
	again.configure(arguments)
	return again
}

func (c *core) configure(arguments object) {
	c.t.Helper()
	block := object{
		"endpoint": simulator.BaseURL, "app_key": simulator.DefaultAppKey, "app_secret": simulator.DefaultAppSecret, "requests_per_second": 0,
	}
	maps.Copy(block, arguments)
	configured, err := c.server.ConfigureProvider(c.t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: c.pack(c.typed(c.schemas.Provider.ValueType(), block)),
	})
	c.must(err, configured.Diagnostics...)
}

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

// plan validates a configuration and plans the way to it; nil plans a destroy.
func (c *core) plan(ctx context.Context, i *instance, config object) change {
	c.t.Helper()
	if config != nil {
		valid, err := c.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
			TypeName: i.typeName, Config: c.pack(c.typed(c.schema(i.typeName).ValueType(), config)),
			ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
		})
		c.must(err)
		if diagnostics(valid.Diagnostics).errors() != "" {
			return change{diags: valid.Diagnostics}
		}
	}
	return c.propose(ctx, i, config)
}

// propose plans the way to a configuration that is valid.
func (c *core) propose(ctx context.Context, i *instance, config object) change {
	c.t.Helper()
	s := c.schema(i.typeName)
	written, proposed := c.typed(s.ValueType(), nil), c.typed(s.ValueType(), nil)
	if config != nil {
		written = c.typed(s.ValueType(), config)
		proposed = proposedState(s, i.value, written)
	}
	resp, err := c.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: i.typeName, PriorState: c.pack(i.value), ProposedNewState: c.pack(proposed), Config: c.pack(written),
		PriorPrivate: i.private, PriorIdentity: i.identity,
	})
	c.must(err)
	made := change{
		planned: c.unpack(resp.PlannedState, s.ValueType()), private: resp.PlannedPrivate, identity: resp.PlannedIdentity,
		replace: len(resp.RequiresReplace) > 0 && i.exists(), diags: resp.Diagnostics,
	}
	if config != nil && made.diags.errors() == "" {
		c.planAgrees(s, written, made.planned, i.value)
	}
	return made
}

// proposedState is the configuration, with prior values for computed attributes
// that it leaves out, and without write-only ones.
func proposedState(s *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	values, before := maps.Clone(fields(config)), fields(prior)
	for _, a := range s.Block.Attributes {
		switch {
		case a.WriteOnly:
			values[a.Name] = tftypes.NewValue(a.Type, nil)
		case a.Computed && values[a.Name].IsNull() && before != nil:
			values[a.Name] = before[a.Name]
		}
	}
	return tftypes.NewValue(config.Type(), values)
}

// planAgrees allows what core allows: a computed value where nothing is written,
// and the prior value where it means the same as the written one.
func (c *core) planAgrees(s *tfprotov6.Schema, config, planned, prior tftypes.Value) {
	c.t.Helper()
	written, got, before := fields(config), fields(planned), fields(prior)
	for _, a := range s.Block.Attributes {
		free := a.Computed && written[a.Name].IsNull()
		free = free || before != nil && !written[a.Name].IsNull() && !before[a.Name].IsNull() && got[a.Name].Equal(before[a.Name])
		if a.WriteOnly && !got[a.Name].IsNull() || !a.WriteOnly && !free && !written[a.Name].Equal(got[a.Name]) {
			c.t.Errorf("the plan has %s = %s, the configuration %s", a.Name, text(got[a.Name]), text(written[a.Name]))
		}
	}
}

// apply plans and applies a configuration (nil: destroys), replacing the
// instance where it is tainted or the plan says so. The instance is left as
// core would record it, error or not.
func (c *core) apply(ctx context.Context, i *instance, config object) diagnostics {
	c.t.Helper()
	before := i
	if i.tainted && config != nil {
		before = c.absent(i.typeName) // a tainted instance is planned as if it were not there
	}
	made := c.plan(ctx, before, config)
	if made.diags.errors() != "" {
		return made.diags
	}
	if made.replace || before != i {
		// Core hands the private data of the replacement to the destroy.
		gone := change{planned: c.typed(i.value.Type(), nil), private: made.private, identity: i.identity}
		if diags := c.carryOut(ctx, i, nil, gone); diags.errors() != "" {
			return diags
		}
		made = c.plan(ctx, i, config)
	}
	return append(made.diags, c.carryOut(ctx, i, config, made)...)
}

// carryOut applies a plan that was made before.
func (c *core) carryOut(ctx context.Context, i *instance, config object, made change) diagnostics {
	c.t.Helper()
	s := c.schema(i.typeName)
	written := c.typed(s.ValueType(), nil)
	if config != nil {
		written = c.typed(s.ValueType(), config)
	}
	resp, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: i.typeName, PriorState: c.pack(i.value), PlannedState: c.pack(made.planned), Config: c.pack(written),
		PlannedPrivate: made.private, PlannedIdentity: made.identity,
	})
	c.must(err)
	created, failed := !i.exists(), diagnostics(resp.Diagnostics).errors() != ""
	i.value, i.private, i.identity = c.unpack(resp.NewState, s.ValueType()), resp.Private, resp.NewIdentity
	i.tainted = i.exists() && failed && created
	if !failed {
		c.stateAgrees(made.planned, i.value)
	}
	return resp.Diagnostics
}

func (c *core) stateAgrees(planned, state tftypes.Value) {
	c.t.Helper()
	if planned.IsNull() != state.IsNull() {
		c.t.Errorf("the plan is null: %t; the new state is null: %t", planned.IsNull(), state.IsNull())
	}
	got := fields(state)
	for name, wanted := range fields(planned) {
		if wanted.IsFullyKnown() && !wanted.Equal(got[name]) {
			c.t.Errorf("the new state has %s = %s, the plan %s", name, text(got[name]), text(wanted))
		}
		if !got[name].IsFullyKnown() {
			c.t.Errorf("the new state does not know %s", name)
		}
	}
}

func (c *core) refresh(ctx context.Context, i *instance) diagnostics {
	c.t.Helper()
	resp, err := c.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: i.typeName, CurrentState: c.pack(i.value), Private: i.private, CurrentIdentity: i.identity,
	})
	c.must(err)
	if diagnostics(resp.Diagnostics).errors() == "" {
		i.value, i.private = c.unpack(resp.NewState, c.schema(i.typeName).ValueType()), resp.Private
		i.identity = resp.NewIdentity
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
	c.empty(ctx, i, config)
}

// empty insists that there is nothing to plan.
func (c *core) empty(ctx context.Context, i *instance, config object) {
	c.t.Helper()
	made := c.plan(ctx, i, config)
	if made.diags.errors() != "" {
		c.t.Fatal(made.diags.errors())
	}
	if difference, err := i.value.Diff(made.planned); err != nil || len(difference) > 0 {
		c.t.Errorf("the plan is not empty: %v %v", difference, err)
	}
}
