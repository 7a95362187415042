package aep

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

const (
	scanTries = 4         // readings of a list that keeps contradicting itself
	maxRows   = 2_000_000 // of one list; twice the platform's limit of devices in a product
)

// reading is one passage over all pages of a list.
type reading[T any, K comparable] struct {
	*collection[T, K]
	total  integer // as the first page gave it
	steady bool    // every page gave the same total
	served int64   // rows of all pages that brought something new, equal ones too
}

// whole reports whether the reading proves to have every row: nothing moved
// meanwhile, and the count is what the platform says.
func (r *reading[T, K]) whole() bool { return r.steady && int64(len(r.rows)) == r.total.value }

// plausible reports whether a second reading alike proves that every row is there.
// The platform may count a row twice that it lists twice. A total below the rows
// that are there is merely wrong, for the pages were read to their end.
func (r *reading[T, K]) plausible() bool {
	return int64(len(r.rows)) > r.total.value || r.steady && r.served == r.total.value
}

// short reports whether the reading lacks rows though nothing seemed to move.
func (r *reading[T, K]) short() bool { return r.steady && int64(len(r.rows)) < r.total.value }

// sameAs reports whether two readings saw the same rows under the same total.
func (r *reading[T, K]) sameAs(other *reading[T, K]) bool {
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

// scan reads a list whole, or its first limit rows where limit is not 0. A list
// that changes under the reader is read again; one that never comes out whole
// is an error, for an incomplete list looks just like devices that are gone.
func scan[T any, K comparable](ctx context.Context, c *Client, s source[T, K], limit int) (Listing[T], error) {
	var last *reading[T, K]
	for range scanTries {
		r, err := read(ctx, c, s, limit)
		if err != nil {
			return Listing[T]{}, err
		}
		if limit > 0 && len(r.rows) >= limit {
			// A total below the limit is wrong, and rows that moved meanwhile may hide
			// others: then nobody knows what was left out.
			total := max(r.total.value, int64(len(r.rows)))
			truncated := r.total.value != int64(limit) || !r.steady
			return Listing[T]{Rows: r.rows[:limit], Total: total, Truncated: truncated, Stated: r.total.set}, nil
		}
		if r.whole() || r.plausible() && r.sameAs(last) {
			return Listing[T]{Rows: r.rows, Total: int64(len(r.rows)), Stated: r.total.set}, nil
		}
		last = r
	}
	return Listing[T]{}, s.unreliable(len(last.rows), last.total.value)
}

// scanWithin is scan for a list of no more than so many pages. Of a longer one
// it returns the first page.
func scanWithin[T any, K comparable](ctx context.Context, c *Client, s source[T, K], pages int) (Listing[T], error) {
	first, err := s.fetch(ctx, 1, c.config.PageSize)
	if err != nil {
		return Listing[T]{}, err
	}
	if rows := int64(len(first.List)); rows > 0 && (first.Total.value-1)/rows >= int64(pages) {
		return Listing[T]{Rows: first.List, Total: first.Total.value, Truncated: true, Stated: first.Total.set}, nil
	}
	load, used := s.load, false
	s.load = func(ctx context.Context, number, size int) (page[T], error) {
		if number == 1 && !used { // a further reading needs another
			used = true
			return first, nil
		}
		return load(ctx, number, size)
	}
	return scan(ctx, c, s, 0)
}

func (s *source[T, K]) unreliable(rows int, total int64) error {
	return s.message.fail(kindUnreliable, fmt.Errorf(
		"the list of %s did not come out whole in %d readings: %d different rows where the platform counts %d; try again when it no longer changes",
		s.name, scanTries, rows, total))
}

// read passes once over the pages. The first page tells how many there are and
// how long the platform lets them be; those are then fetched side by side, and
// what the total promises beyond them one by one.
func read[T any, K comparable](ctx context.Context, c *Client, s source[T, K], limit int) (*reading[T, K], error) {
	size := c.config.PageSize
	if limit > 0 {
		size = min(size, limit)
	}
	first, err := s.fetch(ctx, 1, size)
	if err != nil {
		return nil, err
	}
	r := &reading[T, K]{collection: newCollection(s.key), total: first.Total, steady: true, served: int64(len(first.List))}
	if r.put(first.List...) == 0 {
		return r, nil
	}
	wanted := r.total.value
	if limit > 0 {
		wanted = min(wanted, int64(limit))
	}
	next, more := 2, true
	if last := (min(wanted, maxRows) + int64(len(first.List)) - 1) / int64(len(first.List)); last > 1 {
		pages, err := s.fetchThrough(ctx, c.Concurrency(), size, int(last), first)
		if err != nil {
			return nil, err
		}
		r.grow(pages)
		for i, p := range pages {
			more = r.add(p) && more
			pages[i] = page[T]{} // a million rows need not be held twice
		}
		next = int(last) + 1
	}
	for more && r.wantsMore(wanted, limit) {
		p, err := s.fetch(ctx, next, size)
		if err != nil {
			return nil, err
		}
		more = r.add(p)
		next++
		if len(r.rows) > maxRows {
			return nil, s.message.fail(kindMalformed, fmt.Errorf("the list of %s has more than %d rows", s.name, maxRows))
		}
	}
	return r, nil
}

// wantsMore reports whether rows are lacking, or the total is below those that
// are there: then only the pages themselves tell where the list ends.
func (r *reading[T, K]) wantsMore(wanted int64, limit int) bool {
	rows := int64(len(r.rows))
	return rows < wanted || r.total.value < rows && (limit == 0 || rows < int64(limit))
}

// add takes in a further page and reports whether it brought anything new.
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

// grow makes room for all rows of further pages at once.
func (r *reading[T, K]) grow(pages []page[T]) {
	n := len(r.rows)
	for _, p := range pages {
		n += len(p.List)
	}
	index := make(map[K]int, n)
	maps.Copy(index, r.index)
	r.index, r.rows = index, slices.Grow(r.rows, n-len(r.rows))
}

// fetchThrough fetches the pages 2 to last, several at a time, in order. It
// stops early at an empty page and at one that begins like another: there is no
// more to come, whatever the total says.
func (s *source[T, K]) fetchThrough(ctx context.Context, workers, size, last int, first page[T]) ([]page[T], error) {
	q := &queue[T, K]{
		key: s.key, next: 2, last: last,
		pages: make(map[int]page[T]), heads: map[K]bool{s.key(first.List[0]): true},
	}
	group, ctx := errgroup.WithContext(ctx)
	for range min(workers, last-1) {
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
	heads      map[K]bool // the first rows of the pages that came
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
