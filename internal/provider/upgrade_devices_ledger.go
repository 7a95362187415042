package provider

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The ledger's entries in private state. A packed set is an entry of its own,
// so that nobody parses JSON around it.
const (
	ledgerKey   = "ledger"
	membersKey  = "members"
	snapshotKey = "snapshot"
)

// ledger is what a device set remembers between runs: the devices that it has
// attached, and what it saw of the task then.
type ledger struct {
	members campaign.DeviceSet
	// sealed is true while the members have not been unpacked: few runs need more
	// than their number and digest.
	sealed bool
	count  int
	digest string
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

// packedLedger is the ledger as private state holds it, without its sets: JSON.
type packedLedger struct {
	Count       int    `json:"count"`
	Digest      string `json:"digest"`
	JoinedTotal int64  `json:"joined_total"`
	Finished    bool   `json:"finished,omitempty"`
	Selection   string `json:"selection,omitempty"`
	Strangers   int    `json:"strangers,omitempty"`
}

// readLedger returns the ledger, sealed; ok is false if there is none, as after an import.
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
	l = ledger{
		sealed: true, count: packed.Count, digest: packed.Digest,
		joinedTotal: packed.JoinedTotal, finished: packed.Finished, selection: packed.Selection, strangers: packed.Strangers,
	}
	if err == nil && l.selection != "" {
		l.snapshot, err = readSet(ctx, private, snapshotKey)
	}
	if err != nil {
		diags.Append(damaged(err))
		return ledger{}, false, diags
	}
	return l, true, diags
}

// open unpacks the members.
func (l ledger) open(ctx context.Context, private privateGetter, diags *diag.Diagnostics) ledger {
	if !l.sealed {
		return l
	}
	set, err := readSet(ctx, private, membersKey)
	if err != nil {
		diags.Append(damaged(err))
	}
	l.members, l.sealed = set, false
	return l
}

// openWith is open for when the members are likely to be these.
func (l ledger) openWith(ctx context.Context, private privateGetter, likely campaign.DeviceSet, diags *diag.Diagnostics) ledger {
	if l.sealed && len(likely) == l.count && likely.Digest() == l.digest {
		l.members, l.sealed = likely, false
	}
	return l.open(ctx, private, diags)
}

func damaged(err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Unreadable device set", "The private state of this device set is damaged: "+err.Error()+
		".\n\nRemove the resource from the state (terraform state rm) and import it again.")
}

// size returns how many members there are.
func (l ledger) size() int {
	if l.sealed {
		return l.count
	}
	return len(l.members)
}

// described returns the ledger with the number and digest of its members.
func (l ledger) described() ledger {
	if !l.sealed {
		l.count, l.digest = len(l.members), l.members.Digest()
	}
	return l
}

// equal reports whether both ledgers would be saved alike.
func (l ledger) equal(other ledger) bool {
	l, other = l.described(), other.described()
	return l.count == other.count && l.digest == other.digest && l.joinedTotal == other.joinedTotal && l.finished == other.finished &&
		l.strangers == other.strangers && l.selection == other.selection && slices.Equal(l.snapshot, other.snapshot)
}

// save writes the ledger to private state; members that are sealed still stand there.
func (l ledger) save(ctx context.Context, private privateSetter) diag.Diagnostics {
	var diags diag.Diagnostics
	l = l.described()
	encoded, err := json.Marshal(packedLedger{
		Count: l.count, Digest: l.digest,
		JoinedTotal: l.joinedTotal, Finished: l.finished, Selection: l.selection, Strangers: l.strangers,
	})
	if err == nil {
		diags.Append(private.SetKey(ctx, ledgerKey, encoded)...)
		err = saveSet(ctx, private, snapshotKey, l.snapshot, &diags)
	}
	if err == nil && !l.sealed {
		err = saveSet(ctx, private, membersKey, l.members, &diags)
	}
	if err != nil {
		diags.AddError("Unable to record device set", capitalized(err.Error())+".")
	}
	return diags
}

// readSet reads a packed set: a JSON string without escapes.
func readSet(ctx context.Context, private privateGetter, key string) (campaign.DeviceSet, error) {
	encoded, diags := private.GetKey(ctx, key)
	if diags.HasError() || len(encoded) < 2 {
		return nil, errors.New("there are no " + key)
	}
	return campaign.UnpackDeviceSet(string(encoded[1 : len(encoded)-1]))
}

func saveSet(ctx context.Context, private privateSetter, key string, set campaign.DeviceSet, diags *diag.Diagnostics) error {
	packed, err := set.Pack()
	if err == nil {
		diags.Append(private.SetKey(ctx, key, []byte(`"`+packed+`"`))...)
	}
	return err
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
func (l ledger) expected() int64 { return max(l.joinedTotal, int64(l.size())) }
