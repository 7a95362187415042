package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// rolloutPlanning is the planning of one rollout.
type rolloutPlanning struct {
	*connection
	plan    upgradeRolloutModel
	state   *upgradeRolloutModel // nil if the rollout is not in the state
	prior   privateReader
	private privateWriter
	diags   *diag.Diagnostics
}

// checkPair refuses a plan that destroys one rollout and creates another. It refuses it if the destroy would
// cancel the devices of the other. It also refuses it if the task of the first is gone: the other would start
// another task instead. It is called when the second of the two is planned.
func (p *rolloutPlanning) checkPair(ctx context.Context, old leavingRollout, coming comingRollout) {
	runner := p.openIfKnown(p.diags)
	leaves := runner != nil && runner.IsLeaving(old.key)
	switch {
	case !coming.mayHave(old.key.ProductID):
	case old.cancels && coming.mayBe(old.key) && !(leaves && !coming.taskKnown()): // an unknown task_id does not name a task that ends
		p.diags.Append(cancelsOwnTask(old.key))
	case old.started && !coming.recreates && runner != nil && p.isGone(ctx, runner, old.key):
		p.diags.Append(recreatedRollout(old.key))
	}
}

// isGone reports whether the task of a rollout does not exist.
func (p *rolloutPlanning) isGone(ctx context.Context, runner *campaign.Runner, key aep.TaskKey) bool {
	if p.session.rollouts.isGone(key) {
		return true
	}
	_, err := runner.SharedDetail(ctx, key)
	if err != nil && !isGone(err) {
		p.diags.Append(unable("read", "the task of an upgrade rollout", err))
	}
	return isGone(err)
}

// planEnd plans the destroy of a rollout. It announces a cancel, and refuses a plan that also creates the
// rollout under another address.
func (p *rolloutPlanning) planEnd(ctx context.Context) {
	announced := p.announceCancel(ctx)
	p.diags.Append(setCancelAnnounced(ctx, p.private, announced)...)
	started, diags := wasStarted(ctx, *p.state, p.prior)
	p.diags.Append(diags...)
	old := leavingRollout{key: p.state.key(), started: started, cancels: announced}
	for _, coming := range p.session.rollouts.leaves(old) {
		p.checkPair(ctx, old, coming)
	}
}

// announceCancel warns of the devices that a destroy cancels, and reports whether there may be any. The
// destroy is planned even if the platform can't be read.
func (p *rolloutPlanning) announceCancel(ctx context.Context) bool {
	if p.state.OnDestroy.ValueString() != destroyCancel {
		return false
	}
	var now progress.Observation
	key := p.state.key()
	runner, err := p.session.open()
	if err == nil {
		now, err = runner.Observe(ctx, key)
	}
	active := now.Histogram.MaybeActive()
	switch {
	case isGone(err), err == nil && (now.Task.Status == aep.TaskFinished || active == 0):
		return false
	case err != nil:
		p.diags.Append(mayCancelOnDestroyed(key, err))
	default:
		p.diags.Append(cancelsOnDestroyed(key, now, active))
	}
	return true
}
