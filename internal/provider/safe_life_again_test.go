package provider_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// firstGuide is the configuration of the guide to a first campaign.
func firstGuide(t *testing.T) string {
	t.Helper()
	guide, err := os.ReadFile("../../templates/guides/your-first-campaign.md")
	if err != nil {
		t.Fatal(err)
	}
	var config strings.Builder
	for _, block := range regexp.MustCompile("(?s)```terraform\n# (?:main|rollout)\\.tf\n(.*?)```").FindAllStringSubmatch(string(guide), -1) {
		config.WriteString(block[1])
	}
	return config.String()
}

// Somebody deletes a finished task in the console. No state was refreshed since
// it was started.
func TestSafeLifeFinishedTaskDeleted(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct, finishing)
	l.write("devices.txt", strings.Join(l.ids[:20], "\n"))
	config := firstGuide(t)
	l.write("main.tf", config)
	l.apply()
	if task, _ := l.p.Task(simulatorFirstTask); task.Status != simulator.Finished || l.p.StartCount(simulatorFirstTask) != 1 {
		t.Fatalf("the platform holds %+v", task)
	}
	if err := l.p.DeleteTask(simulatorFirstTask); err != nil {
		t.Fatal(err)
	}
	l.refused([]string{"allow_recreate", "10005977/3456"}, apply...)
	l.quiet("No changes.", "-refresh=false")

	taskAndRollout := regexp.MustCompile(`(resource "aep_upgrade_(?:task|rollout)" "\w+" \{\n)`)
	l.write("main.tf", taskAndRollout.ReplaceAllString(config, "${1}  allow_recreate = true\n"))
	l.apply()
	if made, starts := l.p.TasksEverCreated(), l.p.StartCount(simulatorFirstTask+1); made != 2 || starts != 1 {
		t.Errorf("%d tasks were made, the second was started %d times", made, starts)
	}
	if n := l.p.Upgrades(l.ids[0]); n != 2 {
		t.Errorf("a device was upgraded %d times, want once by each task", n)
	}
}

// A rollout that is made again watches the campaign that runs.
func TestSafeLifeRolloutReplaced(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	task, set := l.task("t"), l.set("a", idList(l.ids[:4]))
	blocks := func(arguments ...string) {
		l.config(task, set, l.rollout([]string{"a"}, append(arguments, `on_destroy = "cancel"`)...))
	}
	blocks()
	l.says(l.apply(), "Warning:", "4 devices", "1.3251")
	again := []string{"-replace=aep_upgrade_rollout.r"}
	l.quiet("1 added, 0 changed, 1 destroyed", again...)
	l.must("taint", "aep_upgrade_rollout.r")
	l.quiet("1 added, 0 changed, 1 destroyed")
	blocks(createBeforeDestroy)
	l.quiet("1 added, 0 changed, 1 destroyed", again...)
	l.must("taint", "aep_upgrade_rollout.r")
	l.quiet("1 added, 0 changed, 1 destroyed")
	l.upgrades(simulatorFirstTask, l.ids[:4]...)
	// Only a rollout that is destroyed cancels.
	l.config(task, set)
	l.apply()
	l.upgrades(simulatorFirstTask)
}

// A task that is made anew does not adopt the one that it replaces, nor that of
// another resource.
func TestSafeLifeTaskReplacedAndAdopted(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	set := l.set("a", idList(l.ids[:3]))
	other := func(name string) string {
		return l.task("other", `name = "`+name+`"`, "adopt_existing = true", "depends_on = [aep_upgrade_task.t]")
	}
	// Another resource gets a task of the same name.
	l.config(l.task("t", "adopt_existing = true"), set, other("another"))
	l.apply()
	l.config(l.task("t", "adopt_existing = true"), set, other("campaign"))
	l.apply()
	l.refused([]string{"10005977/3456", "adopt_existing"}, "apply", "-auto-approve", "-replace=aep_upgrade_task.other")
	l.upgrades(simulatorFirstTask, l.ids[:3]...)

	l.config(l.task("t", "adopt_existing = true"), set)
	l.apply()
	for _, order := range []string{"", createBeforeDestroy} {
		l.config(l.task("t", "adopt_existing = true", order), set)
		old := l.p.Tasks(lwm2mProduct)
		l.p.ResetJournal()
		output, code := l.run("apply", "-auto-approve", "-replace=aep_upgrade_task.t")
		tasks := l.p.Tasks(lwm2mProduct)
		if code != 0 {
			l.wroteNothing()
		} else if len(tasks) != 1 || tasks[0].ID == old[0].ID {
			t.Errorf("%q: the platform holds %+v:\n%s", order, tasks, ending(output))
		}
		l.upgrades(tasks[0].ID, l.ids[:3]...)
		l.empty()
	}
}

// A tainted task is replaced, and its set with it. Terraform does not tell the
// provider of the taint: without a refresh the set can't know that its task leaves.
func TestSafeLifeTaskTainted(t *testing.T) {
	l := newSafeLife(t, lwm2mProduct)
	l.config(l.task("t"), l.set("a", idList(l.ids[:4])))
	l.apply()
	l.must("taint", "aep_upgrade_task.t")
	l.refused([]string{"Task of a device set is not known yet", "terraform untaint"}, "apply", "-auto-approve", "-refresh=false")
	l.says(l.apply(), "2 added, 0 changed, 2 destroyed")
	l.upgrades(simulatorFirstTask+1, l.ids[:4]...)
	if tasks := l.p.Tasks(lwm2mProduct); len(tasks) != 1 || l.p.TasksEverCreated() != 2 {
		t.Errorf("the platform holds %+v of %d tasks", tasks, l.p.TasksEverCreated())
	}
	l.empty()
}
