package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var (
	_ resource.ResourceWithConfigure        = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithConfigValidators = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithImportState      = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithIdentity         = (*upgradeTaskResource)(nil)
)

func newUpgradeTaskResource() resource.Resource { return &upgradeTaskResource{} }

// upgradeTaskResource is the settings of a campaign: one task of the platform.
type upgradeTaskResource struct {
	configuredResource
	taskImport
}

func (r *upgradeTaskResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_task"
}

func (r *upgradeTaskResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		oneArgument{
			[]string{"retry_times", "timeout_hours"},
			"LwM2M products take retry_times, and T-Link products take timeout_hours. The data source aep_product has the protocol of a product.",
		},
	}
}

func (r *upgradeTaskResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan upgradeTaskModel
	ctx, cancel, runner := r.begin(ctx, frame{operation: opCreate, diags: &resp.Diagnostics, decode: []decoding{{req.Plan, &plan}}})
	defer cancel()
	if runner == nil {
		return
	}
	r.session.tasks.created(plan.likeness())
	made, err := runner.CreateTask(ctx, campaign.CreateRequest{
		CreateTaskRequest: plan.createRequest(), Adopt: plan.AdoptExisting.ValueBool(),
	})
	if err != nil {
		resp.Diagnostics.Append(createFailures(err, plan, runner.Vacated(plan.ProductID.ValueInt64()))...)
		return
	}
	key := aep.TaskKey{ProductID: plan.ProductID.ValueInt64(), TaskID: made.ID}
	runner.RememberProtocol(key, plan.wantedProtocol())
	state := plan.created(key)
	// The task exists from here on. An error would taint it, and the next apply would delete it. So later
	// failures are warnings.
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, key)...)
	resp.Diagnostics.Append(creationWarnings(made, key, plan)...)
	task, err := readBack(ctx, runner, state, made.Adopted())
	if err != nil {
		resp.Diagnostics.Append(notReadBack(key, err))
		return
	}
	resp.Diagnostics.Append(shownAsWritten(state, task)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state.refreshed(task).writtenAs(plan))...)
}

func (r *upgradeTaskResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state upgradeTaskModel
	ctx, cancel, runner := r.begin(ctx, frame{
		operation: opRead, diags: &resp.Diagnostics, decode: []decoding{{req.State, &state}}, identity: resp.Identity,
	})
	defer cancel()
	if runner == nil {
		return
	}
	resp.Diagnostics.Append(removeOldMark(ctx, req.Private, resp.Private)...)
	task, err := readTask(ctx, runner, state)
	switch {
	case isGone(err):
		readGone(ctx, runner, state, err, resp)
		return
	case err != nil:
		resp.Diagnostics.Append(unable("read", "upgrade task", err))
		return
	}
	fresh := state.refreshed(task)
	kept, diags := isKeptDescription(ctx, req.Private, state, task)
	resp.Diagnostics.Append(diags...)
	if kept {
		fresh.Description = state.Description
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, fresh)...)
}

func (r *upgradeTaskResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state upgradeTaskModel
	ctx, cancel, ok := frame{
		operation: opUpdate, diags: &resp.Diagnostics, decode: []decoding{{req.Plan, &plan}, {req.State, &state}}, identity: resp.Identity,
	}.enter(ctx)
	defer cancel()
	if !ok {
		return
	}
	resp.Diagnostics.Append(removeMark(ctx, resp.Private)...)
	switch {
	case plan.replaces(state):
		resp.Diagnostics.Append(replacedAfterAll(state))
	case plan.sameSettings(state):
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	default:
		if runner := r.open(&resp.Diagnostics); runner != nil {
			modify(ctx, runner, plan, state, resp)
		}
	}
}

func (r *upgradeTaskResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var (
		state   upgradeTaskModel
		leaving leavingTask // consent may have come with the plan that replaces the task
	)
	ctx, cancel, runner := r.begin(ctx, frame{operation: opDelete, diags: &resp.Diagnostics, decode: []decoding{{req.State, &state}}})
	defer cancel()
	switch {
	case runner == nil:
		return
	case runner.Owns(state.key()):
		resp.Diagnostics.Append(keptTask(state.key()))
		return
	}
	readMark(ctx, req.Private, &leaving)
	force := state.ForceDestroy.ValueBool() || leaving.Force
	if err := runner.DeleteTask(ctx, state.key(), force); err != nil {
		resp.Diagnostics.Append(unable("delete", "upgrade task", err))
	}
}

// readBack reads a task that was just created. An adopted task first gets the settings of the plan.
func readBack(ctx context.Context, runner *campaign.Runner, state upgradeTaskModel, adopted bool) (aep.Task, error) {
	task, err := runner.ReadBack(ctx, state.key())
	if err != nil || !adopted || state.shows(task) {
		return task, err
	}
	return runner.ModifyTask(ctx, state.modifyRequest(state.key()))
}

// readTask reads the task of the state. After an import it also finds the protocol.
func readTask(ctx context.Context, runner *campaign.Runner, state upgradeTaskModel) (aep.Task, error) {
	runner.Manage(state.key())
	runner.MarkFound(state.key())
	protocol, _ := aep.ParseProtocol(state.Protocol.ValueString())
	runner.RememberProtocol(state.key(), protocol)
	task, err := runner.Task(ctx, state.key())
	if err == nil && state.Protocol.IsNull() {
		task, err = runner.SettleProtocol(ctx, task)
	}
	return task, err
}

// readGone removes a task that does not exist from the state. A finished task stays: a new task would upgrade
// the devices again.
func readGone(ctx context.Context, runner *campaign.Runner, state upgradeTaskModel, gone error, resp *resource.ReadResponse) {
	imported := state.Name.IsNull()
	switch {
	case imported:
		resp.Diagnostics.Append(notImported("upgrade task", gone))
	case state.Status.ValueString() == aep.TaskFinished.String() && !state.AllowRecreate.ValueBool():
		resp.Diagnostics.Append(finishedTaskGone(gone))
	default:
		runner.MarkLeaving(state.key())
		resp.State.RemoveResource(ctx)
	}
}

// modify gives a task the settings of the plan.
func modify(ctx context.Context, runner *campaign.Runner, plan, state upgradeTaskModel, resp *resource.UpdateResponse) {
	task, err := runner.ModifyTask(ctx, plan.modifyRequest(state.key()))
	if err != nil {
		resp.Diagnostics.Append(modifyFailure(err, state))
		if isGone(err) {
			// The state keeps the consent to a new task although this apply fails. The next plan creates it.
			state.AllowRecreate = plan.AllowRecreate
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		}
		return
	}
	kept := plan.Description.ValueString() == "" && task.Description != ""
	resp.Diagnostics.Append(saveKeptDescription(ctx, resp.Private, kept, task.Description)...)
	if kept {
		resp.Diagnostics.Append(descriptionNotCleared(task))
		task.Description = ""
	}
	resp.Diagnostics.Append(shownAsWritten(plan, task)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan.refreshed(task).writtenAs(plan))...)
	}
}
