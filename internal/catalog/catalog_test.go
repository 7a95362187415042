package catalog

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// numbers are lists of the numbers from 1 to 10. They count what they are asked for.
func numbers(asked *[]int) *lists[string, int] {
	return &lists[string, int]{load: func(_ context.Context, _ string, limit int) (aep.Listing[int], error) {
		*asked = append(*asked, limit)
		all := aep.Listing[int]{Rows: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Total: 10}
		return cut(all, limit), nil
	}}
}

// A list serves every later caller that needs no more rows, for half a second.
func TestListsAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked []int
		l := numbers(&asked)
		for _, c := range []struct{ limit, rows int }{{3, 3}, {2, 2}, {5, 5}, {0, 10}, {4, 4}, {0, 10}} {
			list, err := l.first(t.Context(), "q", c.limit)
			if err != nil || len(list.Rows) != c.rows || list.Total != 10 || list.Truncated != (c.rows < 10) {
				t.Errorf("limit %d: %+v, %v", c.limit, list, err)
			}
		}
		if want := []int{3, 5, 0}; !slices.Equal(asked, want) {
			t.Errorf("read with the limits %v, want %v", asked, want)
		}
		time.Sleep(time.Second)
		_, _ = l.first(t.Context(), "q", 0)
		_, _ = l.first(t.Context(), "another query", 0)
		if want := []int{3, 5, 0, 0, 0}; !slices.Equal(asked, want) {
			t.Errorf("read with the limits %v, want %v", asked, want)
		}
		time.Sleep(time.Minute)
	})
}

// Rows are filtered on this side. The whole list is read only if the platform has not filtered it.
func TestListsAreFiltered(t *testing.T) {
	t.Parallel()
	isEven := func(n int) bool { return n%2 == 0 }
	upToFive := func(n int) bool { return n <= 5 }
	for name, c := range map[string]struct {
		limit     int
		expected  bool
		keep      func(int) bool
		want      []int
		total     int64
		truncated bool
		asked     []int
	}{
		"a filter of this side":         {2, false, isEven, []int{2, 4}, 5, true, []int{0}},
		"all of it":                     {0, false, isEven, []int{2, 4, 6, 8, 10}, 5, false, []int{0}},
		"a filter that was applied":     {5, true, upToFive, []int{1, 2, 3, 4, 5}, 10, true, []int{5}},
		"a filter that was not applied": {3, true, isEven, []int{2, 4, 6}, 5, true, []int{3, 0}},
		"exactly as many":               {5, false, isEven, []int{2, 4, 6, 8, 10}, 5, false, []int{0}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var asked []int
			l := numbers(&asked)
			list, err := l.kept(t.Context(), "q", c.limit, c.expected, c.keep)
			if err != nil || !slices.Equal(list.Rows, c.want) || list.Total != c.total || list.Truncated != c.truncated {
				t.Errorf("%s: %+v, %v", name, list, err)
			}
			if !slices.Equal(asked, c.asked) {
				t.Errorf("%s: read with the limits %v, want %v", name, asked, c.asked)
			}
			whole, _ := l.first(t.Context(), "q", 0)
			if want := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}; !slices.Equal(whole.Rows, want) {
				t.Errorf("%s: the cached list is %v", name, whole.Rows)
			}
			time.Sleep(time.Minute)
		})
	}
}
