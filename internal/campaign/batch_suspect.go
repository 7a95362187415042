package campaign

import (
	"context"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// fanOut is into how many parts a suspect is divided. More parts take more calls, and fewer waits for the lists.
const fanOut = 10

// suspect is a refused batch. The platform may have carried out some of its items.
type suspect[T comparable] struct {
	items  []T
	cause  *aep.Error
	fits   bool // the platform had accepted a call with as many items
	grown  bool // the batch was larger than all before
	worked int  // most items of an accepted call
	clean  bool // a look has found no item carried out
}

// part returns the size of the parts in which the items are sent again.
func (s *suspect[T]) part() int {
	if s.grown {
		return s.worked
	}
	return (len(s.items) + fanOut - 1) / fanOut
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
		s.clean = len(items) == len(s.items)
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

// settleRefused settles refused items, once lists no longer lag behind.
func (b *batchOperation[T]) settleRefused(ctx context.Context, items []T) ([]T, error) {
	if err := pause(ctx, time.Until(b.refusedAt.Add(b.patience))); err != nil {
		return nil, err
	}
	b.invalidate(b.key)
	return b.settle(ctx, items, true)
}

// sendParts sends items of a suspect again.
func (b *batchOperation[T]) sendParts(ctx context.Context, s *suspect[T], items []T) (err error) {
	part, known := s.part(), len(b.atomic)
	switch {
	case s.fits && s.clean:
		// The size is not the reason. If the first item is good, the platform has not carried it out for the sake
		// of a bad one after it. So it carries out nothing of a batch that it refuses like this.
		accepted := len(b.accepted)
		if err = b.deliver(ctx, items[:1]); len(b.accepted) > accepted {
			b.atomic = append(b.atomic, s.cause.Code)
			part = (len(items) + 1) / 2
		}
		items = items[1:]
	case !s.grown:
		items, err = b.probe(ctx, items)
	}
	if err != nil {
		b.untried = append(b.untried, items...)
		return err
	}
	err = b.divide(ctx, items, part)
	if !slices.ContainsFunc(items, func(item T) bool { return b.refused[item] != nil }) {
		b.atomic = b.atomic[:known] // no item was at fault, so this says nothing about batches with such items
	}
	return err
}

// judge draws the conclusions from the suspects whose items are settled, the smallest first. If no item was at
// fault, the size was.
func (b *batchOperation[T]) judge() {
	accepted := asSet(b.accepted)
	for _, s := range slices.Backward(b.judged) {
		if !s.fits && !slices.ContainsFunc(s.items, func(item T) bool { return !accepted[item] }) {
			b.restrict(len(s.items), max(s.worked, (len(s.items)+1)/2))
		}
	}
	b.judged = nil
	b.caution.learn(b.size.largest())
}
