package provider_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
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

// A finished task is deleted at the console. No state was refreshed since its start.
func TestSafeLifeFinishedTaskDeleted(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct, cli.Finishing)
	l.Write("devices.txt", strings.Join(l.IDs[:20], "\n"))
	config := firstGuide(t)
	l.Write("main.tf", config)
	l.Apply()
	if task, _ := l.Platform.Task(coretest.FirstTask); task.Status != simulator.Finished || l.Platform.StartCount(coretest.FirstTask) != 1 {
		t.Fatalf("the platform holds %+v", task)
	}
	if err := l.Platform.DeleteTask(coretest.FirstTask); err != nil {
		t.Fatal(err)
	}
	l.Refused([]string{"allow_recreate", "10005977/3456"}, apply...)
	l.Quiet("No changes.", "-refresh=false")

	taskAndRollout := regexp.MustCompile(`(resource "aep_upgrade_(?:task|rollout)" "\w+" \{\n)`)
	l.Write("main.tf", taskAndRollout.ReplaceAllString(config, "${1}  allow_recreate = true\n"))
	l.Apply()
	if made, starts := l.Platform.TasksEverCreated(), l.Platform.StartCount(coretest.FirstTask+1); made != 2 || starts != 1 {
		t.Errorf("%d tasks were made, the second was started %d times", made, starts)
	}
	if n := l.Platform.Upgrades(l.IDs[0]); n != 2 {
		t.Errorf("a device was upgraded %d times, want once by each task", n)
	}
}

// A rollout that is made again watches the campaign that runs.
func TestSafeLifeRolloutReplaced(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	task, set := l.Task("t"), l.Set("a", cli.DeviceIDs(l.IDs[:4]))
	blocks := func(arguments ...string) {
		l.Config(task, set, l.Rollout([]string{"a"}, append(arguments, `on_destroy = "cancel"`)...))
	}
	blocks()
	l.Says(l.Apply(), "Warning:", "4 devices", "1.3251")
	again := []string{"-replace=aep_upgrade_rollout.r"}
	l.Quiet("1 added, 0 changed, 1 destroyed", again...)
	l.Must("taint", "aep_upgrade_rollout.r")
	l.Quiet("1 added, 0 changed, 1 destroyed")
	blocks(cli.CreateBeforeDestroy)
	l.Quiet("1 added, 0 changed, 1 destroyed", again...)
	l.Must("taint", "aep_upgrade_rollout.r")
	l.Quiet("1 added, 0 changed, 1 destroyed")
	l.WantActive(coretest.FirstTask, l.IDs[:4]...)
	// Only a rollout that is destroyed cancels.
	l.Config(task, set)
	l.Apply()
	l.WantActive(coretest.FirstTask)
}

// A task that is replaced is not adopted by its successor, and a task of another
// resource is not adopted either.
func TestSafeLifeTaskReplacedAndAdopted(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	set := l.Set("a", cli.DeviceIDs(l.IDs[:3]))
	other := func(name string) string {
		return l.Task("other", `name = "`+name+`"`, "adopt_existing = true", "depends_on = [aep_upgrade_task.t]")
	}
	// Another resource gets a task of the same name.
	l.Config(l.Task("t", "adopt_existing = true"), set, other("another"))
	l.Apply()
	l.Config(l.Task("t", "adopt_existing = true"), set, other("campaign"))
	l.Apply()
	l.Refused([]string{"Task 3456 of product 10005977", "adopt_existing"}, "apply", "-auto-approve", "-replace=aep_upgrade_task.other")
	l.WantActive(coretest.FirstTask, l.IDs[:3]...)

	l.Config(l.Task("t", "adopt_existing = true"), set)
	l.Apply()
	for _, order := range []string{"", cli.CreateBeforeDestroy} {
		l.Config(l.Task("t", "adopt_existing = true", order), set)
		old := l.Platform.Tasks(coretest.LwM2MProduct)
		l.Platform.ResetJournal()
		output, code := l.Run("apply", "-auto-approve", "-replace=aep_upgrade_task.t")
		tasks := l.Platform.Tasks(coretest.LwM2MProduct)
		if code != 0 {
			l.WroteNothing()
		} else if len(tasks) != 1 || tasks[0].ID == old[0].ID {
			t.Errorf("%q: the platform holds %+v:\n%s", order, tasks, cli.Ending(output))
		}
		l.WantActive(tasks[0].ID, l.IDs[:3]...)
		l.Empty()
	}
}

// A tainted task is replaced, and its set with it. Terraform does not tell the
// provider of the taint: without a refresh the set can't know that its task leaves.
func TestSafeLifeTaskTainted(t *testing.T) {
	l := cli.NewCampaign(t, coretest.LwM2MProduct)
	l.Config(l.Task("t"), l.Set("a", cli.DeviceIDs(l.IDs[:4])))
	l.Apply()
	l.Must("taint", "aep_upgrade_task.t")
	l.Refused([]string{"Task of a device set is not known yet", "terraform untaint"}, "apply", "-auto-approve", "-refresh=false")
	l.Says(l.Apply(), "2 added, 0 changed, 2 destroyed")
	l.WantActive(coretest.FirstTask+1, l.IDs[:4]...)
	if tasks := l.Platform.Tasks(coretest.LwM2MProduct); len(tasks) != 1 || l.Platform.TasksEverCreated() != 2 {
		t.Errorf("the platform holds %+v of %d tasks", tasks, l.Platform.TasksEverCreated())
	}
	l.Empty()
}
