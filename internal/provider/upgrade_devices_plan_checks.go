package provider

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setPlanning is the planning of one device set.
type setPlanning struct {
	*connection
	plan   upgradeDevicesModel
	state  upgradeDevicesModel // if the set exists
	ledger ledger
	want   wantedSet
	known  bool // whether want is known
	force  bool // the state or the configuration permits to cancel upgrades in progress
	prior  privateReader
	diags  *diag.Diagnostics
}

// readPlan reads the plan and the devices that it lists.
func (p *setPlanning) readPlan(ctx context.Context, req resource.ModifyPlanRequest, exists bool) {
	var config upgradeDevicesModel
	p.diags.Append(req.Plan.Get(ctx, &p.plan)...)
	p.diags.Append(req.Config.Get(ctx, &config)...)
	if p.diags.HasError() {
		return
	}
	// Only the plan has the defaults, and only the configuration has write-only values.
	p.plan.DeviceIDsWO = config.DeviceIDsWO
	l := p.ledger
	if l.finished && !p.plan.DeviceGroupID.IsNull() {
		if l, _ = l.unpack(ctx, p.prior, p.diags); !exists || p.moves() {
			l.finished = false // in another task, the set attaches the group's present members
		}
	}
	var found diag.Diagnostics
	p.want, p.known, found = wantedDevices(ctx, p.connection, p.plan, l)
	p.diags.Append(found...)
	p.plan.DeviceIDsWO = types.ListNull(types.StringType)
	if found.HasError() && !exists {
		p.checkTaint()
	}
}

// checkTaint adds an error if the same walk has read a set that is planned as new. It is called if the list
// can't be read: planNew is not reached then.
func (p *setPlanning) checkTaint() {
	if p.session == nil || !p.plan.taskKnown() {
		return
	}
	c := p.claimOf("", nil)
	if other, found := p.session.claims.Found(c.Key, c.Name); found {
		p.diags.Append(setConflict(&ownership.ConflictError{Conflict: ownership.ConflictFound, Claim: c, Other: other}))
	}
}

// runner returns the runner, nil if the provider configuration is not known yet.
func (p *setPlanning) runner() *campaign.Runner { return p.openIfKnown(p.diags) }

// moves reports whether an existing set goes to another task. A task id that is not known yet names another
// task only if this plan ends the task of the state.
func (p *setPlanning) moves() bool {
	if !p.plan.taskKnown() {
		return p.taskLeaves()
	}
	return p.plan.key() != p.state.key()
}

// taskLeaves reports whether this plan ends the task of the state.
func (p *setPlanning) taskLeaves() bool {
	runner := p.openIfKnown(new(diag.Diagnostics))
	return runner != nil && runner.IsLeaving(p.state.key())
}

// taskComes reports whether this plan creates a task, so that a task id which is not known yet may name it.
func (p *setPlanning) taskComes() bool {
	runner := p.runner()
	return runner == nil || runner.IsComing(p.plan.ProductID.ValueInt64())
}

// claimOf returns the claim of the planned set.
func (p *setPlanning) claimOf(owner string, cancels deviceset.Set) ownership.Claim {
	return ownership.Claim{
		Key: p.plan.key(), Name: p.plan.Name.ValueString(), Owner: owner,
		Wants: p.want.set, Known: p.known, Cancels: cancels, Exclusive: p.plan.cancelsOthers(),
	}
}

// claim registers what the plan does to devices. It adds an error if another set, a task or a start of the
// same plan contradicts it.
func (p *setPlanning) claim(ctx context.Context, c ownership.Claim) {
	if p.session == nil {
		return
	}
	if conflict, ok := errors.AsType[*ownership.ConflictError](p.session.claims.Add(c)); ok {
		p.diags.Append(setConflict(conflict))
	}
	if c.Destroyed || c.MayBeNew {
		p.diags.Append(checkUpgradedAgain(p.session)...)
	}
	if runner := p.runner(); runner != nil {
		// A start that was planned before this set has not seen its devices.
		if err := runner.CheckAnnouncedStart(ctx, c.Key); err != nil {
			p.diags.Append(unable("start", "upgrade task", err))
		}
	}
}

// reserve counts the devices that the plan attaches against max_devices_per_run. The devices of a set that selects by
// version are counted by the apply, because their number is not known before.
func (p *setPlanning) reserve(owner string, n int) {
	if runner := p.runner(); runner != nil && n > 0 && !p.plan.mayLeaveOut() {
		if err := runner.Reserve(campaign.UseJoin, owner, int64(n)); err != nil {
			p.diags.Append(unable("attach", "devices", err))
		}
	}
}

// checkExclusive refuses a set that becomes exclusive if its plan can't count the devices that it cancels. A
// task that the plan creates holds no other devices.
func (p *setPlanning) checkExclusive(taskKnown bool) {
	exclusive := p.plan.cancelsOthers()
	switch {
	case p.plan.Exclusive.IsUnknown() && p.plan.cancels():
		p.diags.Append(exclusiveNotKnown(p.plan, "exclusive"))
	case exclusive && !taskKnown && !p.taskComes():
		p.diags.Append(exclusiveNotKnown(p.plan, "task_id"))
	case exclusive && !p.known:
		p.diags.Append(exclusiveNotKnown(p.plan, p.plan.sourceName()))
	case exclusive && p.plan.versionsOpen():
		p.diags.Append(exclusiveNotKnown(p.plan, "the selection by version"))
	case exclusive && taskKnown && p.runner() == nil:
		p.diags.Append(exclusiveNotKnown(p.plan, "the provider configuration"))
	}
}

// unlisted returns the devices that a set which becomes exclusive cancels. Their number is part of the plan,
// so that an apply cancels no more.
func (p *setPlanning) unlisted(ctx context.Context, key aep.TaskKey) deviceset.Set {
	runner := p.runner()
	if !p.plan.cancelsOthers() || !p.known || runner == nil {
		return nil
	}
	if runner.Adopted(key) {
		return nil // the apply refuses the set if the task holds other devices
	}
	task, err := runner.Task(ctx, key)
	if isGone(err) || err == nil && task.Status == aep.TaskFinished {
		return nil
	}
	var found deviceset.Set
	if err == nil {
		task, err = runner.SettleProtocol(ctx, task)
	}
	if err == nil {
		found, err = runner.Unlisted(ctx, key, task.Protocol(), p.want.set.Union(p.ledger.All))
	}
	if err != nil {
		p.diags.Append(unable("plan", "an exclusive device set", err))
		return nil
	}
	if len(found) > 0 {
		p.diags.Append(cancelsUnlisted(p.plan, found))
	}
	return found
}

// preflight checks that the platform offers each new device for an upgrade.
func (p *setPlanning) preflight(ctx context.Context, add deviceset.Set) {
	runner := p.runner()
	if runner == nil || !p.plan.Preflight.ValueBool() || len(add) == 0 || p.plan.ProductID.IsUnknown() {
		return
	}
	bad, err := runner.NotCandidates(ctx, p.plan.key(), add)
	switch {
	case err != nil:
		p.diags.Append(unable("check", "devices before attaching them", err))
	case len(bad) > 0:
		p.diags.Append(notCandidates(p.plan, bad, len(add)))
	}
}
