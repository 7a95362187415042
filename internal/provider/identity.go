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

func taskIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"product_id": identityschema.Int64Attribute{RequiredForImport: true, Description: "Product that the task belongs to."},
		"task_id":    identityschema.Int64Attribute{RequiredForImport: true, Description: "Number of the task on the platform."},
	}}
}

// setTaskIdentity records the identity, where Terraform has room for one.
func setTaskIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, key aep.TaskKey) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, taskIdentity{ProductID: types.Int64Value(key.ProductID), TaskID: types.Int64Value(key.TaskID)})
}

// importedTask returns the task that an import names, by id or by identity.
func importedTask(ctx context.Context, req resource.ImportStateRequest) (aep.TaskKey, diag.Diagnostics) {
	var diags diag.Diagnostics
	if req.ID != "" || req.Identity == nil {
		key, err := parseTaskID(req.ID)
		if err != nil {
			diags.AddError("Invalid import id", "The import id "+err.Error()+".")
		}
		return key, diags
	}
	var identity taskIdentity
	diags.Append(req.Identity.Get(ctx, &identity)...)
	key := aep.TaskKey{ProductID: identity.ProductID.ValueInt64(), TaskID: identity.TaskID.ValueInt64()}
	diags.Append(checkIdentity(key)...)
	return key, diags
}

func checkIdentity(key aep.TaskKey) diag.Diagnostics {
	var diags diag.Diagnostics
	if key.ProductID < 1 {
		diags.AddAttributeError(path.Root("product_id"), "Invalid import identity", "product_id must be at least 1.")
	}
	if key.TaskID < 1 {
		diags.AddAttributeError(path.Root("task_id"), "Invalid import identity", "task_id must be at least 1.")
	}
	return diags
}

// devicesIdentity is the identity of a device set.
type devicesIdentity struct {
	ProductID types.Int64  `tfsdk:"product_id"`
	TaskID    types.Int64  `tfsdk:"task_id"`
	Name      types.String `tfsdk:"name"`
}

func setDevicesIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, m upgradeDevicesModel) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, devicesIdentity{ProductID: m.ProductID, TaskID: m.TaskID, Name: m.Name})
}
