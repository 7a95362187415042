package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Workspace is a folder with a configuration for the real Terraform, and the platform
// that it works on.
type Workspace struct {
	T        *testing.T
	Platform *simulator.Platform
	program  string
	Folder   string
	Environ  []string

	mu      sync.Mutex
	command *exec.Cmd // under way
}

// commandPatience is the time after which a command hangs. No wait in these tests ends
// earlier without a cause.
const commandPatience = 4 * time.Minute

// New returns a workspace for a platform. It has no configuration yet. The test is
// skipped if there is no Terraform, and under the race detector.
func New(t *testing.T, p *simulator.Platform) *Workspace {
	t.Helper()
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		program, _ = exec.LookPath("terraform")
	}
	coretest.WithoutRaceDetector(t, coretest.RealCLI)
	if program == "" || runtime.GOOS == "windows" {
		t.Skip("needs terraform on PATH and signals")
	}
	provider, err := builtProvider()
	if err != nil {
		t.Fatal(err)
	}
	c := &Workspace{T: t, Platform: p, program: program, Folder: t.TempDir()}
	settings := fmt.Sprintf(`provider_installation {
  dev_overrides {
    "registry.terraform.io/ctwing/aep" = %q
    "registry.opentofu.org/ctwing/aep" = %q
  }
  direct {}
}
`, provider, provider)
	c.Write("cli.tfrc", settings)
	c.Environ = append(Environ(Serve(t, p)),
		"TF_CLI_CONFIG_FILE="+filepath.Join(c.Folder, "cli.tfrc"), "TF_IN_AUTOMATION=1",
		"PROVIDER_PIDS="+filepath.Join(c.Folder, "pids"), "AEP_MASTER_KEY="+simulator.LwM2MMasterKey)
	return c
}

// Write writes a file beside the configuration.
func (c *Workspace) Write(name, content string) {
	c.T.Helper()
	if err := os.WriteFile(filepath.Join(c.Folder, name), []byte(content), 0o600); err != nil {
		c.T.Fatal(err)
	}
}

// Configure replaces the configuration.
func (c *Workspace) Configure(config string) {
	c.T.Helper()
	c.Write("main.tf", `terraform {
  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

provider "aep" {}

`+config)
}

// Run runs a command. It returns the output and the exit code.
func (c *Workspace) Run(arguments ...string) (output string, code int) {
	c.T.Helper()
	ctx, cancel := context.WithTimeout(c.T.Context(), commandPatience)
	defer cancel()
	command := exec.CommandContext(ctx, c.program, append(arguments, "-no-color")...)
	command.Dir, command.Env = c.Folder, c.Environ
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	c.mu.Lock()
	err := command.Start()
	c.command = command
	c.mu.Unlock()
	if err != nil {
		c.T.Fatal(err)
	}
	_ = command.Wait()
	if ctx.Err() != nil {
		c.T.Fatalf("terraform %s hangs:\n%s", strings.Join(arguments, " "), &printed)
	}
	return printed.String(), command.ProcessState.ExitCode()
}

// Must runs a command. The test fails unless it succeeds.
func (c *Workspace) Must(arguments ...string) string {
	c.T.Helper()
	output, code := c.Run(arguments...)
	if code != 0 {
		c.T.Fatalf("terraform %s ended with %d:\n%s", strings.Join(arguments, " "), code, Ending(output))
	}
	return output
}

// Fails runs a command. The test fails unless it fails and its output says text.
func (c *Workspace) Fails(text string, arguments ...string) string {
	c.T.Helper()
	output, code := c.Run(arguments...)
	if code == 0 || !coretest.Says(strings.Join(strings.Fields(strings.ReplaceAll(output, "│", "")), " "), text) {
		c.T.Fatalf("terraform %s ended with %d; want %q in:\n%s", strings.Join(arguments, " "), code, text, output)
	}
	return output
}

// Empty fails the test if the plan is not empty.
func (c *Workspace) Empty() {
	c.T.Helper()
	if output, code := c.Run("plan", "-detailed-exitcode"); code != 0 {
		c.T.Errorf("the plan is not empty (%d):\n%s", code, Ending(output))
	}
}

// Interrupt sends the running command what Ctrl-C sends.
func (c *Workspace) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.command.Process.Signal(os.Interrupt)
}

// Kill ends every process of the provider as a crash would.
func (c *Workspace) Kill() {
	pids, err := os.ReadFile(filepath.Join(c.Folder, "pids"))
	if err != nil {
		c.T.Error(err)
	}
	for line := range strings.FieldsSeq(string(pids)) {
		if pid, err := strconv.Atoi(line); err == nil {
			if process, err := os.FindProcess(pid); err == nil {
				_ = process.Kill()
			}
		}
	}
	_ = os.Remove(filepath.Join(c.Folder, "pids"))
}

// Held returns the attributes of the resources in the state by address. A tainted
// resource has the attribute "tainted".
func (c *Workspace) Held() map[string]map[string]any {
	c.T.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				Status     string
				Attributes map[string]any
			}
		}
	}
	content, err := os.ReadFile(filepath.Join(c.Folder, "terraform.tfstate"))
	if os.IsNotExist(err) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(content, &state)
	}
	if err != nil {
		c.T.Fatal(err)
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

// CampaignHCL returns a task with a device set. If rollout is not empty, a rollout
// follows with these arguments.
func CampaignHCL(ids []string, arguments, rollout string) string {
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
`, coretest.LwM2MProduct, coretest.LwM2MFirmware, arguments, DeviceIDs(ids))
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

// DeviceIDs returns the argument device_ids.
func DeviceIDs(ids []string) string {
	return `device_ids = ["` + strings.Join(ids, `", "`) + `"]`
}
