package coretest

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Action is what core does with one instance.
type Action int

// The actions of core.
const (
	NoAction Action = iota
	CreateIt
	UpdateIt
	ReplaceIt        // delete, then create
	CreateThenDelete // replace with create_before_destroy
	DeleteIt
)

func (a Action) String() string {
	return [...]string{"no-op", "create", "update", "replace", "create, then delete", "delete"}[a]
}

// Replaces reports whether the action destroys and creates, in either order.
func (a Action) Replaces() bool { return a == ReplaceIt || a == CreateThenDelete }

// Change is the plan for one instance.
type Change struct {
	Action   Action
	before   Instance
	Planned  tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	Diags    Diagnostics
}

// Lifecycle holds the options of the plan of an instance that the provider does not see.
type Lifecycle struct {
	Replace     bool // -replace, or replace_triggered_by
	CreateFirst bool // create_before_destroy
}

// PlanOne plans one instance in the current walk. Its calls have the order of core's
// NodeAbstractResourceInstance.plan and planDestroy.
func (c *Core) PlanOne(ctx context.Context, i *Instance, config Config, how Lifecycle) Change {
	c.T.Helper()
	if config == nil && !i.Exists() {
		return Change{before: *i} // a refresh found that a deposed object does not exist
	}
	if config == nil {
		made := c.ask(ctx, i, nil)
		made.before, made.Action = *i, DeleteIt
		return made
	}
	if diags := c.Validate(ctx, i.TypeName, config); diags.Errors() != "" {
		return Change{before: *i, Diags: diags}
	}
	prior := i
	if i.Tainted {
		prior = c.Absent(i.TypeName) // a tainted instance is planned as if it were not there
	}
	made := c.ask(ctx, prior, config)
	if made.Action.Replaces() || made.Action != CreateIt && how.Replace {
		made = c.planReplacement(ctx, made, i.TypeName, config)
	}
	if made.Action == CreateIt && i.Tainted {
		made.Action = ReplaceIt
	}
	if made.Action == ReplaceIt && how.CreateFirst {
		made.Action = CreateThenDelete
	}
	made.before = *i
	return made
}

// planReplacement plans again without the state, with the private data and the
// identity that the first planning returned. Core shows only the errors of the
// second planning.
func (c *Core) planReplacement(ctx context.Context, first Change, typeName string, config Config) Change {
	c.T.Helper()
	if first.Diags.Errors() != "" {
		return first
	}
	nothing := c.Absent(typeName)
	nothing.Private, nothing.identity = first.private, first.identity
	second := c.ask(ctx, nothing, config)
	second.Action = ReplaceIt
	if second.Diags.Errors() == "" {
		second.Diags = first.Diags
	}
	return second
}

// Validate checks a configuration of a resource.
func (c *Core) Validate(ctx context.Context, typeName string, config Config) Diagnostics {
	c.T.Helper()
	valid, err := c.Server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: c.Pack(c.Typed(c.Schema(typeName).ValueType(), config)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	c.Must(err)
	return valid.Diagnostics
}

// ask calls PlanResourceChange once, and derives the action from the response.
func (c *Core) ask(ctx context.Context, prior *Instance, config Config) Change {
	c.T.Helper()
	s := c.Schema(prior.TypeName)
	written, proposed := c.Typed(s.ValueType(), nil), c.Typed(s.ValueType(), nil)
	if config != nil {
		written = c.Typed(s.ValueType(), config)
		proposed = proposedState(s, prior.Value, written)
	}
	resp, err := c.Server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: prior.TypeName, PriorState: c.Pack(prior.Value), ProposedNewState: c.Pack(proposed), Config: c.Pack(written),
		PriorPrivate: prior.Private, PriorIdentity: prior.identity,
	})
	c.Must(err)
	made := Change{
		Planned: c.Unpack(resp.PlannedState, s.ValueType()), private: resp.PlannedPrivate, identity: resp.PlannedIdentity,
		Diags: resp.Diagnostics,
	}
	if config == nil || made.Diags.Errors() != "" {
		return made
	}
	c.planAgrees(s, written, made.Planned, prior.Value)
	switch {
	case !prior.Exists():
		made.Action = CreateIt
	case prior.Value.Equal(made.Planned):
	case requiresReplace(resp.RequiresReplace, prior.Value, made.Planned):
		made.Action = ReplaceIt
	default:
		made.Action = UpdateIt
	}
	return made
}

// requiresReplace reports whether an attribute that requires a replacement changes.
func requiresReplace(paths []*tftypes.AttributePath, prior, planned tftypes.Value) bool {
	for _, path := range paths {
		name, ok := path.Steps()[0].(tftypes.AttributeName)
		if ok && !Fields(prior)[string(name)].Equal(Fields(planned)[string(name)]) {
			return true
		}
	}
	return false
}

// proposedState returns the configuration with the prior values of computed
// attributes that it leaves out. As in core, it has the write-only attributes.
func proposedState(s *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	values, before := maps.Clone(Fields(config)), Fields(prior)
	for _, a := range s.Block.Attributes {
		switch {
		case a.Computed && values[a.Name].IsNull() && before != nil:
			values[a.Name] = before[a.Name]
		}
	}
	return tftypes.NewValue(config.Type(), values)
}

// planAgrees fails the test if core would refuse the plan. A planned value is that of
// the configuration. An attribute that the configuration leaves out may be computed,
// and an attribute may keep its prior value.
func (c *Core) planAgrees(s *tfprotov6.Schema, config, planned, prior tftypes.Value) {
	c.T.Helper()
	written, got, before := Fields(config), Fields(planned), Fields(prior)
	for _, a := range s.Block.Attributes {
		free := a.Computed && written[a.Name].IsNull()
		free = free || before != nil && !written[a.Name].IsNull() && !before[a.Name].IsNull() && got[a.Name].Equal(before[a.Name])
		if a.WriteOnly && !got[a.Name].IsNull() || !a.WriteOnly && !free && !written[a.Name].Equal(got[a.Name]) {
			c.T.Errorf("the plan has %s = %s, the configuration %s", a.Name, Text(got[a.Name]), Text(written[a.Name]))
		}
	}
}

// finalPlanAgrees compares a plan with the plan that core makes again before it
// applies. Known values must stay. A difference is an error in core's words, which
// call it a bug in the provider. So it fails the test, too.
func (c *Core) finalPlanAgrees(made, again Change) Diagnostics {
	c.T.Helper()
	var wrong string
	if again.Action != made.Action && (made.Action != UpdateIt || again.Action != NoAction) {
		wrong = fmt.Sprintf("the planned action changed from %s to %s", made.Action, again.Action)
	}
	after := Fields(again.Planned)
	for name, before := range Fields(made.Planned) {
		if before.IsFullyKnown() && !before.Equal(after[name]) {
			wrong = fmt.Sprintf("%s changed from %s to %s", name, Text(before), Text(after[name]))
		}
	}
	if wrong == "" {
		return nil
	}
	if group := after["device_group_id"]; group.Type() == nil || group.IsNull() { // the members of a group may change between the plans
		c.T.Errorf("inconsistent final plan of %s: %s", made.before.TypeName, wrong)
	}
	return Diagnostics{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Provider produced inconsistent final plan", Detail: wrong}}
}
