package catalog

import (
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

// lists are lists by query. A list that was read lately serves all callers of its query.
type lists[Q comparable, T any] struct {
	cache syncs.Cache[Q, aep.Listing[T]]
	load  func(ctx context.Context, q Q, limit int) (aep.Listing[T], error)
}

// first returns a list, or its first limit rows if limit is not 0. The caller must not change the rows.
func (l *lists[Q, T]) first(ctx context.Context, q Q, limit int) (aep.Listing[T], error) {
	list, err := l.cache.GetIf(ctx, q, func(list aep.Listing[T]) bool {
		return !list.Truncated || limit > 0 && len(list.Rows) >= limit
	}, func(ctx context.Context) (aep.Listing[T], error) { return l.load(ctx, q, limit) })
	return cut(list, limit), err
}

// kept returns the rows for which keep is true, at most limit of them (0: all). expected says that the platform
// has applied the same filter already. Then it reads no more rows than it needs, unless the platform has not.
func (l *lists[Q, T]) kept(ctx context.Context, q Q, limit int, expected bool, keep func(T) bool) (aep.Listing[T], error) {
	if expected {
		list, err := l.first(ctx, q, limit)
		if err != nil || !slices.ContainsFunc(list.Rows, func(row T) bool { return !keep(row) }) {
			return list, err
		}
	}
	list, err := l.first(ctx, q, 0)
	if err != nil {
		return aep.Listing[T]{}, err
	}
	list.Rows = filtered(list.Rows, keep)
	list.Total = int64(len(list.Rows))
	return cut(list, limit), nil
}

// cut returns the first limit rows of a list if limit is not 0.
func cut[T any](list aep.Listing[T], limit int) aep.Listing[T] {
	if limit > 0 && len(list.Rows) > limit {
		list.Rows, list.Truncated = list.Rows[:limit:limit], true
	}
	return list
}

// filtered returns the rows for which keep is true, in a slice of their own.
func filtered[T any](rows []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(rows), func(row T) bool { return !keep(row) })
}

// ofProduct reports whether a row belongs to a product. A row without a product does.
func ofProduct(row, productID int64) bool { return row == 0 || row == productID }

// reader reads one list.
type reader[T any] func(ctx context.Context) (aep.Listing[T], error)

// reader returns a reader of a list, or of its first limit rows if limit is not 0.
func (l *lists[Q, T]) reader(q Q, limit int) reader[T] {
	return func(ctx context.Context) (aep.Listing[T], error) { return l.first(ctx, q, limit) }
}
