package provider

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The keys of the ledger in private state. A packed set has a key of its own, so that it is not parsed as
// part of a JSON text.
const (
	ledgerKey    = "ledger"
	membersKey   = "members"
	cancelledKey = "cancelled"
	skippedKey   = "skipped"
	snapshotKey  = "snapshot"
	unlistedKey  = "unlisted"
)

// ledgerVersion is part of every ledger. A ledger of another version is not read.
const ledgerVersion = 3

// ledger is the private state of a device set: its members, and the state of the task when they were last
// read.
type ledger struct {
	campaign.Members
	// packed is true while the members have not been unpacked. Most runs need only their number and digest.
	packed bool
	count  int
	digest string
	// owner identifies the set for as long as it exists.
	owner string
	// imported is true until the first apply of a set whose members were read from the platform. Such a set
	// cancels no device that it does not list.
	imported bool
	// finished is true once the task has finished. Its members no longer change.
	finished bool
	// sentAt is when an apply was broken off after it had sent devices, zero if the last apply was not.
	sentAt time.Time
	// snapshot are the devices of the group selection when it was selected.
	snapshot  deviceset.Set
	selection string
	// unlisted are the active devices of the task that are no members, if the set is exclusive.
	unlisted deviceset.Set
}

// ledgerEntry is the JSON form of a ledger, without its sets.
type ledgerEntry struct {
	Version     int    `json:"version"`
	Owner       string `json:"owner"`
	Count       int    `json:"count"`
	Digest      string `json:"digest"`
	JoinedTotal int64  `json:"joined_total"`
	Done        int    `json:"done,omitempty"`
	Imported    bool   `json:"imported,omitempty"`
	Finished    bool   `json:"finished,omitempty"`
	SentAt      int64  `json:"sent_at,omitempty"` // Unix time in milliseconds
	Selection   string `json:"selection,omitempty"`
}

// newLedger returns the ledger of a new set.
func newLedger() ledger {
	return ledger{owner: rand.Text(), Members: campaign.Members{JoinedTotal: -1}}
}

// lostLedger returns the ledger of a set whose private state is lost.
func lostLedger() ledger {
	l := newLedger()
	l.imported = true
	return l
}

// readLedger returns the ledger, packed. It returns false if there is none, as after an import, or if it
// can't be read.
func readLedger(ctx context.Context, private privateReader, diags *diag.Diagnostics) (l ledger, ok bool) {
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
	if entry.SentAt != 0 {
		l.sentAt = time.UnixMilli(entry.SentAt)
	}
	for key, set := range l.sets() {
		if err == nil {
			*set, err = readSet(ctx, private, key)
		}
	}
	if err != nil {
		diags.Append(damaged(err))
		return lostLedger(), false
	}
	return l, true
}

// sets returns the sets of the ledger by their key, without the members.
func (l *ledger) sets() map[string]*deviceset.Set {
	return map[string]*deviceset.Set{
		cancelledKey: &l.Cancelled, skippedKey: &l.Skipped, snapshotKey: &l.snapshot, unlistedKey: &l.unlisted,
	}
}

// unpack returns the ledger with its members. It returns false if they can't be read.
func (l ledger) unpack(ctx context.Context, private privateReader, diags *diag.Diagnostics) (unpacked ledger, ok bool) {
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

// unpackLike is unpack. If likely has the digest of the members, nothing is unpacked.
func (l ledger) unpackLike(ctx context.Context, private privateReader, likely deviceset.Set, diags *diag.Diagnostics) ledger {
	if l.packed && len(likely) == l.count && likely.Digest() == l.digest {
		l.All, l.packed = likely, false
	}
	l, _ = l.unpack(ctx, private, diags)
	return l
}

func damaged(err error) diag.Diagnostic {
	return warning("Device set is read again", "The private state of this device set can't be read: %v.\n\n"+
		"The set is treated like an imported one: devices that it does not list stay in the task, and nothing is cancelled.", err)
}

// size returns how many members there are.
func (l ledger) size() int {
	if l.packed {
		return l.count
	}
	return len(l.All)
}

// active returns the number of members among ids whose upgrade is not over.
func (l ledger) active(ids deviceset.Set) int {
	return max(0, len(l.All.Minus(l.Cancelled).Intersection(ids))-l.Done)
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
	return l.entry() == other.entry() && slices.Equal(l.snapshot, other.snapshot) &&
		slices.Equal(l.Cancelled, other.Cancelled) && slices.Equal(l.Skipped, other.Skipped) && slices.Equal(l.unlisted, other.unlisted)
}

func (l ledger) entry() ledgerEntry {
	entry := ledgerEntry{
		Version: ledgerVersion, Owner: l.owner, Count: l.count, Digest: l.digest, JoinedTotal: l.JoinedTotal, Done: l.Done,
		Imported: l.imported, Finished: l.finished, Selection: l.selection,
	}
	if !l.sentAt.IsZero() {
		entry.SentAt = l.sentAt.UnixMilli()
	}
	return entry
}

// save writes the ledger to private state. Members that are still packed are there already.
func (l ledger) save(ctx context.Context, private privateWriter) (diags diag.Diagnostics) {
	encoded, err := json.Marshal(l.described().entry())
	diags.Append(private.SetKey(ctx, ledgerKey, encoded)...)
	sets := l.sets()
	if !l.packed {
		sets[membersKey] = &l.All
	}
	for key, set := range sets {
		packed, packErr := set.Pack()
		diags.Append(private.SetKey(ctx, key, []byte(`"`+packed+`"`))...)
		err = errors.Join(err, packErr)
	}
	if err != nil {
		diags.Append(failure("Unable to record device set", "%s", sentence(err)))
	}
	return diags
}

// readSet reads a packed set: a JSON string without escapes.
func readSet(ctx context.Context, private privateReader, key string) (deviceset.Set, error) {
	encoded, diags := private.GetKey(ctx, key)
	if diags.HasError() || len(encoded) < 2 {
		return nil, errors.New("there are no " + key)
	}
	return unpackSet(encoded)
}

// unpackSet unpacks a set from the JSON text that save has written.
func unpackSet(encoded []byte) (deviceset.Set, error) {
	if len(encoded) < 2 {
		return nil, errors.New("the set is empty")
	}
	return deviceset.Unpack(string(encoded[1 : len(encoded)-1]))
}

// selecting returns the ledger with the devices of a group that is selected once.
func (l ledger) selecting(plan upgradeDevicesModel, source deviceset.Set) ledger {
	if plan.DeviceGroupID.IsNull() || plan.Selection.ValueString() != selectionSnapshot {
		l.snapshot, l.selection = nil, ""
		return l
	}
	if l.selection != plan.DeviceGroupID.ValueString() && len(source) > 0 { // an empty response may be a mistake
		l.snapshot, l.selection = source, plan.DeviceGroupID.ValueString()
	}
	return l
}

// leavingSet is the mark of a plan that may destroy or replace a set. Terraform plans a replacement twice,
// the second time without the state.
type leavingSet struct {
	Task  string `json:"task"`
	Force bool   `json:"force"` // force_destroy, of the state or of the configuration
	Ends  bool   `json:"ends"`  // the set is replaced because its task is
}
