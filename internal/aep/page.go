package aep

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// Listing is what a list held.
type Listing[T any] struct {
	Rows      []T
	Total     int64 // rows on the platform; more than len(Rows) if Truncated
	Truncated bool  // the caller's limit left rows out, or may have
	Stated    bool  // the platform gave the total of the one list that was asked for, not null
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
	load    func(ctx context.Context, number, size int) (page[T], error)
	// witness asks the platform for something else of the same task or product. It
	// fails if the platform does not show that either.
	witness func(context.Context) error
}

// fetch reads one page. A null result may mean no rows, or an answer gone wrong.
// It is believed if it is given twice. Of the first page it decides how long the
// list is, so there the witness must be answered properly too.
func (s *source[T, K]) fetch(ctx context.Context, number, size int) (page[T], error) {
	p, err := s.load(ctx, number, size)
	if !isKind(err, kindEmpty) {
		return p, err
	}
	if p, err = s.load(ctx, number, size); !isKind(err, kindEmpty) {
		return p, err
	}
	if number > 1 {
		return page[T]{}, nil
	}
	return page[T]{}, s.witness(ctx)
}

// testify returns nil if the list has a page to show. It is a witness for others.
func (s *source[T, K]) testify(ctx context.Context) error {
	_, err := s.load(ctx, 1, 1)
	if isKind(err, kindEmpty) {
		return s.message.fail(kindUnreliable, fmt.Errorf("the platform answers null instead of any list, of %s too, which proves nothing", s.name))
	}
	return err
}

// loadPage reads one page of a list of W and turns its rows into T.
func loadPage[W, T any](ctx context.Context, c *Client, m *message, number, size int, row func(*W) (T, error)) (page[T], error) {
	m.query["pageNow"] = decimal(int64(number))
	m.query["pageSize"] = decimal(int64(size))
	convert := func(w page[W]) (page[T], error) {
		rows := make([]T, len(w.List))
		for i := range w.List {
			var err error
			if rows[i], err = row(&w.List[i]); err != nil {
				return page[T]{}, err
			}
		}
		return page[T]{Total: w.Total, List: rows}, nil
	}
	decode := decoder[page[T]]{
		result: func(result json.RawMessage) (page[T], error) {
			if isEmpty(result) {
				return page[T]{}, errEmpty
			}
			var w page[W]
			if err := json.Unmarshal(result, &w); err != nil {
				return page[T]{}, err
			}
			if !w.Total.set && len(w.List) == 0 {
				return page[T]{}, errEmpty
			}
			return convert(w)
		},
		answer: func(body []byte) (page[T], bool) {
			var frame struct {
				Code   *text   `json:"code"`
				Result page[W] `json:"result"`
			}
			if err := json.Unmarshal(body, &frame); err != nil || frame.Code == nil || *frame.Code != "0" || len(frame.Result.List) == 0 {
				return page[T]{}, false
			}
			p, err := convert(frame.Result)
			return p, err == nil
		},
	}
	return call(ctx, c, m, decode)
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

// count asks for a page of one row: its total is the size of the list.
func count[T any, K comparable](ctx context.Context, s source[T, K]) (Count[T], error) {
	list, err := sample(ctx, s, 1)
	n := Count[T]{Total: list.Total}
	if len(list.Rows) > 0 {
		n.Sample = &list.Rows[0]
	}
	return n, err
}

// sample asks for one page: its total is the size of the list.
func sample[T any, K comparable](ctx context.Context, s source[T, K], rows int) (Listing[T], error) {
	p, err := s.fetch(ctx, 1, rows)
	if err != nil {
		return Listing[T]{}, err
	}
	if !p.Total.set && len(p.List) > 0 {
		return Listing[T]{}, s.message.fail(kindMalformed, fmt.Errorf("the list of %s has no total", s.name))
	}
	total := max(p.Total.value, int64(len(p.List)))
	return Listing[T]{Rows: p.List, Total: total, Truncated: total > int64(len(p.List)), Stated: p.Total.set}, nil
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
