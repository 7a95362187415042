package campaign

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// stopped returns the error of an operation that err has ended early. of is the number of its items.
func (b *batchOperation[T]) stopped(of int, err error) error {
	return fmt.Errorf("only %s of %s of %s were %s: %w", progress.Grouped(len(b.accepted)), progress.Devices(of), b.key.Object(), b.verb, err)
}

// explain looks the refused and the untried items up, and returns a failure for each that has not been
// carried out.
func (b *batchOperation[T]) explain(ctx context.Context, device func(T) string) ([]DeviceFailure, error) {
	items := slices.AppendSeq(slices.Clone(b.untried), maps.Keys(b.refused))
	if len(items) == 0 {
		return nil, nil
	}
	rest, err := b.settleRefused(ctx, items)
	if err != nil {
		return nil, fmt.Errorf("%s refused devices could not be read back: %w", progress.Grouped(len(items)), err)
	}
	return b.failures(rest, device, ""), nil
}

// failures returns a failure for each item, by device; accepted is the message for items that the platform
// has accepted.
func (b *batchOperation[T]) failures(items []T, device func(T) string, accepted string) []DeviceFailure {
	untried := asSet(b.untried)
	var list []DeviceFailure
	for _, item := range items {
		failure := DeviceFailure{DeviceID: device(item), Message: accepted}
		if refusal := b.refused[item]; refusal != nil {
			failure.Code, failure.Message = refusal.Code, refusal.Message
		} else if untried[item] {
			failure.Code, failure.Message = b.first.Code, fmt.Sprintf(
				"not attempted: all %d sampled devices were rejected, the first with: %s", len(b.refused), b.first.Message)
		}
		list = append(list, failure)
	}
	slices.SortStableFunc(list, func(x, y DeviceFailure) int { return cmp.Compare(x.DeviceID, y.DeviceID) })
	return list
}
