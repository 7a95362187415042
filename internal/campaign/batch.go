package campaign

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

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

	explorations int // how often further items have waited for a suspect that may have been too large
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

// settleRefused settles refused items, once lists no longer lag behind.
func (b *batchOperation[T]) settleRefused(ctx context.Context, items []T) ([]T, error) {
	if err := pause(ctx, time.Until(b.refusedAt.Add(b.patience))); err != nil {
		return nil, err
	}
	b.invalidate(b.key)
	return b.settle(ctx, items, true)
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

// restrict records that a batch was too large, and that a part of it was not.
func (b *batchOperation[T]) restrict(batch, part int) {
	b.most = min(b.most, part)
	if batch >= usualBatch { // a smaller one says little about other operations
		b.size.restrict(b.most)
	}
}

// tooLarge records that a batch has no response, perhaps for its size, and returns the size of its parts. head is
// how many items at its beginning were carried out. If there are none, a batch that is larger than all before gets
// a second chance.
func (b *batchOperation[T]) tooLarge(batch, head int) (part int) {
	part = cmp.Or(head, b.size.smaller(batch))
	if head == 0 && b.size.grown(batch) {
		b.size.doubt(batch)
	} else {
		b.restrict(batch, part)
	}
	return part
}

// head returns how many items at the beginning of a batch were carried out, if the rest is its end. Otherwise it
// returns 0: then the size of the batch is not the reason.
func head[T comparable](batch, rest []T) int {
	n := len(batch) - len(rest)
	if len(rest) == 0 || !slices.Equal(batch[n:], rest) {
		return 0
	}
	return n
}

// fanOut is into how many parts a suspect is divided. More parts take more calls, and fewer waits for the lists.
const fanOut = 10

// suspect is a refused batch. The platform may have carried out some of its items.
type suspect[T comparable] struct {
	items  []T
	cause  *aep.Error
	fits   bool // the platform had accepted a call with as many items
	grown  bool // the batch was larger than all before
	worked int  // most items of an accepted call
	head   int  // items at the beginning that were carried out, if the others are the end
}

// part returns the size of the parts in which the items are sent again.
func (s *suspect[T]) part() int {
	if s.grown {
		return s.worked
	}
	return (len(s.items) + fanOut - 1) / fanOut
}

func asSet[T comparable](items []T) map[T]bool {
	set := make(map[T]bool, len(items))
	for _, item := range items {
		set[item] = true
	}
	return set
}
