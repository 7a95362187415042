package campaign

import (
	"cmp"
	"context"
	"errors"
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

// maxExplorations is for how many suspects of an operation further batches wait. Bad items make more suspects.
const maxExplorations = 2

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

// deliver sends a batch until its outcome is known. It sends again only items that the platform has not
// carried out, as a look has shown.
func (b *batchOperation[T]) deliver(ctx context.Context, batch []T) error {
	var failure error // of the last send
	whole, sends, divide := batch, 0, false
	looks := false // whether the next step is a look
	err := poll(ctx, after(resendPauses...), func() (done bool, err error) {
		if looks {
			looks = false
			batch, err = b.settle(ctx, batch, false)
			divide = err == nil && len(whole) > 1 && (sends == 2 || b.size.grown(len(whole)) || head(whole, batch) > 0)
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
		return b.divide(ctx, batch, b.tooLarge(len(whole), head(whole, batch)))
	case aep.IsRefused(failure), aep.IsBadRequest(failure):
		return b.refuse(ctx, batch, refusal)
	case aep.Ambiguous(failure):
		return b.doubt(batch, failure, err)
	}
	b.untried = append(b.untried, batch...)
	return failure
}

// refuse handles a refused batch.
func (b *batchOperation[T]) refuse(ctx context.Context, batch []T, cause *aep.Error) error {
	b.refusedAt = time.Now()
	if len(batch) == 1 {
		b.refused[batch[0]], b.first = cause, cmp.Or(b.first, cause)
		_, err := b.probe(ctx, nil)
		return err
	}
	s := &suspect[T]{items: batch, cause: cause, fits: b.size.fits(len(batch)), grown: b.size.grown(len(batch)), worked: b.size.largest()}
	b.suspects = append(b.suspects, s)
	if !s.fits && !b.exploring {
		b.caution.refuse(s.worked)
		b.explorations++ // its size may be the reason, so further batches wait, but not for every such batch
		b.exploring = b.explorations <= maxExplorations
	}
	return nil
}

// resolve looks all suspects up and sends the items that were not carried out in parts. Refused parts are
// further suspects. It waits first until lists no longer lag behind.
func (b *batchOperation[T]) resolve(ctx context.Context) error {
	suspects := b.suspects
	b.suspects, b.exploring, b.explored = nil, b.exploring || !b.explored, true
	var all []T
	for _, s := range suspects {
		all = append(all, s.items...)
	}
	rest, err := b.settleRefused(ctx, all)
	if err != nil {
		return b.doubt(all, suspects[0].cause, err)
	}
	left := asSet(rest)
	for n, s := range suspects {
		items := slices.DeleteFunc(slices.Clone(s.items), func(item T) bool { return !left[item] })
		s.head = head(s.items, items)
		b.judged = append(b.judged, s)
		if err := b.sendParts(ctx, s, items); err != nil {
			for _, later := range suspects[n+1:] {
				b.untried = append(b.untried, slices.DeleteFunc(slices.Clone(later.items), func(item T) bool { return !left[item] })...)
			}
			return err
		}
	}
	if len(b.suspects) == 0 {
		b.judge()
		b.exploring = false
	}
	return nil
}

// sendParts sends items of a suspect again.
func (b *batchOperation[T]) sendParts(ctx context.Context, s *suspect[T], items []T) (err error) {
	if !s.grown {
		items, err = b.probe(ctx, items)
	}
	if err != nil {
		b.untried = append(b.untried, items...)
		return err
	}
	return b.divide(ctx, items, s.part())
}

// judge draws the conclusions from the suspects whose items are settled, the smallest first. If no item was at
// fault, the size was.
func (b *batchOperation[T]) judge() {
	accepted := asSet(b.accepted)
	for _, s := range slices.Backward(b.judged) {
		if !s.fits && !slices.ContainsFunc(s.items, func(item T) bool { return !accepted[item] }) {
			b.restrict(len(s.items), cmp.Or(s.head, max(s.worked, (len(s.items)+1)/2)))
		}
	}
	b.judged = nil
	b.caution.learn(b.size.largest())
}

// divide sends the items of a batch in parts of n.
func (b *batchOperation[T]) divide(ctx context.Context, batch []T, n int) error {
	for len(batch) > 0 {
		part := batch[:min(n, b.most, len(batch))]
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
