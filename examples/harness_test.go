// Package examples_test runs every example and every guide as a practitioner does. It
// uses the real CLI, a plugin folder, and credentials in the environment. Each test has
// a simulated platform.
package examples_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/go-version"
	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

const (
	lwm2mProduct  = simulator.LwM2MProduct
	tLinkProduct  = simulator.TLinkProduct
	lwm2mFirmware = simulator.LwM2MFirmware
	tLinkFirmware = simulator.TLinkFirmware

	// pluginPrefix and a version are what the test binary is called where Terraform looks for the provider.
	pluginPrefix = "terraform-provider-aep_v"
)

// terraform is the Terraform or OpenTofu that all tests run.
var terraform struct {
	folder   string // holds programs, plugins, and a home without settings
	openTofu bool
	version  *version.Version
	missing  error // why there is none
}

// TestMain lets the test binary be the provider when it is called so, which
// spares building another.
func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "terraform-provider-aep") {
		if err := tf6server.Serve("registry.terraform.io/ctwing/aep", provider.NewServer("0.0.1")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	folder, err := os.MkdirTemp("", "aep-examples-")
	if err != nil {
		panic(err)
	}
	terraform.folder = folder
	terraform.missing = prepareCLI(folder)
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

func prepareCLI(folder string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	program, err := findProgram(ctx, filepath.Join(folder, "fetched"))
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// The guides say `terraform`, whichever it is.
	links := map[string]string{filepath.Join(folder, "bin", "terraform"): program}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		// Most examples take the version of a development build, some name that of a release.
		for _, number := range []string{"0.0.1", "0.1.0"} {
			platform := runtime.GOOS + "_" + runtime.GOARCH
			links[filepath.Join(folder, "plugins", host, "ctwing", "aep", number, platform, pluginPrefix+number)] = self
		}
	}
	for link, target := range links {
		if err := errors.Join(os.MkdirAll(filepath.Dir(link), 0o700), os.Symlink(target, link)); err != nil {
			return err
		}
	}
	settings := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(folder, "plugins"))
	if err := os.WriteFile(filepath.Join(folder, "cli.tfrc"), []byte(settings), 0o600); err != nil {
		return err
	}
	output, err := exec.CommandContext(ctx, program, "version", "-json").Output()
	if err != nil {
		return fmt.Errorf("%s version: %w", program, err)
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		return err
	}
	terraform.openTofu = strings.HasPrefix(filepath.Base(program), "tofu")
	terraform.version, err = version.NewVersion(answer.Version)
	return err
}

// findProgram looks where the other tests look, and fetches Terraform if there
// is none.
func findProgram(ctx context.Context, folder string) (string, error) {
	for _, name := range []string{os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform", "tofu"} {
		if program, err := exec.LookPath(name); name != "" && err == nil {
			return program, nil
		}
	}
	constraints, err := version.NewConstraint(">= 1.8, < 2.0")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	return install.NewInstaller().Ensure(ctx, []src.Source{
		&releases.LatestVersion{Product: product.Terraform, Constraints: constraints, InstallDir: folder},
	})
}

// needs skips a test that the CLI is too old for. OpenTofu has no actions or queries
// in any version.
func needs(t *testing.T, least string) {
	t.Helper()
	if reason := lacks(least); reason != "" {
		t.Skip(reason)
	}
}

func lacks(wanted string) string {
	least := version.Must(version.NewVersion(wanted))
	newer := version.Must(version.NewVersion("1.13")) // what OpenTofu has, both have had since the same version
	switch {
	case terraform.missing != nil:
		return ""
	case terraform.openTofu && least.GreaterThanOrEqual(newer):
		return "needs Terraform " + wanted + ", and this is OpenTofu"
	case terraform.version.Core().LessThan(least):
		return "needs Terraform " + wanted + ", and this is " + terraform.version.String()
	}
	return ""
}

// cannotGenerate returns why the CLI can't generate the configuration of a device set, or "".
func cannotGenerate() string {
	switch {
	case terraform.missing != nil:
		return ""
	case terraform.openTofu && terraform.version.Core().LessThan(version.Must(version.NewVersion("1.11"))):
		return "OpenTofu before 1.11 crashes on optional nested attributes: https://github.com/opentofu/opentofu/issues/3555"
	case terraform.version.String() == "1.17.0-beta1":
		return "Terraform 1.17.0-beta1 looks for the provider in the namespace hashicorp"
	}
	return ""
}

// workspace is a folder with a configuration, and the platform it works on.
type workspace struct {
	t           *testing.T
	platform    *simulator.Platform
	folder      string
	environment []string
}

// newWorkspace starts a simulated platform whose devices are upgraded in no time.
func newWorkspace(t *testing.T, change ...func(*simulator.Options)) *workspace {
	t.Helper()
	if terraform.missing != nil {
		t.Fatal(terraform.missing)
	}
	options := simulator.Options{Products: simulator.DefaultProducts(1000), RequireMasterKey: true}
	for _, c := range change {
		c(&options)
	}
	platform := simulator.New(options)
	t.Cleanup(platform.Close)
	w := &workspace{t: t, platform: platform, folder: t.TempDir()}
	w.environment = append(environ(t, cli.Serve(t, platform)),
		fmt.Sprintf(`AEP_MASTER_KEYS={"%d":%q,"%d":%q}`, lwm2mProduct, simulator.LwM2MMasterKey, tLinkProduct, simulator.TLinkMasterKey),
	)
	return w
}

// environ returns the environment of a Terraform that finds the provider, asks nothing, and works on a platform.
func environ(t *testing.T, endpoint string) []string {
	t.Helper()
	return append(cli.Environ(endpoint),
		"PATH="+filepath.Join(terraform.folder, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"HOME="+t.TempDir(), "TF_CLI_CONFIG_FILE="+filepath.Join(terraform.folder, "cli.tfrc"), "TF_CLI_ARGS=-no-color",
		"TF_CLI_ARGS_apply=-auto-approve", "TF_CLI_ARGS_destroy=-auto-approve",
	)
}

// shell runs a script in the workspace and returns what it printed, and its
// exit code.
func (w *workspace) shell(script string) (string, int) {
	w.t.Helper()
	command := exec.CommandContext(w.t.Context(), "bash", "-euo", "pipefail", "-c", script) //nolint:gosec // The scripts are ours.
	command.Dir, command.Env = w.folder, w.environment
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("$ %s\n%s(exit code %d)", script, output.String(), code)
	return output.String(), code
}

// run is shell for a script that must succeed.
func (w *workspace) run(script string) string {
	w.t.Helper()
	output, code := w.shell(script)
	if code != 0 {
		w.t.Fatalf("%s: exit code %d\n%s", script, code, output)
	}
	return output
}

func (w *workspace) write(name, content string) {
	w.t.Helper()
	file := filepath.Join(w.folder, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(content), 0o600)); err != nil {
		w.t.Fatal(err)
	}
}

// copied puts an example into the workspace.
func (w *workspace) copied(example string) {
	w.t.Helper()
	if err := os.CopyFS(w.folder, os.DirFS(example)); err != nil && !errors.Is(err, fs.ErrExist) {
		w.t.Fatal(err)
	}
}

// onSimulator lets a provider block that names the real platform work on the
// simulated one.
func (w *workspace) onSimulator() {
	for _, variable := range w.environment {
		if endpoint, ok := strings.CutPrefix(variable, "AEP_ENDPOINT="); ok {
			w.write("simulator_override.tf", fmt.Sprintf("provider \"aep\" {\n  endpoint = %q\n}\n", endpoint))
		}
	}
}

// requireProvider says which provider is meant, if the configuration does not.
func (w *workspace) requireProvider() {
	w.t.Helper()
	if _, code := w.shell("grep -q required_providers *.tf"); code != 0 {
		w.write("versions.tf", "terraform {\n  required_providers {\n    aep = {\n      source = \"ctwing/aep\"\n    }\n  }\n}\n")
	}
}

// withoutMasterKeys removes the MasterKeys from the environment.
func (w *workspace) withoutMasterKeys() {
	w.environment = slices.DeleteFunc(w.environment, func(v string) bool { return strings.HasPrefix(v, "AEP_MASTER_KEY") })
}

// task makes a task at the console, with some devices.
func (w *workspace) task(draft simulator.TaskDraft, devices int) int64 {
	w.t.Helper()
	id, err := w.platform.CreateTask(draft)
	if err == nil && devices > 0 {
		err = w.platform.Join(id, w.platform.DeviceIDs(draft.ProductID)[:devices]...)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}
