package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
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

// movedBlock is how a practitioner tells Terraform that a set has a new address.
const movedBlock = `

  moved {
    from = aep_upgrade_devices.OLD
    to   = aep_upgrade_devices.NEW
  }

`

// setConflict words a conflict of two sets of one task.
func setConflict(e *campaign.ClaimError) diag.Diagnostic {
	task := fmt.Sprintf("Task %d of product %d", e.Claim.Key.TaskID, e.Claim.Key.ProductID)
	sets := fmt.Sprintf("the sets %q and %q", e.Other.Name, e.Claim.Name)
	nothing := " Nothing was changed.\n\n"
	switch e.Conflict {
	case campaign.ConflictName:
		return diag.WithPath(path.Root("name"), failure("Two device sets with one name",
			"%s has two sets with the name %q."+nothing+"Give each set of the task a name of its own.", task, e.Claim.Name))
	case campaign.ConflictFound:
		return failure("Device set exists already",
			"%s has a set %q in the state, and this plan would create it once more. Destroying it cancels its devices."+nothing+
				"If the set is tainted, run terraform untaint. If its label or for_each key has changed, add a moved block:"+movedBlock+
				"If two sets are meant, give each a name of its own.", task, e.Claim.Name)
	case campaign.ConflictAddress:
		return failure("Device set would be destroyed and created again",
			"%s: this plan destroys set %q, which cancels its devices, and creates set %q, which lists %s. "+
				"Terraform may run the two steps in either order, so devices would be lost."+nothing+
				"If the label or the for_each key of the set has changed, add a moved block:"+movedBlock+
				"If two sets are meant, apply on_remove = \"keep\" to the set that goes, and then this change: its devices stay in the task. "+
				"To forget a set without cancelling anything, use a removed block with lifecycle { destroy = false }.",
			task, destroyedName(e), liveName(e), namedDevices(e.Devices, "no device of the other"))
	case campaign.ConflictOverlap:
		return failure("Device in two sets of one task",
			"%s: %s both list %s."+nothing+"Take the device off one of the lists. "+
				"A set that gives it up with on_remove = \"keep\" does not cancel it, nor does a removed block with lifecycle { destroy = false }.", task, sets, namedDevices(e.Devices, ""))
	case campaign.ConflictHandOver:
		return failure("Device would move between two sets of one task",
			"%s: %s leaves one of %s and is listed by the other. "+
				"Terraform may run the two steps in either order, so the device could be cancelled."+nothing+
				"Set on_remove = \"keep\" on the set that gives it up, together with this change: nothing is cancelled, and the other set takes the device over.",
			task, namedDevices(e.Devices, ""), sets)
	case campaign.ConflictUnknown:
		return failure("Devices of a set are not known yet",
			"%s: one of %s cancels devices, and the list of the other is known only after other resources have been applied. "+
				"It may list the same devices."+nothing+
				"Apply in two steps, with -target for what the list depends on, or set on_remove = \"keep\" on the set that gives devices up.", task, sets)
	default:
		return diag.WithPath(path.Root("exclusive"), failure("Exclusive device set beside another",
			"%s has %s, and one of them is exclusive: it would cancel the devices of the other."+nothing+
				"Set exclusive = false, or leave only one set in the task.", task, sets))
	}
}

func destroyedName(e *campaign.ClaimError) string {
	if e.Claim.Destroyed {
		return e.Claim.Name
	}
	return e.Other.Name
}

func liveName(e *campaign.ClaimError) string {
	if e.Claim.Destroyed {
		return e.Other.Name
	}
	return e.Claim.Name
}

// namedDevices names devices, or says otherwise if there are none.
func namedDevices(ids campaign.DeviceSet, otherwise string) string {
	switch len(ids) {
	case 0:
		return otherwise
	case 1:
		return "device " + ids[0]
	}
	return fmt.Sprintf("%d devices (%s)", len(ids), someIDs(ids))
}

func sameTaskReplaced(m upgradeDevicesModel) diag.Diagnostic {
	return failure("Device set can't be replaced",
		"Set %q of %s would be destroyed and created again for the same task. A set has no object of its own on the platform: "+
			"destroying it cancels its devices, and the platform may not let them join again. Nothing was changed.\n\n"+
			"Plan without -replace, and remove replace_triggered_by. For a set that is tainted run terraform untaint. "+
			"To add devices again that were cancelled, use a new task; to change the list, edit it.",
		m.Name.ValueString(), m.taskOf())
}

func runningSet(m upgradeDevicesModel, active int64, verb string) diag.Diagnostic {
	return failure("Device set of a running task",
		"Set %q: %s is running, and %d devices of the set are not done. To %s the set would cancel them. Nothing was changed.\n\n"+
			"Wait until they are done. To cancel them, set force_destroy = true on the set, apply that, and then this change. "+
			"To leave them in the task, set on_remove = \"keep\" and apply that first.",
		m.Name.ValueString(), m.taskOf(), active, verb)
}

func cancelsOnDestroy(m upgradeDevicesModel, active int64, verb string) diag.Diagnostic {
	return warning("Devices of a running task will be cancelled",
		"Set %q: %s is running. To %s the set cancels %d devices that are not done, as force_destroy = true permits.",
		m.Name.ValueString(), m.taskOf(), verb, active)
}

func keptOnDestroy(m upgradeDevicesModel, ids campaign.DeviceSet) diag.Diagnostic {
	return warning("Devices stay in the task",
		"Set %q of %s was imported, and has not been applied since. Its %d devices are not cancelled: %s.\n\n"+
			"To cancel them use the action aep_upgrade_cancel.", m.Name.ValueString(), m.taskOf(), len(ids), someIDs(ids))
}

func keptDevices(m upgradeDevicesModel, ids campaign.DeviceSet) diag.Diagnostic {
	return warning("Devices stay in the task",
		"Set %q gives up %d devices, which stay in %s as on_remove = \"keep\" asks: %s.\n\n"+
			"If no other set lists them, they are upgraded when the task starts.", m.Name.ValueString(), len(ids), m.taskOf(), someIDs(ids))
}

func taintedSet(m upgradeDevicesModel) diag.Diagnostic {
	return warning("Devices stay in the task",
		"Set %q of %s was tainted, and is created again. Its devices were not cancelled. "+
			"Devices that the new set does not list are still in the task.", m.Name.ValueString(), m.taskOf())
}

func cancelsUnderWay(m upgradeDevicesModel, active campaign.DeviceSet, leaving int) diag.Diagnostic {
	return warning("Upgrades under way will be cancelled",
		"Set %q: this plan cancels %d devices of %s, of which %d are not done: %s.",
		m.Name.ValueString(), leaving, m.taskOf(), len(active), someIDs(active))
}

func cancelsStrangers(m upgradeDevicesModel, strangers campaign.DeviceSet) diag.Diagnostic {
	return warning("Exclusive device set cancels other devices",
		"Set %q: this plan cancels %d active devices of %s that the set does not list: %s.",
		m.Name.ValueString(), len(strangers), m.taskOf(), someIDs(strangers))
}

func givenUp(m upgradeDevicesModel, ids campaign.DeviceSet) diag.Diagnostic {
	return warning("Imported devices are given up",
		"Set %q was imported with %d devices of %s that the configuration does not list: %s.\n\n"+
			"They stay in the task and are not cancelled. List them in a set, or cancel them with the action aep_upgrade_cancel.",
		m.Name.ValueString(), len(ids), m.taskOf(), someIDs(ids))
}

func cancelledDevices(m upgradeDevicesModel, ids campaign.DeviceSet) diag.Diagnostic {
	return warning("Cancelled devices in a set",
		"Set %q: %d devices were cancelled in %s and will not be upgraded by it: %s.\n\n"+
			"cancelled_count has their number. Take them off the list, or create a new task for them.",
		m.Name.ValueString(), len(ids), m.taskOf(), someIDs(ids))
}

func unlistedDevices(m upgradeDevicesModel, ids campaign.DeviceSet) diag.Diagnostic {
	return warning("Task holds other devices",
		"Set %q: %s holds %d other active devices, which no set changed by this run lists: %s.\n\n"+
			"If another set of the configuration lists them, all is well. If none does, they are upgraded when the task starts: "+
			"list them in a set, or cancel them with the action aep_upgrade_cancel. A rollout refuses to start the task while its expected_device_count differs.",
		m.Name.ValueString(), m.taskOf(), len(ids), someIDs(ids))
}

func frozen(m upgradeDevicesModel, add, remove int) diag.Diagnostic {
	return warning("Upgrade task has finished",
		"Set %q: %s has finished, and its devices can no longer be changed. %d devices of the list are not attached, and %d others stay in the task. "+
			"Nothing is changed. To upgrade more devices create a new task.",
		m.Name.ValueString(), m.taskOf(), add, remove)
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

func notCandidates(m upgradeDevicesModel, bad campaign.DeviceSet, of int) diag.Diagnostic {
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
		"Set %q: %d of %d devices could not join %s.\n%s\n\nCheck the ids, and that the devices belong to the product and to no other task that has not finished.",
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
	if _, ok := errors.AsType[*campaign.DevicesUnlistedError](err); ok {
		return "Nothing was started. List the devices in a set, or cancel them (action aep_upgrade_cancel); cancelled_count and missing_count of the sets say which devices do not take part."
	}
	if _, ok := errors.AsType[*campaign.StrangersError](err); ok {
		return "Nothing was changed. Plan again: the new plan counts the devices that it cancels."
	}
	if e, ok := errors.AsType[*campaign.UnlistedError](err); ok {
		return "Nothing was joined. They are: " + someIDs(e.Devices) + ". List them in a set, cancel them (action aep_upgrade_cancel), " +
			"or set adopt_existing = false and create a task of another name."
	}
	if _, ok := errors.AsType[*campaign.SpellingError](err); ok {
		return "Write the id as the platform does. No device was sent again."
	}
	if _, ok := errors.AsType[*campaign.StillInGroupError](err); ok {
		return "Nothing was changed. Plan again when the platform lists the group in full."
	}
	return ""
}
