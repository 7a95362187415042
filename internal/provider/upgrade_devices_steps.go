package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// apply brings the set from what the ledger holds to what is desired. ok is
// false if nothing has changed, and an error says why; otherwise state and
// ledger tell how far it came.
func (r *upgradeDevicesResource) apply(ctx context.Context, runner *campaign.Runner, plan upgradeDevicesModel, l ledger, desired campaign.DeviceSet, diags *diag.Diagnostics) (upgradeDevicesModel, ledger, bool) {
	task, err := runner.ReadTask(ctx, plan.key())
	if err != nil {
		diags.Append(unable("attach", "devices", err))
		return plan, l, false
	}
	add, remove := desired.Minus(l.members), l.members.Minus(desired)
	if task.Status == aep.TaskFinished && len(add)+len(remove) > 0 {
		diags.AddError("Upgrade task has finished", fmt.Sprintf(
			"Task %d of product %d has finished, and its devices can no longer be changed. Create a new task for %d more devices.",
			task.ID, task.ProductID, len(add)))
		return plan, l, false
	}
	plan.Protocol = types.StringValue(task.Protocol().String())
	plan.ID = types.StringValue(devicesID(task.Key(), plan.Name.ValueString()))
	change := setChange{Runner: runner, plan: plan, ledger: l, desired: desired, diags: diags, pending: task.Status == aep.TaskPending}
	ok := change.attach(ctx, add) && change.detach(ctx, remove)
	if !ok && !change.changed {
		return plan, l, false
	}
	state := plan.withDesired(desired).withResult(desired, change.ledger.members.Intersection(desired), change.failures)
	if plan.RequestedChange.IsUnknown() {
		state = state.withChange(len(add), len(remove))
	}
	return state, change.ledger, true
}

// setChange is one apply of a device set under way.
type setChange struct {
	*campaign.Runner
	plan     upgradeDevicesModel
	ledger   ledger
	desired  campaign.DeviceSet
	diags    *diag.Diagnostics
	failures []campaign.DeviceFailure
	pending  bool // the task has not been started
	changed  bool // the platform holds something that it did not hold before
}

// attach lets devices join, and reports whether the change may go on.
func (c *setChange) attach(ctx context.Context, add campaign.DeviceSet) bool {
	if len(add) == 0 {
		return true
	}
	result, err := c.Attach(ctx, campaign.AttachRequest{
		Key: c.plan.key(), Protocol: c.plan.protocol(), DeviceIDs: add,
		BatchSize: int(c.plan.BatchSize.ValueInt64()), Others: len(c.ledger.members), Pending: c.pending,
	})
	c.changed = len(result.Attached) > 0
	c.ledger.members = c.ledger.members.Union(result.Attached)
	c.ledger.joinedTotal = -1
	if result.Verified {
		c.ledger.joinedTotal = result.JoinedTotal
	}
	c.failures = append(append(c.failures, result.Failures...), result.Left...)
	noteLeft(c.plan, result.Left, c.diags)
	switch {
	case err != nil:
		c.stopped(ctx, "attach", len(result.Attached), len(add), err)
		return false
	case len(result.Failures) == 0:
		return true
	}
	c.partial("attach", len(result.Attached), len(add), result.Failures)
	return c.changed || len(c.ledger.members) > 0
}

// detach cancels devices that leave the set, and reports whether all is done.
func (c *setChange) detach(ctx context.Context, remove campaign.DeviceSet) bool {
	leaving := remove
	if c.plan.Exclusive.ValueBool() {
		strangers, err := c.Strangers(ctx, c.plan.key(), c.plan.protocol(), c.desired.Union(c.ledger.members))
		if err != nil {
			c.stopped(ctx, "find other devices than those", 0, len(c.desired), err)
			return false
		}
		leaving = remove.Union(strangers)
		c.ledger.strangers = 0
	}
	if len(leaving) == 0 {
		return true
	}
	if c.plan.OnRemove.ValueString() == removeKeep {
		c.ledger.members = c.ledger.members.Minus(remove)
		c.changed = true
		return true
	}
	outcome, err := c.Detach(ctx, c.plan.key(), c.plan.protocol(), leaving, int(c.plan.BatchSize.ValueInt64()), c.ledger.expected())
	c.changed = c.changed || outcome.Cancelled > 0
	if err != nil {
		c.stopped(ctx, "detach", outcome.Cancelled, len(leaving), err)
		return false
	}
	var stuck campaign.DeviceSet
	for _, f := range outcome.Failures {
		stuck = append(stuck, f.DeviceID)
	}
	slices.Sort(stuck)
	c.changed = true
	c.ledger.members = c.ledger.members.Minus(remove.Minus(stuck))
	// Cancelled devices may stay on the platform's list or leave it.
	if c.ledger.joinedTotal, err = c.JoinedCount(ctx, c.plan.key()); err != nil {
		c.ledger.joinedTotal = -1
	}
	c.failures = append(c.failures, outcome.Failures...)
	noteUnsettled(c.plan, outcome, c.diags)
	if len(stuck) > 0 {
		c.partial("detach", len(leaving)-len(stuck), len(leaving), outcome.Failures)
	}
	return true
}

// stopped reports what ended the change before all devices were tried. With
// nothing done it is an error; with something done the state must be saved, and
// on_partial_failure decides, but for an interruption, which Terraform itself
// reports.
func (c *setChange) stopped(ctx context.Context, verb string, done, of int, err error) {
	failure := unable(verb, "devices", err)
	if !c.changed {
		c.diags.Append(failure)
		return
	}
	detail := fmt.Sprintf("%d of %d devices of task %d are done; the next apply goes on with the others.\n\n%s",
		done, of, c.plan.TaskID.ValueInt64(), failure.Detail())
	if c.plan.OnPartialFailure.ValueString() == partialFail && !errors.Is(context.Cause(ctx), context.Canceled) {
		c.diags.AddError(failure.Summary(), detail)
		return
	}
	c.diags.AddWarning("Device set incomplete", detail)
}

// partial reports devices that the platform did not accept.
func (c *setChange) partial(verb string, done, of int, failures []campaign.DeviceFailure) {
	detail := fmt.Sprintf("%d of %d devices of task %d of product %d could not be %sed.\n%s",
		of-done, of, c.plan.TaskID.ValueInt64(), c.plan.ProductID.ValueInt64(), verb, failureLines(failures))
	nothing := verb == "attach" && len(c.ledger.members) == 0
	if nothing || c.plan.OnPartialFailure.ValueString() == partialFail {
		c.diags.AddError("Unable to "+verb+" devices", detail+"\n\nCheck the ids, and that the devices belong to the product and to no other task that has not finished.")
		return
	}
	c.diags.AddWarning("Device set incomplete", detail+"\n\nThe next plan tries them again. Take devices off the list that can't be "+verb+"ed.")
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

func noteLeft(m upgradeDevicesModel, left []campaign.DeviceFailure, diags *diag.Diagnostics) {
	if n := len(left); n > 0 {
		diags.AddWarning("Cancelled devices not upgraded", fmt.Sprintf(
			"%d devices of the set were cancelled in task %d of product %d before, and the platform does not let them join it again. "+
				"They belong to the task, but will not be upgraded by it. Create a new task for them.\n%s",
			n, m.TaskID.ValueInt64(), m.ProductID.ValueInt64(), failureLines(left)))
	}
}

func noteUnsettled(m upgradeDevicesModel, outcome campaign.CancelOutcome, diags *diag.Diagnostics) {
	if n := len(outcome.Unsettled); n > 0 {
		diags.AddWarning("Devices still being cancelled", fmt.Sprintf(
			"The platform accepted the cancelling of %d devices of task %d, but still shows them as active: %s.",
			n, m.TaskID.ValueInt64(), someIDs(outcome.Unsettled)))
	}
}
