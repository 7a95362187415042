package examples_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// moreFolder holds the further examples of a page, each in a file of its own.
const moreFolder = "more"

// firstExample has the blocks that the further examples of a page refer to, by address.
var firstExample = []struct{ address, block string }{
	{`data.aep_product.meters`, `data "aep_product" "meters" {
  name = "Water meters"
}`},
	{`data.aep_firmware.target`, `data "aep_firmware" "target" {
  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}`},
	{`aep_upgrade_task.meters`, `resource "aep_upgrade_task" "meters" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters to 1.3251"
  retry_times = 2
}`},
	{`aep_upgrade_devices.fleet`, `resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = "${path.module}/devices.txt"
}`},
}

// moreExamples returns the further examples of resources, data sources, functions and the provider. The actions and
// lists among them are in TestActions and TestListResources.
func moreExamples(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"*/" + moreFolder + "/*.tf", "*/*/" + moreFolder + "/*.tf"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, slices.DeleteFunc(files, func(file string) bool { return strings.HasPrefix(file, "actions") })...)
	}
	if len(found) < 12 {
		t.Fatalf("only %d further examples were found: %v", len(found), found)
	}
	return found
}

// TestMoreExamples applies every further example of a page together with the blocks of the first one that it refers to,
// plans it again, and destroys it.
func TestMoreExamples(t *testing.T) {
	t.Parallel()
	for _, file := range moreExamples(t) {
		t.Run(filepath.ToSlash(file), func(t *testing.T) {
			t.Parallel()
			if strings.HasSuffix(file, "write-only.tf") {
				needs(t, "1.11")
			}
			w := newWorkspace(t, func(o *simulator.Options) {
				o.Products[0].Versions = []string{"1.2800", "1.3000", "1.3100"}
				o.Upgrade.WaitingTime = 0
			})
			w.write("main.tf", read(t, file))
			w.write("first.tf", contextOf(read(t, file)))
			seedMore(w, filepath.ToSlash(file))
			w.requireProvider()
			w.run("terraform init && terraform apply")
			if output, code := w.shell("terraform plan -detailed-exitcode"); code != 0 {
				t.Errorf("a second plan is not empty:\n%s", output)
			}
			w.run("terraform destroy")
			if left := len(w.platform.Tasks(lwm2mProduct)); left > 0 && strings.HasPrefix(file, "resources") {
				t.Errorf("%d tasks are left", left)
			}
		})
	}
}

// contextOf returns the blocks of the first example that an example refers to, directly or through another of them.
func contextOf(example string) string {
	text, blocks := example, []string{}
	for _, one := range slices.Backward(firstExample) {
		declaration, _, _ := strings.Cut(one.block, " {")
		others := strings.ReplaceAll(text, "data."+one.address, "")
		if strings.Contains(others, one.address) && !strings.Contains(example, declaration) {
			blocks = append(blocks, one.block)
			text += one.block
		}
	}
	return strings.Join(blocks, "\n\n") + "\n"
}

// seedMore makes what a further example reads.
func seedMore(w *workspace, file string) {
	w.t.Helper()
	ids := w.platform.DeviceIDs(lwm2mProduct)
	w.write("devices.txt", strings.Join(ids[2:500], "\n"))
	inventory, err := json.Marshal(map[string]any{"devices": ids[2:20]})
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("devices.json", string(inventory))
	for _, variable := range w.environment {
		if endpoint, found := strings.CutPrefix(variable, "AEP_ENDPOINT="); found && strings.HasPrefix(file, "provider/") {
			w.environment = append(w.environment, fmt.Sprintf(
				`TF_VAR_north={"endpoint":%q,"app_key":%q,"app_secret":%q,"master_keys":{"%d":%q}}`,
				endpoint, simulator.DefaultAppKey, simulator.DefaultAppSecret, lwm2mProduct, simulator.LwM2MMasterKey))
		}
	}
	if strings.HasSuffix(file, "adopt.tf") || strings.HasPrefix(file, "data-sources/") {
		w.task(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "Water meters to 1.3251", RetryTimes: 2}, 0)
	}
}

// exampleOnPage matches the examples that a template shows.
var exampleOnPage = regexp.MustCompile(`(?:tffile|codefile "[a-z]+") "examples/([^"]+)"`)

// TestMoreExamplesAreOnTheirPages looks for every further example in the template of a page.
func TestMoreExamplesAreOnTheirPages(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	err := filepath.WalkDir("../templates", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		for _, match := range exampleOnPage.FindAllStringSubmatch(read(t, name), -1) {
			shown[match[1]] = true
			if _, err := os.Stat(match[1]); err != nil {
				t.Errorf("%s shows %s, which is not there", name, match[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	actions, err := filepath.Glob("actions/*/" + moreFolder + "/*.tf")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(moreExamples(t), actions...) {
		if !shown[filepath.ToSlash(file)] {
			t.Errorf("no page shows examples/%s", file)
		}
	}
}
