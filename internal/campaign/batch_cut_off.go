package campaign

import (
	"math"
	"slices"
)

// cutOff are accepted items that the platform has silently cut off the end of their batches.
type cutOff[T comparable] struct {
	items []T
	size  int  // items that the platform carries out of a batch
	sure  bool // two batches were cut off, so that the size is a limit of the platform
}

// cutOff returns the items that were cut off: nearly all items before a position of their batch show, and nearly
// none after it. Some show for another reason, and some are bad. shows reports whether an item was carried out. A
// batch that shows no item is left out, because nothing shows where it was cut off.
func (b *batchOperation[T]) cutOff(shows func(T) bool) (cut cutOff[T]) {
	batches := slices.DeleteFunc(slices.Clone(b.sent), func(batch []T) bool { return !slices.ContainsFunc(batch, shows) })
	cut.size = cutAt(batches, shows)
	longer := 0
	for _, batch := range batches {
		if len(batch) <= cut.size {
			continue
		}
		longer++
		for _, item := range batch[cut.size:] {
			if !shows(item) {
				cut.items = append(cut.items, item)
			}
		}
	}
	cut.sure = longer > 1
	return cut
}

// cutAt returns the position at which batches are cut off with the fewest exceptions. Too many exceptions explain
// nothing: half of the items before the cut missing, or a third of the items after it shown. Then it returns the length
// of the longest batch.
func cutAt[T any](batches [][]T, shows func(T) bool) int {
	var shown, missing []int // by position
	shownAfter, after := 0, 0
	for _, batch := range batches {
		shown = append(shown, make([]int, max(0, len(batch)-len(shown)))...)
		missing = append(missing, make([]int, len(shown)-len(missing))...)
		for i, item := range batch {
			if shows(item) {
				shown[i]++
				shownAfter++
			} else {
				missing[i]++
			}
		}
		after += len(batch)
	}
	best, fewest, missingBefore, items := len(shown), math.MaxInt, 0, after
	for i := range shown {
		shownAfter, missingBefore, after = shownAfter-shown[i], missingBefore+missing[i], after-shown[i]-missing[i]
		explains := 2*missingBefore <= items-after && 3*shownAfter <= after
		if exceptions := shownAfter + missingBefore; explains && exceptions <= fewest {
			best, fewest = i+1, exceptions
		}
	}
	return best
}

// withdraw takes items that were cut off out of the accepted ones, to send them again in smaller batches.
func (b *batchOperation[T]) withdraw(cut cutOff[T]) {
	again := asSet(cut.items)
	b.accepted = slices.DeleteFunc(b.accepted, func(item T) bool { return again[item] })
	b.most = cut.size
	if cut.sure {
		b.size.restrict(cut.size)
	}
}
