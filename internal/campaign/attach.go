package campaign

import (
	"context"
	"fmt"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
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
	DeviceIDs DeviceSet
	BatchSize int
	// Pending is true if the task is known not to have been started.
	Pending bool
	// Others is how many devices the task is known to have besides DeviceIDs.
	// If it lists just so many, none of DeviceIDs has joined yet.
	Others int
}

// AttachResult is what came of an attach.
type AttachResult struct {
	// Attached are the devices of the request that belong to the task: read
	// back, or, if Verified is false, acknowledged by the platform.
	Attached DeviceSet
	Verified bool
	Failures []DeviceFailure // for devices that do not
	// Left are those of Attached that will not be upgraded: they were cancelled
	// in this task before, and the platform did not let them join again.
	Left        []DeviceFailure
	JoinedTotal int64 // devices of the task, if Verified
}

// Attach lets devices join a task, each once: devices that have joined already,
// be it in a run that was cut off, are not sent again; a refused batch is
// halved down to the devices at fault; an answer that leaves the outcome open
// is followed by a look. At the end the task's devices are read back, for
// "SUCCESS" proves nothing.
//
// With an error the result holds what is known to have been attached until then.
func (r *Runner) Attach(ctx context.Context, q AttachRequest) (AttachResult, error) {
	defer r.wrote(q.Key) // what is read here is of this moment
	var (
		before  int64
		already DeviceSet
		now     standings
	)
	err := r.rooms.visit(ctx, q.Key, reading, func() (err error) {
		before, already, err = r.beforeJoining(ctx, q)
		return err
	})
	if err != nil {
		return AttachResult{}, err
	}
	todo := q.DeviceIDs.Minus(already)
	b := r.joins(q, before)
	if err := r.rooms.visit(ctx, q.Key, joining, func() error { return b.run(ctx, todo) }); err != nil {
		return AttachResult{Attached: already.Union(b.accepted())}, fmt.Errorf(
			"attaching devices to task %s broke off after %d of %d: %w", q.Key, len(b.sent), len(todo), err)
	}
	err = r.rooms.visit(ctx, q.Key, reading, func() (err error) {
		now, err = r.standing(ctx, q, q.DeviceIDs, before+int64(len(b.sent)), false)
		return err
	})
	if err != nil {
		return AttachResult{Attached: already.Union(b.accepted())}, fmt.Errorf(
			"%d devices were sent to task %s, but could not be read back: %w", len(b.sent), q.Key, err)
	}
	return AttachResult{
		Attached:    now.up.Union(now.left),
		Verified:    true,
		JoinedTotal: now.joinedTotal,
		Failures:    b.failures(q.DeviceIDs.Minus(now.up).Minus(now.left), "the platform accepted the device, but does not list it in the task"),
		Left:        b.failures(now.left, "the platform accepted the device, but still shows it as cancelled"),
	}, nil
}

// beforeJoining returns how many devices the task lists, and those of the
// request that need not be sent. If the task lists just the others, and no
// subtasks beyond them, there are none.
func (r *Runner) beforeJoining(ctx context.Context, q AttachRequest) (int64, DeviceSet, error) {
	before, err := r.JoinedCount(ctx, q.Key)
	if err != nil {
		return 0, nil, err
	}
	if before == int64(q.Others) {
		subtasks, err := r.subtaskCount(ctx, q.Key, q.Protocol)
		if err != nil || subtasks <= before {
			return before, nil, err
		}
	}
	now, err := r.standing(ctx, q, q.DeviceIDs, before, true)
	return before, now.up, err
}

// joinBatches are the joins of one attach.
type joinBatches struct{ batches[string] }

func (r *Runner) joins(q AttachRequest, before int64) *joinBatches {
	b := &joinBatches{}
	b.size = q.BatchSize
	b.send = func(ctx context.Context, ids []string) error {
		err := r.client.JoinDevices(ctx, q.Key, q.Protocol, ids)
		r.wrote(q.Key)
		r.log(ctx, "joined a batch of devices", map[string]any{
			"product_id": q.Key.ProductID, "task_id": q.Key.TaskID, "batch": len(ids), "joined": len(b.sent), "ok": err == nil,
		})
		return err
	}
	b.look = func(ctx context.Context, ids []string) (settled, rest []string, err error) {
		return r.joinedOf(ctx, q, ids, before+int64(len(b.sent)))
	}
	return b
}

// accepted returns what the platform has accepted, which need not be in order.
func (b *joinBatches) accepted() DeviceSet {
	slices.Sort(b.sent)
	return b.sent
}

// joinedOf divides a batch of ids into those that belong to the task and those
// that do not. expected is how many devices the task has if none of them does.
// Where the count says all or none, the two ends of the batch are asked for: the
// count alone may be somebody else's doing.
func (r *Runner) joinedOf(ctx context.Context, q AttachRequest, ids []string, expected int64) (settled, rest []string, err error) {
	now, err := r.JoinedCount(ctx, q.Key)
	if err != nil {
		return nil, nil, err
	}
	batch := DeviceSet(slices.Sorted(slices.Values(ids)))
	if n := now - expected; n == 0 || n == int64(len(ids)) {
		ends := slices.Compact(DeviceSet{batch[0], batch[len(batch)-1]})
		found, err := r.standing(ctx, q, ends, now, true)
		switch {
		case err != nil:
			return nil, nil, err
		case n == 0 && len(found.up) == 0:
			return nil, ids, nil
		case n > 0 && len(found.up) == len(ends):
			return ids, nil, nil
		}
	}
	found, err := r.standing(ctx, q, batch, now, true)
	if err != nil {
		return nil, nil, err
	}
	return found.up, batch.Minus(found.up), nil
}

// failures explains why these devices are not what they should be; accepted
// says it of those that the platform did not refuse.
func (b *joinBatches) failures(missing DeviceSet, accepted string) []DeviceFailure {
	said := make(map[string]DeviceFailure, len(b.refused))
	for _, f := range b.refused {
		said[f.item] = DeviceFailure{DeviceID: f.item, Code: f.err.Code, Message: f.err.Message}
	}
	untried := DeviceSet(slices.Sorted(slices.Values(b.untried)))
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

func idsOf(devices []aep.JoinedDevice) DeviceSet {
	ids := make(DeviceSet, len(devices))
	for i, d := range devices {
		ids[i] = d.ID
	}
	slices.Sort(ids)
	return ids
}
