package simulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomSets returns an indexSet and its members in ascending order.
func randomSets(domain int) (set indexSet, members []int) {
	random := rand.New(rand.NewPCG(1, 1))
	plain := map[int]bool{}
	for range 60_000 {
		i := random.IntN(domain)
		if random.IntN(3) == 0 {
			set.remove(i)
			delete(plain, i)
		} else {
			set.add(i)
			plain[i] = true
		}
	}
	for i := range plain {
		members = append(members, i)
	}
	slices.Sort(members)
	return set, members
}

func TestIndexSetPages(t *testing.T) {
	t.Parallel()
	const domain = 40_000
	set, members := randomSets(domain)
	if len(members) < domain/4 {
		t.Fatalf("got %d members, want at least %d in a random set", len(members), domain/4)
	}
	wantEqual(t, "members", set.count, len(members))
	for _, offset := range []int{0, 1, 63, 64, 5000, 9999, set.count - 1, set.count} {
		for _, n := range []int{0, 1, 100, 1000} {
			want := members[offset:min(offset+n, len(members))]
			wantEqual(t, fmt.Sprintf("page(%d, %d)", offset, n), fmt.Sprint(set.page(offset, n)), fmt.Sprint(want))
		}
	}
}

func TestIndexSetOperations(t *testing.T) {
	t.Parallel()
	const domain = 40_000
	set, members := randomSets(domain)
	var even indexSet
	for i := 0; i < domain; i += 2 {
		even.add(i)
	}
	var both, rest []int
	for _, i := range members {
		if i%2 == 0 {
			both = append(both, i)
		} else {
			rest = append(rest, i)
		}
	}
	if got := set.and(&even).page(0, domain); !slices.Equal(got, both) {
		t.Errorf("and: got %v, want %v", got, both)
	}
	if got := set.without(&even).page(0, domain); !slices.Equal(got, rest) {
		t.Errorf("without: got %v, want %v", got, rest)
	}
}
