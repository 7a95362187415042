package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// taskIdentity is the identity of a task and of its rollout.
type taskIdentity struct {
	ProductID types.Int64 `tfsdk:"product_id"`
	TaskID    types.Int64 `tfsdk:"task_id"`
}

// taskImport is embedded by resources that a task identifies.
type taskImport struct{}

func (taskImport) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = taskIdentitySchema()
}

func taskIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"product_id": identityschema.Int64Attribute{RequiredForImport: true, Description: "Product that the task belongs to."},
		"task_id":    identityschema.Int64Attribute{RequiredForImport: true, Description: "Id of the task on the platform."},
	}}
}

// setTaskIdentity sets the identity of a task or a rollout. Terraform before 1.12 has none.
func setTaskIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, key aep.TaskKey) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, taskIdentity{ProductID: types.Int64Value(key.ProductID), TaskID: types.Int64Value(key.TaskID)})
}

// ImportState imports a task or a rollout, by id or by identity.
func (taskImport) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var key aep.TaskKey
	if req.ID != "" || req.Identity == nil {
		var err error
		if key, err = parseTaskID(req.ID); err != nil {
			resp.Diagnostics.Append(invalidImportID(err))
		}
	} else {
		var identity taskIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		key = taskKey(identity.ProductID, identity.TaskID)
		resp.Diagnostics.Append(checkIdentity(key)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("product_id"), key.ProductID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("task_id"), key.TaskID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), key.String())...)
	resp.Diagnostics.Append(setTaskIdentity(ctx, resp.Identity, key)...)
}

func invalidImportID(err error) diag.Diagnostic {
	return failure("Invalid import id", "The import id %v.", err)
}

// checkIdentity returns an error for each number of an identity that can't be an id.
func checkIdentity(key aep.TaskKey) (diags diag.Diagnostics) {
	if key.ProductID < 1 {
		diags.Append(atArgument("product_id", failure("Invalid import identity", "product_id must be at least 1.")))
	}
	if key.TaskID < 1 {
		diags.Append(atArgument("task_id", failure("Invalid import identity", "task_id must be at least 1.")))
	}
	return diags
}

// devicesIdentity is the identity of a device set.
type devicesIdentity struct {
	ProductID types.Int64  `tfsdk:"product_id"`
	TaskID    types.Int64  `tfsdk:"task_id"`
	Name      types.String `tfsdk:"name"`
}

// importedSet returns the identity of the set that an import names, by id or by identity.
func importedSet(ctx context.Context, req resource.ImportStateRequest) (set devicesIdentity, diags diag.Diagnostics) {
	if req.ID == "" && req.Identity != nil {
		diags.Append(req.Identity.Get(ctx, &set)...)
		diags.Append(checkIdentity(taskKey(set.ProductID, set.TaskID))...)
		if set.Name.ValueString() == "" {
			set.Name = types.StringValue(defaultSetName)
		}
		return set, diags
	}
	key, name, err := parseDevicesID(req.ID)
	if err != nil {
		diags.Append(invalidImportID(err))
	}
	return devicesIdentity{
		ProductID: types.Int64Value(key.ProductID), TaskID: types.Int64Value(key.TaskID), Name: types.StringValue(name),
	}, diags
}
