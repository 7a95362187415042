package provider_test

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// action is what core makes of a plan for one instance.
type action int

const (
	noAction action = iota
	createIt
	updateIt
	replaceIt        // delete, then create
	createThenDelete // replace with create_before_destroy
	deleteIt
)

func (a action) String() string {
	return [...]string{"no-op", "create", "update", "replace", "create, then delete", "delete"}[a]
}

func (a action) replaces() bool { return a == replaceIt || a == createThenDelete }

// change is a plan for one instance.
type change struct {
	action   action
	before   instance
	planned  tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	diags    diagnostics
}

// lifecycle is what Terraform itself is told about the plan of an instance.
type lifecycle struct {
	replace     bool // -replace, or replace_triggered_by
	createFirst bool // create_before_destroy
}

// planOne plans one instance in the walk at hand, in the order of core's
// NodeAbstractResourceInstance.plan and planDestroy.
func (c *core) planOne(ctx context.Context, i *instance, config object, how lifecycle) change {
	c.t.Helper()
	if config == nil && !i.exists() {
		return change{before: *i} // a read has found a deposed object gone
	}
	if config == nil {
		made := c.ask(ctx, i, nil)
		made.before, made.action = *i, deleteIt
		return made
	}
	if diags := c.validate(ctx, i.typeName, config); diags.errors() != "" {
		return change{before: *i, diags: diags}
	}
	prior := i
	if i.tainted {
		prior = c.absent(i.typeName) // a tainted instance is planned as if it were not there
	}
	made := c.ask(ctx, prior, config)
	if made.action.replaces() || made.action != createIt && how.replace {
		made = c.planReplacement(ctx, made, i.typeName, config)
	}
	if made.action == createIt && i.tainted {
		made.action = replaceIt
	}
	if made.action == replaceIt && how.createFirst {
		made.action = createThenDelete
	}
	made.before = *i
	return made
}

// planReplacement plans once more, without the state, but with the private data
// and the identity that the first planning returned. Of the second planning's
// diagnostics core shows errors only.
func (c *core) planReplacement(ctx context.Context, first change, typeName string, config object) change {
	c.t.Helper()
	if first.diags.errors() != "" {
		return first
	}
	nothing := c.absent(typeName)
	nothing.private, nothing.identity = first.private, first.identity
	second := c.ask(ctx, nothing, config)
	second.action = replaceIt
	if second.diags.errors() == "" {
		second.diags = first.diags
	}
	return second
}

func (c *core) validate(ctx context.Context, typeName string, config object) diagnostics {
	c.t.Helper()
	valid, err := c.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: c.pack(c.typed(c.schema(typeName).ValueType(), config)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	c.must(err)
	return valid.Diagnostics
}

// ask calls PlanResourceChange once, and reads the action from the answer.
func (c *core) ask(ctx context.Context, prior *instance, config object) change {
	c.t.Helper()
	s := c.schema(prior.typeName)
	written, proposed := c.typed(s.ValueType(), nil), c.typed(s.ValueType(), nil)
	if config != nil {
		written = c.typed(s.ValueType(), config)
		proposed = proposedState(s, prior.value, written)
	}
	resp, err := c.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: prior.typeName, PriorState: c.pack(prior.value), ProposedNewState: c.pack(proposed), Config: c.pack(written),
		PriorPrivate: prior.private, PriorIdentity: prior.identity,
	})
	c.must(err)
	made := change{
		planned: c.unpack(resp.PlannedState, s.ValueType()), private: resp.PlannedPrivate, identity: resp.PlannedIdentity,
		diags: resp.Diagnostics,
	}
	if config == nil || made.diags.errors() != "" {
		return made
	}
	c.planAgrees(s, written, made.planned, prior.value)
	switch {
	case !prior.exists():
		made.action = createIt
	case prior.value.Equal(made.planned):
	case requiresReplace(resp.RequiresReplace, prior.value, made.planned):
		made.action = replaceIt
	default:
		made.action = updateIt
	}
	return made
}

// requiresReplace leaves out attributes that do not change, as core does.
func requiresReplace(paths []*tftypes.AttributePath, prior, planned tftypes.Value) bool {
	for _, path := range paths {
		name, ok := path.Steps()[0].(tftypes.AttributeName)
		if ok && !fields(prior)[string(name)].Equal(fields(planned)[string(name)]) {
			return true
		}
	}
	return false
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

// finalPlanAgrees compares the plan with the one that core makes again before it
// applies. What was known must stay. A difference is an error in core's words,
// which call it a bug in the provider, so it fails the test too.
func (c *core) finalPlanAgrees(made, again change) diagnostics {
	c.t.Helper()
	var wrong string
	if again.action != made.action && (made.action != updateIt || again.action != noAction) {
		wrong = fmt.Sprintf("the planned action changed from %s to %s", made.action, again.action)
	}
	after := fields(again.planned)
	for name, before := range fields(made.planned) {
		if before.IsFullyKnown() && !before.Equal(after[name]) {
			wrong = fmt.Sprintf("%s changed from %s to %s", name, text(before), text(after[name]))
		}
	}
	if wrong == "" {
		return nil
	}
	if group := after["device_group_id"]; group.Type() == nil || group.IsNull() { // who is in a group may change meanwhile
		c.t.Errorf("inconsistent final plan of %s: %s", made.before.typeName, wrong)
	}
	return diagnostics{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Provider produced inconsistent final plan", Detail: wrong}}
}
