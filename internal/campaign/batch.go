package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// probes is how many single items must be refused to show that the platform accepts no item of a task.
const probes = 16

// resendPauses are the pauses while the outcome of a batch is unknown. A pause before a look and a pause
// before the batch is sent again alternate. There are few, because looks may use up a rate limit.
var resendPauses = []time.Duration{
	time.Second, time.Second, 2 * time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second, 8 * time.Second,
}

// batchOperation is one write to many items of a task: a join, a cancel or a retry. It sends the ids of the
// items in batches, one after the other.
//
//   - A batch with an unknown outcome is looked up before any of it is sent again.
//   - A refused batch is a suspect: the platform may have carried out some of it. It is looked up once the
//     lists can no longer lag behind, and then sent again in parts. This finds the items at fault.
//   - If a batch is refused before any item is accepted, single items from all over the
//     list are sent until one is accepted. If none is, the other items are not sent.
type batchOperation[T comparable] struct {
	*Runner
	key  aep.TaskKey
	verb string // for the log and errors, in the past tense
	size *batchSize
	call func(context.Context, []T) error
	// look returns the items of a batch that the platform has not carried out. settled is true if lists no
	// longer lag behind what the platform has carried out of it.
	look func(ctx context.Context, batch []T, settled bool) ([]T, error)
	// patience is how long lists may lag behind after a refusal.
	patience time.Duration
	// report receives how many items the platform has accepted; it may be nil.
	report func(done, of int)

	pace     pace
	caution  caution
	total    int
	most     int              // items in a batch, as this operation has found out; 0: any number
	waiting  []T              // not sent yet
	sent     [][]T            // batches that the platform has accepted
	accepted []T              // items of these batches, and items carried out as a look has shown
	refused  map[T]*aep.Error // when sent as single items
	first    *aep.Error       // of the refused
	untried  []T
	doubtful []T // untried items that were sent, with an unknown outcome
	probed   bool

	suspects  []*suspect[T]
	refusedAt time.Time     // when the last batch was refused
	judged    []*suspect[T] // suspects that were looked up, until their parts are settled too
	exploring bool          // suspects are looked up before further items are sent
	explored  bool          // a suspect has been looked up
	// atomic holds the codes of refusals that leave every item of a batch as it was. This does not hold for a
	// batch that is larger than any accepted one.
	atomic []string
}

// run sends the items. Its error says why some were not tried.
func (b *batchOperation[T]) run(ctx context.Context, items []T) error {
	b.total, b.waiting, b.sent, b.most = len(b.accepted)+len(items), items, nil, cmp.Or(b.most, maxBatch)
	b.accepted = slices.Grow(b.accepted, len(items))
	if b.refused == nil {
		b.refused = make(map[T]*aep.Error)
	}
	if b.pace.start.IsZero() {
		b.pace.start = time.Now()
	}
	for len(b.waiting)+len(b.suspects) > 0 {
		err := context.Cause(ctx)
		switch {
		case err != nil:
		case len(b.suspects) > 0 && (b.exploring || !b.explored || len(b.waiting) == 0):
			err = b.resolve(ctx)
		default:
			n := min(b.most, b.caution.limit(b.size.next()), len(b.waiting))
			batch := b.waiting[:n]
			b.waiting = b.waiting[n:]
			err = b.deliver(ctx, batch)
		}
		if err != nil {
			b.untried = append(b.untried, b.waiting...)
			for _, s := range b.suspects {
				b.untried, b.doubtful = append(b.untried, s.items...), append(b.doubtful, s.items...)
			}
			return err
		}
	}
	return nil
}

// send makes the call for one batch.
func (b *batchOperation[T]) send(ctx context.Context, batch []T) error {
	err := b.write(ctx, b.key, func(ctx context.Context) error { return b.call(ctx, batch) })
	done := len(b.accepted)
	if err == nil {
		done += len(batch)
	}
	fields := map[string]any{"product_id": b.key.ProductID, "task_id": b.key.TaskID, "batch": len(batch), "ok": err == nil}
	maps.Copy(fields, b.pace.fields(done, b.total))
	b.log(ctx, b.verb+" a batch of devices", fields)
	if err != nil {
		return err
	}
	b.size.accept(len(batch))
	b.caution.accept(len(batch))
	b.sent = append(b.sent, batch)
	if b.report != nil {
		b.report(done, b.total)
	}
	return nil
}

// deliver sends a batch until its outcome is known. It sends again only items that the platform has not
// carried out, as a look has shown.
func (b *batchOperation[T]) deliver(ctx context.Context, batch []T) error {
	var failure error // of the last send
	size, sends, divide := len(batch), 0, false
	looks := false // whether the next step is a look
	err := poll(ctx, after(resendPauses...), func() (done bool, err error) {
		if looks {
			looks = false
			batch, err = b.settle(ctx, batch, false)
			divide = err == nil && size > 1 && (sends == 2 || b.size.grown(size))
			return len(batch) == 0 || divide, err
		}
		failure = b.send(ctx, batch)
		looks = true
		sends++
		return !aep.Ambiguous(failure), nil
	})
	refusal, _ := errors.AsType[*aep.Error](failure)
	switch {
	case len(batch) == 0:
		return nil
	case failure == nil:
		b.accepted = append(b.accepted, batch...)
		return nil
	case divide:
		return b.divide(ctx, batch, b.tooLarge(size))
	case aep.IsRefused(failure), aep.IsBadRequest(failure):
		return b.refuse(ctx, batch, refusal)
	case aep.Ambiguous(failure):
		return b.doubt(batch, failure, err)
	}
	b.untried = append(b.untried, batch...)
	return failure
}

// doubt records a batch with an unknown outcome. It returns failure, which left the outcome open, with the
// cause that ended the looks, if any.
func (b *batchOperation[T]) doubt(batch []T, failure, cause error) error {
	b.untried, b.doubtful = append(b.untried, batch...), append(b.doubtful, batch...)
	if cause == nil {
		return failure
	}
	return fmt.Errorf("%w; it is not known whether it was carried out: %w", failure, cause)
}

// settle looks a batch up, records the items that were carried out as accepted, and returns the others. If
// the look fails, it returns the whole batch.
func (b *batchOperation[T]) settle(ctx context.Context, batch []T, settled bool) ([]T, error) {
	rest, err := b.look(ctx, batch, settled)
	if err != nil {
		return batch, err
	}
	left := asSet(rest)
	for _, item := range batch {
		if !left[item] {
			b.accepted = append(b.accepted, item)
		}
	}
	return rest, nil
}

// refuse handles a refused batch.
func (b *batchOperation[T]) refuse(ctx context.Context, batch []T, cause *aep.Error) error {
	b.refusedAt = time.Now()
	if len(batch) == 1 {
		b.refused[batch[0]], b.first = cause, cmp.Or(b.first, cause)
		_, err := b.probe(ctx, nil)
		return err
	}
	if slices.Contains(b.atomic, cause.Code) && b.size.fits(len(batch)) {
		return b.divide(ctx, batch, (len(batch)+1)/2)
	}
	s := &suspect[T]{items: batch, cause: cause, fits: b.size.fits(len(batch)), grown: b.size.grown(len(batch)), worked: b.size.largest()}
	b.suspects = append(b.suspects, s)
	if !s.fits && !b.exploring {
		b.caution.refuse(s.worked)
		b.exploring = true // its size may be the reason, so further batches wait
	}
	return nil
}

// restrict records that a batch was too large, and that a part of it was not.
func (b *batchOperation[T]) restrict(batch, part int) {
	b.most = min(b.most, part)
	if batch >= usualBatch { // a smaller one says little about other operations
		b.size.restrict(b.most)
	}
}

// tooLarge records that a batch has no response, perhaps for its size, and returns the size of its parts. Only a
// batch that is larger than all before gets a second chance.
func (b *batchOperation[T]) tooLarge(batch int) (part int) {
	part = b.size.smaller(batch)
	if b.size.grown(batch) {
		b.size.doubt(batch)
	} else {
		b.restrict(batch, part)
	}
	return part
}

// divide sends the items of a batch in parts of n.
func (b *batchOperation[T]) divide(ctx context.Context, batch []T, n int) error {
	for len(batch) > 0 {
		part := batch[:min(n, len(batch))]
		batch = batch[len(part):]
		if err := b.deliver(ctx, part); err != nil {
			b.untried = append(b.untried, batch...)
			return err
		}
	}
	return nil
}

// probe sends single items, at even distances in the batch and all that is waiting, until one is accepted. It
// does so once, and only if nothing has been accepted yet. It returns the items of the batch that remain to
// be sent.
func (b *batchOperation[T]) probe(ctx context.Context, batch []T) ([]T, error) {
	if b.probed || len(b.accepted) > 0 {
		return batch, nil
	}
	b.probed = true
	items, size := slices.Concat(batch, b.waiting), len(batch)
	total, most := len(items), min(probes, len(items))
	for n := 0; n < most && len(b.accepted) == 0; n++ {
		i := n*total/most - n
		item := items[i]
		items = slices.Delete(items, i, i+1)
		if i < size {
			size--
		}
		b.waiting = items[size:]
		if err := b.deliver(ctx, []T{item}); err != nil {
			return items[:size], err
		}
	}
	if len(b.accepted) == 0 {
		b.untried, b.waiting = append(b.untried, items...), nil
		return nil, nil
	}
	return items[:size], nil
}

func asSet[T comparable](items []T) map[T]bool {
	set := make(map[T]bool, len(items))
	for _, item := range items {
		set[item] = true
	}
	return set
}
