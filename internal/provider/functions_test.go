package provider_test

import (
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
)

func TestFunctions(t *testing.T) {
	t.Parallel()
	c := coretest.New(t, coretest.NewPlatform(t), nil)
	for name, one := range map[string]struct {
		function  string
		arguments []any
		result    string
		failure   string
	}{
		"parse":              {"parse_task_id", []any{"10005977/3456"}, "10005977 3456", ""},
		"parse, no task":     {"parse_task_id", []any{"10005977"}, "", "argument 0: \""},
		"parse, spaces":      {"parse_task_id", []any{" 1/2"}, "", "argument 0: \""},
		"task id":            {"task_id", []any{10005977, 3456}, "10005977/3456", ""},
		"task id, product":   {"task_id", []any{0, 3456}, "", "argument 0: must be at least 1"},
		"task id, task":      {"task_id", []any{1, -1}, "", "argument 1: must be at least 1"},
		"2019 success":       {"subtask_phase", []any{"lwm2m", 8, "2019"}, "succeeded", ""},
		"2019 failure":       {"subtask_phase", []any{"lwm2m", 3, "2019"}, "failed", ""},
		"2022 success":       {"subtask_phase", []any{"lwm2m", 3, "2022"}, "succeeded", ""},
		"2022, foreign":      {"subtask_phase", []any{"lwm2m", 8, "2022"}, "unknown", ""},
		"auto, old code":     {"subtask_phase", []any{"lwm2m", 7, "auto"}, "failed", ""},
		"auto, unproven":     {"subtask_phase", []any{"lwm2m", 3, "auto"}, "unknown", ""},
		"t_link":             {"subtask_phase", []any{"t_link", 3, "auto"}, "succeeded", ""},
		"negative code":      {"subtask_phase", []any{"lwm2m", -1, "auto"}, "unknown", ""},
		"no protocol":        {"subtask_phase", []any{"mqtt", 3, "auto"}, "", "argument 0: must be lwm2m or t_link, not"},
		"no table":           {"subtask_phase", []any{"lwm2m", 3, "2020"}, "", "argument 2: must be one of"},
		"waves":              {"split_waves", []any{[]string{"a", "b", "c", "d"}, []any{1, 1}, "s"}, "[[a c d] [b]]", ""},
		"waves, empty":       {"split_waves", []any{[]string{}, []any{1, 1, 1}, "s"}, "[[] [] []]", ""},
		"waves, no weight":   {"split_waves", []any{[]string{"a"}, []any{0}, "s"}, "", "argument 1: the weights sum up to 0"},
		"waves, negative":    {"split_waves", []any{[]string{"a"}, []any{1, -1}, "s"}, "", "argument 1: weight 1 is -1"},
		"waves, no weights":  {"split_waves", []any{[]string{"a"}, []any{}, "s"}, "", "argument 1: the weights sum up to 0"},
		"waves, duplicate":   {"split_waves", []any{[]string{"a", "a"}, []any{1}, "s"}, "", "argument 0: device id"},
		"waves, other seed":  {"split_waves", []any{[]string{"a", "b", "c", "d"}, []any{1, 1}, "t"}, "[[a c] [b d]]", ""},
		"waves, zero weight": {"split_waves", []any{[]string{"a", "b"}, []any{0, 5}, ""}, "[[] [a b]]", ""},
	} {
		result, failure := c.Call(one.function, one.arguments...)
		if result != one.result || one.failure == "" && failure != "" || !strings.HasPrefix(failure, one.failure) {
			t.Errorf("%s: %q %q, want %q %q", name, result, failure, one.result, one.failure)
		}
	}
}
