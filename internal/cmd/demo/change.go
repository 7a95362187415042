package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// change is what a plan intends for one resource.
type change struct {
	Address string `json:"address"`
	Mode    string `json:"mode"`
	Change  struct {
		Actions []string       `json:"actions"`
		Before  map[string]any `json:"before"`
		After   map[string]any `json:"after"`
	} `json:"change"`
}

// action is create, update, delete, replace, read or no-op.
func (c change) action() string {
	if len(c.Change.Actions) > 1 {
		return "replace"
	}
	return strings.Join(c.Change.Actions, "")
}

// lines say what changes, one attribute a line: of a new resource all that is
// known and not null, of another what differs.
func (c change) lines() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(c.Change.After)) {
		before, after := c.Change.Before[name], c.Change.After[name]
		switch {
		case after == nil || reflect.DeepEqual(before, after):
		case c.Change.Before == nil:
			lines = append(lines, fmt.Sprintf("%s = %s", name, written(after)))
		default:
			lines = append(lines, fmt.Sprintf("%s = %s -> %s", name, written(before), written(after)))
		}
	}
	return lines
}

// written shows a value as configuration would.
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

// managed leaves out data sources and resources that stay as they are.
func managed(changes []change) []change {
	return slices.DeleteFunc(slices.Clone(changes), func(c change) bool {
		return c.Mode != "managed" || c.action() == "no-op"
	})
}
