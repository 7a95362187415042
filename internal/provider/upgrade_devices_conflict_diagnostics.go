package provider

import (
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// movedSet is the block that gives a set a new address.
const movedSet = "  moved {\n    from = aep_upgrade_devices.OLD\n    to   = aep_upgrade_devices.NEW\n  }\n\n"

// setConflict returns the error for two sets of one task that contradict each other.
func setConflict(e *ownership.ConflictError) diag.Diagnostic {
	task := capitalized(e.Key().Object())
	sets := fmt.Sprintf("the sets %q and %q", e.Other.Name, e.Claim.Name)
	switch e.Conflict {
	case ownership.ConflictName:
		return atArgument("name", failure("Two device sets with one name",
			"%s has two sets with the name %q. Nothing of this set was changed.\n\n"+
				"Give each set of the task a name of its own.", task, e.Claim.Name))
	case ownership.ConflictFound:
		return failure("Device set exists already",
			"%s has a set %q in the state, and this plan would create it once more. Destroying it cancels its devices. "+
				"Nothing of this set was changed.\n\n"+
				"If the set is tainted, run terraform untaint. If its label or for_each key has changed, add a moved block.\n\n"+movedSet+
				"If the old set is renamed in the same plan, apply the rename first. "+
				"If two sets are meant, give each a name of its own.", task, e.Claim.Name)
	case ownership.ConflictAddress:
		return addressConflict(e, task)
	case ownership.ConflictOverlap:
		return failure("Device in two sets of one task",
			"%s: %s both list %s. Nothing of this set was changed.\n\n"+
				"Take the device off one of the lists. "+
				"A set that gives it up with on_remove = \"keep\" does not cancel it. "+
				"A removed block with lifecycle { destroy = false } does not cancel it either.", task, sets, namedDevices(e.Devices))
	case ownership.ConflictHandOver:
		return failure("Device would move between two sets of one task",
			"%s: %s. Terraform may run the two steps in either order, so a listed device could be cancelled. Nothing of this set was changed.\n\n"+
				"Set on_remove = \"keep\" on the set that gives it up, together with this change. "+
				"Then nothing is cancelled, and the other set takes the device over.",
			task, handOver(e))
	case ownership.ConflictUnknown:
		return failure("Devices of a set are not known yet",
			"%s: one of %s cancels devices, and the list of the other is known only after other resources have been applied. "+
				"It may list the same devices. Nothing of this set was changed.\n\n"+
				"Apply in two steps, with -target for what the list depends on. Or set on_remove = \"keep\" on the set that gives devices up.",
			task, sets)
	default:
		return atArgument("exclusive", failure("Exclusive device set beside another",
			"%s has %s. One of them is exclusive, and would cancel the devices of the other. Nothing of this set was changed.\n\n"+
				"Set exclusive = false, or leave only one set in the task.", task, sets))
	}
}

// addressConflict returns the error for a plan that destroys one set and creates another for the same
// devices.
func addressConflict(e *ownership.ConflictError, task string) diag.Diagnostic {
	destroyed, live := e.Other.Name, e.Claim.Name
	if e.Claim.Destroyed {
		destroyed, live = live, destroyed
	}
	way := ""
	if e.MayBeNew() {
		way = "\nIf the new set belongs to a new task, apply that task first (-target)."
	}
	listed := "no device of the other"
	if len(e.Devices) > 0 {
		listed = namedDevices(e.Devices)
	}
	return failure("Device set would be destroyed and created again",
		"%s: this plan destroys set %q, which cancels its devices, and set %q lists %s. "+
			"Terraform may run the two steps in either order, so devices of the new set could be cancelled. Nothing of this set was changed.\n\n"+
			"If the label or the for_each key of the set has changed, add a moved block.\n\n"+movedSet+
			"If two sets are meant, apply on_remove = \"keep\" to the old set first, and then this change: its devices stay in the task. "+
			"To remove a set from the state without a cancel, use a removed block with lifecycle { destroy = false }."+way,
		task, destroyed, live, listed)
}

// handOver returns a text that names the set that gives devices up, and the set that lists them.
func handOver(e *ownership.ConflictError) string {
	var steps []string
	for _, sets := range [][2]ownership.Claim{{e.Claim, e.Other}, {e.Other, e.Claim}} {
		moved := sets[0].Cancels.Intersection(sets[1].Wants)
		if len(moved) == 0 {
			continue
		}
		them := "them"
		if len(moved) == 1 {
			them = "it"
		}
		steps = append(steps, fmt.Sprintf("set %q gives up %s, and set %q lists %s", sets[0].Name, namedDevices(moved), sets[1].Name, them))
	}
	return strings.Join(steps, "; ")
}
