package campaign

import "slices"

// cutOff are accepted items that the platform has silently cut off the end of their batches.
type cutOff[T comparable] struct {
	items []T
	size  int  // items that the platform carries out of a batch
	sure  bool // two batches were cut off at the same item, so that the size is a limit of the platform
}

// cutOff returns the items that were cut off: in no batch an item shows at their position or after it. shows
// reports whether an item was carried out. A batch without any such item is left out, because nothing shows
// where it was cut off.
func (b *batchOperation[T]) cutOff(shows func(T) bool) (cut cutOff[T]) {
	ends := make([]int, len(b.sent)) // of what shows of each batch
	for n, batch := range b.sent {
		for i := len(batch); i > 0 && ends[n] == 0; i-- {
			if shows(batch[i-1]) {
				ends[n] = i
			}
		}
	}
	if len(ends) > 0 {
		cut.size = slices.Max(ends)
	}
	same := 0
	for n, batch := range b.sent {
		if ends[n] == 0 || len(batch) <= cut.size {
			continue
		}
		cut.items = append(cut.items, batch[cut.size:]...)
		if ends[n] == cut.size {
			same++
		}
	}
	cut.sure = same > 1
	return cut
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
