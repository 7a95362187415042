package provider_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// problems returns what the provider may not do with a recording: change values by a refresh, plan anything, or write.
// Attributes that the recording lacks are younger than it, so a refresh may give them a value.
func problems(t *testing.T, from recording) (all []string) {
	t.Helper()
	w := from.Platform.begin(t)
	for _, task := range from.Tasks {
		task.add(t, w.Platform)
	}
	time.Sleep(3 * time.Hour)
	for _, one := range from.States {
		w.Load(one)
	}
	before, blocks := w.State.Copied(), from.Configuration.blocks()
	for _, refresh := range []bool{false, true} {
		w.Platform.ResetJournal()
		made := w.Plan(t.Context(), blocks, coretest.Options{NoRefresh: !refresh})
		w.Core.NoErrors(made.Diags)
		for _, one := range from.changes(t, before, made) {
			all = append(all, fmt.Sprintf("refreshed: %t: %s", refresh, one))
		}
		for _, step := range made.Open() {
			all = append(all, fmt.Sprintf("refreshed: %t: the plan is to %s", refresh, step.Difference()))
		}
		if n := len(w.Platform.Requests()); refresh && n < len(before) {
			all = append(all, fmt.Sprintf("a plan with %d objects sent only %d requests", len(before), n))
		}
	}
	w.Core.NoErrors(w.Apply(t.Context(), blocks, coretest.Options{}))
	if writes := w.Platform.Writes(); len(writes) > 0 {
		all = append(all, fmt.Sprintf("an apply sends %d writes", len(writes)))
	}
	return all
}

// changes returns the recorded values that a plan has changed in the state.
func (from recording) changes(t *testing.T, before coretest.State, made *coretest.Plan) (all []string) {
	t.Helper()
	for _, s := range from.States {
		for _, one := range changed(t, s, before[s.Address].Value, made.Step(s.Address).Object.Value) {
			all = append(all, "the state of "+s.Address+" differs: "+one)
		}
	}
	return all
}

// changed returns the differences of two values in the attributes that a stored object has.
func changed(t *testing.T, s coretest.Stored, before, after tftypes.Value) (all []string) {
	t.Helper()
	differences, err := before.Diff(after)
	coretest.Must(t, err)
	var attributes any
	coretest.Must(t, json.Unmarshal(s.Attributes, &attributes))
	for _, d := range differences {
		if has(attributes, d.Path.Steps()) {
			all = append(all, d.String())
		}
	}
	return all
}

// has reports whether a stored value has a part. Elements that a list lacks count: the list is longer now.
func has(value any, path []tftypes.AttributePathStep) bool {
	if len(path) == 0 {
		return true
	}
	switch step := path[0].(type) {
	case tftypes.AttributeName:
		members, isObject := value.(map[string]any)
		member, found := members[string(step)]
		return !isObject || found && has(member, path[1:])
	case tftypes.ElementKeyInt:
		elements, _ := value.([]any)
		return int(step) >= len(elements) || has(elements[step], path[1:])
	default:
		return true
	}
}

// TestRecordingsOutliveAdditions changes a recording as if it came from another version. What later versions add is no
// problem, and what they change is one.
func TestRecordingsOutliveAdditions(t *testing.T) {
	t.Parallel()
	var text []byte
	file := filepath.Join(t.TempDir(), "devices.txt")
	synctest.Test(t, func(t *testing.T) {
		var err error
		text, err = json.Marshal(newPresent(t, file).record(t))
		coretest.Must(t, err)
	})
	for name, one := range map[string]struct {
		change func(*testing.T, *recording)
		want   int // problems
	}{
		"nothing":                       {func(*testing.T, *recording) {}, 0},
		"a later computed attribute":    {attribute("aep_upgrade_task", "tenant_id"), 0},
		"a later argument":              {attribute("aep_upgrade_rollout", "timeouts"), 0},
		"a later resource":              {withoutRollouts, 0},
		"another value of the platform": {attribute("aep_upgrade_task", "tenant_id", "1"), 4},
		"another name on the platform":  {renamed, 3},
		// A state upgrader must set it, or else every plan after the upgrade shows an update.
		"a later argument with a default": {attribute("aep_upgrade_devices", "preflight"), 8},
		"another default of an argument":  {attribute("aep_upgrade_devices", "selection", "continuous"), 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var from recording
				coretest.Must(t, json.Unmarshal(text, &from))
				one.change(t, &from)
				if got := problems(t, from); len(got) != one.want {
					t.Errorf("%d problems, want %d:\n%s", len(got), one.want, strings.Join(got, "\n"))
				}
			})
		})
	}
}

// attribute removes an attribute from all recorded states of a type, or gives it another value.
func attribute(typeName, name string, value ...any) func(*testing.T, *recording) {
	return func(t *testing.T, from *recording) {
		t.Helper()
		for n, s := range from.States {
			if coretest.TypeOf(s.Address) != typeName {
				continue
			}
			var all map[string]json.RawMessage
			coretest.Must(t, json.Unmarshal(s.Attributes, &all))
			if all[name] == nil {
				t.Fatalf("%s has no %s", s.Address, name)
			}
			delete(all, name)
			var err error
			if len(value) > 0 {
				all[name], err = json.Marshal(value[0])
				coretest.Must(t, err)
			}
			from.States[n].Attributes, err = json.Marshal(all)
			coretest.Must(t, err)
		}
	}
}

// withoutRollouts makes a recording that is older than the rollouts.
func withoutRollouts(_ *testing.T, from *recording) {
	delete(from.Configuration.Resource, "aep_upgrade_rollout")
	from.States = slices.DeleteFunc(from.States, func(s coretest.Stored) bool { return coretest.TypeOf(s.Address) == "aep_upgrade_rollout" })
}

// renamed gives the first product another name.
func renamed(_ *testing.T, from *recording) { from.Platform.Products[0].Name = "Meters" }
