package provider

import (
	"cmp"
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setPlanning is the planning of one device set.
type setPlanning struct {
	*upgradeDevicesResource
	plan   upgradeDevicesModel
	state  upgradeDevicesModel // if the set exists
	ledger ledger
	want   wanted
	known  bool // whether want is
	force  bool // the state or the configuration permits to cancel what is under way
	prior  privateGetter
	diags  *diag.Diagnostics
}

// leavingSet is the mark in the planned private data of a set, under leavesKey.
// Terraform plans a replacement twice, the second time without the state.
type leavingSet struct {
	Task  string `json:"task"`
	Force bool   `json:"force"` // force_destroy, of the state or of the configuration
	Ends  bool   `json:"ends"`  // the set is replaced because its task is
}

func (r *upgradeDevicesResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	p := &setPlanning{upgradeDevicesResource: r, prior: req.Private, diags: &resp.Diagnostics}
	exists := !req.State.Raw.IsNull()
	var leaving leavingSet
	switch {
	case exists:
		resp.Diagnostics.Append(req.State.Get(ctx, &p.state)...)
		p.ledger, _ = readLedger(ctx, req.Private, p.diags)
	case mark(ctx, req.Private, leavesKey, &leaving):
		p.ledger, _ = readLedger(ctx, req.Private, p.diags)
	}
	destroy := req.Plan.Raw.IsNull()
	if !resp.Diagnostics.HasError() && !destroy {
		p.readPlan(ctx, req)
	}
	if exists {
		p.force = p.state.ForceDestroy.ValueBool() || p.plan.ForceDestroy.ValueBool()
		leaving = leavingSet{Task: p.state.key().String(), Force: p.force, Ends: !destroy && p.taskLeaves()}
		resp.Diagnostics.Append(setMark(ctx, resp.Private, leavesKey, leaving)...)
	}
	switch {
	case resp.Diagnostics.HasError():
		return
	case destroy:
		p.planLeaving(ctx, "destroy")
		return
	}
	switch {
	case !exists:
		p.planNew(ctx, leaving.Task)
	case p.moves():
		if p.plan.TaskID.IsUnknown() || p.plan.ProductID.IsUnknown() {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("task_id"))
		}
		p.planLeaving(ctx, "replace")
		p.plan = p.plan.undecided()
	default:
		p.planUpdate(ctx)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, p.plan)...)
}

// readPlan reads the plan, and the devices that it asks for.
func (p *setPlanning) readPlan(ctx context.Context, req resource.ModifyPlanRequest) {
	exists := !req.State.Raw.IsNull()
	var config upgradeDevicesModel
	p.diags.Append(req.Plan.Get(ctx, &p.plan)...)
	p.diags.Append(req.Config.Get(ctx, &config)...)
	if p.diags.HasError() {
		return
	}
	// Defaults are in the plan only, write-only values in the configuration only.
	p.plan.DeviceIDsWO = config.DeviceIDsWO
	l := p.ledger
	if l.finished && !p.plan.DeviceGroupID.IsNull() {
		if l, _ = l.unpack(ctx, p.prior, p.diags); !exists || p.moves() {
			l.finished = false // the group matters again
		}
	}
	var found diag.Diagnostics
	p.want, p.known, found = p.desired(ctx, p.plan, l)
	p.diags.Append(found...)
	p.plan.DeviceIDsWO = types.ListNull(types.StringType)
	if found.HasError() && !exists {
		p.checkTaint()
	}
}

// checkTaint says of a set that the same walk has read how it stays, beside the
// failure to read its list.
func (p *setPlanning) checkTaint() {
	if p.session == nil || p.plan.ProductID.IsUnknown() || p.plan.TaskID.IsUnknown() {
		return
	}
	c := p.claimOf("", nil)
	if other, found := p.session.claims.Found(c.Key, c.Name); found {
		p.diags.Append(setConflict(&ownership.ConflictError{Conflict: ownership.ConflictFound, Claim: c, Other: other}))
	}
}

// moves reports whether an existing set goes to another task. A task id that is
// not known yet names another task only if this run ends the one in the state.
func (p *setPlanning) moves() bool {
	if p.plan.TaskID.IsUnknown() || p.plan.ProductID.IsUnknown() {
		return p.taskLeaves()
	}
	return p.plan.key() != p.state.key()
}

// runner returns the runner, nil if the provider configuration is not known yet.
func (p *setPlanning) runner() *campaign.Runner { return p.opened(p.diags) }

// planNew plans a set that does not exist; replaced is the task of the set that
// it replaces, "" if it replaces none.
func (p *setPlanning) planNew(ctx context.Context, replaced string) {
	plan := &p.plan
	taskKnown := !plan.ProductID.IsUnknown() && !plan.TaskID.IsUnknown()
	if taskKnown && replaced == plan.key().String() {
		p.diags.Append(sameTaskReplaced(*plan))
		return
	}
	if taskKnown && !plan.Name.IsUnknown() {
		plan.ID = types.StringValue(devicesID(plan.key(), plan.Name.ValueString()))
	}
	p.checkExclusive(taskKnown)
	c := p.claimOf("", nil)
	if replaced != "" {
		c.Owner = p.ledger.owner
	}
	if taskKnown {
		c.CancelsUnlisted = p.strangers(ctx, plan.key())
	}
	if runner := p.runner(); !taskKnown && p.taskComes() && runner != nil {
		c.MayBeNew, c.Candidates = true, runner.Staying(plan.ProductID.ValueInt64())
	}
	p.claim(ctx, c)
	if !p.known {
		*plan = plan.undecided()
		return
	}
	if !plan.DeviceGroupID.IsNull() && len(p.want.source) == 0 {
		p.diags.Append(emptyGroup(*plan))
	}
	// A number that differs when Terraform plans again ends the apply.
	*plan = plan.withDesired(p.want.set).withChange(len(p.want.set), len(c.CancelsUnlisted))
	p.reserve(cmp.Or(plan.ID.ValueString(), plan.DeviceIDsSHA256.ValueString()), len(p.want.set))
	p.preflight(ctx, *plan, p.want.set, p.diags)
}

// taskComes reports whether the plan creates a task that a reference which is not
// known yet may name.
func (p *setPlanning) taskComes() bool {
	runner := p.runner()
	return runner == nil || runner.IsComing(p.plan.ProductID.ValueInt64())
}

// checkExclusive refuses a set that becomes exclusive if its plan can't count what
// it cancels. A task that the plan creates holds nothing else.
func (p *setPlanning) checkExclusive(taskKnown bool) {
	exclusive := p.plan.cancelsOthers()
	switch {
	case p.plan.Exclusive.IsUnknown() && p.plan.cancels():
		p.diags.Append(exclusiveNotKnown(p.plan, "exclusive"))
	case exclusive && !taskKnown && !p.taskComes():
		p.diags.Append(exclusiveNotKnown(p.plan, "task_id"))
	case exclusive && !p.known:
		p.diags.Append(exclusiveNotKnown(p.plan, p.plan.sourceName()))
	case exclusive && taskKnown && p.runner() == nil:
		p.diags.Append(exclusiveNotKnown(p.plan, "the provider configuration"))
	}
}

// claimOf is the claim of the planned set.
func (p *setPlanning) claimOf(owner string, cancels deviceset.Set) ownership.Claim {
	return ownership.Claim{
		Key: p.plan.key(), Name: p.plan.Name.ValueString(), Owner: owner,
		Wants: p.want.set, Known: p.known, Cancels: cancels, Exclusive: p.plan.cancelsOthers(),
	}
}

// claim registers what the plan intends, and reports what contradicts it: another set,
// or a start.
func (p *setPlanning) claim(ctx context.Context, c ownership.Claim) {
	if p.session == nil {
		return
	}
	if conflict, ok := errors.AsType[*ownership.ConflictError](p.session.claims.Add(c)); ok {
		p.diags.Append(setConflict(conflict))
	}
	if c.Destroyed || c.MayBeNew {
		p.diags.Append(p.session.upgradedAgain()...)
	}
	p.checkStart(ctx, c.Key)
}

// checkStart refuses a start that was planned before the set, and finds devices
// that no set lists.
func (p *setPlanning) checkStart(ctx context.Context, key aep.TaskKey) {
	if runner := p.runner(); runner != nil {
		if err := runner.CheckAnnouncedStart(ctx, key); err != nil {
			p.diags.Append(unable("start", "upgrade task", err))
		}
	}
}

// reserve announces devices that the set lets join.
func (p *setPlanning) reserve(owner string, n int) {
	if runner := p.runner(); runner != nil && n > 0 {
		if err := runner.Reserve(campaign.UseJoin, owner, int64(n)); err != nil {
			p.diags.Append(unable("attach", "devices", err))
		}
	}
}

// strangers returns the devices that an exclusive set cancels although they
// never were its members. The number is part of the plan, so that an apply
// cancels no more.
func (p *setPlanning) strangers(ctx context.Context, key aep.TaskKey) deviceset.Set {
	runner := p.runner()
	if !p.plan.cancelsOthers() || !p.known || runner == nil {
		return nil
	}
	if runner.Adopted(key) {
		return nil // the set is refused if the task holds other devices
	}
	task, err := runner.Task(ctx, key)
	if _, gone := errors.AsType[*campaign.GoneError](err); gone || err == nil && task.Status == aep.TaskFinished {
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
		p.diags.Append(cancelsStrangers(p.plan, found))
	}
	return found
}

// preflight checks that the platform offers every new device for an upgrade.
func (r *upgradeDevicesResource) preflight(ctx context.Context, plan upgradeDevicesModel, add deviceset.Set, diags *diag.Diagnostics) {
	if !plan.Preflight.ValueBool() || len(add) == 0 || plan.ProductID.IsUnknown() {
		return
	}
	runner := r.opened(diags)
	if runner == nil {
		return
	}
	bad, err := runner.NotCandidates(ctx, plan.key(), add)
	if err != nil {
		diags.Append(unable("check", "devices before attaching them", err))
		return
	}
	if len(bad) > 0 {
		diags.Append(notCandidates(plan, bad, len(add)))
	}
}
