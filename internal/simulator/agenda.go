package simulator

import (
	"container/heap"
	"maps"
	"slices"
)

// event is the next step of a subtask. It is void if the subtask's generation
// has changed since.
type event struct {
	sub        *subtask
	generation uint32
}

// agenda holds the events to come, by time in nanoseconds. All events of one
// time share one entry, so that a step of a million subtasks costs one heap
// operation.
type agenda struct {
	events map[int64][]event
	times  timeHeap
}

// schedule adds the next step of a subtask.
func (a *agenda) schedule(at int64, s *subtask) {
	if a.events == nil {
		a.events = map[int64][]event{}
	}
	if _, known := a.events[at]; !known {
		heap.Push(&a.times, at)
	}
	a.events[at] = append(a.events[at], event{s, s.generation})
}

// due removes and returns the earliest events, unless they are later than
// now.
func (a *agenda) due(now int64) (at int64, events []event, ok bool) {
	if len(a.times) == 0 || a.times[0] > now {
		return 0, nil, false
	}
	at, _ = heap.Pop(&a.times).(int64)
	events = a.events[at]
	delete(a.events, at)
	return at, events, true
}

// stretch multiplies the time from now to each event.
func (a *agenda) stretch(now int64, factor float64) {
	before := a.events
	a.events, a.times = make(map[int64][]event, len(before)), nil
	for _, at := range slices.Sorted(maps.Keys(before)) {
		events := before[at]
		at = now + int64(float64(at-now)*factor)
		if _, known := a.events[at]; !known {
			heap.Push(&a.times, at)
		}
		a.events[at] = append(a.events[at], events...)
	}
}

type timeHeap []int64

func (h timeHeap) Len() int { return len(h) }

func (h timeHeap) Less(i, j int) bool { return h[i] < h[j] }

func (h timeHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *timeHeap) Push(x any) {
	at, _ := x.(int64)
	*h = append(*h, at)
}

func (h *timeHeap) Pop() any {
	last := len(*h) - 1
	at := (*h)[last]
	*h = (*h)[:last]
	return at
}
