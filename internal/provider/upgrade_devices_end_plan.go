package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// planEnd plans that a set leaves its task; verb is "destroy" or "replace". It reads the platform: the task
// may have been started since the state was written.
func (p *setPlanning) planEnd(ctx context.Context, verb string) {
	l, _ := p.ledger.unpack(ctx, p.prior, p.diags)
	claim := ownership.Claim{Key: p.state.key(), Name: p.state.Name.ValueString(), Owner: l.owner, Known: true, Destroyed: true, Had: l.All}
	switch {
	case len(l.All) == 0:
	case !p.state.cancels():
		if !l.finished {
			p.diags.Append(keptDevices(p.state, l.All, verb))
		}
	case l.imported:
		p.diags.Append(keptOnDestroy(p.state, l.All))
	case p.runner() == nil:
		if !l.finished {
			claim.Cancels = l.All // the task can't be read yet
		}
	default:
		var ok bool
		if claim, ok = p.planDetach(ctx, l, claim, verb); !ok {
			return
		}
	}
	p.claim(ctx, claim)
}

// planDetach plans the cancel of the members of a set that ends. It returns the claim with the members that
// are cancelled, and false if the task could not be read.
func (p *setPlanning) planDetach(ctx context.Context, l ledger, claim ownership.Claim, verb string) (ownership.Claim, bool) {
	runner := p.runner()
	task, err := runner.Task(ctx, p.state.key())
	switch {
	case isGone(err), err == nil && task.Status == aep.TaskFinished:
		return claim, true
	case err != nil:
		p.diags.Append(unable(verb, "device set", err))
		return claim, false
	}
	claim.Cancels = l.All
	claim.Active, claim.Done = l.active(l.All), l.Done
	p.checkDeleteTime(ctx, l)
	if task.Status != aep.TaskPending {
		p.diags.Append(checkLeave(ctx, runner, p.state, l, p.force, verb)...)
	}
	return claim, true
}

// checkLeave refuses to end a set whose devices are being upgraded, unless force is true.
func checkLeave(ctx context.Context, runner *campaign.Runner, state upgradeDevicesModel, l ledger, force bool, verb string,
) (diags diag.Diagnostics) {
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
