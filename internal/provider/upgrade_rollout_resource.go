package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var (
	_ resource.ResourceWithConfigure      = (*upgradeRolloutResource)(nil)
	_ resource.ResourceWithValidateConfig = (*upgradeRolloutResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*upgradeRolloutResource)(nil)
	_ resource.ResourceWithImportState    = (*upgradeRolloutResource)(nil)
	_ resource.ResourceWithIdentity       = (*upgradeRolloutResource)(nil)
)

func newUpgradeRolloutResource() resource.Resource { return &upgradeRolloutResource{} }

// upgradeRolloutResource is the start of a task and the watch over it. It has no object of its own on the
// platform.
type upgradeRolloutResource struct {
	configuredResource
	taskImport
}

func (r *upgradeRolloutResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_rollout"
}

// ValidateConfig warns of gates that have no effect.
func (r *upgradeRolloutResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest,
	resp *resource.ValidateConfigResponse,
) {
	var config upgradeRolloutModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.WaitFor.IsUnknown() || config.WaitFor.ValueString() == string(campaign.WaitFinished) {
		return
	}
	for name, set := range map[string]bool{
		"minimum_success_percent": !config.MinimumSuccessPercent.IsNull(), "abort_failure_percent": !config.AbortFailurePercent.IsNull(),
	} {
		if set {
			resp.Diagnostics.AddAttributeWarning(path.Root(name), "Gate is not judged", name+" takes effect only with wait_for = \"finished\". "+
				"Without it, the rollout does not wait for results.")
		}
	}
}

func (r *upgradeRolloutResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan upgradeRolloutModel
	limited, cancel, runner := r.begin(ctx, frame{operation: opCreate, diags: &resp.Diagnostics, decode: []decoding{{req.Plan, &plan}}})
	defer cancel()
	if runner == nil {
		return
	}
	r.session.rollouts.created()
	started, err := runner.StartTask(limited, plan.key(), plan.ExpectedDeviceCount.ValueInt64Pointer())
	if err != nil {
		resp.Diagnostics.Append(startFailure(err))
		if !aep.Ambiguous(err) {
			return
		}
	}
	// The task may run from here on. An error taints the rollout, and its replacement only continues the
	// watch.
	resp.Diagnostics.Append(resp.State.Set(ctx, plan.uncounted())...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
	started, diags := saveStart(ctx, resp.Private, started, r.session.rollouts.keptBefore(plan.key()))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	state, diags := watchRollout(ctx, limited, runner, plan, started)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *upgradeRolloutResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state upgradeRolloutModel
	ctx, cancel, runner := r.begin(ctx, frame{
		operation: opRead, diags: &resp.Diagnostics, decode: []decoding{{req.State, &state}}, identity: resp.Identity,
	})
	defer cancel()
	if runner == nil {
		return
	}
	before, diags := savedBefore(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	r.session.rollouts.keepBefore(state.key(), before)
	now, err := runner.Observe(ctx, state.key())
	switch {
	case isGone(err):
		runner.MarkLeaving(state.key())
		r.session.rollouts.taskIsGone(state.key())
		resp.Diagnostics.Append(goneRollout(state, err))
		return
	case err != nil:
		resp.Diagnostics.Append(unable("read", "upgrade rollout", err))
		return
	}
	fresh, diags := refreshRollout(ctx, runner, state, now, before)
	if resp.Diagnostics.Append(diags...); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, fresh)...)
	}
}

func (r *upgradeRolloutResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state upgradeRolloutModel
	limited, cancel, ok := frame{
		operation: opUpdate, diags: &resp.Diagnostics, decode: []decoding{{req.Plan, &plan}, {req.State, &state}}, identity: resp.Identity,
	}.enter(ctx)
	defer cancel()
	if !ok {
		return
	}
	if !plan.acts(state) {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	started, diags := startAgain(ctx, limited, runner, plan, req.Private, resp.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	fresh, diags := watchRollout(ctx, limited, runner, plan, started)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return // the state keeps the old arguments, so that the next plan judges again
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, fresh)...)
}

func (r *upgradeRolloutResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state upgradeRolloutModel
	ctx, cancel, _ := frame{operation: opDelete, diags: &resp.Diagnostics, decode: []decoding{{req.State, &state}}}.enter(ctx)
	defer cancel()
	announced, diags := req.Private.GetKey(ctx, cancelAnnouncedKey)
	resp.Diagnostics.Append(diags...)
	before, diags := savedBefore(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || r.session == nil {
		return
	}
	r.session.rollouts.keepBefore(state.key(), before)
	if state.OnDestroy.ValueString() != destroyCancel || string(announced) != "true" || r.session.rollouts.isDeposed(state.key()) {
		return
	}
	if runner := r.open(&resp.Diagnostics); runner != nil {
		resp.Diagnostics.Append(cancelRest(ctx, runner, state)...)
	}
}
