package coretest

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// UnknownSubject is a resource whose arguments are asked for values that
// Terraform does not know when it plans.
type UnknownSubject struct {
	TypeName string
	Core     *Core
	Platform *simulator.Platform
	Config   Config // valid, with known values only
	Change   Config // arguments of another valid configuration, which is applied in place

	// Values holds possible values of every argument. An argument of a block is
	// named "timeouts.create".
	Values map[string][]any
	// Cases are combinations of arguments. A case with the name of an argument
	// takes the place of its values.
	Cases map[string]UnknownCase
	// Refused holds a text of the error, by the name of each case that no plan accepts.
	Refused map[string]string
}

// UnknownCase is a configuration with unknown values.
type UnknownCase struct {
	With   Config   // the arguments that are unknown
	Values []Config // what they may turn out to be
}

// CheckUnknowns asks every argument of a resource for unknown values: without a
// prior state, beside a prior state, and together with another change. Each
// subject that prepare returns has a platform of its own. CheckUnknowns insists:
//
//   - A plan with an unknown value replaces the object only if the plan with
//     each of its possible values does.
//   - A planned value that is known is the same with each possible value.
//   - The apply with each possible value agrees with the plan, and with the
//     state that follows.
func CheckUnknowns(t *testing.T, prepare func(t testing.TB) UnknownSubject) {
	t.Helper()
	var cases map[string]UnknownCase
	synctest.Test(t, func(t *testing.T) { cases = prepare(t).cases() })
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		for _, situation := range []string{"create", "prior state", "update"} {
			t.Run(name+"/"+situation, func(t *testing.T) {
				t.Parallel()
				(&unknownCheck{t, prepare, name, cases[name], situation}).run()
			})
		}
	}
}

// cases returns the cases of all arguments by name. An argument without values
// fails the test.
func (s UnknownSubject) cases() map[string]UnknownCase {
	s.Core.T.Helper()
	all := maps.Clone(s.Cases)
	if all == nil {
		all = map[string]UnknownCase{}
	}
	for _, name := range arguments(s.Core.Schema(s.TypeName)) {
		if _, given := all[name]; given {
			continue
		}
		if len(s.Values[name]) == 0 {
			s.Core.T.Errorf("there are no values for the argument %s of %s", name, s.TypeName)
		}
		one := UnknownCase{With: argument(name, Unknown{})}
		for _, value := range s.Values[name] {
			one.Values = append(one.Values, argument(name, value))
		}
		all[name] = one
	}
	return all
}

// arguments returns the names of all arguments that a configuration may set.
func arguments(s *tfprotov6.Schema) (all []string) {
	for _, a := range s.Block.Attributes {
		if a.Required || a.Optional {
			all = append(all, a.Name)
		}
	}
	for _, block := range s.Block.BlockTypes {
		for _, a := range block.Block.Attributes {
			all = append(all, block.TypeName+"."+a.Name)
		}
	}
	return all
}

// argument returns a configuration that sets one argument.
func argument(name string, value any) Config {
	if block, nested, found := strings.Cut(name, "."); found {
		return Config{block: Config{nested: value}}
	}
	return Config{name: value}
}

// Merge returns a configuration with other values for some arguments.
func Merge(config Config, arguments ...Config) Config {
	all := maps.Clone(config)
	for _, one := range arguments {
		maps.Copy(all, one)
	}
	return all
}

type unknownCheck struct {
	t         *testing.T
	prepare   func(t testing.TB) UnknownSubject
	name      string
	one       UnknownCase
	situation string
}

func (u *unknownCheck) run() {
	var apply []Config
	synctest.Test(u.t, func(t *testing.T) { apply = u.plans(t) })
	for _, value := range apply {
		u.apply(value)
	}
}

// plans compares the plan with unknown values with the plan of each possible
// value. It returns the values that the first plan can be applied with.
func (u *unknownCheck) plans(t *testing.T) (applicable []Config) {
	s, object := u.subject(t)
	planned := s.plan(object, u.config(s, u.one.With))
	text, refused := s.Refused[u.name]
	if got := planned.Diags.Errors(); got != "" || refused {
		if !refused || !strings.Contains(got, text) {
			t.Errorf("the plan fails with %q, want %q", got, text)
		}
		return nil
	}
	compared := 0
	for _, value := range u.one.Values {
		known := s.plan(object, u.config(s, value))
		if known.Diags.Errors() == "" {
			compare(t, value, planned, known)
			compared++
		}
		if planned.Action.Replaces() || !known.Action.Replaces() {
			applicable = append(applicable, value)
		} // else Terraform itself ends the apply: a planned update must not become a replacement
	}
	if compared == 0 {
		t.Errorf("no plan succeeds with any of the values %v", u.one.Values)
	}
	return applicable
}

// subject returns a subject on a platform of its own, and its object, which
// exists unless it is to be created.
func (u *unknownCheck) subject(t *testing.T) (UnknownSubject, *Instance) {
	s := u.prepare(t)
	object := s.Core.Absent(s.TypeName)
	if u.situation != "create" {
		s.Core.MustApply(t.Context(), object, s.Config)
		time.Sleep(time.Hour)
	}
	return s, object
}

// config returns the configuration of the situation with some arguments.
func (u *unknownCheck) config(s UnknownSubject, with Config) Config {
	if u.situation == "update" {
		return Merge(s.Config, s.Change, with)
	}
	return Merge(s.Config, with)
}

// plan refreshes and plans, in a walk of its own.
func (s UnknownSubject) plan(object *Instance, config Config) Change {
	if !object.Exists() {
		return s.Core.Plan(s.Core.T.Context(), object, config)
	}
	return s.Core.RefreshAndPlan(object, config)
}

// compare fails the test if the plan with a possible value breaks a promise of the plan with the unknown
// value.
func compare(t *testing.T, value Config, planned, known Change) {
	t.Helper()
	if planned.Action.Replaces() && !known.Action.Replaces() {
		t.Errorf("the plan is to %s, and with %v to %s", planned.Action, value, known.Action)
	}
	if planned.Action.Replaces() != known.Action.Replaces() {
		return
	}
	after := Fields(known.Planned)
	for name, before := range Fields(planned.Planned) {
		if before.IsFullyKnown() && !before.Equal(after[name]) {
			t.Errorf("%s is planned to be %s, and with %v it is %s", name, Text(before), value, Text(after[name]))
		}
	}
}

// outcome is what an apply has led to.
type outcome struct {
	refusal string // of the plan; then there is no apply
	failure string
	writes  []string
	state   map[string]tftypes.Value
}

// apply plans with the unknown value and applies with a possible one. The outcome
// is that of a plan which has known the value. If that plan is refused, nothing
// may be sent.
func (u *unknownCheck) apply(value Config) {
	u.t.Helper()
	got, want := u.outcome(u.one.With, value), u.outcome(value, value)
	if want.refusal != "" {
		if got.failure == "" || len(got.writes) > 0 {
			u.t.Errorf("the plan with %v is refused: %s\nIts apply sends %v and ends with %q", value, want.refusal, got.writes, got.failure)
		}
		return
	}
	if (got.failure == "") != (want.failure == "") {
		u.t.Errorf("the apply with %v ends with %q, want %q", value, got.failure, want.failure)
	}
	for name, attribute := range want.state {
		if !attribute.Equal(got.state[name]) {
			u.t.Errorf("after the apply with %v %s is %s, want %s", value, name, Text(got.state[name]), Text(attribute))
		}
	}
}

// outcome plans with some arguments, and applies that plan with others.
func (u *unknownCheck) outcome(planned, applied Config) (o outcome) {
	synctest.Test(u.t, func(t *testing.T) {
		s, object := u.subject(t)
		change := s.plan(object, u.config(s, planned))
		if o.refusal = change.Diags.Errors(); o.refusal != "" {
			return
		}
		s.Platform.ResetJournal()
		o.failure = s.Core.ApplyPlan(t.Context(), object, u.config(s, applied), change).Errors()
		o.writes, o.state = requestLines(s.Platform.Writes()), Fields(object.Value)
	})
	return o
}
