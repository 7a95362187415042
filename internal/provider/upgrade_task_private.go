package provider

import (
	"context"
	"encoding/json"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// leavingTask is the mark of a plan that may destroy or replace a task. Terraform plans a replacement twice,
// the second time without the state.
type leavingTask struct {
	ProductID int64 `json:"product_id"`
	TaskID    int64 `json:"task_id"`
	Force     bool  `json:"force"` // force_destroy, of the state or of the configuration

	// A task of this name and firmware may be adopted instead of created.
	Name       string `json:"name"`
	FirmwareID int64  `json:"firmware_id"`
}

func (l leavingTask) key() aep.TaskKey { return aep.TaskKey{ProductID: l.ProductID, TaskID: l.TaskID} }

func (l leavingTask) likeness() taskLikeness {
	return taskLikeness{
		productID: types.Int64Value(l.ProductID), firmwareID: types.Int64Value(l.FirmwareID), name: types.StringValue(l.Name),
	}
}

// keptDescriptionKey is the key of a description that the platform would not clear.
const keptDescriptionKey = "kept_description"

// saveKeptDescription records the description of a task that the plan clears and the platform keeps. If
// nothing is kept, it removes the record.
func saveKeptDescription(ctx context.Context, private privateWriter, kept bool, description string) diag.Diagnostics {
	if !kept {
		return private.SetKey(ctx, keptDescriptionKey, nil)
	}
	encoded, _ := json.Marshal(description) // a string always encodes
	return private.SetKey(ctx, keptDescriptionKey, encoded)
}

// isKeptDescription reports whether saveKeptDescription has recorded the description of a task.
func isKeptDescription(ctx context.Context, private privateReader, state upgradeTaskModel, t aep.Task) (bool, diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, keptDescriptionKey)
	var kept string
	if len(encoded) == 0 || json.Unmarshal(encoded, &kept) != nil {
		return false, diags
	}
	return state.Description.ValueString() == "" && kept == t.Description, diags
}
