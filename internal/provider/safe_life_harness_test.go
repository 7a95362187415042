package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// safeLife is a campaign of one product in the hands of the real Terraform.
type safeLife struct {
	*cli
	product int64
	ids     []string // the devices of the product
}

// newSafeLife makes a platform on which a started device waits for ever.
func newSafeLife(t *testing.T, product int64, change ...func(*simulator.Options)) *safeLife {
	t.Helper()
	t.Parallel()
	patient := func(o *simulator.Options) { o.Upgrade.WaitingTime = 1000 * time.Hour }
	p := newPlatform(t, append([]func(*simulator.Options){patient}, change...)...)
	l := &safeLife{cli: newCLI(t, p), product: product, ids: p.DeviceIDs(product)}
	l.environ = append(l.environ, fmt.Sprintf(`AEP_MASTER_KEYS={"%d":%q,"%d":%q}`,
		lwm2mProduct, simulator.LwM2MMasterKey, tLinkProduct, simulator.TLinkMasterKey))
	return l
}

// finishing lets devices succeed as soon as their task is started.
func finishing(o *simulator.Options) { o.Upgrade.WaitingTime = 0 }

// task is the configuration of a task; arguments replace those it would have.
func (l *safeLife) task(label string, arguments ...string) string {
	usual := []string{`name = "campaign"`, fmt.Sprintf("firmware_id = %d", lwm2mFirmware), "retry_times = 1"}
	if l.product == tLinkProduct {
		usual = []string{`name = "campaign"`, fmt.Sprintf("firmware_id = %d", tLinkFirmware), "timeout_hours = 24"}
	}
	given := strings.Join(arguments, "\n")
	for _, argument := range usual {
		if name, _, _ := strings.Cut(argument, " "); !strings.Contains(given, name) {
			arguments = append(arguments, argument)
		}
	}
	return l.block("aep_upgrade_task", label, arguments...)
}

// set is the configuration of a device set of task t.
func (l *safeLife) set(label string, arguments ...string) string {
	return l.block("aep_upgrade_devices", label, append(arguments, "task_id = aep_upgrade_task.t.task_id")...)
}

// rollout is the configuration of the start of task t with the devices of some sets.
func (l *safeLife) rollout(sets []string, arguments ...string) string {
	count := "expected_device_count = 0"
	for _, label := range sets {
		count += " + aep_upgrade_devices." + label + ".device_count"
	}
	return l.block("aep_upgrade_rollout", "r", append(arguments, "task_id = aep_upgrade_task.t.task_id", count)...)
}

func (l *safeLife) block(kind, label string, arguments ...string) string {
	return fmt.Sprintf("resource %q %q {\n  product_id = %d\n  %s\n}\n", kind, label, l.product, strings.Join(arguments, "\n  "))
}

// moved is a moved block.
func moved(from, to string) string {
	return fmt.Sprintf("moved {\n  from = %s\n  to = %s\n}\n", from, to)
}

const createBeforeDestroy = "lifecycle {\n    create_before_destroy = true\n  }"

// config replaces the configuration.
func (l *safeLife) config(blocks ...string) { l.configure(strings.Join(blocks, "\n")) }

// apply applies, which has to succeed, and returns what it printed in one line.
func (l *safeLife) apply(arguments ...string) string {
	l.t.Helper()
	return oneLine(l.must(append([]string{"apply", "-auto-approve"}, arguments...)...))
}

// started is a running campaign of these blocks.
func (l *safeLife) started(sets []string, blocks ...string) {
	l.t.Helper()
	l.config(append(blocks, l.rollout(sets))...)
	l.apply()
	if n := l.p.StartCount(simulatorFirstTask); n != 1 {
		l.t.Fatalf("the task was started %d times, want once", n)
	}
}

// refused runs a command that has to be refused before anything is written, in
// words that contain all of texts.
func (l *safeLife) refused(texts []string, arguments ...string) string {
	l.t.Helper()
	l.p.ResetJournal()
	output, code := l.run(arguments...)
	if code != 1 {
		l.t.Fatalf("terraform %s ended with %d, want a refusal:\n%s", strings.Join(arguments, " "), code, ending(output))
	}
	l.says(output, texts...)
	if l.wroteNothing(); l.t.Failed() {
		l.t.FailNow()
	}
	return oneLine(output)
}

// quiet applies without a call that changes anything.
func (l *safeLife) quiet(summary string, arguments ...string) string {
	l.t.Helper()
	l.p.ResetJournal()
	output := l.apply(arguments...)
	l.says(output, summary)
	l.wroteNothing()
	return output
}

// stays is quiet, and these devices of the first task are under way.
func (l *safeLife) stays(summary string, devices ...string) {
	l.t.Helper()
	l.quiet(summary)
	l.upgrades(simulatorFirstTask, devices...)
}

func (l *safeLife) wroteNothing() {
	l.t.Helper()
	for _, r := range l.p.Writes() {
		l.t.Errorf("%s %s was sent: %s", r.Method, r.Path, r.Body)
	}
}

// says insists on texts in an output.
func (l *safeLife) says(output string, texts ...string) {
	l.t.Helper()
	printed := oneLine(output)
	for _, text := range texts {
		if !strings.Contains(printed, text) {
			l.t.Errorf("the output does not say %q:\n%s", text, ending(output))
		}
	}
}

// ending is an output without what Terraform says before it plans, and, where
// it was carried out, without the plan.
func ending(output string) string {
	if at := strings.LastIndex(output, "\nPlan: "); at >= 0 && strings.Contains(output[at:], "...") {
		return output[at:]
	}
	if _, after, found := strings.Cut(output, "releases.\n"); found {
		return after
	}
	return output
}

// oneLine is an output without frames and line breaks.
func oneLine(output string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(output)), " ")
}

// underWay are the devices of a task that are neither final nor cancelled.
func (l *safeLife) underWay(task int64) []string {
	var ids []string
	for _, s := range l.p.Subtasks(task) {
		if s.Phase == simulator.PhaseWaiting || s.Phase == simulator.PhaseInProgress {
			ids = append(ids, s.DeviceID)
		}
	}
	slices.Sort(ids)
	return ids
}

// upgrades insists on the devices that a task has under way.
func (l *safeLife) upgrades(task int64, want ...string) {
	l.t.Helper()
	got, want := l.underWay(task), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		l.t.Errorf("task %d has %d devices under way %v, want %d %v", task, len(got), got, len(want), want)
	}
}

// sent insists on how many joins and cancels have arrived.
func (l *safeLife) sent(joins, cancels int) {
	l.t.Helper()
	if j, c := operations(l.p); j != joins || c != cancels {
		l.t.Errorf("%d joins and %d cancels arrived, want %d and %d", j, c, joins, cancels)
	}
}

func both(t *testing.T, story func(t *testing.T, product int64)) {
	t.Helper()
	t.Parallel()
	for name, product := range map[string]int64{"LwM2M": lwm2mProduct, "T-Link": tLinkProduct} {
		t.Run(name, func(t *testing.T) { story(t, product) })
	}
}

// list is an HCL list of ids.
func list(ids []string) string { return `["` + strings.Join(ids, `", "`) + `"]` }
