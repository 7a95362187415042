package campaign

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// sideBySide calls do for each item, workers at a time, and returns the results in the order of the items. Its
// error is that of the first item, in this order, whose call fails, whichever call ends first. Calls of later
// items are interrupted then. Calls of earlier items are completed, because they may fail too.
func sideBySide[I, T any](ctx context.Context, workers int, items []I, do func(context.Context, I) (T, error)) ([]T, error) {
	results, errs := make([]T, len(items)), make([]error, len(items))
	var group errgroup.Group
	group.SetLimit(workers)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for i, item := range items {
		own := ctx
		later, fail := context.WithCancel(own)
		group.Go(func() error {
			if results[i], errs[i] = do(own, item); errs[i] != nil {
				fail()
			}
			return nil
		})
		ctx = later
	}
	_ = group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}
