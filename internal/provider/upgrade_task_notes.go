package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

func createFailure(err error, plan upgradeTaskModel) diag.Diagnostic {
	if e, ok := errors.AsType[*campaign.ProtocolError](err); ok {
		at := path.Root("retry_times")
		if e.Product == aep.LwM2M {
			at = path.Root("timeout_hours")
		}
		return diag.WithPath(at, unable("create", "upgrade task", err))
	}
	if e, ok := errors.AsType[*campaign.ExistingTaskError](err); ok && e.Cause == nil {
		return diag.WithPath(path.Root("name"), unable("create", "upgrade task", err))
	}
	failure := unable("create", "upgrade task", err)
	if aep.IsRefused(err) {
		// The platform's words seldom name what is wrong with the pair of settings.
		return diag.NewErrorDiagnostic(failure.Summary(), failure.Detail()+"\n\n"+refusedCreateHint(plan))
	}
	return failure
}

// refusedCreateHint names what a create is most often refused for.
func refusedCreateHint(plan upgradeTaskModel) string {
	given, other := "retry_times, which is for LwM2M products", "T-Link products take timeout_hours"
	if plan.wantedProtocol() == aep.TLink {
		given, other = "timeout_hours, which is for T-Link products", "LwM2M products take retry_times"
	}
	return fmt.Sprintf("Check that firmware %d belongs to product %d and is released for upgrades, and that the product speaks the protocol "+
		"that the configuration is for: it sets %s; %s.", plan.FirmwareID.ValueInt64(), plan.ProductID.ValueInt64(), given, other)
}

func creationWarnings(made campaign.CreateResult, key aep.TaskKey) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case made.Adopted:
		diags.AddWarning("Existing upgrade task adopted", fmt.Sprintf(
			"Task %d of product %d was there already, pending, with this name and firmware. adopt_existing took it over; no new task was created.", key.TaskID, key.ProductID))
	case made.Found:
		diags.AddWarning("Upgrade task found after a lost answer", fmt.Sprintf(
			"The platform's answer to the create was lost. Task %d of product %d was made in that moment with this name and firmware, and is taken to be the one.", key.TaskID, key.ProductID))
	}
	if p := made.Protocol; p != 0 && p != aep.TLink && p != aep.LwM2M {
		diags.AddWarning("Product with an undocumented protocol", fmt.Sprintf(
			"Product %d has protocol %d. The upgrade API documents T-Link (1) and LwM2M (3) only; the provider goes by the argument that is set.", key.ProductID, int64(p)))
	}
	return diags
}

// shownAsWritten warns if the platform does not show what was written.
func shownAsWritten(wanted upgradeTaskModel, t aep.Task) diag.Diagnostics {
	var diags diag.Diagnostics
	if !wanted.shows(t) {
		diags.AddWarning("Platform shows other settings", fmt.Sprintf(
			"Task %d of product %d was written, but the platform goes on to show other settings: name %q, description %q. "+
				"It may have cut or changed them; the next plan shows the difference.", t.ID, t.ProductID, t.Name, t.Description))
	}
	return diags
}

// keptDescriptionKey holds a description in private state that the platform
// would not clear.
const keptDescriptionKey = "kept_description"

type privateSetter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

type privateGetter interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// keepDescription remembers a description that was removed from the
// configuration, but which the platform keeps.
func keepDescription(ctx context.Context, private privateSetter, t aep.Task) diag.Diagnostics {
	var diags diag.Diagnostics
	diags.AddAttributeWarning(path.Root("description"), "Description not cleared", fmt.Sprintf(
		"The platform took the change, but keeps the description %q of task %d. It has no other way to clear it; plans will not report this as drift.", t.Description, t.ID))
	encoded, _ := json.Marshal(t.Description) // a string always encodes
	diags.Append(private.SetKey(ctx, keptDescriptionKey, encoded)...)
	return diags
}

// keptDescription reports whether the description that the platform shows is
// one that it would not clear.
func keptDescription(ctx context.Context, private privateGetter, state upgradeTaskModel, t aep.Task) (bool, diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, keptDescriptionKey)
	var kept string
	if len(encoded) == 0 || json.Unmarshal(encoded, &kept) != nil {
		return false, diags
	}
	return state.Description.ValueString() == "" && kept == t.Description, diags
}
