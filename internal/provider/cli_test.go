package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// cli is the real Terraform with the real provider in processes of its own,
// which a test can kill, against a platform behind a real socket.
type cli struct {
	t        *testing.T
	p        *simulator.Platform
	program  string
	folder   string
	endpoint string
	environ  []string

	mu      sync.Mutex
	command *exec.Cmd // under way
}

// commandPatience is when a command counts as hanging. Nothing that is waited
// for in these tests would end of itself before.
const commandPatience = 4 * time.Minute

// builtProvider is the folder of the provider's program, built once.
var builtProvider = sync.OnceValues(func() (string, error) {
	folder := filepath.Join(testFolder, "program")
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "real"), "../..")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	// Terraform starts this in the provider's place, so that its processes are known.
	const script = "#!/bin/sh\necho $$ >> \"$PROVIDER_PIDS\"\nexec \"$(dirname \"$0\")/real\" \"$@\"\n"
	return folder, os.WriteFile(filepath.Join(folder, "terraform-provider-aep"), []byte(script), 0o700)
})

// newCLI prepares Terraform for a platform; it has no configuration yet.
func newCLI(t *testing.T, p *simulator.Platform) *cli {
	t.Helper()
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		program, _ = exec.LookPath("terraform")
	}
	withoutRaceDetector(t)
	if program == "" || runtime.GOOS == "windows" {
		t.Skip("needs terraform on PATH and signals")
	}
	provider, err := builtProvider()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.Serve(listener) }()
	c := &cli{t: t, p: p, program: program, folder: t.TempDir(), endpoint: "http://" + listener.Addr().String()}
	settings := fmt.Sprintf("provider_installation {\n dev_overrides {\n  \"registry.terraform.io/ctwing/aep\" = %q\n  \"registry.opentofu.org/ctwing/aep\" = %q\n }\n direct {}\n}\n", provider, provider)
	c.write("cli.tfrc", settings)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AEP_") {
			c.environ = append(c.environ, variable)
		}
	}
	c.environ = append(c.environ,
		"TF_CLI_CONFIG_FILE="+filepath.Join(c.folder, "cli.tfrc"), "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
		"PROVIDER_PIDS="+filepath.Join(c.folder, "pids"),
		"AEP_ENDPOINT="+c.endpoint, "AEP_APP_KEY="+simulator.DefaultAppKey, "AEP_APP_SECRET="+simulator.DefaultAppSecret,
		"AEP_MASTER_KEY="+simulator.LwM2MMasterKey, "AEP_REQUESTS_PER_SECOND=0")
	return c
}

// write puts a file beside the configuration.
func (c *cli) write(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.folder, name), []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// configure replaces the configuration.
func (c *cli) configure(config string) {
	c.t.Helper()
	c.write("main.tf", "terraform {\n  required_providers {\n    aep = {\n      source = \"ctwing/aep\"\n    }\n  }\n}\n\nprovider \"aep\" {}\n\n"+config)
}

// run runs a command to its end and returns what it printed and its exit code.
func (c *cli) run(arguments ...string) (output string, code int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), commandPatience)
	defer cancel()
	command := exec.CommandContext(ctx, c.program, append(arguments, "-no-color")...)
	command.Dir, command.Env = c.folder, c.environ
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	c.mu.Lock()
	err := command.Start()
	c.command = command
	c.mu.Unlock()
	if err != nil {
		c.t.Fatal(err)
	}
	_ = command.Wait()
	if ctx.Err() != nil {
		c.t.Fatalf("terraform %s hangs:\n%s", strings.Join(arguments, " "), &printed)
	}
	return printed.String(), command.ProcessState.ExitCode()
}

// must runs a command that has to succeed.
func (c *cli) must(arguments ...string) string {
	c.t.Helper()
	output, code := c.run(arguments...)
	if code != 0 {
		c.t.Fatalf("terraform %s ended with %d:\n%s", strings.Join(arguments, " "), code, ending(output))
	}
	return output
}

// fails runs a command that has to fail with a text in its output.
func (c *cli) fails(text string, arguments ...string) string {
	c.t.Helper()
	output, code := c.run(arguments...)
	if code == 0 || !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(output, "│", "")), " "), text) {
		c.t.Fatalf("terraform %s ended with %d; want %q in:\n%s", strings.Join(arguments, " "), code, text, output)
	}
	return output
}

// empty insists that there is nothing to plan.
func (c *cli) empty() {
	c.t.Helper()
	if output, code := c.run("plan", "-detailed-exitcode"); code != 0 {
		c.t.Errorf("the plan is not empty (%d):\n%s", code, ending(output))
	}
}

// interrupt is Ctrl-C at the command under way.
func (c *cli) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.command.Process.Signal(os.Interrupt)
}

// kill ends every process of the provider as a crash would.
func (c *cli) kill() {
	pids, err := os.ReadFile(filepath.Join(c.folder, "pids"))
	if err != nil {
		c.t.Error(err)
	}
	for _, line := range strings.Fields(string(pids)) {
		if pid, err := strconv.Atoi(line); err == nil {
			if process, err := os.FindProcess(pid); err == nil {
				_ = process.Kill()
			}
		}
	}
	_ = os.Remove(filepath.Join(c.folder, "pids"))
}

// held are the resources in the state, by address, with what the state says of each.
func (c *cli) held() map[string]map[string]any {
	c.t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				Status     string
				Attributes map[string]any
			}
		}
	}
	content, err := os.ReadFile(filepath.Join(c.folder, "terraform.tfstate"))
	if os.IsNotExist(err) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(content, &state)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	held := map[string]map[string]any{}
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			if i.Status == "tainted" {
				i.Attributes["tainted"] = true
			}
			held[r.Type+"."+r.Name] = i.Attributes
		}
	}
	return held
}

// campaignHCL is a task with devices, and, with a rollout, its start.
func campaignHCL(ids []string, arguments, rollout string) string {
	config := fmt.Sprintf(`
resource "aep_upgrade_task" "test" {
  product_id  = %d
  firmware_id = %d
  name        = "campaign"
  retry_times = 1
  %s
}

resource "aep_upgrade_devices" "test" {
  product_id = aep_upgrade_task.test.product_id
  task_id    = aep_upgrade_task.test.task_id
  %s
  batch_size = 2
  force_destroy = true
}
`, lwm2mProduct, lwm2mFirmware, arguments, idList(ids))
	if rollout == "" {
		return config
	}
	return config + fmt.Sprintf(`
resource "aep_upgrade_rollout" "test" {
  product_id            = aep_upgrade_task.test.product_id
  task_id               = aep_upgrade_task.test.task_id
  expected_device_count = aep_upgrade_devices.test.attached_count
  %s
}
`, rollout)
}
