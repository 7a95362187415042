package examples_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestCampaignVariables sets variables of the example: a product of another protocol is refused, and a file replaces
// the group. A device that is added in the console makes the check warn.
func TestCampaignVariables(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, func(o *simulator.Options) { o.Products[0].Versions = []string{"1.2800", "1.3000"} })
	w.copied("campaign")
	ids := w.platform.DeviceIDs(lwm2mProduct)
	w.write("fleet.txt", strings.Join(ids[:12], "\n"))
	w.run("terraform init")
	lamps := "terraform apply -var 'product=Street lamps' -var firmware_version=10.3"
	if output, code := w.shell(lamps); code != 1 || !strings.Contains(output, "retry_times is for LwM2M. This product uses t_link") {
		t.Errorf("a product of another protocol: exit code %d\n%s", code, output)
	}
	w.run("terraform apply -var device_ids_file=fleet.txt")
	if got := w.run("terraform output -json devices"); strings.TrimSpace(got) != "12" {
		t.Errorf("the task has %s devices, want the 12 of the file", got)
	}
	if output := w.run("terraform plan -var device_ids_file=fleet.txt"); strings.Contains(output, "Check block assertion failed") {
		t.Errorf("the check warns, although only our devices are in the task:\n%s", output)
	}
	if err := w.platform.Join(w.platform.Tasks(lwm2mProduct)[0].ID, ids[20]); err != nil {
		t.Fatal(err)
	}
	if output := w.run("terraform plan -var device_ids_file=fleet.txt"); !strings.Contains(output, "The task holds 13 devices, the set 12.") {
		t.Errorf("the check does not warn of the device that was added:\n%s", output)
	}
}

// TestProductKeyIsStoredNowhere runs the example without a MasterKey in the environment, and looks for the key in
// the state, the plan, the log and everything printed.
func TestProductKeyIsStoredNowhere(t *testing.T) {
	t.Parallel()
	needs(t, "1.11")
	w := newWorkspace(t)
	w.withoutMasterKeys()
	w.environment = append(w.environment, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(w.folder, "trace.log"))
	w.copied("product-key")
	printed := w.run("terraform init && terraform plan -out=key.tfplan && terraform show -json key.tfplan > plan.json && " +
		"terraform apply key.tfplan && terraform show")
	used := 0
	for _, r := range w.platform.Requests() {
		if r.Header.Get("MasterKey") == simulator.LwM2MMasterKey {
			used++
		}
	}
	if used == 0 {
		t.Error("no request has the MasterKey, so the look-up did not reach the second provider configuration")
	}
	for name, least := range map[string]string{
		"trace.log": "aep_product_key", "plan.json": "aep_upgrade_task", "terraform.tfstate": "aep_upgrade_task",
	} {
		content := read(t, filepath.Join(w.folder, name))
		if !strings.Contains(content, least) {
			t.Errorf("%s does not mention %s, so the search below it proves nothing", name, least)
		}
		if strings.Contains(content, simulator.LwM2MMasterKey) {
			t.Errorf("%s contains the MasterKey", name)
		}
	}
	if strings.Contains(printed, simulator.LwM2MMasterKey) {
		t.Error("the MasterKey is printed")
	}
}
