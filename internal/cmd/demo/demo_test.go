package main

import (
	"maps"
	"slices"
	"testing"
)

func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs and runs Terraform")
	}
	if err := demonstrate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestExported(t *testing.T) {
	t.Parallel()
	got := exported("export AEP_ENDPOINT=http://127.0.0.1:1 AEP_APP_SECRET=a=b AEP_MASTER_KEYS='{\"1\":\"x\"}'\n")
	want := map[string]string{"AEP_ENDPOINT": "http://127.0.0.1:1", "AEP_APP_SECRET": "a=b", "AEP_MASTER_KEYS": `{"1":"x"}`}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

const shownPlan = `{
  "resource_changes": [
    {"address": "a.new", "mode": "managed", "change": {"actions": ["create"], "before": null,
      "after": {"name": "x", "product_id": 10005977, "default": false, "unset": null, "planned_change": "+3000 −0, to 3000 devices"}}},
    {"address": "a.changed", "mode": "managed", "change": {"actions": ["update"],
      "before": {"name": "x", "same": 1}, "after": {"name": "y", "same": 1}}},
    {"address": "a.same", "mode": "managed", "change": {"actions": ["no-op"], "before": {}, "after": {}}},
    {"address": "a.replaced", "mode": "managed", "change": {"actions": ["delete", "create"], "before": {}, "after": {}}},
    {"address": "data.a.read", "mode": "data", "change": {"actions": ["read"], "before": null, "after": {}}}
  ],
  "configuration": {"root_module": {"resources": [
    {"address": "a.new", "expressions": {"name": {}, "product_id": {}, "unset": {}}}
  ]}}
}`

func TestParsePlan(t *testing.T) {
	t.Parallel()
	changes, err := parsePlan([]byte(shownPlan))
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, c := range managed(changes) {
		actions = append(actions, c.action()+" "+c.Address)
	}
	if want := []string{"create a.new", "update a.changed", "replace a.replaced"}; !slices.Equal(actions, want) {
		t.Errorf("the changes are %q, want %q", actions, want)
	}
	want := []string{`name = "x"`, `planned_change = "+3000 −0, to 3000 devices"`, "product_id = 10005977"}
	if got := changes[0].lines(); !slices.Equal(got, want) {
		t.Errorf("the new resource shows %q, want %q", got, want)
	}
	if got, want := changes[1].lines(), []string{`name = "x" -> "y"`}; !slices.Equal(got, want) {
		t.Errorf("the changed resource shows %q, want %q", got, want)
	}
}

func TestExpect(t *testing.T) {
	t.Parallel()
	changes, err := parsePlan([]byte(shownPlan))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		changes   []change
		action    string
		addresses []string
		ok        bool
	}{
		"as expected":      {changes[:1], "create", []string{"a.new"}, true},
		"another action":   {changes[:1], "update", []string{"a.new"}, false},
		"another resource": {changes[:1], "create", []string{"a.old"}, false},
		"one too many":     {changes[:1], "create", []string{"a.new", "a.old"}, false},
		"one too few":      {changes[:1], "create", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := expect(c.changes, c.action, c.addresses...); (err == nil) != c.ok {
				t.Errorf("expect returned %v", err)
			}
		})
	}
}
