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
	configured map[string]any // arguments in the configuration
}

// parsePlan returns the changes in the output of `terraform show -json PLAN`.
func parsePlan(shown []byte) ([]change, error) {
	var plan struct {
		Changes       []change `json:"resource_changes"`
		Configuration struct {
			Root struct {
				Resources []struct {
					Address     string         `json:"address"`
					Expressions map[string]any `json:"expressions"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"configuration"`
	}
	if err := json.Unmarshal(shown, &plan); err != nil {
		return nil, err
	}
	for i := range plan.Changes {
		for _, r := range plan.Configuration.Root.Resources {
			if r.Address == plan.Changes[i].Address {
				plan.Changes[i].configured = r.Expressions
			}
		}
	}
	return plan.Changes, nil
}

// action returns create, update, delete, replace, read or no-op.
func (c change) action() string {
	if len(c.Change.Actions) > 1 {
		return "replace"
	}
	return strings.Join(c.Change.Actions, "")
}

// lines returns one line for each changed attribute. For a new resource it
// returns the configured arguments and the planned change of devices.
func (c change) lines() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(c.Change.After)) {
		before, after := c.Change.Before[name], c.Change.After[name]
		_, configured := c.configured[name]
		switch {
		case after == nil || reflect.DeepEqual(before, after):
		case c.Change.Before != nil:
			lines = append(lines, fmt.Sprintf("%s = %s -> %s", name, written(before), written(after)))
		case configured || name == "planned_change":
			lines = append(lines, fmt.Sprintf("%s = %s", name, written(after)))
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
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+" = "+written(v[name]))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return fmt.Sprint(value)
}

// managed returns the changes without data sources and unchanged resources.
func managed(changes []change) []change {
	return slices.DeleteFunc(slices.Clone(changes), func(c change) bool {
		return c.Mode != "managed" || c.action() == "no-op"
	})
}
