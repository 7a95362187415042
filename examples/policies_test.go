package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPolicyRules applies the rules of the guide to policies to the changes of plans that start upgrades, and to
// similar ones that start none.
func TestPolicyRules(t *testing.T) {
	t.Parallel()
	if !found("jq") {
		t.Skip("needs jq")
	}
	rules := filepath.Join(t.TempDir(), "rules.jq")
	for _, b := range blocksOf(read(t, "../templates/guides/policies.md")) {
		if b.language == "jq" {
			if err := os.WriteFile(rules, []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	const rollout, devices = "aep_upgrade_rollout", "aep_upgrade_devices"
	for name, c := range map[string]struct{ plan, want string }{
		"an empty list grows": {
			change(rollout, `"update"`, `{"task_id":1,"status":"pending"}`, `{"task_id":1,"expected_device_count":4000}`),
			"x: starts 4000 devices, and the limit is 1000",
		},
		"an adopted rollout starts": {
			change(rollout, `"update"`, `{"task_id":1,"status":"pending"}`, `{"task_id":1,"expected_device_count":500}`),
			"x: starts 500 devices, and no canary has succeeded",
		},
		"a rollout is replaced with its task": {
			change(rollout, `"delete","create"`, `{"task_id":1,"status":"finished"}`, `{"expected_device_count":500}`),
			"x: starts 500 devices, and no canary has succeeded",
		},
		"a watch continues": {
			change(rollout, `"delete","create"`, `{"task_id":1,"status":"running"}`, `{"task_id":1,"expected_device_count":5000}`), "",
		},
		"a running rollout changes": {
			change(rollout, `"update"`, `{"task_id":1,"status":"running"}`, `{"task_id":1,"expected_device_count":5000}`), "",
		},
		"a rollout of unknown size": {change(rollout, `"create"`, `null`, `{}`), "x: the number of devices is unknown"},
		"a canary":                  {change(rollout, `"create"`, `null`, `{"expected_device_count":100}`), ""},
		"devices join a task that exists": {
			change(devices, `"update"`, `{"task_id":1,"device_count":10}`, `{"task_id":1,"device_count":1500}`),
			"x: starts 1490 devices, and the limit is 1000",
		},
		"devices leave": {change(devices, `"update"`, `{"task_id":1,"device_count":1500}`, `{"task_id":1,"device_count":10}`), ""},
		"a set of a new task": {
			change(devices, `"create"`, `null`, `{"device_count":5000}`), "",
		},
		"an action starts": {
			invocation("aep_upgrade_start", `{"expected_device_count":200}`), "x: starts 200 devices, and no canary has succeeded",
		},
		"an action retries": {invocation("aep_upgrade_retry", `{"all_failed":true}`), "x: the number of devices is unknown"},
		"an action cancels": {invocation("aep_upgrade_cancel", `{"all":true}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), "jq", "-r", "-f", rules)
			command.Stdin = strings.NewReader(c.plan)
			output, err := command.CombinedOutput()
			if got := strings.TrimSpace(string(output)); err != nil || got != c.want {
				t.Errorf("%v: %q, not %q", err, got, c.want)
			}
		})
	}
}

// change returns the JSON of a plan that changes one resource, whose address is x.
func change(kind, actions, before, after string) string {
	return `{"resource_changes":[{"address":"x","type":"` + kind + `","change":{"actions":[` + actions + `],"before":` + before +
		`,"after":` + after + `}}]}`
}

// invocation returns the JSON of a plan that invokes one action, whose address is x.
func invocation(kind, values string) string {
	return `{"action_invocations":[{"address":"x","type":"` + kind + `","config_values":` + values + `}]}`
}
