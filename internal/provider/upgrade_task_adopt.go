package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// planAdoption says which task a create will take over. own is the task that the
// new one replaces, if any: it may be gone by then.
func (r *upgradeTaskResource) planAdoption(ctx context.Context, plan upgradeTaskModel, own aep.TaskKey) (diags diag.Diagnostics) {
	if !plan.AdoptExisting.ValueBool() {
		return nil
	}
	if plan.ProductID.IsUnknown() || plan.FirmwareID.IsUnknown() || plan.Name.IsUnknown() {
		diags.Append(adoptionNotKnown())
		return diags
	}
	runner := r.opened(&diags)
	if runner == nil {
		return diags
	}
	twin, err := runner.PlanAdoption(ctx, plan.createRequest(), own)
	if managed, ok := errors.AsType[*campaign.ManagedTaskError](err); ok {
		diags.Append(contestedTask(managed.Key))
		return diags
	}
	switch {
	case err != nil:
		diags.Append(createFailure(err, plan))
	case twin != nil:
		diags.Append(warning("Existing upgrade task will be adopted", "%s The create takes it over, as adopt_existing = true permits.",
			plan.adopts(*twin)))
	}
	return diags
}

// adopts describes a task before m takes it over: its devices, and what m changes.
func (m upgradeTaskModel) adopts(it campaign.Twin) string {
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
	holds := plural(int(it.Active), "device", "devices")
	text := fmt.Sprintf("Task %s is pending, with this name and firmware, and holds %s.", twin.Key(), holds)
	if len(changes) > 0 {
		text += " An adoption changes " + strings.Join(changes, ", ") + "."
	}
	return text
}

// adoptionNotKnown says that a plan can't look for the task that a create would take over.
func adoptionNotKnown() diag.Diagnostic {
	return diag.WithPath(path.Root("adopt_existing"), failure("Upgrade task to adopt is not known",
		"adopt_existing = true takes over a task of the same product, firmware and name, and one of them is known only after apply. "+
			"The plan can't say which task that is, nor whether another resource has it. Nothing was changed.\n\n"+
			"Apply what it depends on first (-target), or unset adopt_existing."))
}

// contestedTask says that two resources of one run would have one task.
func contestedTask(key aep.TaskKey) diag.Diagnostic {
	return diag.WithPath(path.Root("name"), failure("Upgrade task has a resource already",
		"Task %s is in the state of one aep_upgrade_task, and another would adopt it (adopt_existing = true): "+
			"product, name and firmware are the same. Nothing was changed.\n\n"+
			"If the resource has a new address, tell Terraform:\n\n"+
			"  moved {\n    from = aep_upgrade_task.OLD\n    to   = aep_upgrade_task.NEW\n  }\n\n"+
			"If these are two tasks, give them different names, or unset adopt_existing. If the resource is tainted, run terraform untaint.", key))
}

// fullTask says that a task is not adopted with its devices.
func fullTask(twin campaign.Twin, plan upgradeTaskModel) diag.Diagnostic {
	return diag.WithPath(path.Root("adopt_existing"), failure("Upgrade task holds devices",
		"%s Somebody attached the devices under other settings, so the task is not taken over. Nothing was changed.\n\n"+
			"Cancel the devices in the platform's console, give this task another name, or import the task.", plan.adopts(twin)))
}

// keptTask says why a task outlives the object that was to be destroyed.
func keptTask(key aep.TaskKey) diag.Diagnostic {
	return warning("Upgrade task not deleted",
		"Task %s was not deleted, because this run has created or adopted it for another object, with create_before_destroy. "+
			"It is in the state of that object.", key)
}
