package examples_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	agentsSettings = regexp.MustCompile(`(?s)Set them in the environment of the assistant.*?` + "```shell\n(.*?)```")
	agentsVariable = regexp.MustCompile(`\bAEP_[A-Z_]+\b`)
	agentsTarget   = regexp.MustCompile("`make ([a-z]+)`")
	agentsArgument = regexp.MustCompile("`((?:allow|force|adopt|on|planned)_[a-z]+)\\b")
)

// TestAgentsNamesWhatExists looks for the variables, make targets and arguments of AGENTS.md.
func TestAgentsNamesWhatExists(t *testing.T) {
	t.Parallel()
	agents := read(t, "../AGENTS.md")
	pages := read(t, "../docs/index.md")
	for _, name := range []string{"upgrade_task", "upgrade_devices", "upgrade_rollout"} {
		pages += read(t, "../docs/resources/"+name+".md")
	}
	for pattern, where := range map[*regexp.Regexp]func(string) bool{
		agentsVariable: func(name string) bool {
			return strings.Contains(pages, "`"+name+"`") || strings.Contains(pages, name+"=")
		},
		agentsTarget:   func(name string) bool { return strings.Contains(read(t, "../GNUmakefile"), "\n"+name+":") },
		agentsArgument: func(name string) bool { return strings.Contains(pages, "- `"+name+"` (") },
	} {
		found := pattern.FindAllStringSubmatch(agents, -1)
		if len(found) < 3 {
			t.Errorf("%v matches %d times", pattern, len(found))
		}
		for _, match := range found {
			if name := match[len(match)-1]; !where(name) {
				t.Errorf("AGENTS.md names %q, which does not exist", name)
			}
		}
	}
	for _, folder := range regexp.MustCompile("`(\\w+)/`").FindAllStringSubmatch(agents, -1) {
		if _, err := os.Stat("../" + folder[1]); err != nil {
			t.Error(err)
		}
	}
}

// TestAgentsSettingsStopAnAssistant uses the settings of AGENTS.md: a plan is shown, nothing can be applied, and a plan
// for more devices is refused.
func TestAgentsSettingsStopAnAssistant(t *testing.T) {
	t.Parallel()
	settings := agentsSettings.FindStringSubmatch(read(t, "../AGENTS.md"))
	if settings == nil {
		t.Fatal("AGENTS.md has no settings")
	}
	w := newWorkspace(t)
	w.copied("pipeline")
	w.run("terraform init")
	if plan := w.run(settings[1] + "terraform plan -out=p"); !strings.Contains(plan, "Plan: 3 to add") {
		t.Errorf("the plan is not shown:\n%s", plan)
	}
	for _, command := range []string{"terraform apply p", "terraform apply"} {
		if output, code := w.shell(settings[1] + command); code != 1 || !strings.Contains(output, "sets read_only") {
			t.Errorf("%s: exit code %d\n%s", command, code, output)
		}
	}
	w.write("devices.txt", strings.Join(w.platform.DeviceIDs(lwm2mProduct)[:101], "\n"))
	if output, code := w.shell(settings[1] + "terraform plan"); code != 1 || !strings.Contains(output, "1 more than the 100") {
		t.Errorf("a plan for 101 devices: exit code %d\n%s", code, output)
	}
	if n := len(w.platform.Writes()); n != 0 {
		t.Errorf("%d writes arrived", n)
	}
}

// TestAgentsNameWhatSettingsDoNotStop sets read_only in the provider block. The block overrides the variable, as
// AGENTS.md says, and the workflow of a pull request refuses such a plan.
func TestAgentsNameWhatSettingsDoNotStop(t *testing.T) {
	t.Parallel()
	if !found("jq") {
		t.Skip("jq is not on PATH")
	}
	agents := read(t, "../AGENTS.md")
	if !strings.Contains(agents, "override these variables") || !strings.Contains(agents, "(examples/pipeline/.github/limits.jq)") {
		t.Error("AGENTS.md does not say that a block overrides the variables, or what refuses it")
	}
	w := newWorkspace(t)
	w.copied("pipeline")
	w.write("limits_override.tf", "provider \"aep\" {\n  read_only           = false\n  max_devices_per_run = 5000\n}\n")
	w.run("terraform init")
	settings := agentsSettings.FindStringSubmatch(agents)[1]
	printed, code := w.shell(settings + "export GITHUB_STEP_SUMMARY=summary\n" + stepOf(t, planWorkflow, "Show the plan"))
	for _, argument := range []string{"read_only", "max_devices_per_run"} {
		if code != 1 || !strings.Contains(printed, "block aep sets "+argument) {
			t.Errorf("%s: the workflow of a pull request ends with %d:\n%s", argument, code, printed)
		}
	}
}
