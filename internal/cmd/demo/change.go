package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// change is the planned change of one resource.
type change struct {
	Address string `json:"address"`
	Mode    string `json:"mode"`
	Change  struct {
		Actions []string       `json:"actions"`
		Before  map[string]any `json:"before"`
		After   map[string]any `json:"after"`
	} `json:"change"`
}

// marks are the signs of a plan for its actions.
var marks = map[string]string{"create": "+", "update": "~", "delete": "-", "replace": "-/+"}

// parsePlan returns the changes in the output of `terraform show -json PLAN`,
// without data sources and unchanged resources, in the order of addresses.
func parsePlan(shown []byte) ([]change, error) {
	var plan struct {
		Changes []change `json:"resource_changes"`
	}
	if err := json.Unmarshal(shown, &plan); err != nil {
		return nil, err
	}
	changes := slices.DeleteFunc(plan.Changes, func(c change) bool { return c.Mode != "managed" || c.action() == "no-op" })
	slices.SortFunc(changes, func(a, b change) int { return strings.Compare(a.Address, b.Address) })
	return changes, nil
}

// action returns create, update, delete, replace, read or no-op.
func (c change) action() string {
	if len(c.Change.Actions) > 1 {
		return "replace"
	}
	return strings.Join(c.Change.Actions, "")
}

// differences returns one line for each attribute that a change of a resource
// sets to another value.
func (c change) differences() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(c.Change.After)) {
		before, after := c.Change.Before[name], c.Change.After[name]
		if after != nil && !reflect.DeepEqual(before, after) {
			lines = append(lines, fmt.Sprintf("%s = %s -> %s", name, written(before), written(after)))
		}
	}
	return lines
}

// written returns a value in the syntax of the configuration.
func written(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", v)
	case float64:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprint(value)
}

// addresses returns the actions and addresses of changes.
func addresses(changes []change) []string {
	var found []string
	for _, c := range changes {
		found = append(found, marks[c.action()]+" "+c.Address)
	}
	return found
}

// expect returns an error unless the changes are these, in the order of addresses.
func expect(changes []change, want ...string) error {
	if found := addresses(changes); !slices.Equal(found, want) {
		return fmt.Errorf("the plan is %q, want %q", found, want)
	}
	return nil
}
