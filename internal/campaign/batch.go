package campaign

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// refusalsBeforeGivingUp is how many batches may be refused down to their last
// item, with nothing accepted yet, before the rest is not even tried: what
// ails them all is not one bad device.
const refusalsBeforeGivingUp = 2

// batches sends items in batches, one after the other. A batch that the
// platform refuses for its content is halved until the items at fault stand
// alone; one whose outcome is unknown is looked up before any of it is sent again.
type batches[T any] struct {
	size int
	send func(context.Context, []T) error
	// unsettled returns those items of a batch that still need to be sent,
	// after an answer that left this open.
	unsettled func(context.Context, []T) ([]T, error)

	sent      []T          // accepted by the platform, or found to be settled
	refused   []refusal[T] // refused on their own
	untried   []T
	looked    bool // a refused batch has been looked up once
	piecemeal bool // and showed that the platform had taken part of it
}

// refusal is one item and what the platform said against it.
type refusal[T any] struct {
	item T
	err  *aep.Error
}

// ambiguousTries bounds how often one batch is looked up and sent again.
const ambiguousTries = 4

// run sends the items. Its error is what kept it from trying them all; what was
// done until then stands in the fields.
func (b *batches[T]) run(ctx context.Context, items []T) error {
	for len(items) > 0 {
		if err := context.Cause(ctx); err != nil {
			b.untried = append(b.untried, items...)
			return err
		}
		if len(b.sent) == 0 && len(b.refused) >= refusalsBeforeGivingUp*b.size && b.unanimous() {
			b.untried = append(b.untried, items...)
			return nil
		}
		n := min(b.size, len(items))
		batch := items[:n]
		if err := b.one(ctx, batch); err != nil {
			b.untried = append(b.untried, items[n:]...)
			return err
		}
		items = items[n:]
	}
	return nil
}

// one sends a batch, or what remains of it.
func (b *batches[T]) one(ctx context.Context, batch []T) error {
	for try := 1; ; try++ {
		err := b.send(ctx, batch)
		switch {
		case err == nil:
			b.sent = append(b.sent, batch...)
			return nil
		case aep.IsRefused(err), aep.IsBadRequest(err):
			return b.split(ctx, batch, err)
		case !aep.Ambiguous(err) || try == ambiguousTries:
			b.untried = append(b.untried, batch...)
			return err
		}
		rest, lookErr := b.settle(ctx, batch)
		if lookErr != nil {
			b.untried = append(b.untried, batch...)
			return errors.Join(err, lookErr)
		}
		if batch = rest; len(batch) == 0 {
			return nil
		}
	}
}

// settle looks a batch up, books what is settled and returns the rest.
func (b *batches[T]) settle(ctx context.Context, batch []T) ([]T, error) {
	rest, err := b.unsettled(ctx, batch)
	if err != nil {
		return nil, err
	}
	if settled := len(batch) - len(rest); settled > 0 {
		// Which ones they are matters to nobody: the read-back tells.
		b.sent = append(b.sent, batch[:settled]...)
	}
	return rest, nil
}

// split halves a refused batch; an item refused alone is at fault.
func (b *batches[T]) split(ctx context.Context, batch []T, refused error) error {
	if len(batch) == 1 {
		e, _ := errors.AsType[*aep.Error](refused)
		b.refused = append(b.refused, refusal[T]{item: batch[0], err: e})
		return nil
	}
	if !b.looked || b.piecemeal {
		// Some platforms take the good devices of a batch they complain about.
		rest, err := b.unsettled(ctx, batch)
		if err != nil {
			b.untried = append(b.untried, batch...)
			return errors.Join(refused, err)
		}
		b.looked = true
		b.piecemeal = b.piecemeal || len(rest) < len(batch)
		if len(rest) < len(batch) {
			b.sent = append(b.sent, batch[:len(batch)-len(rest)]...)
			batch = rest
		}
		if len(batch) == 0 {
			return nil
		}
	}
	before := len(b.refused)
	half := (len(batch) + 1) / 2
	for _, part := range [][]T{batch[:half], batch[half:]} {
		if len(part) == 0 {
			continue
		}
		if err := b.one(ctx, part); err != nil {
			return err
		}
	}
	if len(b.refused) == before && half < b.size {
		b.size = half // nothing was wrong but the size
	}
	return nil
}

// unanimous reports whether everything refused was refused for the same reason.
func (b *batches[T]) unanimous() bool {
	for _, r := range b.refused {
		if r.err.Code != b.refused[0].err.Code || r.err.HTTPStatus != b.refused[0].err.HTTPStatus {
			return false
		}
	}
	return true
}
