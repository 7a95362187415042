package campaign

import "slices"

// cutOff are accepted items that the platform has silently cut off the end of their batches.
type cutOff[T comparable] struct {
	items []T
	size  int // items that the platform carries out of a batch
	// late is true if the batches that were sent last show no item, so that the list may lag behind. Their
	// items are not among items.
	late bool
}

// again reports whether a later look has found the same, and nothing is late.
func (c cutOff[T]) again(later cutOff[T]) bool {
	return len(later.items) > 0 && !later.late && later.size == c.size
}

// cutOff returns the items that were cut off: in no batch an item shows at their position or after it. shows
// reports whether an item was carried out.
func (b *batchOperation[T]) cutOff(shows func(T) bool) (cut cutOff[T]) {
	last := 0 // batches up to the last one that shows an item
	for n, batch := range b.sent {
		for i := len(batch); i > 0; i-- {
			if shows(batch[i-1]) {
				cut.size, last = max(cut.size, i), n+1
				break
			}
		}
	}
	for n, batch := range b.sent {
		if len(batch) > cut.size && n < last {
			cut.items = append(cut.items, batch[cut.size:]...)
		}
	}
	cut.late = last < len(b.sent)
	return cut
}

// withdraw takes items that were cut off out of the accepted ones, to send them again in smaller batches. Two
// batches that were cut off at the same item prove that this is a limit of the platform.
func (b *batchOperation[T]) withdraw(cut cutOff[T]) {
	batches := 0
	for _, batch := range b.sent {
		if len(batch) > cut.size {
			batches++
		}
	}
	if batches > 1 {
		b.size.restrict(cut.size)
	}
	again := asSet(cut.items)
	b.accepted = slices.DeleteFunc(b.accepted, func(item T) bool { return again[item] })
	b.most = cut.size
}
