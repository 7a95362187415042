package provider

import (
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// movedTask is the block that gives a task a new address.
const movedTask = "  moved {\n    from = aep_upgrade_task.OLD\n    to   = aep_upgrade_task.NEW\n  }\n\n"

// describeTwin describes a task that m may adopt: its devices, and the settings that m changes.
func (m upgradeTaskModel) describeTwin(it campaign.Twin) string {
	twin := it.Task
	var changes []string
	if !m.Description.IsUnknown() && !campaign.SameText(m.Description.ValueString(), twin.Description) {
		changes = append(changes, fmt.Sprintf("description from %q to %q", twin.Description, m.Description.ValueString()))
	}
	if retries := m.RetryTimes.ValueInt64Pointer(); retries != nil && twin.RetryTimes != nil && *retries != *twin.RetryTimes {
		changes = append(changes, fmt.Sprintf("retry_times from %d to %d", *twin.RetryTimes, *retries))
	}
	if hours := m.TimeoutHours.ValueInt64Pointer(); hours != nil && twin.TimeoutHours != 0 && *hours != twin.TimeoutHours {
		changes = append(changes, fmt.Sprintf("timeout_hours from %d to %d", twin.TimeoutHours, *hours))
	}
	text := fmt.Sprintf("%s is pending, with this name and firmware, and holds %s.",
		capitalized(twin.Key().Object()), countedDevices(it.Active, ""))
	if len(changes) > 0 {
		text += " An adoption changes " + strings.Join(changes, ", ") + "."
	}
	return text
}

func adopts(plan upgradeTaskModel, twin campaign.Twin) diag.Diagnostic {
	return warning("Existing upgrade task will be adopted",
		"%s The create adopts it, as adopt_existing = true permits.", plan.describeTwin(twin))
}

// fullTask refuses to adopt a task with its devices.
func fullTask(twin campaign.Twin, plan upgradeTaskModel) diag.Diagnostic {
	return atArgument("adopt_existing", failure("Upgrade task holds devices",
		"%s The devices were attached under other settings, so the task is not adopted. Nothing was changed.\n\n"+
			"Cancel the devices in the platform's console, give this task another name, or import the task.", plan.describeTwin(twin)))
}

// adoptionNotKnown refuses a plan that can't look for the task that a create would adopt.
func adoptionNotKnown() diag.Diagnostic {
	return atArgument("adopt_existing", failure("Upgrade task to adopt is not known",
		"adopt_existing = true adopts a task of the same product, firmware and name. One of them is known only after apply. "+
			"So the plan can't say which task that is, nor whether another resource has it. Nothing was changed.\n\n"+
			"Apply what it depends on first (-target), or unset adopt_existing."))
}

// contestedTask refuses a plan in which two resources would have one task.
func contestedTask(key aep.TaskKey) diag.Diagnostic {
	return atArgument("name", failure("Upgrade task has a resource already",
		"%s is in the state of one aep_upgrade_task, and another would adopt it (adopt_existing = true). "+
			"Product, name and firmware are the same. Nothing was changed.\n\n"+
			"If the resource has a new address, add a moved block:\n\n"+movedTask+
			"If these are two tasks, give them different names, or unset adopt_existing. If the resource is tainted, run terraform untaint.",
		capitalized(key.Object())))
}

func adoptsItself(t leavingTask) diag.Diagnostic {
	return failure("Upgrade task would adopt itself",
		"%s would be replaced by a task of the same name and firmware, and adopt_existing = true would adopt the old task. "+
			"Nothing was changed.\n\nSet adopt_existing = false, apply that, and then replace the task.", capitalized(t.key().Object()))
}

// keptTask warns that a destroy does not delete the task.
func keptTask(key aep.TaskKey) diag.Diagnostic {
	return warning("Upgrade task not deleted",
		"%s was not deleted: this run has created or adopted it for another object, with create_before_destroy. "+
			"The state of that object has it.", capitalized(key.Object()))
}
