package provider

import (
	"errors"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// startFailure returns the error of a start that failed.
func startFailure(err error) diag.Diagnostic {
	if isA[*campaign.DeviceCountError](err) {
		return atArgument("expected_device_count", unable("start", "upgrade task", err))
	}
	return unable("start", "upgrade task", err)
}

// watchFailure returns the error of a watch that failed, or of a gate that was not met.
func watchFailure(err error) diag.Diagnostic {
	gate, ok := errors.AsType[*campaign.GateError](err)
	switch {
	case !ok:
		return unable("watch", "upgrade task", err)
	case gate.Aborted:
		return atArgument("abort_failure_percent", failure("Upgrade task aborted",
			"%s abort_failure_percent sets the limit.\n\n%s", sentence(gate), gateHint(gate)))
	}
	return atArgument("minimum_success_percent", failure("Upgrade task has not succeeded",
		"%s minimum_success_percent sets the minimum.\n\n%s", sentence(gate), gateHint(gate)))
}

func rolloutNotReadBack(key aep.TaskKey, err error) diag.Diagnostic {
	return warning("Upgrade task not read back", "Reading %s: %v. The next plan reads it again.", key.Object(), err)
}

func restNotCancelled(key aep.TaskKey, outcome campaign.CancelOutcome) diag.Diagnostic {
	return failure("Unable to cancel the devices of an upgrade rollout",
		"%s: %s.\n\nDestroy again when they are final, or set on_destroy = \"none\" and apply that to keep them.",
		capitalized(key.Object()), outcome)
}

// importedBeforeStart warns that the import of a rollout starts nothing.
func importedBeforeStart(key aep.TaskKey) diag.Diagnostic {
	return warning("Imported rollout has not started its task",
		"%s is pending. A rollout starts its task when it is created. This one starts it only with a change of wait_for "+
			"to \"started\" or \"finished\" (the import assumes \"started\"). Any other apply starts nothing.\n\n"+
			"To start the task, make such a change. Or remove the rollout from the state (terraform state rm), and apply without the import.",
		capitalized(key.Object()))
}

// goneRollout returns the diagnostic for a rollout whose task does not exist.
func goneRollout(state upgradeRolloutModel, gone error) diag.Diagnostic {
	if state.WaitFor.IsNull() {
		return notImported("upgrade rollout", gone)
	}
	return warning("Upgrade task of the rollout no longer exists",
		"%s Its rollout stays in the state, so that no other task is started instead.\n\n"+
			"To remove it, remove the whole campaign from the configuration: rollout, sets and task.", sentence(gone))
}

// movedRollout is the advice for a rollout with a new address.
const movedRollout = "If the resource has a new address, add a moved block:\n\n" +
	"  moved {\n    from = aep_upgrade_rollout.OLD\n    to   = aep_upgrade_rollout.NEW\n  }\n\n"

// cancelsOwnTask refuses to cancel the devices of a task whose rollout has a new address.
func cancelsOwnTask(key aep.TaskKey) diag.Diagnostic {
	return failure("Upgrade rollout would cancel its own task",
		"%s: this plan destroys one rollout, which cancels every device that is not done (on_destroy = \"cancel\"). "+
			"It creates another rollout for the same task, or for a task that is known only after apply. Nothing was changed.\n\n"+movedRollout+
			"If it is tainted, run terraform untaint. Otherwise set on_destroy = \"none\" on the old rollout, and apply that first.",
		capitalized(key.Object()))
}

// recreatedRollout refuses to create a rollout while the rollout of a task that is gone is removed. The plan
// of a tainted rollout looks like a create, too.
func recreatedRollout(key aep.TaskKey) diag.Diagnostic {
	return failure("Upgrade task of a rollout in the state is gone",
		"%s, which a rollout in the state has started, does not exist any more. This plan removes that rollout and creates another, "+
			"which would start another task: devices that were upgraded would be upgraded again. Nothing was changed.\n\n"+movedRollout+
			"If it is tainted, run terraform untaint. If another task is to be started, set allow_recreate = true on the new rollout. "+
			"Or remove the old one from the configuration, and apply that first. To destroy everything, run terraform destroy -refresh=false.",
		capitalized(key.Object()))
}

// reboundRollout refuses to give a rollout another task after its own has gone.
func reboundRollout(key aep.TaskKey) diag.Diagnostic {
	return atArgument("task_id", failure("Upgrade task of the rollout is gone",
		"%s, which this rollout has started, does not exist any more. This plan would give the rollout another task "+
			"and start that one: devices that were upgraded would be upgraded again.\n\nTo do so, set allow_recreate = true on the rollout. "+
			"Otherwise remove the resources of this campaign from the configuration, or destroy them with terraform destroy -refresh=false.",
		capitalized(key.Object())))
}

// rolloutMayMove refuses a plan that keeps the task of a rollout and creates another task, to which the
// rollout may belong once task_id is known.
func rolloutMayMove(key aep.TaskKey) diag.Diagnostic {
	return atArgument("task_id", failure("Task of an upgrade rollout is not known yet",
		"The rollout belongs to %s, and this plan keeps that task. The plan also creates a task. "+
			"task_id is known only after apply, so the rollout might have to leave its task. Nothing was changed.\n\n"+
			"If the task's resource has a new address, add a moved block. If it was removed from the state, import it. "+
			"If it is tainted, run terraform untaint, or plan with a refresh. "+
			"If the rollout is meant to go to the new task, apply that task first (-target).",
		key.Object()))
}

// startNotCompared refuses a start whose task may hold unlisted devices.
func startNotCompared(key aep.TaskKey) diag.Diagnostic {
	return failure("Start of an upgrade task can't be checked",
		"%s: this plan would start it, and the provider configuration is known only after apply. "+
			"So the plan can't compare the devices of the task with the sets, nor say what would be upgraded. Nothing was changed.\n\n"+
			"Apply what the provider block depends on first (-target), and then this. To destroy everything, run terraform destroy -refresh=false.",
		capitalized(key.Object()))
}

func surplusDevices(key aep.TaskKey, devices deviceset.Set) diag.Diagnostic {
	return warning("Task holds other devices",
		"%s is running. It also holds %s that no set of this run lists: %s.\n\n"+
			"They are upgraded with the task. List them in a set, or cancel them with the action aep_upgrade_cancel.",
		capitalized(key.Object()), countedDevices(len(devices), "active"), someIDs(devices))
}

// startSummary returns the summary of a planned start: what is upgraded, and to what.
func startSummary(task aep.Task, on string) string {
	return fmt.Sprintf("Starts task %d '%s' on %s: firmware %s, version %s", task.ID, task.Name, on, task.FirmwareName, task.FirmwareVersion)
}

// startsUnknownTask warns of the start of a task that is not known yet.
func startsUnknownTask(on string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Starts an upgrade task on "+on, "The task and its firmware are known after apply. "+
		"The start is refused if the task then holds another number of devices than expected_device_count.")
}

// onlyWatches warns that a new rollout, or one that is replaced, starts nothing.
func onlyWatches(task aep.Task) diag.Diagnostic {
	state := "is running"
	if task.Status != aep.TaskRunning {
		state = "is " + task.Status.String()
	}
	return warning("Upgrade task is watched, not started", "%s '%s' %s, so this rollout starts nothing. "+
		"If it replaces a rollout, such as a tainted one, the replacement cancels nothing.", capitalized(task.Key().Object()), task.Name, state)
}

// nothingToStart warns that the task of a start does not exist. It is no error, because terraform destroy
// makes such a plan first.
func nothingToStart(gone error) diag.Diagnostic {
	return warning("Upgrade task to start does not exist", "%s An apply of this plan fails before it starts anything.", sentence(gone))
}

const keepDevices = "To keep them, apply on_destroy = \"none\" first."

func cancelsOnDestroyed(key aep.TaskKey, now progress.Observation, active int64) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Destroying the upgrade rollout cancels "+countedDevices(active, ""), fmt.Sprintf(
		"The rollout has on_destroy = \"cancel\": it cancels every device that is waiting or under way. %s is %s.\n\n%s",
		capitalized(key.Object()), now, keepDevices))
}

func mayCancelOnDestroyed(key aep.TaskKey, err error) diag.Diagnostic {
	return warning("Destroying the upgrade rollout may cancel devices",
		"The rollout has on_destroy = \"cancel\": it cancels every device of %s that is waiting or under way. "+
			"Their number could not be read: %v.\n\n%s", key.Object(), err, keepDevices)
}

// announcedStart warns of the start of a task.
func announcedStart(task aep.Task, on string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(startSummary(task, on),
		capitalized(task.Key().Object())+" lists "+countedDevices(task.DeviceCount, "")+".")
}
