package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// planUpdate plans a set that exists. The ledger has its members, so the change is planned without a call. A
// plan without a change keeps the state.
func (p *setPlanning) planUpdate(ctx context.Context) {
	plan, state := &p.plan, p.state
	if runner := p.runner(); !plan.taskKnown() && runner != nil && runner.IsComing(state.ProductID.ValueInt64()) {
		p.diags.Append(taskMayChange(state))
		return
	}
	plan.Protocol, plan.ID = state.Protocol, types.StringUnknown()
	if !plan.Name.IsUnknown() {
		plan.ID = types.StringValue(devicesID(state.key(), plan.Name.ValueString()))
	}
	if !state.cancelsOthers() {
		p.checkExclusive(true)
	}
	if !p.known {
		p.planUnknown(ctx)
		return
	}
	p.ledger = p.ledger.unpackLike(ctx, p.prior, p.want.set.Minus(p.ledger.Skipped), p.diags)
	p.checkLeftOut()
	if sameElements(plan.DeviceIDs, state.DeviceIDs) {
		plan.DeviceIDs = state.DeviceIDs // another order is no change
	}
	change := p.change(ctx)
	if p.diags.HasError() {
		return
	}
	p.claimUpdate(ctx, change)
	switch {
	case p.ledger.finished:
		p.planFrozen(change)
	case change.empty():
		settled := plan.unchanged(state)
		if p.want.set.Digest() != state.DeviceIDsSHA256.ValueString() {
			settled = settled.withDesired(p.want.set).withChange(0, 0).withMembers(p.want.set, p.ledger.Members)
		}
		*plan = settled
	default:
		p.planChange(ctx, change)
	}
}

// plannedChange is the planned change of the devices of an existing set.
type plannedChange struct {
	add      deviceset.Set
	remove   deviceset.Set // leave the set
	cancels  deviceset.Set // the cancelled devices of remove
	givenUp  deviceset.Set // leave an imported set, and stay in the task
	unlisted deviceset.Set // are cancelled by an exclusive set
	open     bool          // it is not known whether devices that were left out before join
}

func (c plannedChange) empty() bool {
	return len(c.add)+len(c.remove)+len(c.givenUp)+len(c.unlisted) == 0 && !c.open
}

// change returns the change from the members to the listed devices.
func (p *setPlanning) change(ctx context.Context) plannedChange {
	c := plannedChange{
		add: p.ledger.ToJoin(p.want.set, p.plan.versionFilter("")), remove: p.ledger.All.Minus(p.want.set),
		open: p.plan.versionsOpen() && len(p.ledger.Skipped.Intersection(p.want.set)) > 0,
	}
	if p.ledger.imported {
		c.remove, c.givenUp = nil, c.remove
	}
	if p.ledger.finished {
		return c
	}
	if x, y, found := campaign.Misspelled(c.add, p.ledger.All); found {
		p.diags.Append(misspelled(p.plan, x, y))
	}
	if len(p.want.set) == 0 && len(c.remove) > 0 {
		p.diags.Append(emptySource(p.plan, len(c.remove)))
	}
	if p.plan.cancels() {
		c.cancels = c.remove
	}
	switch {
	case !p.plan.cancelsOthers(), p.ledger.imported: // an imported set cancels nothing
	case p.state.cancelsOthers():
		c.unlisted = p.knownUnlisted()
	default:
		c.unlisted = p.unlisted(ctx, p.state.key())
	}
	return c
}

// checkLeftOut forgets the devices that were left out if the set no longer selects by version. If it selects in another
// way, or its selection is not known yet, a warning says what becomes of them.
func (p *setPlanning) checkLeftOut() {
	if p.ledger.finished {
		return
	}
	p.ledger.Members = p.ledger.Remembered(p.want.set, p.plan.DeviceGroupID.ValueString())
	listed := p.ledger.Skipped.Intersection(p.want.set)
	switch {
	case len(p.ledger.Skipped) == 0:
	case !p.plan.mayLeaveOut():
		p.ledger.Skipped = nil
	case len(listed) == 0:
	case p.plan.versionsOpen():
		p.diags.Append(mayNoLongerBeLeftOut(p.plan, listed))
	case !p.plan.selectsLike(p.state):
		p.diags.Append(staysLeftOut(p.plan, listed))
	}
}

// knownUnlisted returns the devices that a set cancels which was exclusive before. The last read has found
// them.
func (p *setPlanning) knownUnlisted() deviceset.Set {
	if len(p.ledger.unlisted) > 0 {
		p.diags.Append(cancelsUnlisted(p.plan, p.ledger.unlisted))
	}
	return p.ledger.unlisted
}

// warnOfRemoval adds a warning if members are being upgraded: a list that is not known yet may leave them
// out.
func (p *setPlanning) warnOfRemoval(ctx context.Context, l ledger) {
	runner := p.runner()
	if runner == nil || len(l.All) == 0 {
		return
	}
	task, err := runner.Task(ctx, p.state.key())
	if err == nil && task.Status != aep.TaskPending && task.Status != aep.TaskFinished {
		p.diags.Append(mayCancelUpgrades(p.plan, len(l.All)))
	}
}

// claimUpdate registers the change of a set.
func (p *setPlanning) claimUpdate(ctx context.Context, change plannedChange) {
	c := p.claimOf(p.ledger.owner, change.cancels)
	c.Key, c.CancelsUnlisted = p.state.key(), change.unlisted
	c.Active, c.Done = p.ledger.active(p.want.set.Union(change.cancels)), p.ledger.Done
	c.LeftOut, c.MayLeaveOut = p.ledger.Skipped.Intersection(p.want.set), p.plan.mayLeaveOut() && len(change.add) > 0 || change.open
	if p.ledger.finished { // nothing changes any more
		c.Cancels, c.Wants, c.LeftOut, c.MayLeaveOut, c.Exclusive = nil, nil, nil, false, false
	}
	p.claim(ctx, c)
}

// planUnknown plans a set whose devices are not known yet. Each of its members may leave.
func (p *setPlanning) planUnknown(ctx context.Context) {
	l, _ := p.ledger.unpack(ctx, p.prior, p.diags)
	var c plannedChange
	if p.plan.cancels() && !l.imported {
		c.cancels = l.All
		p.warnOfRemoval(ctx, l)
	}
	if p.plan.cancelsOthers() && !l.imported {
		c.unlisted = p.knownUnlisted()
	}
	p.ledger = l
	p.claimUpdate(ctx, c)
	p.plan = p.plan.undecided()
}

// planFrozen plans a set whose task has finished. Its members no longer change.
func (p *setPlanning) planFrozen(c plannedChange) {
	if len(c.add)+len(c.remove) > 0 {
		p.diags.Append(frozen(p.plan, len(c.add), len(c.remove)))
	}
	if !p.plan.DeviceIDs.IsNull() && !p.state.DeviceIDs.IsNull() {
		p.plan.DeviceIDs = p.state.DeviceIDs
	}
	p.plan = p.plan.unchanged(p.state)
}

// planChange plans a set whose members change.
func (p *setPlanning) planChange(ctx context.Context, c plannedChange) {
	plan := &p.plan
	if len(c.givenUp) > 0 {
		p.diags.Append(givenUp(*plan, c.givenUp))
	}
	if len(c.remove) > 0 && len(c.cancels) == 0 {
		p.diags.Append(keptDevices(*plan, c.remove, ""))
	}
	p.checkRemoval(ctx, c.cancels)
	if len(c.add) > 0 {
		p.checkUnlisted(ctx)
	}
	p.reserve(p.ledger.owner, len(c.add))
	p.preflight(ctx, c.add)
	p.checkUpdateTime(ctx, len(c.add), len(c.cancels)+len(c.unlisted))
	*plan = plan.withDesired(p.want.set).withChange(len(c.add), len(c.remove)+len(c.unlisted)).pending()
	if c.open {
		plan.PlannedChange = types.StringUnknown()
	}
}

// checkRemoval checks devices that the plan cancels. A device group must confirm that they have left it.
// Upgrades in progress are a warning.
func (p *setPlanning) checkRemoval(ctx context.Context, leaving deviceset.Set) {
	runner := p.runner()
	if len(leaving) == 0 || runner == nil {
		return
	}
	key := p.state.key()
	if !p.plan.DeviceGroupID.IsNull() && p.plan.DeviceGroupID.Equal(p.state.DeviceGroupID) {
		if err := runner.ConfirmLeft(ctx, key, p.plan.DeviceGroupID.ValueString(), leaving.Minus(p.want.source)); err != nil {
			p.diags.Append(unable("confirm", "that devices have left their group", err))
			return
		}
	}
	task, err := runner.Task(ctx, key)
	if isGone(err) || err == nil && task.Status == aep.TaskPending {
		return
	}
	var active deviceset.Set
	if err == nil {
		active, err = runner.UnderWay(ctx, campaign.MemberQuery{
			Key: key, Protocol: p.state.protocol(), IDs: leaving, Expected: p.ledger.Expected(),
		})
	}
	if err != nil {
		p.diags.Append(unable("plan", "the removal of devices", err))
		return
	}
	if len(active) > 0 {
		p.diags.Append(cancelsUpgrades(p.plan, active, len(leaving)))
	}
}

// checkUnlisted warns of active devices of the task that no set lists. A set that adds devices checks it,
// because its plan is reviewed.
func (p *setPlanning) checkUnlisted(ctx context.Context) {
	runner := p.runner()
	if runner == nil || p.plan.cancelsOthers() {
		return
	}
	unlisted, err := runner.UnlistedBesideSets(ctx, p.state.key(), p.state.protocol(), p.ledger.JoinedTotal)
	switch {
	case err != nil:
		p.diags.Append(unable("plan", "the devices of a set", err))
	case len(unlisted) > 0:
		p.diags.Append(unlistedDevices(p.plan, unlisted))
	}
}
