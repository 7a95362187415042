package provider

import (
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// movedBlock is how a practitioner tells Terraform that a set has a new address.
const movedBlock = `

  moved {
    from = aep_upgrade_devices.OLD
    to   = aep_upgrade_devices.NEW
  }

`

// setConflict words a conflict of two sets of one task.
func setConflict(e *ownership.ConflictError) diag.Diagnostic {
	task := fmt.Sprintf("Task %d of product %d", e.Key().TaskID, e.Key().ProductID)
	sets := fmt.Sprintf("the sets %q and %q", e.Other.Name, e.Claim.Name)
	nothing := " Nothing of this set was changed.\n\n"
	switch e.Conflict {
	case ownership.ConflictName:
		return diag.WithPath(path.Root("name"), failure("Two device sets with one name",
			"%s has two sets with the name %q."+nothing+"Give each set of the task a name of its own.", task, e.Claim.Name))
	case ownership.ConflictFound:
		return failure("Device set exists already",
			"%s has a set %q in the state, and this plan would create it once more. Destroying it cancels its devices."+nothing+
				"If the set is tainted, run terraform untaint. If its label or for_each key has changed, add a moved block:"+movedBlock+
				"If the old set is renamed in the same plan, apply the rename first. "+
				"If two sets are meant, give each a name of its own.", task, e.Claim.Name)
	case ownership.ConflictAddress:
		way := ""
		if e.MayBeNew() {
			way = "\nIf the set that comes belongs to a new task, apply that task first (-target)."
		}
		return failure("Device set would be destroyed and created again",
			"%s: this plan destroys set %q, which cancels its devices, and set %q lists %s. "+
				"Terraform may run the two steps in either order, so devices would be lost."+nothing+
				"If the label or the for_each key of the set has changed, add a moved block:"+movedBlock+
				"If two sets are meant, apply on_remove = \"keep\" to the set that goes, and then this change: its devices stay in the task. "+
				"To forget a set without cancelling anything, use a removed block with lifecycle { destroy = false }."+way,
			task, destroyedName(e), liveName(e), namedDevices(e.Devices, "no device of the other"))
	case ownership.ConflictOverlap:
		return failure("Device in two sets of one task",
			"%s: %s both list %s."+nothing+"Take the device off one of the lists. "+
				"A set that gives it up with on_remove = \"keep\" does not cancel it, nor does a removed block with lifecycle { destroy = false }.", task, sets, namedDevices(e.Devices, ""))
	case ownership.ConflictHandOver:
		return failure("Device would move between two sets of one task",
			"%s: %s. Terraform may run the two steps in either order, so a listed device could be cancelled."+nothing+
				"Set on_remove = \"keep\" on the set that gives it up, together with this change: nothing is cancelled, and the other set takes the device over.",
			task, handOver(e))
	case ownership.ConflictUnknown:
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

func destroyedName(e *ownership.ConflictError) string {
	if e.Claim.Destroyed {
		return e.Claim.Name
	}
	return e.Other.Name
}

func liveName(e *ownership.ConflictError) string {
	if e.Claim.Destroyed {
		return e.Other.Name
	}
	return e.Claim.Name
}

// handOver says which of two sets gives a device up, and which lists it.
func handOver(e *ownership.ConflictError) string {
	var steps []string
	for _, sets := range [][2]ownership.Claim{{e.Claim, e.Other}, {e.Other, e.Claim}} {
		if moved := sets[0].Cancels.Intersection(sets[1].Wants); len(moved) > 0 {
			steps = append(steps, fmt.Sprintf("set %q gives up %s, and set %q lists %s",
				sets[0].Name, namedDevices(moved, ""), sets[1].Name, themOrIt(moved)))
		}
	}
	return strings.Join(steps, "; ")
}

func themOrIt(ids deviceset.Set) string {
	if len(ids) == 1 {
		return "it"
	}
	return "them"
}

// namedDevices names devices, or says otherwise if there are none.
func namedDevices(ids deviceset.Set, otherwise string) string {
	switch len(ids) {
	case 0:
		return otherwise
	case 1:
		return "device " + ids[0]
	}
	return fmt.Sprintf("%d devices (%s)", len(ids), someIDs(ids))
}
