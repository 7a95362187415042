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
	// Others is how many devices the task is known to have besides DeviceIDs.
	// If it lists just so many, none of DeviceIDs has joined yet.
	Others int
}

// AttachResult is what came of an attach.
type AttachResult struct {
	// Attached are the devices of the request that belong to the task: read
	// back, or, if Verified is false, acknowledged by the platform.
	Attached    DeviceSet
	Verified    bool
	Failures    []DeviceFailure // for devices that do not
	JoinedTotal int64           // devices of the task, if Verified
}

// Attach lets devices join a task, each once: devices that have joined already,
// be it in a run that was cut off, are not sent again; a refused batch is
// halved down to the devices at fault; an answer that leaves the outcome open
// is followed by a look. At the end the task's devices are read back, for
// "SUCCESS" proves nothing.
//
// With an error the result holds what is known to have been attached until then.
func (r *Runner) Attach(ctx context.Context, q AttachRequest) (AttachResult, error) {
	before, err := r.JoinedCount(ctx, q.Key)
	if err != nil {
		return AttachResult{}, err
	}
	var already DeviceSet
	if before > 0 && before != int64(q.Others) {
		joined, _, err := r.joinedAmong(ctx, q.Key, q.DeviceIDs, before)
		if err != nil {
			return AttachResult{}, err
		}
		already = idsOf(joined)
	}
	todo := q.DeviceIDs.Minus(already)
	b := r.joins(q, before)
	if err := b.run(ctx, todo); err != nil {
		return AttachResult{Attached: already.Union(b.sent)}, err
	}
	members, err := r.Members(ctx, q.Key, q.Protocol, q.DeviceIDs, before+int64(len(b.sent)))
	if err != nil {
		return AttachResult{Attached: already.Union(b.sent)}, err
	}
	return AttachResult{
		Attached:    members.Present,
		Verified:    true,
		JoinedTotal: members.JoinedTotal,
		Failures:    b.failures(q.DeviceIDs.Minus(members.Present)),
	}, nil
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
	b.unsettled = func(ctx context.Context, ids []string) ([]string, error) {
		now, err := r.JoinedCount(ctx, q.Key)
		if err != nil {
			return nil, err
		}
		switch now - before - int64(len(b.sent)) {
		case 0:
			return ids, nil
		case int64(len(ids)):
			return nil, nil
		}
		batch := DeviceSet(slices.Sorted(slices.Values(ids)))
		joined, _, err := r.joinedAmong(ctx, q.Key, batch, now)
		return batch.Minus(idsOf(joined)), err
	}
	return b
}

// failures explains why these devices are missing.
func (b *joinBatches) failures(missing DeviceSet) []DeviceFailure {
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
				"not tried, because the first %d devices were all refused with: %s", len(b.refused), first.Message)}
		default:
			failure = DeviceFailure{DeviceID: id, Message: "the platform accepted the device, but does not list it in the task"}
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
