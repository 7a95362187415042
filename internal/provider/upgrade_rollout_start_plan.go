package provider

import (
	"context"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
)

// checkRebound refuses to give a rollout another task after its own has gone.
func (p *rolloutPlanning) checkRebound(ctx context.Context, runner *campaign.Runner) {
	started, diags := wasStarted(ctx, *p.state, p.prior)
	p.diags.Append(diags...)
	if !p.plan.AllowRecreate.ValueBool() && started && p.isGone(ctx, runner, p.state.key()) {
		p.diags.Append(reboundRollout(p.state.key()))
	}
}

// checkSurplus warns of unlisted devices of a running task. A run that was killed while it attached them has
// left them in no state.
func (p *rolloutPlanning) checkSurplus(ctx context.Context, runner *campaign.Runner) {
	if p.plan.ExpectedDeviceCount.IsUnknown() {
		return
	}
	key := p.state.key()
	devices, err := runner.UnlistedAfterStart(ctx, key, p.plan.ExpectedDeviceCount.ValueInt64(), p.state.TotalCount.ValueInt64())
	switch {
	case err != nil:
		p.diags.Append(unable("list", "the devices of an upgrade task", err))
	case len(devices) > 0:
		p.diags.Append(surplusDevices(key, devices))
	}
}

// inherit copies the private data of a tainted rollout to its planning, which looks like a create. Its Delete
// then leaves them to the Create that follows.
func (p *rolloutPlanning) inherit(ctx context.Context) {
	saved, diags := p.prior.GetKey(ctx, beforeKey)
	p.diags.Append(diags...)
	if len(saved) == 0 && !p.plan.ID.IsUnknown() {
		p.diags.Append(saveBefore(ctx, p.private, p.session.rollouts.keptBefore(p.plan.key()))...)
	}
}

// owner returns a name for the rollout that both plannings of a replacement share, "" if there is none.
func (p *rolloutPlanning) owner(ctx context.Context) string {
	if p.state != nil {
		owner := p.state.ID.ValueString()
		p.diags.Append(p.private.SetKey(ctx, ownerKey, []byte(strconv.Quote(owner)))...)
		return owner
	}
	saved, diags := p.prior.GetKey(ctx, ownerKey)
	p.diags.Append(diags...)
	if owner, err := strconv.Unquote(string(saved)); err == nil {
		return owner
	}
	return p.plan.ID.ValueString()
}

// announceStart warns of the devices that a start upgrades, as far as they are known. It refuses to start
// more devices than max_devices_per_run permits.
func (p *rolloutPlanning) announceStart(ctx context.Context, runner *campaign.Runner, owner string) {
	count := p.plan.ExpectedDeviceCount
	if !count.IsUnknown() && count.ValueInt64() == 0 {
		return
	}
	on := "a number of devices that is known after apply"
	if !count.IsUnknown() {
		on = countedDevices(count.ValueInt64(), "")
	}
	if !p.plan.taskKnown() {
		p.diags.Append(startsUnknownTask(on))
	} else if !p.announceTask(ctx, runner, on) {
		return
	}
	if err := runner.Reserve(campaign.UseStart, owner, count.ValueInt64()); err != nil {
		p.diags.Append(unable("plan the start of", "upgrade task", err))
	}
}

// announceTask is announceStart for a task that is known. It reports whether the plan starts the task.
func (p *rolloutPlanning) announceTask(ctx context.Context, runner *campaign.Runner, on string) bool {
	task, err := runner.SharedDetail(ctx, p.plan.key())
	switch {
	case isGone(err):
		p.diags.Append(nothingToStart(err))
		return false
	case err != nil:
		p.diags.Append(unable("plan the start of", "upgrade task", err))
		return false
	case task.Status != aep.TaskPending:
		if p.state == nil {
			p.diags.Append(onlyWatches(task))
		}
		return false
	}
	expected := p.plan.ExpectedDeviceCount.ValueInt64()
	if p.plan.ExpectedDeviceCount.IsUnknown() {
		expected = ownership.UnknownCount
	}
	runner.Sets.AnnounceStart(task, expected)
	if err := runner.CheckAnnouncedStart(ctx, p.plan.key()); err != nil {
		p.diags.Append(unable("start", "upgrade task", err))
		return false
	}
	p.diags.Append(announcedStart(task, on))
	return true
}
