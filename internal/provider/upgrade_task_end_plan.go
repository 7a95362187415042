package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// planTaskEnd plans the end of a task; successor is the task that replaces it, nil if the
// task is destroyed. It reads the platform: the task may have been started since the state
// was written. A pending task may still hold devices, because its sets are destroyed first.
func planTaskEnd(ctx context.Context, c *connection, t leavingTask, successor *upgradeTaskModel) (diags diag.Diagnostics) {
	verb := "replace"
	if successor == nil {
		verb = "destroy"
	}
	if !c.ready() {
		return recordEnd(c.session, t, successor, taskNotRead)
	}
	runner := c.openIfKnown(&diags)
	if runner == nil {
		return diags
	}
	runner.MarkLeaving(t.key())
	task, err := runner.Task(ctx, t.key())
	switch {
	case isGone(err):
		return recordEnd(c.session, t, successor, taskGone)
	case err != nil:
		diags.Append(unable(verb, "upgrade task", err))
		return diags
	case task.Status == aep.TaskPending:
		return diags
	}
	diags.Append(recordEnd(c.session, t, successor, seenStarted)...)
	if task.Status == aep.TaskFinished {
		return diags
	}
	now, err := runner.Observe(ctx, t.key())
	switch {
	case err != nil:
		diags.Append(unable(verb, "upgrade task", err))
	case now.Histogram.MaybeActive() == 0:
	case t.Force:
		diags.Append(cancelsTask(now, verb))
	default:
		diags.Append(runningTask(now, verb))
	}
	return diags
}

// recordEnd records that the plan destroys a task that may have been started. It refuses to
// create a like task in the same plan. A replacement by a like task is not recorded:
// -replace asks for that.
func recordEnd(s *session, t leavingTask, successor *upgradeTaskModel, evidence startEvidence) (diags diag.Diagnostics) {
	if s == nil || successor != nil && t.likeness().mayBe(successor.likeness()) {
		return nil
	}
	end := taskEnd{key: t.key(), like: t.likeness(), evidence: evidence}
	if like, again := s.tasks.ends(end); again {
		diags.Append(createdAgain(end, like))
		return diags
	}
	return checkUpgradedAgain(s)
}

// checkUpgradedAgain refuses a plan that destroys a started task with its sets, and lists
// their devices for a new task of the same firmware. Each planning of a task or a set asks,
// because Terraform plans them in any order.
func checkUpgradedAgain(s *session) (diags diag.Diagnostics) {
	for _, key := range s.tasks.repeats() {
		if devices := s.claims.ListedAnew(key); len(devices) > 0 {
			diags.Append(devicesUpgradedAgain(key, devices))
		}
	}
	return diags
}
