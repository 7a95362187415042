package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// planEnd plans the destroy of a rollout. It announces a cancel, and refuses a plan that
// also creates the rollout under another address.
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

// announceCancel warns of the devices that a destroy cancels, and reports whether there may
// be any. The destroy is planned even if the platform can't be read.
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
