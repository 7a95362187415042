package ownership

import (
	"slices"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// A set that leaves out devices has fewer than it lists. It still lists them, so no other set cancels them.
func TestDevicesThatWereLeftOut(t *testing.T) {
	t.Parallel()
	var sets Sets
	selecting := with(listing("a", "1", "2", "3", "4"), func(c *Claim) { c.LeftOut, c.MayLeaveOut = deviceset.Set{"4"}, true })
	for _, c := range []Claim{selecting, listing("b", "5")} {
		if err := sets.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere := func(want int64) {
		t.Helper()
		if n := sets.ActiveElsewhere(task, "owner of b", "b"); n != want {
			t.Errorf("%d active devices elsewhere, want %d", n, want)
		}
	}
	atStart := func(expected, active, want int64) {
		t.Helper()
		if n, _ := sets.UnlistedAtStart(task, expected, active); n != want {
			t.Errorf("a start of %d devices that expects %d finds %d unlisted devices, want %d", active, expected, n, want)
		}
	}
	elsewhere(3)
	atStart(4, 5, 0) // it is not known how many devices the set will have
	sets.MarkApplied(task, "owner of b", "b", Change{Active: deviceset.Set{"5"}, Read: true})
	sets.MarkApplied(task, "owner of a", "a", Change{
		Active: deviceset.Set{"1", "2"}, LeftOut: deviceset.Set{"3", "4", "6"}, Read: true,
	})
	elsewhere(2)
	atStart(3, 4, 1)
	atStart(3, 3, 0)
	atStart(5, 6, 0)
	if got := DevicesOf(sets.byTask[task]); !slices.Equal(got, deviceset.Set{"1", "2", "5"}) {
		t.Errorf("the sets have %v", got)
	}
	if got := sets.Listed(task, "owner of b"); len(got) != 4 {
		t.Errorf("the other sets list %v", got)
	}
}
