package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

func createFailure(err error, plan upgradeTaskModel) diag.Diagnostic {
	if e, ok := errors.AsType[*campaign.ProtocolError](err); ok {
		at := path.Root("retry_times")
		if e.Product == aep.LwM2M {
			at = path.Root("timeout_hours")
		}
		return diag.WithPath(at, unable("create", "upgrade task", err))
	}
	if e, ok := errors.AsType[*campaign.ExistingTaskError](err); ok && e.Cause == nil {
		return diag.WithPath(path.Root("name"), unable("create", "upgrade task", err))
	}
	if e, ok := errors.AsType[*campaign.FullTaskError](err); ok {
		return fullTask(e.Twin, plan)
	}
	failure := unable("create", "upgrade task", err)
	if aep.IsRefused(err) {
		// The platform's words seldom name what is wrong with the pair of settings.
		return diag.NewErrorDiagnostic(failure.Summary(), failure.Detail()+"\n\n"+refusedCreateHint(plan))
	}
	return failure
}

// cancelledInVain names the tasks that sets have left for a task that was not
// created, which create_before_destroy leaves in the state.
func cancelledInVain(vacated []aep.TaskKey) diag.Diagnostic {
	keys := make([]string, len(vacated))
	for i, key := range vacated {
		keys[i] = key.String()
	}
	return warning("Devices cancelled without a new task",
		"This plan ends task %s. Sets of it have cancelled their devices, and a new task of the product was not created.\n\n"+
			"Correct the cause and apply again: the new task takes the devices. To go back instead, replace the old task (-replace): "+
			"the platform may not let the devices join it again.",
		strings.Join(keys, ", "))
}

func modifyFailure(err error, state upgradeTaskModel) diag.Diagnostic {
	failure := unable("modify", "upgrade task", err)
	if _, gone := errors.AsType[*campaign.GoneError](err); gone {
		return diag.NewErrorDiagnostic(failure.Summary(), failure.Detail()+"\n\nTo make a new task, set allow_recreate = true and apply again; "+
			"the plan after that creates it. To forget this one, use a removed block or terraform state rm.")
	}
	if aep.IsRefused(err) && state.Status.ValueString() != aep.TaskPending.String() {
		return diag.NewErrorDiagnostic(failure.Summary(), failure.Detail()+"\n\nThe platform may not let a task change once it has been started. "+
			"Write its settings as the platform shows them, or name them in lifecycle { ignore_changes }.")
	}
	return failure
}

// refusedCreateHint names what a create is most often refused for.
func refusedCreateHint(plan upgradeTaskModel) string {
	given, other := "retry_times, which is for LwM2M products", "T-Link products take timeout_hours"
	if plan.wantedProtocol() == aep.TLink {
		given, other = "timeout_hours, which is for T-Link products", "LwM2M products take retry_times"
	}
	return fmt.Sprintf("Check that firmware %d belongs to product %d and is released for upgrades, and that the product speaks the protocol "+
		"that the configuration is for: it sets %s; %s. A platform may also refuse a name that another task has, such as the one that this task replaces "+
		"with create_before_destroy.", plan.FirmwareID.ValueInt64(), plan.ProductID.ValueInt64(), given, other)
}

func creationWarnings(made campaign.CreateResult, key aep.TaskKey, plan upgradeTaskModel) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case made.Adopted():
		diags.Append(warning("Existing upgrade task adopted",
			"%s It was there before, and no new task was created.", plan.adopts(*made.Twin)))
	case made.Found:
		diags.AddWarning("Upgrade task found after a lost answer", fmt.Sprintf(
			"The platform's answer to the create was lost. Task %d of product %d was made in that moment with the same settings, and is taken to be the one.", key.TaskID, key.ProductID))
	}
	if made.Resent {
		diags.Append(warning("Upgrade task may exist twice",
			"The platform's answer to a first create was lost, and no task showed up, so the create was sent again. "+
				"The platform may still carry out the first. Look for another task named %q beside task %s in the platform's console, and delete it.",
			plan.Name.ValueString(), key))
	}
	if p := made.Protocol; p != 0 && p != aep.TLink && p != aep.LwM2M {
		diags.AddWarning("Product with an undocumented protocol", fmt.Sprintf(
			"Product %d has protocol %d. The upgrade API documents T-Link (1) and LwM2M (3) only; the provider goes by the argument that is set.", key.ProductID, int64(p)))
	}
	return diags
}

// shownAsWritten warns if the platform does not show what was written.
func shownAsWritten(wanted upgradeTaskModel, t aep.Task) diag.Diagnostics {
	var diags diag.Diagnostics
	if !wanted.shows(t) {
		diags.AddWarning("Platform shows other settings", fmt.Sprintf(
			"Task %d of product %d was written, but the platform goes on to show other settings: name %q, description %q. "+
				"It may have cut or changed them; the next plan shows the difference.", t.ID, t.ProductID, t.Name, t.Description))
	}
	return diags
}

// keptDescriptionKey holds a description in private state that the platform
// would not clear.
const keptDescriptionKey = "kept_description"

type privateSetter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

type privateGetter interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// keepDescription remembers a description that was removed from the
// configuration, but which the platform keeps.
func keepDescription(ctx context.Context, private privateSetter, t aep.Task) diag.Diagnostics {
	var diags diag.Diagnostics
	diags.AddAttributeWarning(path.Root("description"), "Description not cleared", fmt.Sprintf(
		"The platform took the change, but keeps the description %q of task %d. It has no other way to clear it; plans will not report this as drift.", t.Description, t.ID))
	encoded, _ := json.Marshal(t.Description) // a string always encodes
	diags.Append(private.SetKey(ctx, keptDescriptionKey, encoded)...)
	return diags
}

// keptDescription reports whether the description that the platform shows is
// one that it would not clear.
func keptDescription(ctx context.Context, private privateGetter, state upgradeTaskModel, t aep.Task) (bool, diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, keptDescriptionKey)
	var kept string
	if len(encoded) == 0 || json.Unmarshal(encoded, &kept) != nil {
		return false, diags
	}
	return state.Description.ValueString() == "" && kept == t.Description, diags
}

func modifiesRunning(state upgradeTaskModel) diag.Diagnostic {
	return warning("Running upgrade task will be modified",
		"Task %d of product %d is running. The platform's documentation does not say whether a change takes effect for devices that are upgrading already.",
		state.TaskID.ValueInt64(), state.ProductID.ValueInt64())
}

// deposedArguments says why new arguments do not help with a deposed object.
const deposedArguments = "A deposed object keeps the arguments that it was applied with: " +
	"cancel its devices with the action aep_upgrade_cancel, or wait."

// gerund begins a sentence about the end of an object: verb is "destroy" or "replace".
func gerund(verb string) string {
	return strings.ToUpper(verb[:1]) + strings.TrimSuffix(verb[1:], "e") + "ing"
}

func runningTask(now progress.Observation, verb string) diag.Diagnostic {
	return failure("Upgrade task is running",
		"Task %d of product %d is %s. %s it would cancel devices that are not done. Nothing was changed.\n\n"+
			"Wait until it has finished. To cancel the devices, use the action aep_upgrade_cancel, or set force_destroy = true on the task and on its sets. "+
			"Before a destroy, apply that first. "+deposedArguments,
		now.Task.ID, now.Task.ProductID, now, gerund(verb))
}

func cancelsTask(now progress.Observation, verb string) diag.Diagnostic {
	return warning("Running upgrade task will be cancelled",
		"Task %d of product %d is %s. %s it cancels every device that is not done, as force_destroy = true permits.",
		now.Task.ID, now.Task.ProductID, now, gerund(verb))
}

// createdAgain refuses to destroy or rename a task that may have been started, and to
// create what may be its like, in one plan.
func createdAgain(end taskEnd, like taskLikeness) diag.Diagnostic {
	alike, steps := "a task of the same name and firmware", ""
	if unknown := strings.Join(like.unknown(), " and "); unknown != "" {
		alike = "a task that may be its like, for " + unknown + " of the new task is known only after apply"
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
		"%s This plan %s it and creates %s: the devices would be upgraded again. "+
			"Nothing was changed.\n\n"+
			"If the resource has a new address, tell Terraform:\n\n"+
			"  moved {\n    from = aep_upgrade_task.OLD\n    to   = aep_upgrade_task.NEW\n  }\n\n"+
			"Do the same for its sets and its rollout.%s To upgrade the devices again, set allow_recreate = true on the new task, or give it another name.",
		end.history(), does, alike, steps)
}

func devicesUpgradedAgain(key aep.TaskKey, devices deviceset.Set) diag.Diagnostic {
	return failure("Devices would be upgraded again",
		"Task %s has been started, or may have been. This plan destroys it with a set, and creates a task of the same firmware with a set that lists %s: "+
			"they would be upgraded again. Nothing was changed.\n\n"+
			"If labels or for_each keys have changed, add moved blocks for the task, its sets and its rollout:\n\n"+
			"  moved {\n    from = aep_upgrade_task.OLD\n    to   = aep_upgrade_task.NEW\n  }\n\n"+
			"To upgrade the devices again, set allow_recreate = true on the new task, or apply the destroy first.",
		key, namedDevices(devices, ""))
}

// history says why a task counts as started.
func (e taskEnd) history() string {
	switch e.evidence {
	case taskGone:
		return fmt.Sprintf("Task %s no longer exists, and may have been started before.", e.key)
	case taskNotRead:
		return fmt.Sprintf("Task %s may have been started: the provider configuration is not known yet, so the plan can't read the task.", e.key)
	}
	return fmt.Sprintf("Task %s has been started.", e.key)
}

func replacedAfterAll(state upgradeTaskModel) diag.Diagnostic {
	return failure("Upgrade task would be replaced",
		"Task %d of product %d: a value that was not known when planning needs another task. Nothing was changed.\n\nPlan again: the value is known now.",
		state.TaskID.ValueInt64(), state.ProductID.ValueInt64())
}

func adoptsItself(t leavingTask) diag.Diagnostic {
	return failure("Upgrade task would adopt itself",
		"Task %d of product %d would be replaced by a task of the same name and firmware, and adopt_existing = true would adopt the task that is to go. "+
			"Nothing was changed.\n\nSet adopt_existing = false, apply that, and replace the task then.", t.TaskID, t.ProductID)
}
