package aep

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"
)

const (
	scanTries = 4         // readings of a list that keeps contradicting itself
	maxRows   = 2_000_000 // of one list; twice the platform's limit of devices in a product
)

// Listing is what a list held.
type Listing[T any] struct {
	Rows      []T
	Total     int64 // rows on the platform; more than len(Rows) if Truncated
	Truncated bool  // the caller's limit left rows out, or may have
}

// Count is the size of a list and, if it is not empty, one of its rows.
type Count[T any] struct {
	Total  int64
	Sample *T
}

// source is a list that the API serves in pages.
type source[T any, K comparable] struct {
	name    string // for errors, such as "tasks of product 1"
	message message
	key     func(T) K
	fetch   func(ctx context.Context, number, size int) (page[T], error)
}

// fetchPage reads one page of a list of W and turns its rows into T.
func fetchPage[W, T any](ctx context.Context, c *Client, m *message, number, size int, row func(*W) (T, error)) (page[T], error) {
	m.query["pageNow"] = decimal(int64(number))
	m.query["pageSize"] = decimal(int64(size))
	decode := func(result json.RawMessage) (page[T], error) {
		if isEmpty(result) {
			return page[T]{}, errEmpty
		}
		var w page[W]
		if err := json.Unmarshal(result, &w); err != nil {
			return page[T]{}, err
		}
		rows := make([]T, len(w.List))
		for i := range w.List {
			var err error
			if rows[i], err = row(&w.List[i]); err != nil {
				return page[T]{}, err
			}
		}
		return page[T]{Total: w.Total, List: rows}, nil
	}
	result, err := call(ctx, c, m, decode)
	if isKind(err, kindEmpty) {
		// No result may mean no rows, or an answer gone wrong; told twice, it is believed.
		if result, err = call(ctx, c, m, decode); isKind(err, kindEmpty) {
			return page[T]{}, nil
		}
	}
	return result, err
}

// collection keeps rows in order, one for each key.
type collection[T any, K comparable] struct {
	key   func(T) K
	rows  []T
	index map[K]int
}

func newCollection[T any, K comparable](key func(T) K) *collection[T, K] {
	return &collection[T, K]{key: key, index: make(map[K]int)}
}

// put adds rows, replacing those of the same key, and returns how many were new.
func (c *collection[T, K]) put(rows ...T) int {
	before := len(c.rows)
	for _, row := range rows {
		k := c.key(row)
		if i, ok := c.index[k]; ok {
			c.rows[i] = row
			continue
		}
		c.index[k] = len(c.rows)
		c.rows = append(c.rows, row)
	}
	return len(c.rows) - before
}

// reading is one passage over all pages of a list.
type reading[T any, K comparable] struct {
	*collection[T, K]
	total  int64 // as the first page gave it
	steady bool  // every page gave the same total
}

// whole reports whether the reading proves to have every row: nothing moved
// meanwhile, and the count is what the platform says.
func (r *reading[T, K]) whole() bool { return r.steady && int64(len(r.rows)) == r.total }

// short reports whether the reading lacks rows though nothing seemed to move.
func (r *reading[T, K]) short() bool { return r.steady && int64(len(r.rows)) < r.total }

// sameAs reports whether two readings saw the same rows under the same total.
func (r *reading[T, K]) sameAs(other *reading[T, K]) bool {
	if other == nil || r.total != other.total || len(r.rows) != len(other.rows) {
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
			// A total below the limit is wrong, and then nobody knows what was left out.
			total := max(r.total, int64(len(r.rows)))
			return Listing[T]{Rows: r.rows[:limit], Total: total, Truncated: r.total != int64(limit)}, nil
		}
		// A total below the rows that are there is merely wrong: the pages were
		// read to their end, and twice alike is proof enough.
		if r.whole() || int64(len(r.rows)) > r.total && r.sameAs(last) {
			return Listing[T]{Rows: r.rows, Total: int64(len(r.rows))}, nil
		}
		last = r
	}
	return Listing[T]{}, s.unreliable(len(last.rows), last.total)
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
	r := &reading[T, K]{collection: newCollection(s.key), total: first.Total.value, steady: true}
	if r.put(first.List...) == 0 {
		return r, nil
	}
	wanted := r.total
	if limit > 0 {
		wanted = min(wanted, int64(limit))
	}
	next, more := 2, true
	if last := (min(wanted, maxRows) + int64(len(first.List)) - 1) / int64(len(first.List)); last > 1 {
		pages, err := s.fetchThrough(ctx, c.Concurrency(), size, int(last), s.key(first.List[0]))
		if err != nil {
			return nil, err
		}
		for _, p := range pages {
			more = r.add(p) && more
		}
		next = int(last) + 1
	}
	for more && (int64(len(r.rows)) < wanted || r.total < int64(len(r.rows)) && (limit == 0 || len(r.rows) < limit)) {
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

// add takes in a further page and reports whether it brought anything new.
func (r *reading[T, K]) add(p page[T]) bool {
	if len(p.List) > 0 && p.Total.value != r.total {
		r.steady = false
	}
	return r.put(p.List...) > 0
}

// fetchThrough fetches the pages 2 to last, several at a time, in order. It
// stops early at an empty page and at one that begins like another: there is no
// more to come, whatever the total says.
func (s *source[T, K]) fetchThrough(ctx context.Context, workers, size, last int, first K) ([]page[T], error) {
	var (
		mu    sync.Mutex
		next  = 2
		pages = make(map[int]page[T])
		heads = map[K]bool{first: true}
	)
	take := func() int {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1
	}
	group, ctx := errgroup.WithContext(ctx)
	for range min(workers, last-1) {
		group.Go(func() error {
			for number := take(); number <= last; number = take() {
				p, err := s.fetch(ctx, number, size)
				if err != nil {
					return err
				}
				mu.Lock()
				pages[number] = p
				if len(p.List) == 0 || heads[s.key(p.List[0])] {
					next = last + 1
				} else {
					heads[s.key(p.List[0])] = true
				}
				mu.Unlock()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	ordered := make([]page[T], 0, len(pages))
	for number := 2; len(ordered) < len(pages); number++ {
		if p, ok := pages[number]; ok {
			ordered = append(ordered, p)
		}
	}
	return ordered, nil
}

// count asks for a page of one row: its total is the size of the list.
func count[T any, K comparable](ctx context.Context, s source[T, K]) (Count[T], error) {
	p, err := s.fetch(ctx, 1, 1)
	if err != nil {
		return Count[T]{}, err
	}
	n := Count[T]{Total: max(p.Total.value, int64(len(p.List)))}
	if len(p.List) > 0 {
		n.Sample = &p.List[0]
	}
	return n, nil
}

// each yields the rows of a list page by page, each once.
func each[T any, K comparable](ctx context.Context, c *Client, s source[T, K]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := newCollection(s.key)
		for number := 1; ; number++ {
			p, err := s.fetch(ctx, number, c.config.PageSize)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			before := len(seen.rows)
			fresh := seen.put(p.List...)
			for _, row := range seen.rows[before:] {
				if !yield(row, nil) {
					return
				}
			}
			if fresh == 0 || int64(len(seen.rows)) == p.Total.value || len(seen.rows) > maxRows {
				return
			}
		}
	}
}
