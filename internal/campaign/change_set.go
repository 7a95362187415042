package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// SetChange describes how the membership of a device set must change.
type SetChange struct {
	Key      aep.TaskKey
	Protocol aep.Protocol
	Owner    string // of the set's claim, "" for a new set
	Name     string
	Pending  bool // it is known that the task has not been started
	Finished bool // its devices can no longer be changed
	Members  Members
	Wants    deviceset.Set
	// Versions selects the devices that join. GroupID is the device group that they come from, "" for another source.
	Versions  VersionFilter
	GroupID   string
	BatchSize int
	// Keep leaves devices in the task that the set no longer lists.
	Keep bool
	// Exclusive also cancels active devices that no set lists, if the claim of the set announces them.
	Exclusive bool
	// SentAt is when an earlier change of the set was broken off after it had sent devices, zero if none was.
	SentAt time.Time
}

// SetStep is a step of a change.
type SetStep string

// The steps of a change, in order.
const (
	StepAttach SetStep = "attach"
	StepDetach SetStep = "detach"
)

// SetResult is the outcome of a change, also of a failed one.
type SetResult struct {
	Members Members
	// Touched is true if a device was cancelled or may have joined.
	Touched bool
	// Doubtful are members that may not have joined.
	Doubtful deviceset.Set
	// Missing are devices that could not join. Stuck are devices that could not be cancelled. Dead are
	// devices that were cancelled before and can't join again.
	Missing, Stuck, Dead []DeviceFailure
	// LeftOut are devices that this change has left out because of their version.
	LeftOut LeftOut
	// Unsettled are devices whose cancel was accepted and is not shown yet.
	Unsettled []string
	// Unlisted are active devices of the task that no set of this run lists.
	Unlisted deviceset.Set
	// Read is true if every member was looked up.
	Read bool
	// SentAt is the SentAt of the next change.
	SentAt time.Time
	// Done and Of count the devices of the failed step.
	Step     SetStep
	Done, Of int
}

// UnannouncedError refuses to cancel devices that were not announced when the change of an exclusive set was
// planned.
type UnannouncedError struct {
	Key       aep.TaskKey
	Devices   deviceset.Set // that were not announced
	Announced int
}

func (e *UnannouncedError) Error() string {
	return fmt.Sprintf("the exclusive set would cancel %s active devices of %s that were not announced (%s were announced)",
		progress.Grouped(len(e.Devices)), e.Key.Object(), progress.Grouped(e.Announced))
}

// UnlistedError refuses to attach devices to an adopted task that holds devices that no set lists.
type UnlistedError struct {
	Key     aep.TaskKey
	Devices deviceset.Set
}

func (e *UnlistedError) Error() string {
	return fmt.Sprintf("%s was adopted and holds %s active devices that no set of this run lists",
		e.Key.Object(), progress.Grouped(len(e.Devices)))
}

// setChange is one run of ChangeSet.
type setChange struct {
	*Runner
	SetChange
	out         SetResult
	add, remove deviceset.Set
}

// ChangeSet attaches the devices that a set wants and does not have, and cancels members that it no longer
// wants. A device joins or is left out by its version at that moment, and Members.Skipped remembers the devices
// that were left out. A member stays, whatever its version is. Devices that another set of this run lists stay
// active. With an error, the result shows how far the change got.
func (r *Runner) ChangeSet(ctx context.Context, q SetChange) (SetResult, error) {
	c := &setChange{Runner: r, SetChange: q, add: q.Members.ToJoin(q.Wants, q.Versions), remove: q.Members.All.Minus(q.Wants)}
	c.out.Members, c.out.Read = q.Members, len(q.Members.All) == 0
	defer c.markApplied()
	if q.Finished {
		return c.out, nil
	}
	c.out.Members.Skipped = q.Members.Remembered(q.Wants, q.GroupID).Skipped.Minus(c.add)
	for _, step := range []func(context.Context) error{c.checkUnlisted, c.attach, c.findUnlisted, c.detach} {
		if err := step(ctx); err != nil {
			c.findUnlistedAnyway(ctx)
			return c.out, err
		}
	}
	return c.out, nil
}

// markApplied registers the outcome of the change.
func (c *setChange) markApplied() {
	m := c.out.Members
	c.Sets.MarkApplied(c.Key, c.Owner, c.Name, ownership.Change{
		Active: m.All.Minus(m.Cancelled), LeftOut: m.Skipped, Done: m.Done, Unlisted: len(c.out.Unlisted), Read: c.out.Read,
	})
}

// checkUnlisted refuses a change before its first call. It does so if the change would cancel devices that
// were not announced, or join an adopted task that holds unlisted devices.
func (c *setChange) checkUnlisted(ctx context.Context) error {
	adopted, cancels := c.Adopted(c.Key), c.Exclusive && !c.Keep
	if !cancels && !adopted {
		return nil
	}
	others, err := c.Unlisted(ctx, c.Key, c.Protocol, c.Wants.Union(c.Members.All).Union(c.Sets.Listed(c.Key, c.Owner)))
	switch {
	case err != nil:
		return err
	case adopted && len(others) > 0:
		return &UnlistedError{Key: c.Key, Devices: others}
	case !cancels:
		return nil
	}
	announced := c.Sets.Announced(c.Key, c.Owner, c.Name)
	if news := others.Minus(announced); len(news) > 0 {
		return &UnannouncedError{Key: c.Key, Devices: news, Announced: len(announced)}
	}
	c.remove = c.remove.Union(others)
	return nil
}

// awaitLists waits until no list lags behind the earlier change that was broken off. A list that lags does not show the
// devices that it has sent, and they would be sent a second time.
func (c *setChange) awaitLists(ctx context.Context) error {
	wait := listPatience - time.Since(c.SentAt)
	if wait <= 0 {
		return nil
	}
	return pause(ctx, min(wait, listPatience)) // the clock of the earlier run may be ahead
}

func (c *setChange) attach(ctx context.Context) error {
	if len(c.add) == 0 {
		return nil
	}
	c.out.Step, c.out.Of = StepAttach, len(c.add)
	if err := c.awaitLists(ctx); err != nil {
		return err
	}
	result, err := c.Attach(ctx, AttachRequest{
		Key: c.Key, Protocol: c.Protocol, DeviceIDs: c.add, BatchSize: c.BatchSize, Pending: c.Pending,
		Versions: c.Versions, GroupID: c.GroupID,
	})
	// A device that may have joined is a member until a look-up shows that it has not.
	joined := result.Attached.Union(result.Doubtful).Union(result.OtherSpelling)
	m := &c.out.Members
	c.out.Doubtful = result.Doubtful.Minus(result.Attached)
	c.out.LeftOut = result.LeftOut.minus(joined)
	c.out.LeftOut.Unchecked = result.LeftOut.Unchecked.Intersection(joined)
	m.All, m.Skipped = m.All.Union(joined), m.Skipped.Union(c.out.LeftOut.All())
	m.Cancelled = m.Cancelled.Union(failedIDs(result.Cancelled)).Union(result.StayCancelled)
	c.out.Of -= len(c.out.LeftOut.All())
	m.Done += result.Done
	m.JoinedTotal = -1
	if result.Verified {
		m.JoinedTotal = result.JoinedTotal
	}
	c.out.Touched = len(joined) > 0
	c.out.Done, c.out.Missing, c.out.Dead = len(result.Attached), result.Failures, result.Cancelled
	if err != nil && c.out.Touched {
		c.out.SentAt = time.Now()
	}
	return err
}

// findUnlisted looks for unlisted devices if the task lists more devices than its sets have active members.
// Missing and cancelled members are not counted, since the list may lack them.
func (c *setChange) findUnlisted(ctx context.Context) error {
	m, before := c.out.Members, c.Members
	if len(c.add) == 0 || m.JoinedTotal < 0 {
		return nil
	}
	active := int64(len(m.All.Minus(m.Cancelled))-m.Done) + c.Sets.ActiveElsewhere(c.Key, c.Owner, c.Name)
	others := int64(0) // unlisted devices when the members were last seen
	if before.JoinedTotal > 0 {
		others = before.JoinedTotal - before.Listed()
	}
	if m.JoinedTotal <= active || others > 0 && m.JoinedTotal-m.Listed() <= others {
		return nil
	}
	unlisted, err := c.Unlisted(ctx, c.Key, c.Protocol, m.All.Union(c.Sets.Listed(c.Key, c.Owner)))
	c.out.Unlisted = unlisted.Minus(c.remove)
	return err
}

// findUnlistedAnyway looks for unlisted devices after a failed change of a new set. A new set is not compared
// with its task when it is planned, and the next run may find nothing to add.
func (c *setChange) findUnlistedAnyway(ctx context.Context) {
	if c.Owner != "" || !c.out.Touched {
		return
	}
	if unlisted, err := c.Unlisted(ctx, c.Key, c.Protocol, c.out.Members.All.Union(c.Sets.Listed(c.Key, c.Owner))); err == nil {
		c.out.Unlisted = unlisted.Minus(c.remove)
	}
}

func (c *setChange) detach(ctx context.Context) error {
	if c.Keep {
		c.out.Members = c.out.Members.without(c.remove)
		return nil
	}
	leaving := c.remove.Minus(c.Sets.Listed(c.Key, c.Owner))
	c.out.Members = c.out.Members.without(c.remove.Minus(leaving))
	if len(leaving) == 0 {
		return nil
	}
	c.out.Step, c.out.Done, c.out.Of = StepDetach, 0, len(leaving)
	outcome, err := c.Detach(ctx, DetachRequest{
		Key: c.Key, Protocol: c.Protocol, Owner: c.Owner, DeviceIDs: leaving, BatchSize: c.BatchSize, Expected: c.out.Members.Expected(),
	})
	c.out.Done = outcome.Cancelled
	c.out.Touched = c.out.Touched || outcome.Cancelled > 0
	if err != nil {
		return err
	}
	c.out.Touched = true
	c.out.Stuck, c.out.Unsettled = outcome.Failures, outcome.Unsettled
	c.out.Members = c.out.Members.without(leaving.Minus(failedIDs(outcome.Failures)))
	// The platform's list may keep cancelled devices or drop them.
	total, err := c.JoinedCount(ctx, c.Key)
	if err != nil {
		total = -1
	}
	c.out.Members.JoinedTotal = total
	return nil
}

// failedIDs returns the devices of failures.
func failedIDs(failures []DeviceFailure) deviceset.Set {
	ids := make([]string, 0, len(failures))
	for _, f := range failures {
		ids = append(ids, f.DeviceID)
	}
	return deviceset.Of(ids)
}
