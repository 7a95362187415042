package examples_test

import (
	"errors"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

const (
	planWorkflow     = "pipeline/.github/workflows/plan.yml"
	campaignWorkflow = "pipeline/.github/workflows/campaign.yml"
	finishWorkflow   = "pipeline/.github/workflows/finish.yml"
)

// pipeline runs the steps of the example's workflows, each with the variables of its job.
type pipeline struct {
	*workspace

	credentials []string
}

func newPipeline(t *testing.T) *pipeline {
	t.Helper()
	if !found("jq") {
		t.Skip("jq is not on PATH")
	}
	w := newWorkspace(t, func(o *simulator.Options) { o.Upgrade.UpgradeTime = time.Hour })
	w.copied("pipeline")
	p := &pipeline{workspace: w, credentials: w.environment}
	p.run("terraform init")
	return p
}

// step runs a step with variables beside the credentials, and returns its output, its exit code and its outputs.
func (p *pipeline) step(workflow, name string, variables ...string) (string, int, string) {
	p.t.Helper()
	outputs := filepath.Join(p.t.TempDir(), "outputs")
	p.environment = append(append(p.credentials[:len(p.credentials):len(p.credentials)], "GITHUB_OUTPUT="+outputs,
		"GITHUB_STEP_SUMMARY="+filepath.Join(p.folder, "summary"), "TF_VAR_poll_interval=1s"), variables...)
	printed, code := p.shell("touch \"$GITHUB_OUTPUT\"\n" + stepOf(p.t, workflow, name))
	return printed, code, read(p.t, outputs)
}

// passes is step for a step that must succeed with these outputs.
func (p *pipeline) passes(want, workflow, name string, variables ...string) string {
	p.t.Helper()
	printed, code, outputs := p.step(workflow, name, variables...)
	if code != 0 || outputs != want {
		p.t.Fatalf("step %q of %s ends with %d and outputs %q, want %q:\n%s", name, workflow, code, outputs, want, printed)
	}
	return printed
}

// writes fails unless this number of requests has changed something on the platform since the last call.
func (p *pipeline) writes(before *int, want int) {
	p.t.Helper()
	if n := len(p.platform.Writes()); n-*before != want {
		p.t.Errorf("%d writes, want %d", n-*before, want)
	}
	*before = len(p.platform.Writes())
}

var watchVariables = []string{"TF_VAR_wait_for=finished", "AEP_MAX_DEVICES_PER_RUN=0"}

// TestPipeline runs the three workflows of the example in their order: the plan that changes nothing, the start of the
// reviewed plan, and watches until the task has finished and is judged.
func TestPipeline(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	writes := 0
	p.passes("", planWorkflow, "Show the plan", "AEP_READ_ONLY=true", "AEP_MAX_DEVICES_PER_RUN=100")
	if !strings.Contains(read(t, filepath.Join(p.folder, "summary")), "Plan: 3 to add, 0 to change, 0 to destroy.") {
		t.Error("the summary has no plan")
	}
	p.passes("watch=0\n", finishWorkflow, "Plan the watch", watchVariables...)
	p.passes("changes=3\n", campaignWorkflow, "Plan the start", "AEP_READ_ONLY=true", "AEP_MAX_DEVICES_PER_RUN=100")
	p.writes(&writes, 0)
	p.passes("", campaignWorkflow, "Apply the reviewed plan", "AEP_MAX_DEVICES_PER_RUN=100")
	p.writes(&writes, 3)

	// The watch ends before the task does. The next one continues it, and nothing is tainted or started again.
	p.passes("watch=1\n", finishWorkflow, "Plan the watch", append(watchVariables, "TF_VAR_watch_limit=2s")...)
	printed, code, _ := p.step(finishWorkflow, "Watch and judge", watchVariables...)
	// Terraform wraps the sentence, which also names the request under way, at another place.
	if code != 1 || !strings.Contains(strings.Join(strings.Fields(printed), " "), "timed out after 2s (timeouts.update)") {
		t.Errorf("a watch of a running task ends with %d:\n%s", code, printed)
	}
	p.passes("", finishWorkflow, "Read the report", "AEP_READ_ONLY=true")
	p.passes("", finishWorkflow, "Decide")
	p.passes("watch=1\n", finishWorkflow, "Plan the watch", watchVariables...)
	if printed, code, _ := p.step(finishWorkflow, "Watch and judge", append(watchVariables, "AEP_APP_SECRET=other")...); code != 1 {
		t.Errorf("a watch with wrong credentials ends with %d:\n%s", code, printed)
	}
	if printed, code, _ := p.step(finishWorkflow, "Decide"); code != 1 || !strings.Contains(printed, "::error::") {
		t.Errorf("a watch with wrong credentials passes with %d:\n%s", code, printed)
	}
	p.finish("8", 12)
	p.passes("watch=1\n", finishWorkflow, "Plan the watch", watchVariables...)
	p.passes("", finishWorkflow, "Watch and judge", watchVariables...)
	p.passes("", finishWorkflow, "Read the report", "AEP_READ_ONLY=true")
	p.passes("watch=0\n", finishWorkflow, "Plan the watch", watchVariables...)
	p.writes(&writes, 0)
	if report := read(t, filepath.Join(p.folder, "summary")); !strings.Contains(report, "| succeeded | 12 |") {
		t.Errorf("the summary has no report:\n%s", report)
	}
}

// TestPipelineFailsBelowTheGate lets two of the twelve devices fail, where the gate is 95 %.
func TestPipelineFailsBelowTheGate(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.passes("changes=3\n", campaignWorkflow, "Plan the start", "AEP_READ_ONLY=true", "AEP_MAX_DEVICES_PER_RUN=100")
	p.passes("", campaignWorkflow, "Apply the reviewed plan", "AEP_MAX_DEVICES_PER_RUN=100")
	p.finish("8", 10)
	writes := len(p.platform.Writes())
	for range 2 { // The gate stays closed.
		p.passes("watch=1\n", finishWorkflow, "Plan the watch", watchVariables...)
		printed, code, _ := p.step(finishWorkflow, "Watch and judge", watchVariables...)
		if code != 1 || !strings.Contains(printed, "Upgrade task has not succeeded") {
			t.Errorf("ten of twelve devices: the watch ends with %d:\n%s", code, printed)
		}
		p.passes("", finishWorkflow, "Read the report", "AEP_READ_ONLY=true")
		if printed, code, _ := p.step(finishWorkflow, "Decide"); code != 1 || !strings.Contains(printed, "::error::") {
			t.Errorf("a failed gate of a finished task ends with %d:\n%s", code, printed)
		}
	}
	p.writes(&writes, 0)
}

// finish lets this number of devices succeed and the others fail, and ends the task.
func (p *pipeline) finish(code string, succeeded int) {
	p.t.Helper()
	id := p.platform.Tasks(lwm2mProduct)[0].ID
	for i, subtask := range p.platform.Subtasks(id) {
		state, result, version := 8, "1", "1.3251"
		if i >= succeeded {
			state, result, version = 7, code, ""
		}
		if err := errors.Join(p.platform.SetSubtaskCode(id, subtask.DeviceID, state),
			p.platform.SetSubtaskResult(id, subtask.DeviceID, result, version)); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := p.platform.SetTaskStatus(id, simulator.Finished); err != nil {
		p.t.Fatal(err)
	}
}

var (
	usedAction  = regexp.MustCompile(`uses: ([^\s]+)(.*)`)
	pinned      = regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40}$`)
	ciGroup     = regexp.MustCompile(`(?m)^    concurrency:.*\n      group: firmware-campaign\n      queue: max\b`)
	jobMinutes  = regexp.MustCompile(`timeout-minutes: (\d+)`)
	hourDefault = regexp.MustCompile(`variable "watch_limit" \{[^}]*default += "(\d+)h"`)
)

// TestPipelineWorkflows compares what the workflows of the example have to agree on.
func TestPipelineWorkflows(t *testing.T) {
	t.Parallel()
	for _, name := range []string{planWorkflow, campaignWorkflow, finishWorkflow} {
		workflow := read(t, name)
		uses := usedAction.FindAllStringSubmatch(workflow, -1)
		if len(uses) == 0 {
			t.Errorf("%s uses no action", name)
		}
		for _, use := range uses {
			if !pinned.MatchString(use[1]) || !strings.HasPrefix(use[2], " # v") {
				t.Errorf("%s: %s is not pinned by commit with its version", name, use[0])
			}
		}
		jobs := strings.Count(workflow, "runs-on:")
		if jobs != len(jobMinutes.FindAllString(workflow, -1)) {
			t.Errorf("%s: a job of %d has no time limit", name, jobs)
		}
		if groups := len(ciGroup.FindAllString(workflow, -1)); name != planWorkflow && groups != jobs {
			t.Errorf("%s: %d of %d jobs are in the group", name, groups, jobs)
		}
	}
	minutes, err := strconv.Atoi(jobMinutes.FindStringSubmatch(read(t, finishWorkflow))[1])
	hours, errHours := strconv.Atoi(hourDefault.FindStringSubmatch(read(t, "pipeline/main.tf"))[1])
	if err != nil || errHours != nil || hours*60+30 > minutes || minutes >= 360 {
		t.Errorf("a watch of %d hours in a job of %d minutes", hours, minutes)
	}
}

// TestPipelineNeedsTheApprovalForOtherChanges changes the list between start and watch.
func TestPipelineNeedsTheApprovalForOtherChanges(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	if printed, code, _ := p.step(campaignWorkflow, "Plan the start", "AEP_MAX_DEVICES_PER_RUN=11"); code == 0 {
		t.Errorf("a plan for more devices than the limit passes:\n%s", printed)
	}
	p.passes("changes=3\n", campaignWorkflow, "Plan the start", "AEP_MAX_DEVICES_PER_RUN=12")
	p.passes("", campaignWorkflow, "Apply the reviewed plan", "AEP_MAX_DEVICES_PER_RUN=12")
	writes := len(p.platform.Writes())
	p.write("devices.txt", strings.Join(p.platform.DeviceIDs(lwm2mProduct)[:11], "\n"))
	printed, code, _ := p.step(finishWorkflow, "Plan the watch", watchVariables...)
	if code != 1 || !strings.Contains(printed, "::error::The plan changes more than the watch: aep_upgrade_devices.fleet") {
		t.Errorf("a watch with a changed list ends with %d:\n%s", code, printed)
	}
	if _, code, _ := p.step(campaignWorkflow, "Apply the reviewed plan"); code == 0 {
		t.Error("a plan is applied twice")
	}
	p.write("terraform.tfstate", "{")
	if printed, code, outputs := p.step(finishWorkflow, "Plan the watch", watchVariables...); code != 1 || outputs != "" {
		t.Errorf("a state that can't be read ends with %d and outputs %q:\n%s", code, outputs, printed)
	}
	p.writes(&writes, 0)
}

// twoBlocks sets the limits in the provider block of the root module, in one with an alias, and in a module.
const twoBlocks = `provider "aep" {
  read_only           = false
  max_devices_per_run = 5000
}

provider "aep" {
  alias               = "big"
  max_devices_per_run = var.wait_for == "started" ? 5000 : null
}

module "other" {
  source = "./report"
}`

// TestPipelineRefusesBlocksThatSetLimits sets the limits in provider blocks, which override the variables of the jobs.
func TestPipelineRefusesBlocksThatSetLimits(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.passes("changes=3\n", campaignWorkflow, "Plan the start", "AEP_MAX_DEVICES_PER_RUN=12")
	p.passes("", campaignWorkflow, "Apply the reviewed plan", "AEP_MAX_DEVICES_PER_RUN=12")
	writes := len(p.platform.Writes())
	const without = `provider "aep" {}`
	p.write("main.tf", strings.Replace(read(t, "pipeline/main.tf"), without, twoBlocks, 1))
	p.write("report/main.tf", strings.Replace(read(t, "pipeline/report/main.tf"), without, "provider \"aep\" {\n  read_only = false\n}", 1))
	p.run("terraform init")
	for workflow, name := range map[string]string{
		planWorkflow: "Show the plan", campaignWorkflow: "Plan the start", finishWorkflow: "Plan the watch",
	} {
		printed, code, outputs := p.step(workflow, name)
		for _, want := range []string{
			"block aep sets max_devices_per_run, which overrides AEP_MAX_DEVICES_PER_RUN", "block aep sets read_only, which overrides AEP_READ_ONLY",
			"block aep.big sets max_devices_per_run", "block module.other:aep sets read_only",
		} {
			if code != 1 || outputs != "" || !strings.Contains(printed, "::error::The provider "+want) {
				t.Errorf("%s: exit code %d, outputs %q, and the output lacks %q:\n%s", workflow, code, outputs, want, printed)
			}
		}
	}
	if printed, code, _ := p.step(finishWorkflow, "Read the report"); code != 1 || !strings.Contains(printed, "block aep sets read_only") {
		t.Errorf("the report with a block that permits writes ends with %d:\n%s", code, printed)
	}
	p.writes(&writes, 0)
}
