package provider

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// planUpdate plans a set that exists. What it comes to is known from the ledger
// without a call; a plan that changes nothing leaves the state as it is.
func (p *setPlanning) planUpdate(ctx context.Context) {
	plan, state := &p.plan, p.state
	unknown := plan.TaskID.IsUnknown() || plan.ProductID.IsUnknown()
	if runner := p.runner(); unknown && runner != nil && runner.IsComing(state.ProductID.ValueInt64()) {
		p.diags.Append(taskMayChange(state))
		return
	}
	plan.Protocol, plan.ID = state.Protocol, types.StringUnknown()
	if !plan.Name.IsUnknown() {
		plan.ID = types.StringValue(devicesID(state.key(), plan.Name.ValueString()))
	}
	if !p.state.cancelsOthers() {
		p.checkExclusive(true)
	}
	if !p.known {
		p.planUnknown(ctx)
		return
	}
	p.ledger = p.ledger.unpackLike(ctx, p.prior, p.want.set, p.diags)
	if sameElements(plan.DeviceIDs, state.DeviceIDs) {
		plan.DeviceIDs = state.DeviceIDs // another order is no change
	}
	change := p.change(ctx)
	if p.diags.HasError() {
		return
	}
	p.claimUpdate(ctx, change.cancels, change.strangers)
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

// plannedChange is what a plan does to the devices of an existing set.
type plannedChange struct {
	add       deviceset.Set
	remove    deviceset.Set // that leave the set
	cancels   deviceset.Set // of remove
	givenUp   deviceset.Set // that an imported set leaves to others
	strangers deviceset.Set // that an exclusive set cancels
}

func (c plannedChange) empty() bool {
	return len(c.add)+len(c.remove)+len(c.givenUp)+len(c.strangers) == 0
}

func (p *setPlanning) change(ctx context.Context) plannedChange {
	c := plannedChange{add: p.want.set.Minus(p.ledger.All), remove: p.ledger.All.Minus(p.want.set)}
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
		c.strangers = p.standingStrangers()
	default:
		c.strangers = p.strangers(ctx, p.state.key())
	}
	return c
}

// standingStrangers returns the devices that a set cancels which was exclusive
// before. They are known from its last reading.
func (p *setPlanning) standingStrangers() deviceset.Set {
	if len(p.ledger.strangers) > 0 {
		p.diags.Append(cancelsStrangers(p.plan, p.ledger.strangers))
	}
	return p.ledger.strangers
}

// warnOfRemoval warns that a list which is not known yet may lack members that are
// being upgraded.
func (p *setPlanning) warnOfRemoval(ctx context.Context, l ledger) {
	runner := p.runner()
	if runner == nil || len(l.All) == 0 {
		return
	}
	task, err := runner.Task(ctx, p.state.key())
	if err == nil && task.Status != aep.TaskPending && task.Status != aep.TaskFinished {
		p.diags.Append(mayCancelUnderWay(p.plan, len(l.All)))
	}
}

func (p *setPlanning) claimUpdate(ctx context.Context, cancels, strangers deviceset.Set) {
	c := p.claimOf(p.ledger.owner, cancels)
	c.Key, c.CancelsUnlisted = p.state.key(), strangers
	c.Active = max(0, len(p.ledger.All.Minus(p.ledger.Cancelled).Intersection(p.want.set.Union(cancels)))-p.ledger.Done)
	c.Done = p.ledger.Done
	if p.ledger.finished {
		c.Cancels, c.Wants, c.Exclusive = nil, nil, false // nothing of it changes
	}
	p.claim(ctx, c)
}

// planUnknown plans a set whose devices are not known yet. Any of its members
// may turn out to leave.
func (p *setPlanning) planUnknown(ctx context.Context) {
	l, _ := p.ledger.unpack(ctx, p.prior, p.diags)
	var cancels, strangers deviceset.Set
	if p.plan.cancels() && !l.imported {
		cancels = l.All
		p.warnOfRemoval(ctx, l)
	}
	if p.plan.cancelsOthers() && !l.imported {
		strangers = p.standingStrangers()
	}
	p.ledger = l
	p.claimUpdate(ctx, cancels, strangers)
	p.plan = p.plan.undecided()
}

// planFrozen plans a set whose task has finished: nothing of it changes.
func (p *setPlanning) planFrozen(c plannedChange) {
	if len(c.add)+len(c.remove) > 0 {
		p.diags.Append(frozen(p.plan, len(c.add), len(c.remove)))
	}
	if !p.plan.DeviceIDs.IsNull() && !p.state.DeviceIDs.IsNull() {
		p.plan.DeviceIDs = p.state.DeviceIDs
	}
	p.plan = p.plan.unchanged(p.state)
}

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
		p.checkStrays(ctx)
	}
	p.reserve(p.ledger.owner, len(c.add))
	p.preflight(ctx, *plan, c.add, p.diags)
	*plan = plan.withDesired(p.want.set).withChange(len(c.add), len(c.remove)+len(c.strangers)).pending()
}

// checkRemoval looks at devices that the plan cancels: those that have left a
// device group are looked up there, and those that are under way are counted.
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
	if _, gone := errors.AsType[*campaign.GoneError](err); gone || err == nil && task.Status == aep.TaskPending {
		return
	}
	var active deviceset.Set
	if err == nil {
		active, err = runner.UnderWay(ctx, key, p.state.protocol(), leaving, p.ledger.Expected())
	}
	if err != nil {
		p.diags.Append(unable("plan", "the removal of devices", err))
		return
	}
	if len(active) > 0 {
		p.diags.Append(cancelsUnderWay(p.plan, active, len(leaving)))
	}
}

// checkStrays names active devices of the task that no set lists: a set that adds
// devices is the moment at which somebody looks.
func (p *setPlanning) checkStrays(ctx context.Context) {
	runner := p.runner()
	if runner == nil || p.plan.cancelsOthers() {
		return
	}
	strays, err := runner.UnlistedBesideSets(ctx, p.state.key(), p.state.protocol(), p.ledger.JoinedTotal)
	switch {
	case err != nil:
		p.diags.Append(unable("plan", "the devices of a set", err))
	case len(strays) > 0:
		p.diags.Append(unlistedDevices(p.plan, strays))
	}
}

// sameElements reports whether two lists of ids differ in their order at most.
func sameElements(a, b types.List) bool {
	if a.IsNull() || b.IsNull() || a.IsUnknown() || b.IsUnknown() || len(a.Elements()) != len(b.Elements()) {
		return false
	}
	x, y := stringsOf(a), stringsOf(b)
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}
