package examples_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestActionTriggers applies the examples with action_trigger so that each action runs once. Another apply of the same
// configuration runs none and sends nothing that changes the platform.
func TestActionTriggers(t *testing.T) {
	t.Parallel()
	needs(t, "1.14")
	for action, again := range map[string]string{
		"aep_upgrade_start": "", "aep_upgrade_wait": "", "aep_upgrade_cancel": "-var stop=true", "aep_upgrade_retry": "-var round=2",
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			seedForActions(w, action)
			w.write("main.tf", pollOften(read(t, filepath.Join("actions", action, moreFolder, "trigger.tf"))))
			w.write("devices.txt", strings.Join(w.platform.DeviceIDs(lwm2mProduct)[100:110], "\n"))
			w.requireProvider()
			printed := w.run("terraform init && terraform apply")
			if again != "" {
				if strings.Contains(printed, "Action started") {
					t.Errorf("the action runs without the variable:\n%s", printed)
				}
				printed = w.run("terraform apply " + again)
			}
			if n := strings.Count(printed, "Action started: action."+action+"."); n != 1 {
				t.Errorf("the action runs %d times:\n%s", n, printed)
			}
			writes := len(w.platform.Writes())
			if repeated := w.run("terraform apply " + again); strings.Contains(repeated, "Action started") {
				t.Errorf("the action runs again:\n%s", repeated)
			}
			if n := len(w.platform.Writes()) - writes; n > 0 {
				t.Errorf("the second apply sends %d writes", n)
			}
		})
	}
}
