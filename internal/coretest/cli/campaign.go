package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Campaign is a workspace with a campaign of one product.
type Campaign struct {
	*Workspace
	product int64
	IDs     []string // the devices of the product
}

// NewCampaign starts a platform on which a started device waits for ever, and a workspace
// for it.
func NewCampaign(t *testing.T, product int64, change ...func(*simulator.Options)) *Campaign {
	t.Helper()
	t.Parallel()
	patient := func(o *simulator.Options) { o.Upgrade.WaitingTime = 1000 * time.Hour }
	p := coretest.NewPlatform(t, append([]func(*simulator.Options){patient}, change...)...)
	l := &Campaign{Workspace: New(t, p), product: product, IDs: p.DeviceIDs(product)}
	l.Environ = append(l.Environ, fmt.Sprintf(`AEP_MASTER_KEYS={"%d":%q,"%d":%q}`,
		coretest.LwM2MProduct, simulator.LwM2MMasterKey, coretest.TLinkProduct, simulator.TLinkMasterKey))
	return l
}

// Finishing makes devices succeed as soon as their task is started.
func Finishing(o *simulator.Options) { o.Upgrade.WaitingTime = 0 }

// Task returns the configuration of a task. Arguments replace the usual ones.
func (l *Campaign) Task(label string, arguments ...string) string {
	usual := []string{`name = "campaign"`, fmt.Sprintf("firmware_id = %d", coretest.LwM2MFirmware), "retry_times = 1"}
	if l.product == coretest.TLinkProduct {
		usual = []string{`name = "campaign"`, fmt.Sprintf("firmware_id = %d", coretest.TLinkFirmware), "timeout_hours = 24"}
	}
	given := strings.Join(arguments, "\n")
	for _, argument := range usual {
		if name, _, _ := strings.Cut(argument, " "); !strings.Contains(given, name) {
			arguments = append(arguments, argument)
		}
	}
	return l.Block("aep_upgrade_task", label, arguments...)
}

// Set returns the configuration of a device set of task t.
func (l *Campaign) Set(label string, arguments ...string) string {
	return l.Block("aep_upgrade_devices", label, append(arguments, "task_id = aep_upgrade_task.t.task_id")...)
}

// Rollout returns the configuration of a rollout of task t with the devices of some sets.
func (l *Campaign) Rollout(sets []string, arguments ...string) string {
	counts := []string{"expected_device_count = 0"}
	for _, label := range sets {
		counts = append(counts, "aep_upgrade_devices."+label+".device_count")
	}
	count := strings.Join(counts, " + ")
	return l.Block("aep_upgrade_rollout", "r", append(arguments, "task_id = aep_upgrade_task.t.task_id", count)...)
}

// Block returns the configuration of a resource of the product.
func (l *Campaign) Block(kind, label string, arguments ...string) string {
	return fmt.Sprintf("resource %q %q {\n  product_id = %d\n  %s\n}\n", kind, label, l.product, strings.Join(arguments, "\n  "))
}

// Moved returns a moved block.
func Moved(from, to string) string {
	return fmt.Sprintf("moved {\n  from = %s\n  to = %s\n}\n", from, to)
}

// CreateBeforeDestroy is a lifecycle block.
const CreateBeforeDestroy = "lifecycle {\n    create_before_destroy = true\n  }"

// Config replaces the configuration.
func (l *Campaign) Config(blocks ...string) { l.Configure(strings.Join(blocks, "\n")) }

// Apply applies without errors. It returns the output in one line.
func (l *Campaign) Apply(arguments ...string) string {
	l.T.Helper()
	return oneLine(l.Must(append([]string{"apply", "-auto-approve"}, arguments...)...))
}

// Started applies blocks and a rollout, which starts the campaign.
func (l *Campaign) Started(sets []string, blocks ...string) {
	l.T.Helper()
	l.Config(append(blocks, l.Rollout(sets))...)
	l.Apply()
	if n := l.Platform.StartCount(coretest.FirstTask); n != 1 {
		l.T.Fatalf("the task was started %d times, want once", n)
	}
}

// Refused runs a command. The test fails unless the command is refused with all of texts
// and sends no write.
func (l *Campaign) Refused(texts []string, arguments ...string) string {
	l.T.Helper()
	l.Platform.ResetJournal()
	output, code := l.Run(arguments...)
	if code != 1 {
		l.T.Fatalf("terraform %s ended with %d, want a refusal:\n%s", strings.Join(arguments, " "), code, Ending(output))
	}
	l.Says(output, texts...)
	if l.WroteNothing(); l.T.Failed() {
		l.T.FailNow()
	}
	return oneLine(output)
}

// Quiet applies. The test fails if a write is sent.
func (l *Campaign) Quiet(summary string, arguments ...string) string {
	l.T.Helper()
	l.Platform.ResetJournal()
	output := l.Apply(arguments...)
	l.Says(output, summary)
	l.WroteNothing()
	return output
}

// Stays is Quiet. The test also fails unless exactly these devices of the first task are
// active.
func (l *Campaign) Stays(summary string, devices ...string) {
	l.T.Helper()
	l.Quiet(summary)
	l.WantActive(coretest.FirstTask, devices...)
}

// WroteNothing fails the test for each write since the journal was reset.
func (l *Campaign) WroteNothing() {
	l.T.Helper()
	for _, r := range l.Platform.Writes() {
		l.T.Errorf("%s %s was sent: %s", r.Method, r.Path, r.Body)
	}
}

// Says fails the test unless an output says all of texts.
func (l *Campaign) Says(output string, texts ...string) {
	l.T.Helper()
	printed := oneLine(output)
	for _, text := range texts {
		if !coretest.Says(printed, text) {
			l.T.Errorf("the output does not say %q:\n%s", text, Ending(output))
		}
	}
}

// Active returns the devices of a task that are neither final nor cancelled, sorted.
func (l *Campaign) Active(task int64) []string {
	var ids []string
	for _, s := range l.Platform.Subtasks(task) {
		if s.Phase == simulator.PhaseWaiting || s.Phase == simulator.PhaseInProgress {
			ids = append(ids, s.DeviceID)
		}
	}
	slices.Sort(ids)
	return ids
}

// WantActive fails the test unless exactly these devices of a task are active.
func (l *Campaign) WantActive(task int64, want ...string) {
	l.T.Helper()
	got, want := l.Active(task), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		l.T.Errorf("task %d has %d active devices %v, want %d %v", task, len(got), got, len(want), want)
	}
}

// WantSent fails the test if another number of joins or cancels has arrived.
func (l *Campaign) WantSent(joins, cancels int) {
	l.T.Helper()
	if j, c := coretest.Operations(l.Platform); j != joins || c != cancels {
		l.T.Errorf("%d joins and %d cancels arrived, want %d and %d", j, c, joins, cancels)
	}
}

// OnBothProtocols runs a story once for each protocol, with its product.
func OnBothProtocols(t *testing.T, story func(t *testing.T, product int64)) {
	t.Helper()
	t.Parallel()
	for name, product := range map[string]int64{"LwM2M": coretest.LwM2MProduct, "T-Link": coretest.TLinkProduct} {
		t.Run(name, func(t *testing.T) { story(t, product) })
	}
}

// List returns an HCL list of ids.
func List(ids []string) string { return `["` + strings.Join(ids, `", "`) + `"]` }
