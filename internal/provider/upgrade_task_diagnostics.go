package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// deposedArguments says why new arguments do not help with a deposed object.
const deposedArguments = "A deposed object keeps the arguments that it was applied with: " +
	"cancel its devices with the action aep_upgrade_cancel, or wait."

// createFailures returns the error of a create that failed. vacated are the tasks that sets have left for the
// new task; the warning about them comes second.
func createFailures(err error, plan upgradeTaskModel, vacated []aep.TaskKey) diag.Diagnostics {
	diags := diag.Diagnostics{createFailure(err, plan)}
	if len(vacated) > 0 {
		names := make([]string, len(vacated))
		for i, key := range vacated {
			names[i] = key.Object()
		}
		diags.Append(warning("Devices cancelled without a new task",
			"This plan ends %s. Its sets have cancelled their devices, and the new task of the product was not created.\n\n"+
				"Correct the cause and apply again: the new task takes the devices. To go back instead, replace the old task (-replace): "+
				"the platform may not let the devices join it again.", strings.Join(names, " and ")))
	}
	return diags
}

func createFailure(err error, plan upgradeTaskModel) diag.Diagnostic {
	if e, ok := errors.AsType[*campaign.ProtocolError](err); ok {
		argument := "retry_times"
		if e.Product == aep.LwM2M {
			argument = "timeout_hours"
		}
		return atArgument(argument, unable("create", "upgrade task", err))
	}
	if e, ok := errors.AsType[*campaign.ExistingTaskError](err); ok && e.Cause == nil {
		return atArgument("name", unable("create", "upgrade task", err))
	}
	if e, ok := errors.AsType[*campaign.FullTaskError](err); ok {
		return fullTask(e.Twin, plan)
	}
	unable := unable("create", "upgrade task", err)
	switch {
	case aep.IsRefused(err) && !aep.IsWrite(err):
		return withHint(unable, "Nothing was created. Check product_id: the account may have no such product. "+
			"The data source aep_products lists the products of the account.")
	case aep.IsRefused(err):
		// The platform's text seldom says which setting is wrong.
		return withHint(unable, refusedCreateHint(plan))
	}
	return unable
}

// withHint returns a diagnostic with one more paragraph.
func withHint(d diag.Diagnostic, hint string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\n"+hint)
}

// refusedCreateHint returns the usual causes of a create that the platform refuses.
func refusedCreateHint(plan upgradeTaskModel) string {
	protocol, given, other := "LwM2M", "retry_times", "T-Link products take timeout_hours"
	if plan.wantedProtocol() == aep.TLink {
		protocol, given, other = "T-Link", "timeout_hours", "LwM2M products take retry_times"
	}
	return fmt.Sprintf("Check that\n"+
		"  - firmware %d belongs to product %d and is released for upgrades,\n"+
		"  - the product is a product for %s, because the configuration sets %s; %s,\n"+
		"  - no other task has the name, such as the task that this one replaces with create_before_destroy.",
		plan.FirmwareID.ValueInt64(), plan.ProductID.ValueInt64(), protocol, given, other)
}

func modifyFailure(err error, state upgradeTaskModel) diag.Diagnostic {
	unable := unable("modify", "upgrade task", err)
	switch {
	case isGone(err):
		return withHint(unable, "To create a new task, set allow_recreate = true and apply again. The plan after that creates it. "+
			"To remove this task from the state, use a removed block or terraform state rm.")
	case aep.IsRefused(err) && state.Status.ValueString() != aep.TaskPending.String():
		return withHint(unable, "The platform may refuse to change a task that was started. "+
			"Write its settings as the platform shows them, or name them in lifecycle { ignore_changes }.")
	}
	return unable
}

// creationWarnings returns what is unusual about a task that was created.
func creationWarnings(made campaign.CreateResult, key aep.TaskKey, plan upgradeTaskModel) (diags diag.Diagnostics) {
	switch {
	case made.Adopted():
		diags.Append(warning("Existing upgrade task adopted",
			"%s It existed before, and no new task was created.", plan.describeTwin(*made.Twin)))
	case made.Found:
		diags.Append(warning("Upgrade task found after a lost response",
			"The platform's response to the create was lost. %s was created at that moment with the same settings. "+
				"The provider uses it as the new task.",
			capitalized(key.Object())))
	}
	if made.Resent {
		diags.Append(warning("Upgrade task may exist twice",
			"The platform's response to a first create was lost, and the task did not appear. So the create was sent again. "+
				"The platform may still carry out the first create.\n\n"+
				"Look for another task named %q beside %s in the platform's console, and delete it.",
			plan.Name.ValueString(), key.Object()))
	}
	if p := made.Protocol; p != 0 && p != aep.TLink && p != aep.LwM2M {
		diags.Append(warning("Product with an undocumented protocol",
			"Product %d has protocol %d. The upgrade API documents only T-Link (1) and LwM2M (3). "+
				"The provider uses the protocol of the argument that is set.",
			key.ProductID, int64(p)))
	}
	return diags
}

func notReadBack(key aep.TaskKey, err error) diag.Diagnostic {
	return warning("Upgrade task created, but not read back",
		"%s exists and is recorded in the state. %s The next plan reads it.", capitalized(key.Object()), sentence(err))
}

// shownAsWritten returns a warning if the platform does not show the settings that were written.
func shownAsWritten(wanted upgradeTaskModel, t aep.Task) (diags diag.Diagnostics) {
	if !wanted.shows(t) {
		diags.Append(warning("Platform shows other settings",
			"%s was written, but the platform still shows other settings: name %q, description %q. "+
				"It may have cut or changed them. The next plan shows the difference.", capitalized(t.Key().Object()), t.Name, t.Description))
	}
	return diags
}

func descriptionNotCleared(t aep.Task) diag.Diagnostic {
	return atArgument("description", warning("Description not cleared",
		"The platform accepted the change, but %s keeps its description %q. The API has no other way to clear it. "+
			"Plans will not report this as drift.",
		t.Key().Object(), t.Description))
}

func finishedTaskGone(gone error) diag.Diagnostic {
	return warning("Finished upgrade task no longer exists",
		"%s It had finished when it was last read. It stays in the state, so that its deletion does not upgrade the devices again.\n\n"+
			"To plan a new task, set allow_recreate = true. To remove it from the state, use a removed block or terraform state rm.", sentence(gone))
}

func modifiesRunning(key aep.TaskKey) diag.Diagnostic {
	return warning("Running upgrade task will be modified",
		"%s is running. The platform does not document whether a change takes effect for devices that are upgrading already.",
		capitalized(key.Object()))
}

func runningTask(now progress.Observation, verb string) diag.Diagnostic {
	return failure("Upgrade task is running",
		"%s is %s. %s it would cancel devices that are not done. Nothing was changed.\n\n"+
			"Wait until it has finished. To cancel the devices, use the action aep_upgrade_cancel, "+
			"or set force_destroy = true on the task and on its sets. Before a destroy, apply that first. "+deposedArguments,
		capitalized(now.Task.Key().Object()), now, gerund(verb))
}

func cancelsTask(now progress.Observation, verb string) diag.Diagnostic {
	return warning("Running upgrade task will be cancelled",
		"%s is %s. %s it cancels every device that is not done, as force_destroy = true permits.",
		capitalized(now.Task.Key().Object()), now, gerund(verb))
}

// createdAgain refuses a plan that destroys or renames a task that may have been started, and creates a task
// that may be like it.
func createdAgain(end taskEnd, like taskLikeness) diag.Diagnostic {
	alike, steps := "a task of the same name and firmware", ""
	if unknown := strings.Join(like.unknown(), " and "); unknown != "" {
		alike = "a task that may be like it (" + unknown + " of the new task is known only after apply)"
		steps = " If it is another task, apply what " + unknown + " depends on first (-target)."
	}
	does := "destroys"
	if end.evidence == taskRenamed {
		does = "renames"
	}
	if end.evidence == taskNotRead {
		steps += " If the old task was not started, apply what the provider configuration depends on first (-target)."
	}
	return failure("Upgrade task would be created again",
		"%s This plan %s it and creates %s. The devices would be upgraded again. Nothing was changed.\n\n"+
			"If the resource has a new address, add a moved block:\n\n"+movedTask+
			"Do the same for its sets and its rollout.%s\n\n"+
			"To upgrade the devices again, set allow_recreate = true on the new task, or give it another name.",
		end.history(), does, alike, steps)
}

// history returns why a task counts as started, as a sentence.
func (e taskEnd) history() string {
	task := capitalized(e.key.Object())
	switch e.evidence {
	case taskGone:
		return task + " no longer exists, and may have been started before."
	case taskNotRead:
		return task + " may have been started: the provider configuration is not known yet, so the plan can't read the task."
	}
	return task + " has been started."
}

func devicesUpgradedAgain(key aep.TaskKey, devices deviceset.Set) diag.Diagnostic {
	return failure("Devices would be upgraded again",
		"%s has been started, or may have been. This plan destroys it with a set. "+
			"It also creates a task of the same firmware with a set that lists %s. They would be upgraded again. Nothing was changed.\n\n"+
			"If labels or for_each keys have changed, add moved blocks for the task, its sets and its rollout:\n\n"+movedTask+
			"To upgrade the devices again, set allow_recreate = true on the new task, or apply the destroy first.",
		capitalized(key.Object()), namedDevices(devices))
}

func replacedAfterAll(state upgradeTaskModel) diag.Diagnostic {
	return failure("Upgrade task would be replaced",
		"%s: a value that was not known when planning needs another task. Nothing was changed.\n\nPlan again: the value is known now.",
		capitalized(state.key().Object()))
}
