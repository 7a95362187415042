package campaign

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// DeviceFailure is one device that is not what it should be, and why.
type DeviceFailure struct {
	DeviceID string
	Code     string // the platform's, "" if it gave none
	Message  string
}

// AttachRequest says which devices shall join a task.
type AttachRequest struct {
	Key       aep.TaskKey
	Protocol  aep.Protocol
	DeviceIDs deviceset.Set
	BatchSize int
	// Pending is true if the task is known not to have been started.
	Pending bool
}

// AttachResult is what came of an attach.
type AttachResult struct {
	// Attached are the devices of the request that the task knows: read back, or,
	// if Verified is false, acknowledged by the platform.
	Attached deviceset.Set
	Verified bool
	// Doubtful are devices that were sent, and of which it is not known whether
	// they have joined.
	Doubtful deviceset.Set
	Failures []DeviceFailure // for devices that have not joined
	// Cancelled are those of Attached that will not be upgraded: they were cancelled
	// in this task, and the platform did not let them join again.
	Cancelled []DeviceFailure
	// OtherSpelling are devices as the task lists them where it spells the ids of
	// the request in another way.
	OtherSpelling deviceset.Set
	// Done is how many of Attached are off the task's list and were not cancelled.
	Done int
	// JoinedTotal is how many rows the task lists as joined, if Verified.
	JoinedTotal int64
}

// listPauses are the waits between looks at a list that does not show yet what
// was accepted: it may lag behind by half a minute.
var listPauses = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}

// Attach lets devices join a task, each once: devices that have joined already,
// also in a run that was cut off, are not sent again; a refused batch is halved
// down to the devices at fault; an answer that leaves the outcome open is
// followed by a look. At the end the devices are read back, for "SUCCESS" proves
// nothing.
//
// With an error the result holds what is known to have been attached until then.
func (r *Runner) Attach(ctx context.Context, q AttachRequest) (AttachResult, error) {
	defer r.invalidate(q.Key) // what is read here is of this moment
	var (
		before  int64
		already membership
	)
	err := r.locks.Do(ctx, q.Key, reading, func() (err error) {
		before, already, err = r.beforeJoining(ctx, q)
		return err
	})
	if err != nil {
		return AttachResult{}, err
	}
	joined := already.present().Minus(already.cancelled(q.Pending))
	todo := q.DeviceIDs.Minus(joined)
	if err := r.Spend(UseJoin, int64(len(todo))); err != nil {
		return AttachResult{Attached: joined}, err
	}
	b := r.joins(q, before)
	err = r.locks.Do(ctx, q.Key, joining, func() error { return b.run(ctx, todo) })
	result := AttachResult{Attached: joined.Union(b.accepted()), Doubtful: deviceset.Of(b.doubtful)}
	if err != nil {
		return result, fmt.Errorf("attaching devices to task %s broke off after %d of %d: %w", q.Key, len(b.sent), len(todo), err)
	}
	now, err := r.readBack(ctx, q, before+int64(len(b.sent)), b.accepted())
	if err != nil {
		return result, fmt.Errorf("%d devices were sent to task %s, but could not be read back: %w", len(b.sent), q.Key, err)
	}
	return b.outcome(q, now), now.misspelled(q.Key)
}

func (b *joinBatches) outcome(q AttachRequest, now membership) AttachResult {
	present, cancelled := now.present(), now.cancelled(q.Pending)
	return AttachResult{
		Attached:    present,
		Verified:    true,
		Done:        now.done(q.Pending),
		JoinedTotal: now.total, OtherSpelling: deviceset.Of(slices.Collect(maps.Values(now.spelled))),
		Failures:  b.failures(q.DeviceIDs.Minus(present), "the platform accepted the device, but does not list it in the task"),
		Cancelled: b.failures(cancelled, "the platform accepted the device, but still shows it as cancelled"),
	}
}

// beforeJoining returns how many devices the task lists, and those of the
// request that it knows. Nothing is looked up in a task without any device.
func (r *Runner) beforeJoining(ctx context.Context, q AttachRequest) (int64, membership, error) {
	none := membership{decoder: progress.NewDecoder(q.Protocol, r.table)}
	before, err := r.JoinedCount(ctx, q.Key)
	if err != nil {
		return 0, none, err
	}
	subtasks, err := r.subtaskCount(ctx, q.Key, q.Protocol)
	if err != nil || before == 0 && subtasks == 0 {
		return before, none, err
	}
	look := memberQuery{Key: q.Key, Protocol: q.Protocol, IDs: q.DeviceIDs, Expected: before, Depth: withStates}
	if subtasks <= before {
		look.Depth = statesOfListed // no subtask is missing on the list of joined devices
	}
	now, err := r.members(ctx, look)
	if err == nil {
		err = now.misspelled(q.Key)
	}
	return before, now, err
}

// readBack looks the devices of a request up until the task shows all that it
// has accepted, or for as long as a list may lag behind.
func (r *Runner) readBack(ctx context.Context, q AttachRequest, expected int64, accepted deviceset.Set) (membership, error) {
	all := membership{decoder: progress.NewDecoder(q.Protocol, r.table)}
	look := memberQuery{Key: q.Key, Protocol: q.Protocol, IDs: q.DeviceIDs, Expected: expected, Depth: offList}
	for n := 0; ; n++ {
		var now membership
		err := r.locks.Do(ctx, q.Key, reading, func() (err error) {
			now, err = r.members(ctx, look)
			return err
		})
		if err != nil {
			return all, err
		}
		all.merge(now)
		// A device that joins again may still show its cancelled subtask only.
		missing := accepted.Minus(all.present().Minus(all.cancelled(q.Pending)).Minus(all.late()))
		if len(missing) <= len(all.spelled) || n == len(listPauses) {
			return all, nil
		}
		if err := pause(ctx, listPauses[n]); err != nil {
			return all, err
		}
		r.invalidate(q.Key)
		look.IDs = missing
	}
}

// joinBatches are the joins of one attach.
type joinBatches struct {
	batches[string]
	looks int // how often a batch is looked up until the list shows it
}

func (r *Runner) joins(q AttachRequest, before int64) *joinBatches {
	b := &joinBatches{looks: len(listPauses)}
	b.size = q.BatchSize
	b.send = func(ctx context.Context, ids []string) error {
		err := r.client.JoinDevices(ctx, q.Key, q.Protocol, ids)
		r.invalidate(q.Key)
		r.log(ctx, "joined a batch of devices", map[string]any{
			"product_id": q.Key.ProductID, "task_id": q.Key.TaskID, "batch": len(ids), "joined": len(b.sent), "ok": err == nil,
		})
		return err
	}
	b.look = func(ctx context.Context, ids []string) (settled, rest []string, err error) {
		return b.joinedOf(ctx, r, q, ids, before+int64(len(b.sent)+len(ids)))
	}
	return b
}

// accepted returns what the platform has accepted, which need not be in order.
func (b *joinBatches) accepted() deviceset.Set {
	slices.Sort(b.sent)
	return b.sent
}

// joinedOf divides a batch of ids into those that belong to the task and those
// that do not. The list may lag behind, so the two ends of the batch are looked
// up until both show; then, or in the end, every id is.
func (b *joinBatches) joinedOf(ctx context.Context, r *Runner, q AttachRequest, ids []string, expected int64) (settled, rest []string, err error) {
	batch := deviceset.Set(slices.Sorted(slices.Values(ids)))
	ends := slices.Compact(deviceset.Set{batch[0], batch[len(batch)-1]})
	for n := 0; ; n++ {
		found, err := r.upAmong(ctx, q, ends, expected)
		if err != nil {
			return nil, nil, err
		}
		if len(found) > 0 {
			b.looks = min(b.looks, n+1)
		}
		if len(found) == len(ends) || n >= b.looks {
			if found, err = r.upAmong(ctx, q, batch, expected); err != nil {
				return nil, nil, err
			}
			if len(found) == len(batch) || n >= b.looks {
				return found, batch.Minus(found), nil
			}
		}
		if err := pause(ctx, listPauses[n]); err != nil {
			return nil, nil, err
		}
		r.invalidate(q.Key)
	}
}

// upAmong returns those of ids that have joined the task and were not cancelled.
func (r *Runner) upAmong(ctx context.Context, q AttachRequest, ids deviceset.Set, expected int64) (deviceset.Set, error) {
	now, err := r.members(ctx, memberQuery{Key: q.Key, Protocol: q.Protocol, IDs: ids, Expected: expected, Depth: withStates})
	return now.present().Minus(now.cancelled(q.Pending)), err
}

// failures explains why these devices are not what they should be; accepted
// says it of those that the platform did not refuse.
func (b *joinBatches) failures(missing deviceset.Set, accepted string) []DeviceFailure {
	said := make(map[string]DeviceFailure, len(b.refused))
	for _, f := range b.refused {
		said[f.item] = DeviceFailure{DeviceID: f.item, Code: f.err.Code, Message: f.err.Message}
	}
	untried := deviceset.Set(slices.Sorted(slices.Values(b.untried)))
	var list []DeviceFailure
	for _, id := range missing {
		failure, refused := said[id]
		switch {
		case refused:
		case untried.Contains(id):
			first := b.refused[0].err
			failure = DeviceFailure{DeviceID: id, Code: first.Code, Message: fmt.Sprintf(
				"not tried, because %d devices from all over the list were refused one by one; the first with: %s", len(b.refused), first.Message)}
		default:
			failure = DeviceFailure{DeviceID: id, Message: accepted}
		}
		list = append(list, failure)
	}
	return list
}
