package provider

import (
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// named returns the name of the set for the beginning of a message.
func (m upgradeDevicesModel) named() string { return fmt.Sprintf("Set %q", m.Name.ValueString()) }

func (m upgradeDevicesModel) taskName() string { return m.key().Object() }

func tooManyIDs(n int) diag.Diagnostic {
	return atArgument("device_ids", failure("Too many device ids",
		"%s device ids. device_ids takes at most %s, because plan and state show each of them.\n\n"+
			"Use device_ids_wo for a list by any expression, or device_ids_file for a file.", grouped(n), grouped(maxListedIDs)))
}

func sameTaskReplaced(m upgradeDevicesModel) diag.Diagnostic {
	return failure("Device set can't be replaced",
		"%s of %s would be destroyed and created again for the same task. A set has no object of its own on the platform. "+
			"Destroying it cancels its devices, and the platform may not let them join again. Nothing was changed.\n\n"+
			"Plan without -replace, and remove replace_triggered_by. For a set that is tainted, run terraform untaint. "+
			"To add devices again that were cancelled, use a new task. To change the list, edit it.",
		m.named(), m.taskName())
}

func taskMayChange(m upgradeDevicesModel) diag.Diagnostic {
	return atArgument("task_id", failure("Task of a device set is not known yet",
		"%s belongs to %s, and this plan keeps that task. The plan also creates a task. "+
			"task_id is known only after apply, so the set might have to leave its task. Nothing was changed.\n\n"+
			"If the task's resource has a new address, add a moved block. If it was removed from the state, import it. "+
			"If it is tainted, run terraform untaint. If the set is meant to go to the new task, apply that task first (-target). "+
			"To destroy everything, run terraform destroy -refresh=false.",
		m.named(), m.taskName()))
}

func runningSet(m upgradeDevicesModel, active int64, verb string) diag.Diagnostic {
	return failure("Device set of a running task",
		"%s: %s is running, and the set has %s still active. %s the set would cancel them. Nothing was changed.\n\n"+
			"Wait until they are final. To cancel them, set force_destroy = true on the set. Before a destroy, apply that first. "+
			"To leave them in the task, set on_remove = \"keep\" and apply that first. "+deposedArguments,
		m.named(), m.taskName(), countedDevices(active, ""), gerund(verb))
}

func cancelsOnDestroy(m upgradeDevicesModel, active int64, verb string) diag.Diagnostic {
	return warning("Devices of a running task will be cancelled",
		"%s: %s is running. %s the set cancels %s still active, as force_destroy = true permits.",
		m.named(), m.taskName(), gerund(verb), countedDevices(active, ""))
}

func keptOnDestroy(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Devices stay in the task",
		"%s of %s was imported, and has not been applied since. The plan does not cancel its %s: %s.\n\n"+
			"To cancel them, use the action aep_upgrade_cancel.", m.named(), m.taskName(), countedDevices(len(ids), ""), someIDs(ids))
}

// keptDevices warns that devices stay in the task; verb is "destroy" or "replace", or "" if the set stays.
// The task may be planned after the set, as in terraform destroy.
func keptDevices(m upgradeDevicesModel, ids deviceset.Set, verb string) diag.Diagnostic {
	then := "If no other set lists them, they are still upgraded with the task."
	if verb != "" {
		then = "If the task stays, and no other set lists them, they are still upgraded with it. If this plan also ends the task, " +
			"its force_destroy = true cancels them. Without it, the task is not deleted before they are done."
	}
	return warning("Devices stay in the task",
		"%s gives up %s. They stay in %s, as on_remove = \"keep\" asks: %s.\n\n%s",
		m.named(), countedDevices(len(ids), ""), m.taskName(), someIDs(ids), then)
}

func taintedSet(m upgradeDevicesModel) diag.Diagnostic {
	return warning("Devices stay in the task",
		"%s of %s was tainted, and is created again. Its devices were not cancelled. "+
			"Devices that the new set does not list are still in the task.\n\n"+
			"To cancel them, use the action aep_upgrade_cancel.", m.named(), m.taskName())
}

func cancelsUpgrades(m upgradeDevicesModel, active deviceset.Set, leaving int) diag.Diagnostic {
	return warning("Upgrades under way will be cancelled",
		"%s: this plan cancels %s of %s. %s active: %s.",
		m.named(), countedDevices(leaving, ""), m.taskName(),
		counted(len(active), "of these is", "of these are"), someIDs(active))
}

func mayCancelUpgrades(m upgradeDevicesModel, members int) diag.Diagnostic {
	return warning("Upgrades under way may be cancelled",
		"%s: %s is running, and the list of the set is known only after apply. "+
			"The apply cancels each of its %s that is not on the list then.\n\n"+
			"To see them first, apply what the list depends on (-target), and plan again.",
		m.named(), m.taskName(), countedDevices(members, ""))
}

func cancelsUnlisted(m upgradeDevicesModel, unlisted deviceset.Set) diag.Diagnostic {
	return warning("Exclusive device set cancels other devices",
		"%s: this plan cancels %s of %s that the set does not list: %s.",
		m.named(), countedDevices(len(unlisted), "active"), m.taskName(), someIDs(unlisted))
}

func exclusiveNotKnown(m upgradeDevicesModel, what string) diag.Diagnostic {
	return atArgument("exclusive", failure("Exclusive device set can't be planned",
		"%s: the plan of an exclusive set counts the devices that it cancels, and %s is known only after apply. Nothing was changed.\n\n"+
			"Apply what it depends on first (-target), or set exclusive = false in this apply.", m.named(), what))
}

func givenUp(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Imported devices are given up",
		"%s was imported with %s of %s that the configuration does not list: %s.\n\n"+
			"They stay in the task and are not cancelled. List them in a set, or cancel them with the action aep_upgrade_cancel.",
		m.named(), countedDevices(len(ids), ""), m.taskName(), someIDs(ids))
}

func cancelledDevices(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Cancelled devices in a set",
		"%s: %s cancelled in %s: %s. The task will not upgrade them.\n\n"+
			"cancelled_count has their number. Take them off the list, or create a new task for them.",
		m.named(), countedDevices(len(ids), ""), m.taskName(), someIDs(ids))
}

func unlistedDevices(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Task holds other devices",
		"%s: %s also holds %s that no set of this run lists: %s.\n\n"+
			"If another set lists them, do nothing. Otherwise they are upgraded with the task: "+
			"list them in a set, or cancel them with the action aep_upgrade_cancel.",
		m.named(), m.taskName(), countedDevices(len(ids), "active"), someIDs(ids))
}

func frozen(m upgradeDevicesModel, add, remove int) diag.Diagnostic {
	left := ""
	if add > 0 {
		left += counted(add, "device of the list is not attached. ", "devices of the list are not attached. ")
	}
	if remove > 0 {
		left += counted(remove, "device that is not on the list stays in the task. ", "devices that are not on the list stay in the task. ")
	}
	return warning("Upgrade task has finished",
		"%s: %s has finished, and its devices can no longer be changed. %sNothing is changed. To upgrade more devices, create a new task.",
		m.named(), m.taskName(), left)
}

func finishedTask(m upgradeDevicesModel, add int) diag.Diagnostic {
	return failure("Upgrade task has finished",
		"%s: %s has finished, and %s can't join it. Create a new task for them.", m.named(), m.taskName(), countedDevices(add, ""))
}

func emptySource(m upgradeDevicesModel, members int) diag.Diagnostic {
	return failure("Device set without devices",
		"%s: %s lists no device, and the set has %s in %s. A list may be empty by mistake, so nothing is removed.\n\n"+
			"To remove every device, remove the block of the set, or run terraform destroy -refresh=false.",
		m.named(), m.sourceName(), grouped(members), m.taskName())
}

// emptyAtCreation returns the warning about a new set whose source has no device.
func emptyAtCreation(m upgradeDevicesModel) diag.Diagnostic {
	if m.DeviceGroupID.IsNull() {
		from := ""
		if file := m.DeviceIDsFile.ValueString(); file != "" {
			from = " (" + file + ")"
		}
		return warning("Device list without devices",
			"%s: Its list%s has no device. The set is created without devices. A rollout that expects them upgrades nothing, and succeeds. "+
				"If this is unexpected, do not apply: check the list.", m.named(), from)
	}
	return warning("Device group without devices",
		"%s: %s has no devices now. The set is created without devices, and the next plan reads the group again. "+
			"If this is unexpected, check device_group_id: it is a number, which the console shows under 分组管理.", m.named(), m.sourceName())
}

func misspelled(m upgradeDevicesModel, asked, listed string) diag.Diagnostic {
	return failure("Device id in another spelling",
		"%s: %s lists the device %q, which the configuration spells %q. Nothing was changed.\n\nWrite the id as the platform does.",
		m.named(), m.taskName(), listed, asked)
}

func notCandidates(m upgradeDevicesModel, bad deviceset.Set, of int) diag.Diagnostic {
	return atArgument("preflight", failure("Devices can't be upgraded",
		"Product %d: the platform does not offer %s of %s for an upgrade: %s.\n\n"+
			"They may belong to another product, be part of another task that has not finished, or not exist. "+
			"Take them off the list, or set preflight = false to attach the others.",
		m.ProductID.ValueInt64(), grouped(len(bad)), countedDevices(of, "new"), someIDs(bad)))
}

// stepName returns the verb of a step of a change.
func stepName(step campaign.SetStep) string {
	if step == "" {
		return string(campaign.StepAttach)
	}
	return string(step)
}

func brokenOff(m upgradeDevicesModel, result campaign.SetResult, err error) diag.Diagnostic {
	cause := unable(stepName(result.Step), "devices", err)
	return warning("Device set incomplete",
		"%s: %s of %s of %s are done (%s). The state records what was done, and the next apply continues.\n\n%s",
		m.named(), grouped(result.Done), countedDevices(result.Of, ""), m.taskName(), stepName(result.Step), cause.Detail())
}

func incomplete(m upgradeDevicesModel, step campaign.SetStep, failures []campaign.DeviceFailure, of int) diag.Diagnostic {
	done := map[campaign.SetStep]string{campaign.StepAttach: "attached to", campaign.StepDetach: "detached from"}[step]
	return warning("Device set incomplete",
		"%s: %s of %s could not be %s %s.\n%s\n\n"+
			"The next plan tries them again. If that can't succeed, take the devices off the list.",
		m.named(), grouped(len(failures)), countedDevices(of, ""), done, m.taskName(), failureLines(failures))
}

func noneAttached(m upgradeDevicesModel, failures []campaign.DeviceFailure, of int) diag.Diagnostic {
	return failure("Unable to attach devices",
		"%s: %s of %s could not join %s.\n%s\n\n"+
			"Check the ids. The devices must belong to the product, and to no other task that has not finished. "+
			"If the set replaces the set of another task, remove create_before_destroy from the set and from what depends on it. "+
			"Then the devices leave the old task first.",
		m.named(), grouped(len(failures)), countedDevices(of, ""), m.taskName(), failureLines(failures))
}

func cannotRejoin(m upgradeDevicesModel, dead []campaign.DeviceFailure) diag.Diagnostic {
	return warning("Cancelled devices not upgraded",
		"%s: the platform does not let %s join %s again after a cancel. "+
			"The task will not upgrade them. Create a new task for them.\n%s",
		m.named(), countedDevices(len(dead), ""), m.taskName(), failureLines(dead))
}

func unsettled(m upgradeDevicesModel, ids []string) diag.Diagnostic {
	return warning("Devices still being cancelled",
		"%s: the platform accepted the cancel of %s of %s, but still shows them as active: %s.",
		m.named(), countedDevices(len(ids), ""), m.taskName(), someIDs(ids))
}

func notDetached(m upgradeDevicesModel, failures []campaign.DeviceFailure, of int) diag.Diagnostic {
	return failure("Unable to detach device set",
		"%s: %s of %s of %s could not be cancelled.\n%s\n\n"+
			"Wait until they are final, or set on_remove = \"keep\" and apply that to leave them in the task.",
		m.named(), grouped(len(failures)), countedDevices(of, ""), m.taskName(), failureLines(failures))
}

// idleSelection returns a warning if a selection has no effect.
func idleSelection(config upgradeDevicesModel) (diags diag.Diagnostics) {
	if config.DeviceGroupID.IsNull() && config.Selection.ValueString() == selectionContinuous {
		diags.Append(atArgument("selection", warning("Argument without effect",
			"selection = %q has no effect without device_group_id: every plan reads the other sources again.", selectionContinuous)))
	}
	return diags
}
