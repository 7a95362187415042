package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestExamples applies every example of one configuration, plans it again, and
// destroys it. One that is in none of these tests is an error.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, example := range folders(t, ".") {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			switch filepath.Base(filepath.Dir(example)) {
			case "actions", "list-resources":
				return // TestActions, TestListResources
			case "ephemeral-resources":
				needs(t, "1.11") // for OpenTofu; Terraform has them since 1.10
			}
			if example == "product-key" {
				needs(t, "1.11")
			}
			w := newWorkspace(t)
			w.write("devices.txt", strings.Join(w.platform.DeviceIDs(lwm2mProduct)[2:500], "\n"))
			w.copied(example)
			seed(w, example)
			w.onSimulator()
			w.requireProvider()
			// Imports have a test of their own.
			w.run("rm -f import*")
			w.run("terraform init")
			before := len(w.platform.Tasks(lwm2mProduct)) + len(w.platform.Tasks(tLinkProduct))
			applied := w.run("terraform apply")
			if !strings.Contains(applied, "Apply complete!") && !strings.Contains(applied, "No changes.") {
				t.Errorf("apply says neither that it is complete nor that there is nothing to do:\n%s", applied)
			}
			if output, code := w.shell("terraform plan -detailed-exitcode"); code != 0 {
				t.Errorf("a second plan is not empty:\n%s", output)
			}
			w.run("terraform destroy")
			after := len(w.platform.Tasks(lwm2mProduct)) + len(w.platform.Tasks(tLinkProduct))
			if after > before {
				t.Errorf("%d tasks are left, there were %d", after, before)
			}
		})
	}
}

// folders returns the folders below root that hold a configuration of their
// own, that is, no modules of another.
func folders(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"*/*.tf", "*/*/*.tf", "*/*/*.hcl"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			folder := filepath.Dir(file)
			if outer := filepath.Dir(folder); slices.Contains(found, folder) || slices.Contains(found, outer) {
				continue
			}
			found = append(found, folder)
		}
	}
	if len(found) < 15 {
		t.Fatalf("only %d examples were found: %v", len(found), found)
	}
	return found
}

// seed makes what an example says is on the platform.
func seed(w *workspace, example string) {
	w.t.Helper()
	switch filepath.ToSlash(example) {
	case "data-sources/aep_upgrade_subtasks":
		id := w.task(simulator.TaskDraft{ProductID: tLinkProduct, FirmwareID: tLinkFirmware, Name: "Street lamps to 10.3", TimeoutHours: 3}, 2)
		device := w.platform.DeviceIDs(tLinkProduct)[0]
		for _, err := range []error{
			w.platform.SetSubtaskCode(id, device, 4), w.platform.SetSubtaskResult(id, device, "5000", ""), w.platform.SetTaskStatus(id,
				simulator.Finished),
		} {
			if err != nil {
				w.t.Fatal(err)
			}
		}
	case "data-sources/aep_upgrade_task":
		w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "Water meters 1.3251, spring"}, 1)
	case "data-sources/aep_upgrade_tasks":
		w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "meters 2026"}, 1)
	case "functions/task_id":
		w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "Water meters to 1.3251", RetryTimes: 2}, 0)
	case "product-key":
		w.withoutMasterKeys()
	case "report":
		seedReport(w)
	case "staged-rollout":
		w.write("campaign.auto.tfvars", "device_ids_file = \"fleet.txt\"\n")
		w.write("fleet.txt", strings.Join(w.platform.DeviceIDs(lwm2mProduct), "\n"))
	case "testing":
		// Of the dozen devices in its list none may be in the canary.
		w.write("devices.txt", strings.Join(w.platform.DeviceIDs(lwm2mProduct), "\n"))
	}
}

// TestImports imports objects that were created at the console, in each of the ways
// that the examples show.
func TestImports(t *testing.T) {
	t.Parallel()
	if reason := cannotGenerate(); reason != "" {
		t.Skip(reason)
	}
	for _, folder := range folders(t, ".") {
		if filepath.Dir(folder) != "resources" {
			continue
		}
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			for _, way := range []string{"import-by-string-id.tf", "import-by-identity.tf", "import.sh"} {
				t.Run(way, func(t *testing.T) {
					t.Parallel()
					if way == "import-by-identity.tf" {
						needs(t, "1.12")
					}
					w := newWorkspace(t)
					w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "Water meters", RetryTimes: 2}, 2)
					w.requireProvider()
					importing(w, folder, way)
					if output, code := w.shell("terraform plan -detailed-exitcode"); code != 0 {
						t.Errorf("a plan after the import is not empty:\n%s", output)
					}
					if !strings.Contains(w.run("terraform state list"), filepath.Base(folder)) {
						t.Error("nothing is in the state")
					}
				})
			}
		})
	}
}

// importing imports by one of the examples. The command needs a configuration,
// which an import block writes before.
func importing(w *workspace, folder, way string) {
	w.t.Helper()
	block := way
	if way == "import.sh" {
		block = "import-by-string-id.tf"
	}
	w.write("import.tf", read(w.t, filepath.Join(folder, block)))
	w.run("terraform init && terraform plan -generate-config-out=generated.tf")
	if way == "import.sh" {
		w.run("rm import.tf")
		w.run(read(w.t, filepath.Join(folder, way)))
		return
	}
	w.run("terraform apply")
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestFunctionsReturnWhatTheirExamplesSay(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"parse_task_id": `{"product_id":10005977,"task_id":3456}`,
		"subtask_phase": `{"0":"waiting","10":"cancelled","2":"in_progress","3":"failed","8":"succeeded"}`,
		"split_waves":   `[13,95,892]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			w.write("devices.txt", strings.Join(w.platform.DeviceIDs(lwm2mProduct), "\n")+"\n")
			w.copied(filepath.Join("functions", name))
			w.requireProvider()
			w.run("terraform init && terraform apply")
			output := regexp.MustCompile(`output "(\w+)"`).FindStringSubmatch(read(t, filepath.Join("functions", name, "function.tf")))
			if got := strings.TrimSpace(w.run("terraform output -json " + output[1])); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

// TestDriftWorkflow runs the step of the example's workflow that plans.
func TestDriftWorkflow(t *testing.T) {
	t.Parallel()
	if !found("jq") {
		t.Skip("jq is not on PATH")
	}
	workflow := read(t, "drift-detection/.github/workflows/drift.yml")
	step := regexp.MustCompile(`(?s)id: plan\n +run: \|\n(.*?)\n\n`).FindStringSubmatch(workflow)
	if step == nil {
		t.Fatal("the workflow has no step that plans")
	}
	w := newWorkspace(t)
	w.copied("drift-detection")
	w.run("terraform init && terraform apply")
	w.environment = append(w.environment, "AEP_READ_ONLY=true", "GITHUB_OUTPUT="+filepath.Join(w.folder, "outputs"))
	writes := len(w.platform.Writes())
	plan := func(want string) {
		t.Helper()
		w.write("outputs", "")
		w.run(step[1])
		if got := read(t, filepath.Join(w.folder, "outputs")); got != "changes="+want+"\n" {
			t.Errorf("the step says %q, want %s changes", got, want)
		}
	}
	plan("0")
	id := w.platform.Tasks(lwm2mProduct)[0].ID
	if err := w.platform.SetSubtaskCode(id, w.platform.Subtasks(id)[0].DeviceID, 8); err != nil {
		t.Fatal(err)
	}
	if output, code := w.shell("terraform plan -detailed-exitcode"); code != 2 || !strings.Contains(output, "Changes to Outputs") {
		t.Errorf("a counter that has risen gives exit code %d:\n%s", code, output)
	}
	plan("0")
	if err := w.platform.Join(id, w.platform.DeviceIDs(lwm2mProduct)[900]); err != nil {
		t.Fatal(err)
	}
	plan("1")
	if output, code := w.shell("terraform apply"); code == 0 || !strings.Contains(output, "read-only") {
		t.Errorf("apply with AEP_READ_ONLY: exit code %d\n%s", code, output)
	}
	if n := len(w.platform.Writes()); n != writes {
		t.Errorf("%d writes arrived", n-writes)
	}
	w.environment = append(w.environment, "AEP_APP_SECRET=wrong")
	if _, code := w.shell(step[1]); code == 0 {
		t.Error("a plan that fails passes")
	}
	w.environment = append(w.environment, "AEP_READ_ONLY=", "AEP_APP_SECRET="+simulator.DefaultAppSecret)
	w.run("terraform apply")
	plan("0")
}

// TestActions invokes the actions of the examples with the CLI where it knows
// actions; TestActionsOverTheProtocol does so without it.
func TestActions(t *testing.T) {
	t.Parallel()
	needs(t, "1.14")
	for _, e := range newerExamples(t, "actions") {
		t.Run(e.address(), func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			seedForActions(w, e.typeName)
			w.write("action.tf", pollOften(read(t, e.file)))
			w.write("recalled.txt", w.platform.DeviceIDs(lwm2mProduct)[0])
			w.write("devices.txt", strings.Join(w.platform.DeviceIDs(lwm2mProduct)[100:110], "\n"))
			w.requireProvider()
			w.run("terraform init")
			if strings.Contains(read(t, e.file), "resource ") {
				w.run("terraform apply")
			}
			w.run("terraform apply -invoke=action." + e.address())
		})
	}
}

// pollOften lets an action look at the platform every second.
func pollOften(action string) string {
	if !strings.Contains(action, "aep_upgrade_retry") {
		return action
	}
	return strings.Replace(action, "config {", "config {\n    poll_interval = \"1s\"", 1)
}

// TestListResources queries with the CLI where it can.
func TestListResources(t *testing.T) {
	t.Parallel()
	needs(t, "1.14")
	for _, e := range newerExamples(t, "list-resources") {
		w := newWorkspace(t)
		w.environment = append(w.environment, fmt.Sprintf("TF_VAR_product_id=%d", lwm2mProduct))
		w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "meters by day", RetryTimes: 0}, 0)
		w.copied(filepath.Dir(e.file))
		w.requireProvider()
		w.run("terraform init")
		if output := w.run("terraform query"); !strings.Contains(output, "meters by day") {
			t.Errorf("the task is not listed:\n%s", output)
		}
	}
}

// seededDevices is how many devices the task has that seedForActions makes.
const seededDevices = 40

// seedForActions makes the task that the examples of an action name.
func seedForActions(w *workspace, action string) {
	w.t.Helper()
	name := "Water meters to 1.3251"
	if action == "aep_upgrade_start" {
		name = "meters by night" // The example creates the other one.
	}
	id := w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: name}, seededDevices)
	if id != 3456 {
		w.t.Fatalf("the task is %d", id)
	}
	failing := w.platform.DeviceIDs(lwm2mProduct)[10]
	w.platform.Configure(func(o *simulator.Options) {
		switch action {
		case "aep_upgrade_cancel":
			o.Upgrade.WaitingTime = time.Hour
		case "aep_upgrade_retry":
			o.Upgrade.Fail = simulator.FailFirst(1, "5000", failing)
		}
	})
	if action == "aep_upgrade_start" {
		return
	}
	if err := w.platform.Start(id); err != nil {
		w.t.Fatal(err)
	}
}
