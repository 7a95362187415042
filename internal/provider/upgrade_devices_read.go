package provider

import (
	"context"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setRead is the reading of one device set.
type setRead struct {
	state    upgradeDevicesModel
	ledger   ledger
	before   ledger
	recorded bool // whether the state has a ledger
	prior    privateReader
	claims   *ownership.Sets
	diags    *diag.Diagnostics
}

// run reads the task and, according to drift_detection, the members.
func (s *setRead) run(ctx context.Context, runner *campaign.Runner) error {
	if !s.state.Protocol.IsNull() {
		runner.RememberProtocol(s.state.key(), s.state.protocol())
	}
	task, total, err := s.task(ctx, runner)
	if err != nil {
		return err
	}
	s.ledger.finished = task.Status == aep.TaskFinished
	if s.recorded {
		err = s.refresh(ctx, runner, task, total)
	}
	if err != nil || s.recorded {
		return err
	}
	return s.adopt(ctx, runner, task)
}

// load reads the ledger.
func (s *setRead) load(ctx context.Context) {
	s.ledger, s.recorded = readLedger(ctx, s.prior, s.diags)
	s.before = s.ledger
}

// claim registers the set for the plans that follow. A tainted set is planned like a new set, and the claim
// tells them apart. Once the task has finished, a destroy of the set cancels nothing.
func (s *setRead) claim(ctx context.Context) {
	if !s.recorded {
		return
	}
	encoded, _ := s.prior.GetKey(ctx, membersKey) // a damaged entry is reported where it is used
	_ = s.claims.Add(ownership.Claim{
		Key: s.state.key(), Name: s.state.Name.ValueString(), Owner: s.ledger.owner, Found: true, Keeps: !s.state.cancels() || s.ledger.finished,
		Active: s.ledger.size() - len(s.ledger.Cancelled) - s.ledger.Done, Done: s.ledger.Done,
		Members: sync.OnceValue(func() deviceset.Set {
			if !s.ledger.packed {
				return s.ledger.All
			}
			set, _ := unpackSet(encoded)
			return set
		}),
	})
}

// save writes the ledger if it has changed: to pack a large set takes longer than the read.
func (s *setRead) save(ctx context.Context, resp *resource.ReadResponse) {
	if !s.recorded || !s.ledger.equal(s.before) {
		resp.Diagnostics.Append(s.ledger.save(ctx, resp.Private)...)
	}
}

// mode returns how members are read: full, count or none.
func (s *setRead) mode() string {
	mode := s.state.DriftDetection.ValueString()
	switch {
	case s.ledger.finished && s.before.finished, s.ledger.size() == 0 && !s.state.cancelsOthers():
		return driftNone
	case mode != driftAuto:
		return mode
	case s.ledger.size() > fullDriftLimit:
		return driftCount
	}
	return driftFull
}

// task reads the task of the set. In the mode count it also returns the number of its devices, otherwise -1.
func (s *setRead) task(ctx context.Context, runner *campaign.Runner) (aep.Task, int64, error) {
	if s.recorded && s.mode() == driftCount {
		return runner.TaskAndCount(ctx, s.state.key())
	}
	task, err := runner.Task(ctx, s.state.key())
	return task, -1, err
}

// refresh finds members that have left the task or were cancelled.
func (s *setRead) refresh(ctx context.Context, runner *campaign.Runner, task aep.Task, total int64) error {
	key := s.state.key()
	switch s.mode() {
	case driftNone:
		return nil
	case driftCount:
		var err error
		if total < 0 {
			total, err = runner.JoinedCount(ctx, key)
		}
		if err != nil || total == s.ledger.JoinedTotal {
			return err
		}
	}
	var ok bool
	if s.ledger, ok = s.ledger.unpack(ctx, s.prior, s.diags); !ok {
		s.ledger.finished, s.recorded = task.Status == aep.TaskFinished, false
		return nil
	}
	found, err := runner.FindMembers(ctx, campaign.MemberQuery{
		Key: key, Protocol: s.state.protocol(), IDs: s.ledger.All, Expected: s.ledger.Expected(), Pending: task.Status == aep.TaskPending,
	})
	if err == nil && s.state.cancelsOthers() {
		s.ledger.unlisted, err = runner.Unlisted(ctx, key, s.state.protocol(), s.present(found).Union(s.ledger.Skipped))
	}
	if err == nil {
		s.update(found)
	}
	return err
}

// present returns the members that a read has found. A platform may not list the devices of a finished task,
// so all of them are present then.
func (s *setRead) present(found campaign.Members) deviceset.Set {
	if s.ledger.finished {
		return s.ledger.All
	}
	return found.All
}

// update gives ledger and state the members that a read has found.
func (s *setRead) update(found campaign.Members) {
	found.All = s.present(found)
	gone := s.ledger.All.Minus(found.All)
	if len(found.Cancelled) > 0 {
		s.diags.Append(cancelledDevices(s.state, found.Cancelled))
	}
	found.Skipped = s.ledger.Skipped
	s.ledger.Members = found
	if !s.ledger.imported {
		s.state = s.state.refreshed(found, gone)
	}
}

// adopt makes every device of the task a member, after an import or if the ledger is lost.
func (s *setRead) adopt(ctx context.Context, runner *campaign.Runner, task aep.Task) error {
	task, err := runner.SettleProtocol(ctx, task)
	if err != nil {
		return err
	}
	members, err := runner.AllMembers(ctx, task)
	if err != nil {
		return err
	}
	s.ledger.Members = members
	if !s.state.DeviceIDsSHA256.IsNull() {
		return nil // the state has the list of the set
	}
	s.state = s.state.defaulted().withDesired(members.All).withMembers(members.All, members)
	s.state.Protocol = types.StringValue(task.Protocol().String())
	s.state.PlannedChange = types.StringNull()
	s.state.DeviceIDs = types.ListNull(types.StringType)
	if len(members.All) <= maxListedIDs {
		s.state.DeviceIDs = stringList(members.All)
	}
	return nil
}

// gone handles a set whose task does not exist: it removes the set from the state. The set stays if the task
// had finished, or if the task itself stays in the state.
func (s *setRead) gone(ctx context.Context, runner *campaign.Runner, err error, resp *resource.ReadResponse) {
	switch {
	case s.state.DeviceIDsSHA256.IsNull():
		resp.Diagnostics.Append(failure("Unable to import device set", "%s The import id has the form %s.", sentence(err), devicesIDForm))
	case s.ledger.finished, runner.IsStaying(s.state.key()):
		s.ledger.finished = true
		s.save(ctx, resp)
		resp.Diagnostics.Append(warning("Finished upgrade task no longer exists",
			"%s The device set stays in the state, as its finished task does.", sentence(err)))
	default:
		resp.State.RemoveResource(ctx)
		return
	}
	s.claim(ctx)
}
