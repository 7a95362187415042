package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

const (
	taskTimeout       = 5 * time.Minute
	taskDeleteTimeout = 30 * time.Minute
	cancelBatchSize   = 100
)

var (
	_ resource.ResourceWithConfigure        = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithConfigValidators = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithImportState      = (*upgradeTaskResource)(nil)
	_ resource.ResourceWithIdentity         = (*upgradeTaskResource)(nil)
)

func newUpgradeTaskResource() resource.Resource { return &upgradeTaskResource{} }

// upgradeTaskResource is a campaign's settings: one main task of the platform.
type upgradeTaskResource struct{ configuredResource }

func (r *upgradeTaskResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_task"
}

func (r *upgradeTaskResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.ExactlyOneOf(path.MatchRoot("retry_times"), path.MatchRoot("timeout_hours")),
	}
}

func (r *upgradeTaskResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan upgradeTaskModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, diags := plan.Timeouts.Create(ctx, taskTimeout)
	resp.Diagnostics.Append(diags...)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := withLimit(ctx, "create", limit)
	defer cancel()

	r.session.tasks.made(plan.likeness())
	made, err := runner.CreateTask(ctx, campaign.CreateRequest{
		CreateTaskRequest: plan.createRequest(), Adopt: plan.AdoptExisting.ValueBool(),
	})
	if err != nil {
		resp.Diagnostics.Append(createFailure(err, plan))
		if vacated := runner.Vacated(plan.ProductID.ValueInt64()); len(vacated) > 0 {
			resp.Diagnostics.Append(cancelledInVain(vacated))
		}
		return
	}
	key := aep.TaskKey{ProductID: plan.ProductID.ValueInt64(), TaskID: made.ID}
	runner.RememberProtocol(key, plan.wantedProtocol())
	state := plan.created(key)
	// From here on the task exists. An error would taint it, and the next apply
	// would delete it and make another; what is left undone is a warning.
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, key)...)
	resp.Diagnostics.Append(creationWarnings(made, key, plan)...)

	task, err := r.settled(ctx, runner, state, made)
	if err != nil {
		resp.Diagnostics.AddWarning("Upgrade task created, but not read back", fmt.Sprintf(
			"Task %d of product %d exists and is recorded in the state. %s. The next plan reads it.", key.TaskID, key.ProductID, capitalized(err.Error())))
		return
	}
	resp.Diagnostics.Append(shownAsWritten(state, task)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state.refreshed(task).writtenAs(plan))...)
}

// settled reads a task that was just made; one that stood there before is first
// given the settings of the plan.
func (r *upgradeTaskResource) settled(ctx context.Context, runner *campaign.Runner, state upgradeTaskModel, made campaign.CreateResult) (aep.Task, error) {
	task, err := runner.ReadBack(ctx, state.key())
	if err != nil || !made.Adopted() || state.shows(task) {
		return task, err
	}
	return runner.ModifyTask(ctx, state.modifyRequest(state.key()))
}

func (r *upgradeTaskResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state upgradeTaskModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Read(ctx, taskTimeout)
	resp.Diagnostics.Append(diags...)
	// An older Terraform keeps no identity, and the framework wants one from
	// every read, even of what is gone.
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, state.key())...)
	if resp.Diagnostics.HasError() || r.unreadable(&resp.Diagnostics) {
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	resp.Diagnostics.Append(unmark(ctx, req.Private, resp.Private)...)
	ctx, cancel := withLimit(ctx, "read", limit)
	defer cancel()
	runner.Manage(state.key())
	runner.MarkFound(state.key())

	protocol, _ := aep.ParseProtocol(state.Protocol.ValueString())
	runner.RememberProtocol(state.key(), protocol)
	task, err := runner.Task(ctx, state.key())
	if err == nil && state.Protocol.IsNull() {
		task, err = runner.SettleProtocol(ctx, task)
	}
	if gone, ok := errors.AsType[*campaign.GoneError](err); ok {
		r.readGone(ctx, runner, state, gone, resp)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(unable("read", "upgrade task", err))
		return
	}
	fresh := state.refreshed(task)
	kept, diags := keptDescription(ctx, req.Private, state, task)
	resp.Diagnostics.Append(diags...)
	if kept {
		fresh.Description = state.Description
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, fresh)...)
}

// readGone drops a task that does not exist from the state, unless a new one
// would upgrade a fleet that has been upgraded already.
func (r *upgradeTaskResource) readGone(ctx context.Context, runner *campaign.Runner, state upgradeTaskModel, gone *campaign.GoneError, resp *resource.ReadResponse) {
	imported := state.Name.IsNull()
	switch {
	case imported:
		resp.Diagnostics.AddError("Unable to import upgrade task", capitalized(gone.Error())+
			". Check both ids in the platform's console; the import id has the form "+taskIDForm+".")
	case state.Status.ValueString() == aep.TaskFinished.String() && !state.AllowRecreate.ValueBool():
		resp.Diagnostics.AddWarning("Finished upgrade task no longer exists", fmt.Sprintf(
			"%s, and it had finished when it was last seen. It stays in the state, so that its deletion does not upgrade the devices again. "+
				"To plan a new task, set allow_recreate = true; to forget this one, use a removed block or terraform state rm.", capitalized(gone.Error())))
	default:
		runner.MarkLeaving(state.key())
		resp.State.RemoveResource(ctx)
	}
}

func (r *upgradeTaskResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state upgradeTaskModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := plan.Timeouts.Update(ctx, taskTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, state.key())...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, leavesKey, nil)...)
	if plan.replaces(state) {
		resp.Diagnostics.Append(replacedAfterAll(state))
		return
	}
	if plan.sameSettings(state) {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		return
	}
	runner := r.open(&resp.Diagnostics)
	if runner == nil {
		return
	}
	ctx, cancel := withLimit(ctx, "update", limit)
	defer cancel()

	task, err := runner.ModifyTask(ctx, plan.modifyRequest(state.key()))
	if err != nil {
		resp.Diagnostics.Append(modifyFailure(err, state))
		if _, gone := errors.AsType[*campaign.GoneError](err); gone {
			// Consent to a new task is kept although this apply fails: the next plan makes it.
			state.AllowRecreate = plan.AllowRecreate
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		}
		return
	}
	if plan.Description.ValueString() == "" && task.Description != "" {
		resp.Diagnostics.Append(keepDescription(ctx, resp.Private, task)...)
		task.Description = ""
	} else {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, keptDescriptionKey, nil)...)
	}
	resp.Diagnostics.Append(shownAsWritten(plan, task)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan.refreshed(task).writtenAs(plan))...)
}

func (r *upgradeTaskResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state upgradeTaskModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, diags := state.Timeouts.Delete(ctx, taskDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	runner := r.open(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if runner.Owns(state.key()) {
		resp.Diagnostics.Append(keptTask(state.key()))
		return
	}
	ctx, cancel := withLimit(ctx, "delete", limit)
	defer cancel()
	var leaving leavingTask // the consent may have come with the plan that replaces the task
	mark(ctx, req.Private, leavesKey, &leaving)
	force := state.ForceDestroy.ValueBool() || leaving.Force
	if err := runner.DeleteTask(ctx, state.key(), force, cancelBatchSize); err != nil {
		resp.Diagnostics.Append(unable("delete", "upgrade task", err))
	}
}

func (r *upgradeTaskResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	key, diags := importedTask(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("product_id"), key.ProductID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("task_id"), key.TaskID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), key.String())...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, key)...)
}
