package provider

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// planLeaving plans the destroy of a rollout: it announces a cancel, and refuses a
// plan that also creates the rollout under another address.
func (r *upgradeRolloutResource) planLeaving(ctx context.Context, state upgradeRolloutModel, req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	announced, diags := r.announceCancel(ctx, state)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, cancelAnnouncedKey, []byte(strconv.FormatBool(announced)))...)
	started, diags := wasStarted(ctx, state, req.Private)
	resp.Diagnostics.Append(diags...)
	one := leavingRollout{key: state.key(), started: started, cancels: announced}
	for _, plan := range r.session.rollouts.leaves(one) {
		resp.Diagnostics.Append(r.checkPair(ctx, one, plan)...)
	}
}

// planComing plans the create of a rollout beside those that the same walk destroys
// or has found without their task. A replacement with an unknown task is none of these.
func (r *upgradeRolloutResource) planComing(ctx context.Context, plan upgradeRolloutModel, replaces bool) (diags diag.Diagnostics) {
	if !replaces || !plan.ID.IsUnknown() {
		for _, one := range r.session.rollouts.comes(plan) {
			diags.Append(r.checkPair(ctx, one, plan)...)
		}
	}
	if key, found := r.session.rollouts.orphan(plan); found && !plan.AllowRecreate.ValueBool() {
		diags.Append(recreatedRollout(key))
	}
	return diags
}

// checkPair refuses a plan that destroys one rollout and creates another, if the
// destroy would cancel the devices of the other, or if the task of the first is gone:
// the other would start a task in its place. The one that is planned last asks.
func (r *upgradeRolloutResource) checkPair(ctx context.Context, one leavingRollout, plan upgradeRolloutModel) (diags diag.Diagnostics) {
	runner := r.opened(&diags)
	switch leaves := runner != nil && runner.IsLeaving(one.key); {
	case !plan.mayHave(one.key.ProductID):
	case one.cancels && plan.mayBe(one.key) && !(leaves && plan.ID.IsUnknown()): // a reference to a task that leaves names another one
		diags.Append(relabelledRollout(one.key))
	case one.started && !plan.AllowRecreate.ValueBool() && runner != nil && r.isGone(ctx, runner, one.key, &diags):
		diags.Append(recreatedRollout(one.key))
	}
	return diags
}

// relabelledRollout refuses to cancel a campaign whose rollout has got a new address.
func relabelledRollout(key aep.TaskKey) diag.Diagnostic {
	return failure("Upgrade rollout would cancel its own task",
		"Task %s: this plan destroys one rollout, which cancels every device that is not done (on_destroy = \"cancel\"), and creates another for the same task, "+
			"or for one that is known only after apply. Nothing was changed.\n\n"+movedRollout+
			"If it is tainted, run terraform untaint. Otherwise set on_destroy = \"none\" on the rollout that goes, and apply that first.", key)
}

// movedRollout is how a practitioner tells Terraform that a rollout has a new address.
const movedRollout = "If the resource has a new address, tell Terraform:\n\n" +
	"  moved {\n    from = aep_upgrade_rollout.OLD\n    to   = aep_upgrade_rollout.NEW\n  }\n\n"

// recreatedRollout refuses to create a rollout while that of a task that is gone is
// forgotten. The plan of a tainted rollout looks like a create, too.
func recreatedRollout(key aep.TaskKey) diag.Diagnostic {
	return failure("Upgrade task of a rollout in the state is gone",
		"Task %s, which a rollout in the state has started, does not exist any more. This plan forgets that rollout and creates another, "+
			"which would start another task: devices that were upgraded would be upgraded again. Nothing was changed.\n\n"+movedRollout+
			"If it is tainted, run terraform untaint. If another task shall be started, set allow_recreate = true on the new rollout, "+
			"or remove the old one from the configuration and apply that first. To destroy everything, run terraform destroy -refresh=false.", key)
}

// announceCancel warns of the devices that a destroy cancels, and returns whether
// there may be any. The destroy is planned whether or not the platform answers.
func (r *upgradeRolloutResource) announceCancel(ctx context.Context, state upgradeRolloutModel) (announced bool, diags diag.Diagnostics) {
	if state.OnDestroy.ValueString() != destroyCancel {
		return false, nil
	}
	var now progress.Observation
	runner, err := r.session.open()
	if err == nil {
		now, err = runner.Observe(ctx, state.key())
	}
	key, active := state.key(), now.Histogram.MaybeActive()
	const keep = "To keep them, apply on_destroy = \"none\" first."
	switch _, gone := errors.AsType[*campaign.GoneError](err); {
	case gone || err == nil && (now.Task.Status == aep.TaskFinished || active == 0):
		return false, nil
	case err != nil:
		diags.AddWarning("Destroying the upgrade rollout may cancel devices", fmt.Sprintf(
			"The rollout has on_destroy = \"cancel\": it cancels every device of task %d of product %d that is waiting or under way. "+
				"How many these are could not be read: %v.\n\n%s", key.TaskID, key.ProductID, err, keep))
	default:
		diags.AddWarning("Destroying the upgrade rollout cancels "+countedDevices(active, ""), fmt.Sprintf(
			"The rollout has on_destroy = \"cancel\": it cancels every device that is waiting or under way. "+
				"Task %d of product %d is %s.\n\n%s", key.TaskID, key.ProductID, now, keep))
	}
	return true, diags
}
