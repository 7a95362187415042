package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// stagedRollout is examples/staged-rollout. The Terraform of this machine runs it
// unchanged on a simulated platform. (The testing framework of the plugin SDK can't
// install modules.)
type stagedRollout struct {
	t           *testing.T
	program     string
	folder      string
	environment []string
}

func newStagedRollout(t *testing.T, p *simulator.Platform) *stagedRollout {
	t.Helper()
	coretest.WithoutRaceDetector(t, coretest.RealCLI)
	program, err := exec.LookPath("terraform")
	if name := os.Getenv("TF_ACC_TERRAFORM_PATH"); name != "" {
		program, err = name, nil
	}
	if err != nil {
		t.Skip("there is no terraform on PATH")
	}
	s := &stagedRollout{t: t, program: program, folder: t.TempDir()}
	if err := os.CopyFS(s.folder, os.DirFS(filepath.Join("..", "..", "examples", "staged-rollout"))); err != nil {
		t.Fatal(err)
	}
	devices := filepath.Join(s.folder, "devices.txt")
	if err := os.WriteFile(devices, []byte(strings.Join(p.DeviceIDs(coretest.LwM2MProduct), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AEP_") {
			s.environment = append(s.environment, variable)
		}
	}
	s.environment = append(
		s.environment,
		"TF_REATTACH_PROVIDERS="+serve(t, p), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.Getenv("TF_CLI_CONFIG_FILE"),
		"TF_VAR_device_ids_file="+devices, "TF_VAR_poll_interval=1s",
	)
	s.must("init", "-input=false", "-no-color")
	return s
}

// serve lets Terraform reach the provider in this process, and returns how.
func serve(t *testing.T, p *simulator.Platform) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	configs, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	failed := make(chan error, 1)
	factory := coretest.Factories(p)["aep"]
	go func() {
		failed <- tf6server.Serve("registry.terraform.io/ctwing/aep", func() tfprotov6.ProviderServer {
			server, _ := factory() // it never fails
			return server
		}, tf6server.WithDebug(ctx, configs, closed))
	}()
	t.Cleanup(func() { stop(); <-closed })
	select {
	case err := <-failed:
		t.Fatal(err)
	case config := <-configs:
		address := map[string]any{"Network": config.Addr.Network(), "String": config.Addr.String()}
		how := map[string]any{
			"Protocol": string(config.Protocol), "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid,
			"Test": config.Test, "Addr": address,
		}
		text, err := json.Marshal(map[string]any{"registry.terraform.io/ctwing/aep": how, "registry.opentofu.org/ctwing/aep": how})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return ""
}

// run runs Terraform and returns what it printed.
func (s *stagedRollout) run(arguments ...string) (string, error) {
	command := exec.CommandContext(s.t.Context(), s.program, arguments...)
	command.Dir, command.Env = s.folder, s.environment
	output, err := command.CombinedOutput()
	return string(output), err
}

func (s *stagedRollout) must(arguments ...string) {
	s.t.Helper()
	if output, err := s.run(arguments...); err != nil {
		s.t.Fatalf("terraform %s: %v\n%s", arguments[0], err, output)
	}
}

// stagedPlatform has enough devices for a canary of 1 %.
func stagedPlatform(t *testing.T, change ...func(*simulator.Options)) *simulator.Platform {
	t.Helper()
	p := coretest.NewPlatform(t, append(change, func(o *simulator.Options) { o.Products = simulator.DefaultProducts(300) })...)
	// The provider runs in this process, and reads its environment.
	for name, value := range map[string]string{
		"AEP_ENDPOINT": simulator.BaseURL, "AEP_APP_KEY": simulator.DefaultAppKey, "AEP_APP_SECRET": simulator.DefaultAppSecret,
		"AEP_REQUESTS_PER_SECOND": "0",
	} {
		t.Setenv(name, value)
	}
	return p
}

func TestStagedRolloutExample(t *testing.T) { //nolint:paralleltest // it sets the environment
	p := stagedPlatform(t)
	s := newStagedRollout(t, p)
	s.must("apply", "-auto-approve", "-no-color")
	tasks := p.Tasks(coretest.LwM2MProduct)
	if len(tasks) != 3 || tasks[0].DeviceCount == 0 || tasks[0].DeviceCount+tasks[1].DeviceCount+tasks[2].DeviceCount != 300 {
		t.Fatalf("the platform holds %+v", tasks)
	}
	for i, task := range tasks {
		if task.Status != simulator.Finished || p.StartCount(task.ID) != 1 {
			t.Errorf("task %q: %+v, started %d times", task.Name, task, p.StartCount(task.ID))
		}
		if i > 0 && task.DeviceCount <= tasks[i-1].DeviceCount {
			t.Errorf("wave %d has %d devices, the one before %d", i, task.DeviceCount, tasks[i-1].DeviceCount)
		}
	}
	if output, err := s.run("plan", "-detailed-exitcode", "-no-color"); err != nil {
		t.Errorf("the second plan: %v\n%s", err, output)
	}
	s.must("destroy", "-auto-approve", "-no-color")
	if left := p.Tasks(coretest.LwM2MProduct); len(left) != 0 {
		t.Errorf("destroy left %+v", left)
	}
}

func TestStagedRolloutStopsAtTheCanary(t *testing.T) { //nolint:paralleltest // it sets the environment
	p := stagedPlatform(t, func(o *simulator.Options) { o.Upgrade.Fail = func(string, int) string { return "5000" } })
	s := newStagedRollout(t, p)
	output, err := s.run("apply", "-auto-approve", "-no-color")
	if _, failed := errors.AsType[*exec.ExitError](err); !failed || !coretest.Says(output, "module.canary.aep_upgrade_rollout.this") ||
		!coretest.Says(output, "5000") {
		t.Errorf("%v\n%s", err, output)
	}
	if n := p.TasksEverCreated(); n != 1 {
		t.Errorf("%d tasks were created, want only that of the canary", n)
	}
	if n := p.Count(simulator.OpControl); n != 1 {
		t.Errorf("%d starts arrived, want 1", n)
	}
	touched := 0
	for _, id := range p.DeviceIDs(coretest.LwM2MProduct) {
		touched += p.JoinCount(coretest.FirstTask, id)
	}
	if touched == 0 || touched > 10 {
		t.Errorf("%d devices were in the canary", touched)
	}
}
