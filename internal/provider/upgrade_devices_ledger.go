package provider

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The ledger's entries in private state. A packed set is an entry of its own,
// so that nobody parses JSON around it.
const (
	ledgerKey    = "ledger"
	membersKey   = "members"
	cancelledKey = "cancelled"
	snapshotKey  = "snapshot"
	strangersKey = "strangers"
)

// ledgerVersion is written into every ledger. A ledger of another version is
// treated like one that is lost.
const ledgerVersion = 2

// ledger is what a device set remembers between runs: the devices that it has
// attached, and what it saw of the task then.
type ledger struct {
	campaign.Members
	// packed is true while the members have not been unpacked: few runs need more
	// than their number and digest.
	packed bool
	count  int
	digest string
	// owner tells the set from all others for as long as it exists.
	owner string
	// imported is true until the first apply of a set whose members were read
	// from the platform. It never cancels what it does not list.
	imported bool
	// finished is true once the task was seen finished: its membership is frozen.
	finished bool
	// snapshot are the devices that a device group had when it was selected;
	// selection says which group.
	snapshot  deviceset.Set
	selection string
	// strangers are the active devices of the task that are no members, if the set
	// is exclusive.
	strangers deviceset.Set
}

// ledgerEntry is the ledger as private state holds it, without its sets: JSON.
type ledgerEntry struct {
	Version     int    `json:"version"`
	Owner       string `json:"owner"`
	Count       int    `json:"count"`
	Digest      string `json:"digest"`
	JoinedTotal int64  `json:"joined_total"`
	Done        int    `json:"done,omitempty"`
	Imported    bool   `json:"imported,omitempty"`
	Finished    bool   `json:"finished,omitempty"`
	Selection   string `json:"selection,omitempty"`
	Strangers   int    `json:"strangers,omitempty"`
}

// newLedger returns the ledger of a set that has no members yet.
func newLedger() ledger {
	return ledger{owner: rand.Text(), Members: campaign.Members{JoinedTotal: -1}}
}

// lostLedger returns the ledger of a set in the state whose own is lost.
func lostLedger() ledger {
	l := newLedger()
	l.imported = true
	return l
}

// readLedger returns the ledger, packed; ok is false if there is none, as after
// an import, or if it can't be read.
func readLedger(ctx context.Context, private privateGetter, diags *diag.Diagnostics) (l ledger, ok bool) {
	if private == nil {
		return lostLedger(), false
	}
	encoded, found := private.GetKey(ctx, ledgerKey)
	diags.Append(found...)
	if len(encoded) == 0 {
		return lostLedger(), false
	}
	var entry ledgerEntry
	err := json.Unmarshal(encoded, &entry)
	if err == nil && entry.Version != ledgerVersion {
		err = errors.New("it was written by another version of the provider")
	}
	l = ledger{
		packed: true, count: entry.Count, digest: entry.Digest, owner: entry.Owner,
		imported: entry.Imported, finished: entry.Finished, selection: entry.Selection,
	}
	l.JoinedTotal, l.Done = entry.JoinedTotal, entry.Done
	if err == nil {
		l.Cancelled, err = readSet(ctx, private, cancelledKey)
	}
	if err == nil && entry.Strangers > 0 {
		l.strangers, err = readSet(ctx, private, strangersKey)
	}
	if err == nil && l.selection != "" {
		l.snapshot, err = readSet(ctx, private, snapshotKey)
	}
	if err != nil {
		diags.Append(damaged(err))
		return lostLedger(), false
	}
	return l, true
}

// unpack returns the ledger with its members. ok is false if they can't be read.
func (l ledger) unpack(ctx context.Context, private privateGetter, diags *diag.Diagnostics) (unpacked ledger, ok bool) {
	if !l.packed {
		return l, true
	}
	set, err := readSet(ctx, private, membersKey)
	if err != nil {
		diags.Append(damaged(err))
		return lostLedger(), false
	}
	l.All, l.packed = set, false
	return l, true
}

// unpackLike is unpack for when the members are likely to be these.
func (l ledger) unpackLike(ctx context.Context, private privateGetter, likely deviceset.Set, diags *diag.Diagnostics) ledger {
	if l.packed && len(likely) == l.count && likely.Digest() == l.digest {
		l.All, l.packed = likely, false
	}
	l, _ = l.unpack(ctx, private, diags)
	return l
}

func damaged(err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Device set is read anew", "The private state of this device set can't be read: "+err.Error()+
		".\n\nThe set is treated like an imported one: devices that it does not list stay in the task, and nothing is cancelled.")
}

// size returns how many members there are.
func (l ledger) size() int {
	if l.packed {
		return l.count
	}
	return len(l.All)
}

// described returns the ledger with the number and digest of its members.
func (l ledger) described() ledger {
	if !l.packed {
		l.count, l.digest = len(l.All), l.All.Digest()
	}
	return l
}

// equal reports whether both ledgers would be saved alike.
func (l ledger) equal(other ledger) bool {
	l, other = l.described(), other.described()
	return l.entry() == other.entry() && slices.Equal(l.snapshot, other.snapshot) && slices.Equal(l.Cancelled, other.Cancelled) &&
		slices.Equal(l.strangers, other.strangers)
}

func (l ledger) entry() ledgerEntry {
	return ledgerEntry{
		Version: ledgerVersion, Owner: l.owner, Count: l.count, Digest: l.digest, JoinedTotal: l.JoinedTotal, Done: l.Done,
		Imported: l.imported, Finished: l.finished, Selection: l.selection, Strangers: len(l.strangers),
	}
}

// save writes the ledger to private state; members that are packed still are there.
func (l ledger) save(ctx context.Context, private privateSetter) diag.Diagnostics {
	var diags diag.Diagnostics
	encoded, err := json.Marshal(l.described().entry())
	if err == nil {
		diags.Append(private.SetKey(ctx, ledgerKey, encoded)...)
		err = saveSet(ctx, private, snapshotKey, l.snapshot, &diags)
	}
	if err == nil {
		err = saveSet(ctx, private, cancelledKey, l.Cancelled, &diags)
	}
	if err == nil {
		err = saveSet(ctx, private, strangersKey, l.strangers, &diags)
	}
	if err == nil && !l.packed {
		err = saveSet(ctx, private, membersKey, l.All, &diags)
	}
	if err != nil {
		diags.AddError("Unable to record device set", capitalized(err.Error())+".")
	}
	return diags
}

// readSet reads a packed set: a JSON string without escapes.
func readSet(ctx context.Context, private privateGetter, key string) (deviceset.Set, error) {
	encoded, diags := private.GetKey(ctx, key)
	if diags.HasError() || len(encoded) < 2 {
		return nil, errors.New("there are no " + key)
	}
	return unpackSet(encoded)
}

// unpackSet unpacks a set from the JSON text that saveSet has written.
func unpackSet(encoded []byte) (deviceset.Set, error) {
	if len(encoded) < 2 {
		return nil, errors.New("the set is empty")
	}
	return deviceset.Unpack(string(encoded[1 : len(encoded)-1]))
}

func saveSet(ctx context.Context, private privateSetter, key string, set deviceset.Set, diags *diag.Diagnostics) error {
	packed, err := set.Pack()
	if err == nil {
		diags.Append(private.SetKey(ctx, key, []byte(`"`+packed+`"`))...)
	}
	return err
}

// selecting returns the ledger with the members of a device group that is
// selected once.
func (l ledger) selecting(plan upgradeDevicesModel, source deviceset.Set) ledger {
	if plan.DeviceGroupID.IsNull() || plan.Selection.ValueString() != selectionSnapshot {
		l.snapshot, l.selection = nil, ""
		return l
	}
	if l.selection != plan.DeviceGroupID.ValueString() && len(source) > 0 { // an empty answer may be a mistake
		l.snapshot, l.selection = source, plan.DeviceGroupID.ValueString()
	}
	return l
}

// leavesKey is a mark in the planned private data of a device set. It holds the
// task of a set that a plan may destroy or replace, and the step that carries out
// another plan removes it. A Delete without it is that of a tainted set, which is
// made anew: nothing is cancelled.
const leavesKey = "leaves"

// setMark writes a mark; nil removes it.
func setMark(ctx context.Context, private privateSetter, key string, value any) diag.Diagnostics {
	if value == nil {
		return private.SetKey(ctx, key, nil)
	}
	encoded, _ := json.Marshal(value) // texts and numbers always encode
	return private.SetKey(ctx, key, encoded)
}

// unmark removes the mark of a destroy that was planned and has failed: whatever
// comes is planned anew.
func unmark(ctx context.Context, prior privateGetter, private privateSetter) (diags diag.Diagnostics) {
	if mark(ctx, prior, leavesKey, new(json.RawMessage)) {
		diags = private.SetKey(ctx, leavesKey, nil)
	}
	return diags
}

// mark reads a mark into value, and reports whether there is one.
func mark(ctx context.Context, private privateGetter, key string, value any) bool {
	if private == nil {
		return false
	}
	encoded, diags := private.GetKey(ctx, key)
	return !diags.HasError() && len(encoded) > 0 && json.Unmarshal(encoded, value) == nil
}
