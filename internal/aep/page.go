package aep

import (
	"context"
	"encoding/json"
	"iter"
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
