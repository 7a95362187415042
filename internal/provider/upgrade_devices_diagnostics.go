package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// taskOf names the task of a set.
func (m upgradeDevicesModel) taskOf() string {
	return fmt.Sprintf("task %d of product %d", m.TaskID.ValueInt64(), m.ProductID.ValueInt64())
}

func warning(summary, format string, args ...any) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summary, fmt.Sprintf(format, args...))
}

func failure(summary, format string, args ...any) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, fmt.Sprintf(format, args...))
}

func sameTaskReplaced(m upgradeDevicesModel) diag.Diagnostic {
	return failure("Device set can't be replaced",
		"Set %q of %s would be destroyed and created again for the same task. A set has no object of its own on the platform: "+
			"destroying it cancels its devices, and the platform may not let them join again. Nothing was changed.\n\n"+
			"Plan without -replace, and remove replace_triggered_by. For a set that is tainted run terraform untaint. "+
			"To add devices again that were cancelled, use a new task; to change the list, edit it.",
		m.Name.ValueString(), m.taskOf())
}

func taskMayChange(m upgradeDevicesModel) diag.Diagnostic {
	return diag.WithPath(path.Root("task_id"), failure("Task of a device set is not known yet",
		"Set %q belongs to %s, and this plan keeps that task. The plan also creates a task. "+
			"task_id is known only after apply, so the set might have to leave its task. Nothing was changed.\n\n"+
			"If the task's resource has a new address, add a moved block. If it was removed from the state, import it. "+
			"If it is tainted, run terraform untaint. If the set shall go to the new task, apply that task first (-target). "+
			"To destroy everything, run terraform destroy -refresh=false.",
		m.Name.ValueString(), m.taskOf()))
}

func runningSet(m upgradeDevicesModel, active int64, verb string) diag.Diagnostic {
	return failure("Device set of a running task",
		"Set %q: %s is running, and %d devices of the set are not done. %s the set would cancel them. Nothing was changed.\n\n"+
			"Wait until they are done. To cancel them, set force_destroy = true on the set. Before a destroy, apply that first. "+
			"To leave them in the task, set on_remove = \"keep\" and apply that first. "+deposedArguments,
		m.Name.ValueString(), m.taskOf(), active, gerund(verb))
}

func cancelsOnDestroy(m upgradeDevicesModel, active int64, verb string) diag.Diagnostic {
	return warning("Devices of a running task will be cancelled",
		"Set %q: %s is running. %s the set cancels %d devices that are not done, as force_destroy = true permits.",
		m.Name.ValueString(), m.taskOf(), gerund(verb), active)
}

func keptOnDestroy(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Devices stay in the task",
		"Set %q of %s was imported, and has not been applied since. Its %d devices are not cancelled: %s.\n\n"+
			"To cancel them use the action aep_upgrade_cancel.", m.Name.ValueString(), m.taskOf(), len(ids), someIDs(ids))
}

// keptDevices says that devices stay in the task of a set; verb is what becomes of
// the set, "" if it stays too. Its task may be planned after it, as in terraform destroy.
func keptDevices(m upgradeDevicesModel, ids deviceset.Set, verb string) diag.Diagnostic {
	then := "If no other set lists them, they are still upgraded with the task."
	if verb != "" {
		then = "If the task stays, and no other set lists them, they are still upgraded with it. If this plan also ends the task, " +
			"its force_destroy = true cancels them; without it, the task is not deleted before they are done."
	}
	return warning("Devices stay in the task",
		"Set %q gives up %d devices, which stay in %s as on_remove = \"keep\" asks: %s.\n\n%s", m.Name.ValueString(), len(ids), m.taskOf(), someIDs(ids), then)
}

func taintedSet(m upgradeDevicesModel) diag.Diagnostic {
	return warning("Devices stay in the task",
		"Set %q of %s was tainted, and is created again. Its devices were not cancelled. "+
			"Devices that the new set does not list are still in the task.", m.Name.ValueString(), m.taskOf())
}

func cancelsUnderWay(m upgradeDevicesModel, active deviceset.Set, leaving int) diag.Diagnostic {
	return warning("Upgrades under way will be cancelled",
		"Set %q: this plan cancels %d devices of %s, of which %d are not done: %s.",
		m.Name.ValueString(), leaving, m.taskOf(), len(active), someIDs(active))
}

func mayCancelUnderWay(m upgradeDevicesModel, members int) diag.Diagnostic {
	return warning("Upgrades under way may be cancelled",
		"Set %q: %s is running, and the list of the set is known only after apply. Those of its %d devices that turn out not to be on the list are cancelled.\n\n"+
			"To see them first, apply what the list depends on (-target), and plan again.",
		m.Name.ValueString(), m.taskOf(), members)
}

func cancelsStrangers(m upgradeDevicesModel, strangers deviceset.Set) diag.Diagnostic {
	return warning("Exclusive device set cancels other devices",
		"Set %q: this plan cancels %d active devices of %s that the set does not list: %s.",
		m.Name.ValueString(), len(strangers), m.taskOf(), someIDs(strangers))
}

func exclusiveNotKnown(m upgradeDevicesModel, what string) diag.Diagnostic {
	return diag.WithPath(path.Root("exclusive"), failure("Exclusive device set can't be planned",
		"Set %q: the plan of an exclusive set counts the devices that it cancels, and %s is known only after apply. Nothing was changed.\n\n"+
			"Apply what it depends on first (-target), or set exclusive = false in this apply.", m.Name.ValueString(), what))
}

func givenUp(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Imported devices are given up",
		"Set %q was imported with %d devices of %s that the configuration does not list: %s.\n\n"+
			"They stay in the task and are not cancelled. List them in a set, or cancel them with the action aep_upgrade_cancel.",
		m.Name.ValueString(), len(ids), m.taskOf(), someIDs(ids))
}

func cancelledDevices(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Cancelled devices in a set",
		"Set %q: %d devices were cancelled in %s and will not be upgraded by it: %s.\n\n"+
			"cancelled_count has their number. Take them off the list, or create a new task for them.",
		m.Name.ValueString(), len(ids), m.taskOf(), someIDs(ids))
}

func unlistedDevices(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Task holds other devices",
		"Set %q: %s also holds %s that no set of this run lists: %s.\n\n"+
			"If another set lists them, do nothing. Otherwise they are upgraded with the task: "+
			"list them in a set, or cancel them with the action aep_upgrade_cancel.",
		m.Name.ValueString(), m.taskOf(), countedDevices(len(ids), "active"), someIDs(ids))
}

func frozen(m upgradeDevicesModel, add, remove int) diag.Diagnostic {
	left := ""
	if add > 0 {
		left += plural(add, "device of the list is not attached. ", "devices of the list are not attached. ")
	}
	if remove > 0 {
		left += plural(remove, "device that is not on the list stays in the task. ", "devices that are not on the list stay in the task. ")
	}
	return warning("Upgrade task has finished",
		"Set %q: %s has finished, and its devices can no longer be changed. %sNothing is changed. To upgrade more devices create a new task.",
		m.Name.ValueString(), m.taskOf(), left)
}

func finishedTask(m upgradeDevicesModel, add int) diag.Diagnostic {
	return failure("Upgrade task has finished",
		"Set %q: %s has finished, and %d devices can't join it. Create a new task for them.", m.Name.ValueString(), m.taskOf(), add)
}

func emptySource(m upgradeDevicesModel, members int) diag.Diagnostic {
	return failure("Device set without devices",
		"Set %q: %s lists no device, and the set has %d in %s. A list may be empty by mistake, so nothing is removed.\n\n"+
			"To remove every device, remove the block of the set, or run terraform destroy -refresh=false.", m.Name.ValueString(), m.sourceName(), members, m.taskOf())
}

func emptyGroup(m upgradeDevicesModel) diag.Diagnostic {
	return warning("Device group without devices",
		"Set %q: %s has no devices now. The set begins empty, and the next plan looks again.", m.Name.ValueString(), m.sourceName())
}

func misspelled(m upgradeDevicesModel, asked, listed string) diag.Diagnostic {
	return failure("Device id in another spelling",
		"Set %q: %s lists the device %q, which the configuration spells %q. Nothing was changed.\n\nWrite the id as the platform does.",
		m.Name.ValueString(), m.taskOf(), listed, asked)
}

func notCandidates(m upgradeDevicesModel, bad deviceset.Set, of int) diag.Diagnostic {
	return diag.WithPath(path.Root("preflight"), failure("Devices can't be upgraded",
		"%d of %d new devices are not among those of product %d that the platform offers for an upgrade: %s.\n\n"+
			"They may belong to another product, be part of another task that has not finished, or not exist. "+
			"Take them off the list, or set preflight = false to attach the others.",
		len(bad), of, m.ProductID.ValueInt64(), someIDs(bad)))
}

// stepName is the verb for a step of a change, as messages have it.
func stepName(step campaign.SetStep) string {
	if step == "" {
		return string(campaign.StepAttach)
	}
	return string(step)
}

func brokenOff(m upgradeDevicesModel, result campaign.SetResult, err error) diag.Diagnostic {
	cause := unable(stepName(result.Step), "devices", err)
	return warning("Device set incomplete",
		"Set %q: %d of %d devices of %s are done (%s). The state holds what has been done, and the next apply continues.\n\n%s",
		m.Name.ValueString(), result.Done, result.Of, m.taskOf(), stepName(result.Step), cause.Detail())
}

func incomplete(m upgradeDevicesModel, step campaign.SetStep, failures []campaign.DeviceFailure, of int) diag.Diagnostic {
	return warning("Device set incomplete",
		"Set %q: the platform refused to %s %d of %d devices of %s.\n%s\n\nThe next plan tries them again. Take devices off the list for which it can't be done.",
		m.Name.ValueString(), step, len(failures), of, m.taskOf(), failureLines(failures))
}

func noneAttached(m upgradeDevicesModel, failures []campaign.DeviceFailure, of int) diag.Diagnostic {
	return failure("Unable to attach devices",
		"Set %q: %d of %d devices could not join %s.\n%s\n\nCheck the ids, and that the devices belong to the product and to no other task that has not finished. "+
			"If the set replaces one of another task, remove create_before_destroy from the set and from what depends on it: the devices leave the old task first.",
		m.Name.ValueString(), len(failures), of, m.taskOf(), failureLines(failures))
}

func cannotRejoin(m upgradeDevicesModel, dead []campaign.DeviceFailure) diag.Diagnostic {
	return warning("Cancelled devices not upgraded",
		"Set %q: %d devices were cancelled in %s, and the platform does not let them join it again. They will not be upgraded by it. Create a new task for them.\n%s",
		m.Name.ValueString(), len(dead), m.taskOf(), failureLines(dead))
}

func unsettled(m upgradeDevicesModel, ids []string) diag.Diagnostic {
	return warning("Devices still being cancelled",
		"Set %q: the platform accepted the cancelling of %d devices of %s, but still shows them as active: %s.",
		m.Name.ValueString(), len(ids), m.taskOf(), someIDs(ids))
}

func notDetached(m upgradeDevicesModel, failures []campaign.DeviceFailure, of int) diag.Diagnostic {
	return failure("Unable to detach device set",
		"Set %q: %d of %d devices of %s could not be cancelled.\n%s\n\n"+
			"Wait until they are final, or set on_remove = \"keep\" and apply that to leave them in the task.",
		m.Name.ValueString(), len(failures), of, m.taskOf(), failureLines(failures))
}

// failureLines lists failures by what the platform said, with the first devices of each.
func failureLines(failures []campaign.DeviceFailure) string {
	type reason struct{ code, message string }
	byReason := make(map[reason][]string)
	var order []reason
	for _, f := range failures {
		why := reason{f.Code, f.Message}
		if byReason[why] == nil {
			order = append(order, why)
		}
		byReason[why] = append(byReason[why], f.DeviceID)
	}
	const shown = 5
	var text strings.Builder
	for _, why := range order[:min(len(order), shown)] {
		said := why.message
		if why.code != "" {
			said = "code " + why.code + ": " + said
		}
		fmt.Fprintf(&text, "\n  - %s\n    %s", said, someIDs(byReason[why]))
	}
	if len(order) > shown {
		fmt.Fprintf(&text, "\n  - and %d other reasons", len(order)-shown)
	}
	return text.String()
}

// hintForDevices says what can be done about the failures of changing a set, ""
// if err is none of them.
func hintForDevices(err error) string {
	if e, ok := errors.AsType[*campaign.UnlistedAtStartError](err); ok {
		named := ""
		if len(e.Devices) > 0 {
			named = "They are: " + someIDs(e.Devices) + ". "
		}
		return "Nothing was started. " + named + "List the devices in a set, or cancel them (action aep_upgrade_cancel, or a set with exclusive = true); cancelled_count and missing_count of the sets say which devices do not take part. " +
			"To destroy everything, run terraform destroy -refresh=false."
	}
	if _, ok := errors.AsType[*campaign.UnannouncedError](err); ok {
		return "Nothing was changed. Plan again: the new plan counts the devices that it cancels."
	}
	if e, ok := errors.AsType[*campaign.UnlistedError](err); ok {
		return "Nothing was joined. They are: " + someIDs(e.Devices) + ". If another set of the configuration lists them, apply again. Otherwise list them in a set, " +
			"cancel them (action aep_upgrade_cancel), or set adopt_existing = false and create a task of another name."
	}
	if _, ok := errors.AsType[*campaign.SpellingError](err); ok {
		return "Write the id as the platform does. No device was sent again."
	}
	if _, ok := errors.AsType[*campaign.GoneError](err); ok {
		return "Check task_id. If the task was deleted, remove the blocks that name it from the configuration, or let them name another task."
	}
	if _, ok := errors.AsType[*campaign.StillInGroupError](err); ok {
		return "Nothing was changed. Plan again when the platform lists the group in full."
	}
	return ""
}
