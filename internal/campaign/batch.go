package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

const (
	ambiguousTries = 4           // of one batch whose outcome stays unknown
	resendPause    = time.Second // before the first look at such a batch; doubles
	probes         = 16          // single items that tell a task nobody may touch from bad items
)

// batches sends items in batches, one after the other. A batch that the
// platform refuses for its content is halved until the items at fault stand
// alone; one whose outcome is unknown is looked up before any of it is sent
// again. While nothing at all has been accepted, batches shrink, and then
// single items from all over the list are tried: if none of them is accepted
// either, what ails them is not their content, and the rest is left alone.
type batches[T any] struct {
	size int
	send func(context.Context, []T) error
	// look divides a batch, after an answer that left it open, into the items
	// that are done with and those that still need to be sent.
	look func(context.Context, []T) (settled, rest []T, err error)

	items     []T
	next      int          // of items, the first that has not been taken
	reach     int          // the largest batch while nothing has been accepted
	sent      []T          // accepted by the platform, or found to be settled
	refused   []refusal[T] // refused on their own
	untried   []T
	doubtful  []T      // sent, and it is not known whether they were carried out
	looked    []string // codes of refusals after which a batch was looked up
	piecemeal bool     // which showed that the platform had taken part of it
	probed    bool
}

// refusal is one item and what the platform said against it.
type refusal[T any] struct {
	item T
	err  *aep.Error
}

// run sends the items. Its error is what kept it from trying them all; what was
// done until then stands in the fields.
func (b *batches[T]) run(ctx context.Context, items []T) error {
	b.size = max(1, b.size)
	b.items, b.reach = items, b.size
	b.sent = slices.Grow(b.sent, len(items))
	for b.next < len(b.items) {
		err := context.Cause(ctx)
		if err == nil {
			err = b.one(ctx, b.take())
		}
		if err != nil {
			b.untried = append(b.untried, b.items[b.next:]...)
			return err
		}
	}
	return nil
}

func (b *batches[T]) take() []T {
	n := min(b.size, len(b.items)-b.next)
	if len(b.sent) == 0 {
		n = min(n, b.reach)
	}
	b.next += n
	return b.items[b.next-n : b.next]
}

// one sends a batch, or what remains of it.
func (b *batches[T]) one(ctx context.Context, batch []T) error {
	delay := resendPause
	for try := 1; ; try++ {
		err := b.send(ctx, batch)
		switch {
		case err == nil:
			b.sent = append(b.sent, batch...)
			return nil
		case aep.IsRefused(err), aep.IsBadRequest(err):
			return b.split(ctx, batch, err)
		case !aep.Ambiguous(err):
			b.untried = append(b.untried, batch...)
			return err
		}
		rest, lookErr := batch, pause(ctx, delay)
		if lookErr == nil {
			rest, lookErr = b.settle(ctx, batch)
		}
		switch {
		case lookErr != nil:
			b.untried, b.doubtful = append(b.untried, batch...), append(b.doubtful, batch...)
			return fmt.Errorf("%w; it is not known whether it was carried out: %w", err, lookErr)
		case len(rest) == 0:
			return nil
		case try == ambiguousTries:
			b.untried, b.doubtful = append(b.untried, rest...), append(b.doubtful, rest...)
			return err
		}
		// The looks may have used up what a limit on the rate permits.
		if pauseErr := pause(ctx, delay); pauseErr != nil {
			b.untried, b.doubtful = append(b.untried, rest...), append(b.doubtful, rest...)
			return fmt.Errorf("%w; it was not sent again: %w", err, pauseErr)
		}
		batch, delay = rest, 2*delay
	}
}

// settle looks a batch up, books what is settled and returns the rest.
func (b *batches[T]) settle(ctx context.Context, batch []T) ([]T, error) {
	settled, rest, err := b.look(ctx, batch)
	b.sent = append(b.sent, settled...)
	return rest, err
}

// split halves a refused batch; an item refused alone is at fault.
func (b *batches[T]) split(ctx context.Context, batch []T, cause error) error {
	if len(batch) == 1 {
		return b.refuse(ctx, batch[0], cause)
	}
	// A batch may be refused for its size first, and then for a device.
	code := refusalCode(cause)
	if !slices.Contains(b.looked, code) || b.piecemeal {
		// Some platforms take the good devices of a batch they complain about.
		rest, err := b.settle(ctx, batch)
		if err != nil {
			b.untried, b.doubtful = append(b.untried, batch...), append(b.doubtful, batch...)
			return fmt.Errorf("%w; it is not known whether part of it was carried out: %w", cause, err)
		}
		b.looked = append(b.looked, code)
		if len(rest) < len(batch) {
			b.piecemeal = true
			if len(rest) == 0 {
				return nil
			}
			return b.one(ctx, rest)
		}
	}
	half := (len(batch) + 1) / 2
	if len(b.sent) == 0 && !b.probed {
		b.next -= len(batch)
		b.reach = half
		return nil
	}
	before := len(b.refused)
	if err := b.one(ctx, batch[:half]); err != nil {
		b.untried = append(b.untried, batch[half:]...)
		return err
	}
	if err := b.one(ctx, batch[half:]); err != nil {
		return err
	}
	if len(b.refused) == before {
		b.size = min(b.size, half) // nothing was wrong but the size
	}
	return nil
}

// refusalCode returns the platform's code of a refusal, "" if it gave none.
func refusalCode(err error) string {
	e, ok := errors.AsType[*aep.Error](err)
	if !ok {
		return ""
	}
	return e.Code
}

// refuse books an item that was refused alone. If nothing has been accepted
// yet, single items from all over the list show whether any will be.
func (b *batches[T]) refuse(ctx context.Context, item T, cause error) error {
	e, _ := errors.AsType[*aep.Error](cause)
	b.refused = append(b.refused, refusal[T]{item: item, err: e})
	if len(b.sent) > 0 || b.probed {
		return nil
	}
	b.probed = true
	var tests []T
	tests, b.items = spread(b.items[b.next:], probes)
	b.next = 0
	for i := range tests {
		if err := b.one(ctx, tests[i:i+1]); err != nil {
			b.untried = append(b.untried, tests[i+1:]...)
			return err
		}
	}
	if len(b.sent) == 0 {
		b.untried, b.next = append(b.untried, b.items...), len(b.items)
	}
	return nil
}

// spread picks n items at even distances and returns them and the others.
func spread[T any](items []T, n int) (picked, rest []T) {
	for i, item := range items {
		if i*n/len(items) != (i-1)*n/len(items) || i == 0 {
			picked = append(picked, item)
		} else {
			rest = append(rest, item)
		}
	}
	return picked, rest
}
