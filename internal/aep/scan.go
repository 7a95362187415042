package aep

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

const scanTries = 4 // readings of a list that contradicts itself

// reading is the outcome of reading all pages of a list.
type reading[T any, K comparable] struct {
	*collection[T, K]
	total  integer // on the first page
	steady bool    // every page gave the same total
	served int64   // rows, repeated rows included, of all pages that have a new row
	proven bool    // every row of the list is there, as far as pages can prove it
}

// whole reports whether the reading proves that it has every row: the total did not change, and is the number
// of rows.
func (r *reading[T, K]) whole() bool { return r.steady && int64(len(r.rows)) == r.total.value }

// short reports whether rows are missing although the total did not change.
func (r *reading[T, K]) short() bool { return r.steady && int64(len(r.rows)) < r.total.value }

// plausible reports whether an equal second reading proves that every row is there. The platform may list and
// count a row twice. A total below the number of rows is wrong, but the pages were read to their end.
func (r *reading[T, K]) plausible() bool {
	return int64(len(r.rows)) > r.total.value || r.steady && r.served == r.total.value
}

// equal reports whether two readings have the same rows and the same total.
func (r *reading[T, K]) equal(other *reading[T, K]) bool {
	if other == nil || r.total != other.total || r.served != other.served || len(r.rows) != len(other.rows) {
		return false
	}
	for k := range r.index {
		if _, ok := other.index[k]; !ok {
			return false
		}
	}
	return true
}

// scan reads the whole list, or its first limit rows if limit is not 0.
func (s source[T, K]) scan(ctx context.Context, limit int) (Listing[T], error) {
	return s.scanBy(ctx, limit, s.read)
}

// scanBy is scan with a function that reads the list once.
func (s source[T, K]) scanBy(
	ctx context.Context, limit int, read func(ctx context.Context, limit int) (*reading[T, K], error),
) (Listing[T], error) {
	return scan(ctx, s.pages, limit, func(ctx context.Context, last *reading[T, K]) (*reading[T, K], error) {
		r, err := read(ctx, limit)
		if err != nil {
			return nil, err
		}
		r.proven = r.whole() || r.plausible() && r.equal(last)
		return r, nil
	})
}

// scan calls read until a reading is proven, at most scanTries times. last is the reading before, nil at
// first. A list that stays contradictory is an error: missing rows would look like devices that are gone.
func scan[T any, K comparable](
	ctx context.Context, list pages[T], limit int, read func(ctx context.Context, last *reading[T, K]) (*reading[T, K], error),
) (Listing[T], error) {
	var last *reading[T, K]
	for range scanTries {
		r, err := read(ctx, last)
		if err != nil {
			return Listing[T]{}, err
		}
		if limit > 0 && len(r.rows) >= limit {
			// If the total is below limit or has changed, rows may have been left out.
			return Listing[T]{
				Rows: r.rows[:limit], Total: max(r.total.value, int64(len(r.rows))),
				Truncated: r.total.value != int64(limit) || !r.steady, Stated: r.total.set,
			}, nil
		}
		if r.proven {
			return Listing[T]{Rows: r.rows, Total: int64(len(r.rows)), Stated: r.total.set}, nil
		}
		last = r
	}
	return Listing[T]{}, list.message.fail(kindUnreliable, fmt.Errorf(
		"the list of %s was inconsistent in %d readings: got %d different rows, want %d; try again when it no longer changes",
		list.name, scanTries, len(last.rows), last.total.value))
}

// scanWithin is scan for a list of at most maxPages pages. Of a longer list it returns the first page.
func (s source[T, K]) scanWithin(ctx context.Context, maxPages int) (Listing[T], error) {
	first, size, err := s.first(ctx, 0)
	if err != nil {
		return Listing[T]{}, err
	}
	if rows := int64(len(first.List)); rows > 0 && (first.Total.value-1)/rows >= int64(maxPages) {
		return Listing[T]{Rows: first.List, Total: first.Total.value, Truncated: true, Stated: first.Total.set}, nil
	}
	used := false
	return s.scanBy(ctx, 0, func(ctx context.Context, limit int) (*reading[T, K], error) {
		if used { // a second reading needs a new first page
			return s.read(ctx, limit)
		}
		used = true
		return s.readFrom(ctx, first, size, limit)
	})
}

// read reads all pages once, or as many as limit rows take if limit is not 0.
func (s source[T, K]) read(ctx context.Context, limit int) (*reading[T, K], error) {
	first, size, err := s.first(ctx, limit)
	if err != nil {
		return nil, err
	}
	return s.readFrom(ctx, first, size, limit)
}

// readFrom reads the pages after the first, which has the total. size is that of the further pages. The pages
// up to the total are fetched concurrently, those beyond it one by one.
func (s source[T, K]) readFrom(ctx context.Context, first page[T], size, limit int) (*reading[T, K], error) {
	r := &reading[T, K]{collection: newCollection(s.key), total: first.Total, steady: true, served: int64(len(first.List))}
	if r.put(first.List...) == 0 {
		return r, nil
	}
	rows := int64(len(first.List))
	last := max(1, int((min(r.wanted(limit), maxRows)+rows-1)/rows))
	more, err := s.readThrough(ctx, r, size, last, first)
	if err == nil && more {
		err = s.readBeyond(ctx, r, size, last, limit)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// wanted returns the number of rows by the total, at most limit if limit is not 0.
func (r *reading[T, K]) wanted(limit int) int64 {
	if limit > 0 {
		return min(r.total.value, int64(limit))
	}
	return r.total.value
}

// add adds a further page and reports whether it has a new row.
func (r *reading[T, K]) add(p page[T]) bool {
	if len(p.List) > 0 && p.Total != r.total {
		r.steady = false
	}
	if r.put(p.List...) == 0 {
		return false
	}
	r.served += int64(len(p.List))
	return true
}

// readThrough adds the pages 2 to last to r and reports whether each had a new row.
func (s source[T, K]) readThrough(ctx context.Context, r *reading[T, K], size, last int, first page[T]) (bool, error) {
	if last < 2 {
		return true, nil
	}
	fetched, err := s.fetchThrough(ctx, size, last, first)
	if err != nil {
		return false, err
	}
	rows := 0
	for _, p := range fetched {
		rows += len(p.List)
	}
	r.grow(rows)
	more := true
	for i, p := range fetched {
		more = r.add(p) && more
		fetched[i] = page[T]{} // frees a copy of the rows
	}
	return more, nil
}

// readBeyond adds pages after last to r while rows are missing. If the total is below the number of rows,
// only a page without a new row ends the list.
func (s source[T, K]) readBeyond(ctx context.Context, r *reading[T, K], size, last, limit int) error {
	for number := last + 1; ; number++ {
		rows := int64(len(r.rows))
		pastTotal := r.total.value < rows && (limit == 0 || rows < int64(limit))
		if rows >= r.wanted(limit) && !pastTotal {
			return nil
		}
		p, err := s.fetch(ctx, number, size)
		if err != nil || !r.add(p) {
			return err
		}
		if len(r.rows) > maxRows {
			return s.message.fail(kindMalformed, fmt.Errorf("the list of %s has more than %d rows", s.name, maxRows))
		}
	}
}

// fetchThrough fetches the pages 2 to last concurrently and returns them in order. It stops at an empty page
// and at one with the first row of another: the list ends there, whatever its total is.
func (s source[T, K]) fetchThrough(ctx context.Context, size, last int, first page[T]) ([]page[T], error) {
	q := &queue[T, K]{
		key: s.key, next: 2, last: last,
		pages: make(map[int]page[T]), heads: map[K]bool{s.key(first.List[0]): true},
	}
	group, ctx := errgroup.WithContext(ctx)
	for range min(s.client.Concurrency(), last-1) {
		group.Go(func() error {
			for number, more := q.take(); more; number, more = q.take() {
				p, err := s.fetch(ctx, number, size)
				if err != nil {
					return err
				}
				q.put(number, p)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	ordered := make([]page[T], 0, len(q.pages))
	for number := 2; len(ordered) < len(q.pages); number++ {
		ordered = append(ordered, q.pages[number]) // pages are taken in order, so none is missing
	}
	return ordered, nil
}

// queue hands out page numbers in order and collects the pages.
type queue[T any, K comparable] struct {
	key func(T) K

	mu         sync.Mutex
	next, last int
	pages      map[int]page[T]
	heads      map[K]bool // first rows of the collected pages
}

func (q *queue[T, K]) take() (number int, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.next > q.last {
		return 0, false
	}
	q.next++
	return q.next - 1, true
}

func (q *queue[T, K]) put(number int, p page[T]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pages[number] = p
	if len(p.List) == 0 || q.heads[q.key(p.List[0])] {
		q.last = min(q.last, q.next-1)
		return
	}
	q.heads[q.key(p.List[0])] = true
}
