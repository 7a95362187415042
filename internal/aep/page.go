package aep

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
)

const maxRows = 2_000_000 // of one list; twice the platform's limit of devices in a product

// Listing is a list or the beginning of one.
type Listing[T any] struct {
	Rows      []T
	Total     int64 // rows on the platform; more than len(Rows) if Truncated
	Truncated bool  // the caller's limit left out rows, or may have
	Stated    bool  // the platform gave the total of one list, so that even no rows are proven
}

// Count is the size of a list and, if it is not empty, one of its rows.
type Count[T any] struct {
	Total  int64
	Sample *T
}

// page is the result of the list operations.
type page[T any] struct {
	Total integer `json:"total"`
	List  []T     `json:"list"`
}

// pages is a list that the API serves page by page.
type pages[T any] struct {
	client  *Client
	name    string // for messages, such as "tasks of product 1"
	message message
	sizes   *pageSizes
	load    func(ctx context.Context, number, size int) (page[T], error)
}

// newPages returns the list that m asks for. row converts its rows.
func newPages[W, T any](c *Client, name string, m message, row func(*W) (T, error)) pages[T] {
	sizes := &c.services.of(m.endpoint.service).pageSizes
	load := func(ctx context.Context, number, size int) (page[T], error) {
		asked := m
		asked.query = maps.Clone(m.query)
		asked.query["pageNow"] = decimal(int64(number))
		asked.query["pageSize"] = decimal(int64(size))
		asked.probe = number == 1 && sizes.probes(m.endpoint, size)
		return call(ctx, c, asked, func(w *page[W]) (page[T], error) {
			if w == nil || !w.Total.set && len(w.List) == 0 {
				return page[T]{}, errEmpty
			}
			rows := make([]T, len(w.List))
			for i := range w.List {
				var err error
				if rows[i], err = row(&w.List[i]); err != nil {
					return page[T]{}, err
				}
			}
			return page[T]{Total: w.Total, List: rows}, nil
		})
	}
	return pages[T]{client: c, name: name, message: m, sizes: sizes, load: load}
}

// prove returns nil if the platform serves the list, even if it has no rows.
func (p pages[T]) prove(ctx context.Context) error {
	_, err := p.load(ctx, 1, 1)
	if isKind(err, kindEmpty) {
		return p.message.fail(kindUnreliable, fmt.Errorf(
			"the platform returns null instead of a list, also for %s; null does not prove that a list is empty", p.name))
	}
	return err
}

// source is a list whose rows have keys.
type source[T any, K comparable] struct {
	pages[T]
	key func(T) K
	// witness reads something else of the same task or product. It fails if the platform does not return that
	// either. It is nil for a list of which the API document says that null means no rows.
	witness func(context.Context) error
}

// fetch reads one page. A null result may mean no rows or a fault. It counts as no rows if the platform
// repeats it. The first page decides how long the list is, so for this page a witness must be read too.
func (s source[T, K]) fetch(ctx context.Context, number, size int) (page[T], error) {
	return s.fetchUpTo(ctx, 2, number, size)
}

// fetchUpTo is fetch with a number of tries.
func (s source[T, K]) fetchUpTo(ctx context.Context, tries, number, size int) (page[T], error) {
	for range tries {
		p, err := s.load(ctx, number, size)
		if !isKind(err, kindEmpty) {
			return p, err
		}
	}
	if number > 1 || s.witness == nil {
		return page[T]{}, nil
	}
	return page[T]{}, s.witness(ctx)
}

// first fetches the first page, of at most limit rows if limit is not 0. It returns the size to ask for the
// further pages with.
func (s source[T, K]) first(ctx context.Context, limit int) (page[T], int, error) {
	sizes := s.sizes
	size := sizes.ask()
	if limit > 0 {
		size = min(size, limit)
	}
	tries, refused, lasting := 2, false, true
	for {
		p, err := s.fetchFirst(ctx, tries, size)
		smaller := sizes.smaller(s.message.endpoint, size, err)
		switch {
		case smaller > 0:
			refused, lasting = true, lasting && refusesSize(err)
			if size = smaller; isKind(err, kindEmpty) {
				tries = 1
			}
			continue
		case err != nil:
			return page[T]{}, size, err
		case refused && (len(p.List) > 0 || p.Total.set):
			sizes.restrict(size, lasting)
		}
		return p, sizes.learn(s.message.endpoint, size, len(p.List), p.Total.value), nil
	}
}

// fetchFirst fetches a first page. A page larger than any before is tried once, and must have a row unless the
// list is empty.
func (s source[T, K]) fetchFirst(ctx context.Context, tries, size int) (page[T], error) {
	if !s.sizes.probes(s.message.endpoint, size) {
		return s.fetchUpTo(ctx, tries, 1, size)
	}
	p, err := s.load(ctx, 1, size)
	if err == nil && len(p.List) == 0 && p.Total.value > 0 {
		err = s.message.fail(kindEmpty, errEmpty)
	}
	return p, err
}

// count returns the size of the list. It asks for a page of one row.
func (s source[T, K]) count(ctx context.Context) (Count[T], error) {
	list, err := s.sample(ctx, 1)
	n := Count[T]{Total: list.Total}
	if len(list.Rows) > 0 {
		n.Sample = &list.Rows[0]
	}
	return n, err
}

// sample returns the size of the list and its first rows. It asks for one page.
func (s source[T, K]) sample(ctx context.Context, rows int) (Listing[T], error) {
	p, _, err := s.first(ctx, rows)
	if err != nil {
		return Listing[T]{}, err
	}
	if !p.Total.set && len(p.List) > 0 {
		return Listing[T]{}, s.message.fail(kindMalformed, fmt.Errorf("the list of %s has no total", s.name))
	}
	total := max(p.Total.value, int64(len(p.List)))
	return Listing[T]{Rows: p.List, Total: total, Truncated: total > int64(len(p.List)), Stated: p.Total.set}, nil
}

// each yields the rows of the list page by page, each row once. It ends after an error.
func (s source[T, K]) each(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := newCollection(s.key)
		p, size, err := s.first(ctx, 0)
		for number := 2; ; number++ {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			added := seen.put(p.List...)
			for _, row := range seen.rows[len(seen.rows)-added:] {
				if !yield(row, nil) {
					return
				}
			}
			if added == 0 || int64(len(seen.rows)) == p.Total.value || len(seen.rows) > maxRows {
				return
			}
			p, err = s.fetch(ctx, number, size)
		}
	}
}

// collection has rows in order, one for each key.
type collection[T any, K comparable] struct {
	key   func(T) K
	rows  []T
	index map[K]int
}

func newCollection[T any, K comparable](key func(T) K) *collection[T, K] {
	return &collection[T, K]{key: key, index: make(map[K]int)}
}

// put adds rows, replaces those of the same key, and returns how many were added.
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

// grow makes room for n more rows.
func (c *collection[T, K]) grow(n int) {
	index := make(map[K]int, len(c.rows)+n)
	maps.Copy(index, c.index)
	c.index, c.rows = index, slices.Grow(c.rows, n)
}
