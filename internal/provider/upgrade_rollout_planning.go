package provider

import (
	"context"

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

// checkPair refuses a plan that destroys one rollout and creates another. It refuses it if
// the destroy would cancel the devices of the other. It also refuses it if the task of the
// first is gone: the other would start another task instead. The rollout that is planned
// second asks.
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
