package provider

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// planLeaving plans the end of a set at its task. It reads the platform, because
// the state may be older than the start of the task.
func (p *setPlanning) planLeaving(ctx context.Context, verb string) {
	l, _ := p.ledger.unpack(ctx, p.prior, p.diags)
	claim := ownership.Claim{Key: p.state.key(), Name: p.state.Name.ValueString(), Owner: l.owner, Known: true, Destroyed: true, Had: l.All}
	if !p.state.cancels() && len(l.All) > 0 && !l.finished {
		p.diags.Append(keptDevices(p.state, l.All, verb))
	}
	if !p.state.cancels() || len(l.All) == 0 {
		p.claim(ctx, claim)
		return
	}
	if l.imported {
		p.diags.Append(keptOnDestroy(p.state, l.All))
		p.claim(ctx, claim)
		return
	}
	runner := p.runner()
	if runner == nil {
		if !l.finished {
			claim.Cancels = l.All // the platform can't be asked yet
		}
		p.claim(ctx, claim)
		return
	}
	task, err := runner.Task(ctx, p.state.key())
	switch _, gone := errors.AsType[*campaign.GoneError](err); {
	case gone, err == nil && task.Status == aep.TaskFinished:
	case err != nil:
		p.diags.Append(unable(verb, "device set", err))
		return
	default:
		claim.Cancels, claim.Active, claim.Done = l.All, max(0, len(l.All.Minus(l.Cancelled))-l.Done), l.Done
		if task.Status != aep.TaskPending {
			p.diags.Append(p.mayLeave(ctx, runner, p.state, l, p.force, verb)...)
		}
	}
	p.claim(ctx, claim)
}

// taskLeaves reports whether this plan ends the task of a set, to which its
// configuration refers.
func (p *setPlanning) taskLeaves() bool {
	runner := p.opened(new(diag.Diagnostics))
	return runner != nil && runner.IsLeaving(p.state.key())
}

// mayLeave refuses to end a set whose devices are being upgraded, unless
// force_destroy permits it.
func (r *upgradeDevicesResource) mayLeave(ctx context.Context, runner *campaign.Runner, state upgradeDevicesModel, l ledger, force bool, verb string) (diags diag.Diagnostics) {
	n, err := runner.CountUnderWay(ctx, state.key(), state.protocol(), l.Members)
	switch {
	case err != nil:
		diags.Append(unable(verb, "device set", err))
	case n > 0 && force:
		diags.Append(cancelsOnDestroy(state, n, verb))
	case n > 0:
		diags.Append(runningSet(state, n, verb))
	}
	return diags
}
