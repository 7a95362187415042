package campaign

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// AttachResult is the result of an attach.
type AttachResult struct {
	// Attached are the devices of the request that the task has: as read back, or, if Verified is false, as
	// accepted by the platform.
	Attached deviceset.Set
	Verified bool
	// Doubtful are devices that were sent, and that may or may not have joined.
	Doubtful deviceset.Set
	Failures []DeviceFailure // for devices that have not joined
	// Cancelled are the devices of Attached that were cancelled in this task, and that the platform did not
	// let join again. They will not be upgraded.
	Cancelled []DeviceFailure
	// LeftOut are devices of the request that do not join because of their version, and that the task does not have.
	LeftOut LeftOut
	// StayCancelled are devices of Attached that were cancelled in this task, and that do not join again because of
	// their version.
	StayCancelled deviceset.Set
	// OtherSpelling are devices of the request as the task spells them, where that differs from the request.
	OtherSpelling deviceset.Set
	// Done is how many of Attached the task's list lacks although they were not cancelled: their upgrade is
	// over.
	Done int
	// JoinedTotal is how many rows the task lists as joined, if Verified.
	JoinedTotal int64
}

// listPauses are the pauses between looks at a list that does not show yet what the platform has accepted. It
// may lag behind by half a minute.
var listPauses = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}

// Attach joins devices to a task, each once. It sends only devices that have not joined yet, in this run or
// an earlier one. At the end it reads the devices back, because the response "SUCCESS" proves nothing.
//
// With an error, the result holds the devices that are known to have joined.
func (r *Runner) Attach(ctx context.Context, q AttachRequest) (AttachResult, error) {
	defer r.invalidate(q.Key) // a start that follows must read the devices again
	start, err := r.selection(ctx, q)
	joined, cancelled := start.already.attached(), start.already.cancelled()
	if err != nil {
		return AttachResult{Attached: joined}, err
	}
	stay := start.out.All().Union(start.out.NotFound)
	todo := q.DeviceIDs.Minus(joined).Minus(stay)
	staysCancelled := cancelled.Intersection(stay)
	out := start.out.minus(staysCancelled)
	if err := r.Spend(UseJoin, int64(len(todo))); err != nil {
		return AttachResult{Attached: joined, LeftOut: out}, err
	}
	q.DeviceIDs = q.DeviceIDs.Minus(out.All()).Minus(out.NotFound)
	j := r.newJoins(q, start.before, cancelled)
	err = j.joinAll(ctx, todo)
	result := AttachResult{
		Attached: joined.Union(deviceset.Of(j.accepted)), Doubtful: deviceset.Of(j.doubtful), LeftOut: out,
	}
	if err == nil {
		result, err = j.outcome(j.now, staysCancelled), j.now.misspelled(q.Key)
		result.LeftOut, result.Failures = out, append(result.Failures, notFound(out.NotFound)...)
	}
	return result, err
}

// notFound returns the failures of devices that were not sent, because their version is not known.
func notFound(ids deviceset.Set) (failures []DeviceFailure) {
	for _, id := range ids {
		failures = append(failures, DeviceFailure{DeviceID: id, Message: "not sent: the platform does not offer the device for an upgrade, " +
			"so its firmware version is not known"})
	}
	return failures
}

func (j *joins) outcome(now membership, staysCancelled deviceset.Set) AttachResult {
	present, cancelled := now.present(), now.cancelled()
	device := func(id string) string { return id }
	return AttachResult{
		Attached: present, Verified: true, Done: now.done(), JoinedTotal: now.total,
		OtherSpelling: deviceset.Of(slices.Collect(maps.Values(now.spelled))),
		Failures: j.failures(j.request.DeviceIDs.Minus(present), device,
			"the platform accepted the device, but does not list it in the task"),
		Cancelled: j.failures(cancelled.Minus(staysCancelled), device,
			"the platform accepted the device, but still shows it as cancelled"),
		StayCancelled: cancelled.Intersection(staysCancelled),
	}
}

// joins are the joins of one attach, by device id.
type joins struct {
	batchOperation[string]
	request   AttachRequest
	before    int64         // rows that the task listed as joined
	cancelled deviceset.Set // devices of the request that were cancelled before
	now       membership    // as read back
}

func (r *Runner) newJoins(q AttachRequest, before int64, cancelled deviceset.Set) *joins {
	j := &joins{request: q, before: before, cancelled: cancelled}
	j.batchOperation = batchOperation[string]{
		Runner: r, key: q.Key, verb: "joined", size: r.sizes.join.chosen(q.BatchSize, true), look: j.unjoined, patience: listPatience,
		call: func(ctx context.Context, ids []string) error {
			return r.client.JoinDevices(ctx, q.Key, q.Protocol, ids)
		},
	}
	return j
}

// has returns the devices that the task has. A device that is shown as cancelled counts, unless it was so before:
// an offline T-Link device without a state looks like this.
func (j *joins) has(now membership) deviceset.Set {
	return now.present().Minus(now.cancelled().Intersection(j.cancelled))
}

// joinAll joins devices and reads them back. It sends devices again that the platform has silently cut off its
// calls.
func (j *joins) joinAll(ctx context.Context, todo deviceset.Set) error {
	for ids := todo; ; {
		if err := j.locks.Do(ctx, j.key, joining, func() error { return j.run(ctx, ids) }); err != nil {
			if len(ids) < len(todo) { // the first time, they were accepted
				j.doubtful = append(j.doubtful, ids...)
			}
			return j.stopped(len(todo), err)
		}
		cut, err := j.readBack(ctx)
		if err != nil {
			return fmt.Errorf("%s devices were sent to %s, but could not be read back: %w", progress.Grouped(len(j.accepted)), j.key.Object(), err)
		}
		if len(cut.items) == 0 {
			return nil
		}
		ids = cut.items
		j.withdraw(cut)
	}
}

// readBack looks the devices of the request up until the task shows every accepted device, or for as long as a
// list may lag behind. Then it returns the devices that were cut off.
func (j *joins) readBack(ctx context.Context) (cut cutOff[string], err error) {
	accepted := deviceset.Of(slices.Clone(j.accepted))
	look := j.request.members(j.request.DeviceIDs, j.before+int64(len(accepted)), offList)
	if len(j.now.rows) > 0 {
		look.IDs = accepted.Minus(j.now.shown())
	}
	var inconsistent error // of the last look
	looks := 0
	err = j.pollTask(ctx, j.key, after(listPauses...), func() (bool, error) {
		var now membership
		looks++
		if short, err := j.isShort(ctx, look); short && looks <= len(listPauses) || err != nil {
			return false, err
		}
		err := j.locks.Do(ctx, j.key, reading, func() (err error) {
			now, err = j.members(ctx, look)
			return err
		})
		if inconsistent = err; aep.IsUnreliable(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		j.now.merge(now)
		// A device that joins again may still show its cancelled subtask only.
		look.IDs = accepted.Minus(j.now.shown())
		return len(look.IDs) <= len(j.now.spelled), nil
	})
	if err = cmp.Or(err, inconsistent); err == nil && len(look.IDs) > len(j.now.spelled) {
		cut = j.cutOff(j.has(j.now).Contains)
	}
	return cut, err
}

// isShort reports whether the list of a task that has not been started is shorter than expected. It costs one call,
// and saves the reading of a long list that lags behind.
func (j *joins) isShort(ctx context.Context, look MemberQuery) (bool, error) {
	if !j.request.Pending || j.lookUp(len(look.IDs), look.Expected) {
		return false, nil
	}
	n, err := j.JoinedCount(ctx, j.key)
	return n < look.Expected, err
}

// unjoined returns the devices of a batch that have not joined.
func (j *joins) unjoined(ctx context.Context, batch []string, settled bool) ([]string, error) {
	ids := deviceset.Of(slices.Clone(batch))
	expected := j.before + int64(len(j.accepted)+len(ids))
	if settled {
		return j.unjoinedNow(ctx, ids, expected)
	}
	return j.unjoinedInTime(ctx, ids, expected)
}

// unjoinedNow returns the devices that the task does not have. The subtasks need not be read if all of them are
// on the list of joined devices. No device leaves that list before the start.
func (j *joins) unjoinedNow(ctx context.Context, ids deviceset.Set, expected int64) (deviceset.Set, error) {
	depth := withStates
	switch {
	case j.request.Pending:
		depth = statesOfListed
	case !j.lookUp(len(ids), expected):
		subtasks, err := j.subtaskCount(ctx, j.key, j.request.Protocol)
		if err != nil {
			return nil, err
		}
		listed, err := j.Joined(ctx, j.key, expected)
		if err != nil && !aep.IsUnreliable(err) {
			return nil, err
		}
		if err == nil && subtasks <= int64(len(listed)) {
			depth = statesOfListed
		}
	}
	return j.unjoinedAmong(ctx, ids, expected, depth)
}

// unjoinedInTime returns the devices that do not show for as long as the list may lag behind. It looks the first
// and the last one up until both show, and then every device.
func (j *joins) unjoinedInTime(ctx context.Context, ids deviceset.Set, expected int64) (missing deviceset.Set, err error) {
	ends := slices.Compact(deviceset.Set{ids[0], ids[len(ids)-1]})
	looks := 0
	err = j.pollTask(ctx, j.key, after(listPauses...), func() (_ bool, err error) {
		looks++
		if missing, err = j.unjoinedAmong(ctx, ends, expected, withStates); err != nil {
			return false, err
		}
		if len(missing) > 0 && looks <= len(listPauses) {
			return false, nil
		}
		missing, err = j.unjoinedAmong(ctx, ids, expected, withStates)
		return len(missing) == 0, err
	})
	return missing, err
}

// unjoinedAmong returns the devices of ids that a look does not find in the task.
func (j *joins) unjoinedAmong(ctx context.Context, ids deviceset.Set, expected int64, depth depth) (deviceset.Set, error) {
	look := j.request.members(ids, expected, depth)
	now, err := j.members(ctx, look)
	if aep.IsUnreliable(err) { // another set joins devices meanwhile: look each device up
		look.Expected = math.MaxInt64 / 2
		now, err = j.members(ctx, look)
	}
	return ids.Minus(j.has(now)), err
}
