package simulator

import (
	"slices"
	"time"
)

// arrival is the rows of one join that no list shows yet: see Quirks.JoinLag.
type arrival struct {
	first, end int
	at         time.Time
}

// arrive hides the rows from first on until a time.
func (t *task) arrive(first int, at time.Time) {
	t.arrivals = append(t.arrivals, arrival{first, len(t.rows), at})
}

// visible returns the rows of a set that the lists show.
func (t *task) visible(set *indexSet, now time.Time) *indexSet {
	t.arrivals = slices.DeleteFunc(t.arrivals, func(a arrival) bool { return !now.Before(a.at) })
	if len(t.arrivals) == 0 {
		return set
	}
	hidden := &indexSet{}
	for _, a := range t.arrivals {
		for row := a.first; row < a.end; row++ {
			hidden.add(row)
		}
	}
	return set.without(hidden)
}
