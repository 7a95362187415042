package provider

import (
	"context"
	"encoding/json"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// ledgerKey names the ledger in private state.
const ledgerKey = "ledger"

// ledger is what a device set remembers between runs: the devices that it has
// attached, and what it saw of the task then.
type ledger struct {
	members campaign.DeviceSet
	// joinedTotal is how many devices the task listed when all members were
	// last seen there; -1 if they were not looked for.
	joinedTotal int64
	// finished is true once the task was seen finished: its membership is frozen.
	finished bool
	// snapshot are the devices that a device group had when it was selected;
	// groupID and wave say for which selection.
	snapshot  campaign.DeviceSet
	selection string
	// strangers is how many active devices the task has besides the members,
	// if the set is exclusive.
	strangers int
}

// packedLedger is the ledger as private state holds it: JSON.
type packedLedger struct {
	Members     string `json:"members"`
	JoinedTotal int64  `json:"joined_total"`
	Finished    bool   `json:"finished,omitempty"`
	Snapshot    string `json:"snapshot,omitempty"`
	Selection   string `json:"selection,omitempty"`
	Strangers   int    `json:"strangers,omitempty"`
}

// readLedger returns the ledger; ok is false if there is none, as after an import.
func readLedger(ctx context.Context, private privateGetter) (l ledger, ok bool, diags diag.Diagnostics) {
	if private == nil {
		return ledger{}, false, nil
	}
	encoded, diags := private.GetKey(ctx, ledgerKey)
	if diags.HasError() || len(encoded) == 0 {
		return ledger{}, false, diags
	}
	var packed packedLedger
	err := json.Unmarshal(encoded, &packed)
	if err == nil {
		l = ledger{joinedTotal: packed.JoinedTotal, finished: packed.Finished, selection: packed.Selection, strangers: packed.Strangers}
		l.members, err = campaign.UnpackDeviceSet(packed.Members)
	}
	if err == nil && packed.Snapshot != "" {
		l.snapshot, err = campaign.UnpackDeviceSet(packed.Snapshot)
	}
	if err != nil {
		diags.AddError("Unreadable device set", "The private state of this device set is damaged: "+err.Error()+
			".\n\nRemove the resource from the state (terraform state rm) and import it again.")
		return ledger{}, false, diags
	}
	return l, true, diags
}

// save writes the ledger to private state.
func (l ledger) save(ctx context.Context, private privateSetter) diag.Diagnostics {
	var diags diag.Diagnostics
	packed := packedLedger{JoinedTotal: l.joinedTotal, Finished: l.finished, Selection: l.selection, Strangers: l.strangers}
	var err error
	if packed.Members, err = l.members.Pack(); err == nil && l.selection != "" {
		packed.Snapshot, err = l.snapshot.Pack()
	}
	var encoded []byte
	if err == nil {
		encoded, err = json.Marshal(packed)
	}
	if err != nil {
		diags.AddError("Unable to record device set", capitalized(err.Error())+".")
		return diags
	}
	return private.SetKey(ctx, ledgerKey, encoded)
}

// selecting returns the ledger with the members of a device group that is
// selected once.
func (l ledger) selecting(plan upgradeDevicesModel, source campaign.DeviceSet) ledger {
	if plan.DeviceGroupID.IsNull() || plan.Selection.ValueString() != selectionSnapshot {
		l.snapshot, l.selection = nil, ""
		return l
	}
	if l.selection != plan.DeviceGroupID.ValueString() {
		l.snapshot, l.selection = source, plan.DeviceGroupID.ValueString()
	}
	return l
}

// expected is about how many devices the task lists.
func (l ledger) expected() int64 { return max(l.joinedTotal, int64(len(l.members))) }
