package aep

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestListsComeOutWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fakeList *fakeList
		size     int
		rows     int // -1: an unreliable list; -2: another error
		pages    int // largest number of requests
	}{
		"empty":                     {listOf(0), 7, 0, 1},
		"one page":                  {listOf(7), 7, 7, 1},
		"a row more":                {listOf(8), 7, 8, 2},
		"many pages":                {listOf(100), 7, 100, 15},
		"clamped size":              {&fakeList{ids: listOf(100).ids, size: 7}, 1000, 100, 15},
		"clamped to one":            {&fakeList{ids: listOf(10).ids, size: 1}, 1000, 10, 10},
		"null list":                 {&fakeList{total: total("0"), list: func(int) string { return "null" }}, 7, 0, 1},
		"total as text":             {&fakeList{ids: listOf(20).ids, total: func(n int) string { return fmt.Sprintf(`"%d"`, n) }}, 7, 20, 3},
		"total is no number":        {&fakeList{ids: listOf(20).ids, total: total(`"many"`)}, 7, -2, 3},
		"total too high":            {&fakeList{ids: listOf(20).ids, total: total("21")}, 7, -1, 4 * 4},
		"total far too high":        {&fakeList{ids: listOf(20).ids, total: total("1000000000")}, 7, -1, 4 * 8},
		"rows promised, none there": {&fakeList{total: total("5")}, 7, -1, 4},
		"total too low":             {&fakeList{ids: listOf(20).ids, total: total("3")}, 7, 20, 2 * 4},
		"total 0":                   {&fakeList{ids: listOf(20).ids, total: total("0")}, 7, 20, 2 * 4},
		"total -1":                  {&fakeList{ids: listOf(20).ids, total: total("-1")}, 7, 20, 2 * 4},
		"total null":                {&fakeList{ids: listOf(20).ids, total: total("null")}, 7, 20, 2 * 5},
		"page number ignored":       {&fakeList{ids: listOf(20).ids, page: func(int) int { return 1 }}, 7, -1, 4 * 5},
		"last page for ever": {
			&fakeList{ids: listOf(20).ids, total: total("1000000"), page: func(n int) int { return min(n, 3) }}, 7, -1,
			4 * 9,
		},
		"empty page in the middle": {
			&fakeList{ids: listOf(30).ids, list: func(n int) string { return map[int]string{3: "[]"}[n] }}, 7, -1, 4 * 6,
		},
		"a row twice in a page": {&fakeList{ids: []int64{1, 2, 2, 3}, total: total("3")}, 7, 3, 1},
		"a row twice, counted":  {&fakeList{ids: []int64{1, 2, 2, 3}}, 7, 3, 2 * 2},
		"row without id":        {&fakeList{list: func(int) string { return `[{"jobName":"x"}]` }}, 7, -2, 3},
		"row with id 0":         {&fakeList{list: func(int) string { return `[{"jobId":0}]` }}, 7, -2, 3},
		"null row":              {&fakeList{list: func(int) string { return `[null]` }}, 7, -2, 3},
		"list is text":          {&fakeList{list: func(int) string { return `"SUCCESS"` }}, 7, -2, 3},
		"deleted while paging":  {&fakeList{ids: listOf(30).ids, after: once(1, func(s *fakeList) { s.ids = s.ids[1:] })}, 7, 29, 2*5 + 2},
		"inserted while paging": {
			&fakeList{ids: listOf(30).ids, after: once(2, func(s *fakeList) { s.ids = append([]int64{99}, s.ids...) })}, 7,
			31, 2*6 + 2,
		},
		"emptied while paging": {&fakeList{ids: listOf(30).ids, after: once(1, func(s *fakeList) { s.ids = nil })}, 7, 0, 8},
		"never at rest":        {&fakeList{ids: listOf(30).ids, after: func(_ int, s *fakeList) { s.ids = s.ids[1:] }}, 7, -1, 4 * 6},
		"appended to the end":  {&fakeList{ids: listOf(14).ids, after: once(2, func(s *fakeList) { s.ids = append(s.ids, 15) })}, 7, 14, 2},
		"more rows than asked for": {
			&fakeList{ids: []int64{1, 2, 3}, list: func(n int) string { return map[int]string{1: `[{"jobId":1},{"jobId":2},{"jobId":3}]`}[n] }},
			2, 3, 1,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list, err := c.fakeList.read(t, 0, pageSize(c.size), oneAtATime)
				switch {
				case c.rows == -1 && !IsUnreliable(err), c.rows == -2 && (err == nil || IsUnreliable(err)), c.rows >= 0 && err != nil:
					t.Fatalf("got %d rows, %v, want %d (-1: unreliable, -2: another error)", len(list.Rows), err, c.rows)
				case c.rows >= 0 && (len(list.Rows) != c.rows || list.Total != int64(c.rows) || list.Truncated):
					t.Errorf("got %v of %d, truncated %t; want %d rows", idsOf(list.Rows), list.Total, list.Truncated, c.rows)
				}
				if unique := slices.Compact(idsOf(list.Rows)); len(unique) != len(list.Rows) {
					t.Errorf("got repeated rows in %v", idsOf(list.Rows))
				}
				if got := len(c.fakeList.pages); got > c.pages {
					t.Errorf("got requests for the pages %v, want at most %d", c.fakeList.pages, c.pages)
				}
			})
		})
	}
}

// If the total is wrong, two readings must have the same rows.
func TestListWithoutTotalIsReadUntilItIsStable(t *testing.T) {
	t.Parallel()
	s := listOf(30)
	s.total = total("0")
	s.after = once(1, func(s *fakeList) { s.ids = s.ids[1:] })
	list, err := s.read(t, 0, pageSize(7))
	if want := listOf(30).ids[1:]; err != nil || !slices.Equal(idsOf(list.Rows), want) {
		t.Errorf("got %v, %v; want %v", idsOf(list.Rows), err, want)
	}
}

func TestLimitReadsNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	honest, wrong := func(n int) string { return strconv.Itoa(n) }, total("0")
	cases := map[string]struct {
		rows, limit int
		total       func(int) string
		want        Listing[struct{}]
		pages       []int
	}{
		"less than a page": {100, 3, honest, Listing[struct{}]{Total: 100, Truncated: true}, []int{1}},
		"a page":           {100, 10, honest, Listing[struct{}]{Total: 100, Truncated: true}, []int{1}},
		"three pages":      {100, 25, honest, Listing[struct{}]{Total: 100, Truncated: true}, []int{1, 2, 3}},
		"exactly all":      {20, 20, honest, Listing[struct{}]{Total: 20}, []int{1, 2}},
		"more than all":    {15, 20, honest, Listing[struct{}]{Total: 15}, []int{1, 2}},
		"total 0":          {100, 20, wrong, Listing[struct{}]{Total: 20, Truncated: true}, []int{1, 2}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := listOf(c.rows)
			s.total = c.total
			list, err := s.read(t, c.limit, pageSize(10))
			if err != nil {
				t.Fatal(err)
			}
			if len(list.Rows) != min(c.limit, c.rows) || list.Total != c.want.Total || list.Truncated != c.want.Truncated {
				t.Errorf("got %v of %d, truncated %t; want %d rows of %d, truncated %t",
					idsOf(list.Rows), list.Total, list.Truncated, min(c.limit, c.rows), c.want.Total, c.want.Truncated)
			}
			slices.Sort(s.pages)
			if !slices.Equal(s.pages, c.pages) {
				t.Errorf("got requests for the pages %v, want %v", s.pages, c.pages)
			}
		})
	}
}

// A row that is inserted may move another to a later page. Then limit rows need not
// be the whole list, although the first total was limit.
func TestLimitOfAListThatChanges(t *testing.T) {
	t.Parallel()
	s := listOf(14)
	s.after = once(1, func(s *fakeList) { s.ids = append([]int64{99}, s.ids...) })
	list, err := s.read(t, 14, pageSize(7))
	if err != nil || len(list.Rows) != 14 || !list.Truncated {
		t.Errorf("got %v, truncated %t, %v; want 14 rows, truncated", idsOf(list.Rows), list.Truncated, err)
	}
}

func TestTasksWithin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tasks, pages int
		changes      bool // while it is read for the first time
		rows         int
		asked        []int
	}{
		{tasks: 0, pages: 1, rows: 0, asked: []int{1}},
		{tasks: 7, pages: 1, rows: 7, asked: []int{1}},
		{tasks: 8, pages: 1, rows: 7, asked: []int{1}},
		{tasks: 21, pages: 3, rows: 21, asked: []int{1, 2, 3}},
		{tasks: 22, pages: 3, rows: 7, asked: []int{1}},
		{tasks: 15, pages: 3, changes: true, rows: 16, asked: []int{1, 2, 3, 1, 2, 3}},
	} {
		t.Run(fmt.Sprint(c.tasks, " in ", c.pages), func(t *testing.T) {
			t.Parallel()
			s := listOf(c.tasks)
			if c.changes {
				s.after = once(1, func(s *fakeList) { s.ids = append([]int64{99}, s.ids...) })
			}
			client := newClient(t, play(s.step), pageSize(7), oneAtATime)
			list, err := client.TasksWithin(t.Context(), TaskQuery{ProductID: testProduct}, c.pages)
			if err != nil || len(list.Rows) != c.rows || int(list.Total) != len(s.ids) || list.Truncated != (c.rows < len(s.ids)) {
				t.Errorf("got %v of %d, truncated %t, %v; want %d rows of %d", idsOf(list.Rows), list.Total, list.Truncated, err, c.rows, len(s.ids))
			}
			if !slices.Equal(s.pages, c.asked) {
				t.Errorf("got requests for the pages %v, want %v", s.pages, c.asked)
			}
		})
	}
}

func TestPagesAreFetchedConcurrently(t *testing.T) {
	t.Parallel()
	for _, concurrency := range []int{1, 4, 8} {
		t.Run(strconv.Itoa(concurrency), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := listOf(170)
				var g meter
				client := newClient(t, play(func(r *http.Request) (*http.Response, error) {
					_, err := g.step(r)
					if err != nil {
						return nil, err
					}
					return s.step(r)
				}), pageSize(10), func(c *Config) { c.MaxConcurrentRequests = concurrency })
				begin := time.Now()
				list, err := client.Tasks(t.Context(), TaskQuery{ProductID: testProduct}, 0)
				if err != nil || len(list.Rows) != 170 {
					t.Fatalf("got %d rows, %v, want 170", len(list.Rows), err)
				}
				want := time.Duration(1+16/concurrency) * time.Second
				if got, took := int(g.most.Load()), time.Since(begin); got != concurrency || took != want {
					t.Errorf("got %d at the same time in %s, want %d in %s", got, took, concurrency, want)
				}
				for i, row := range list.Rows {
					if row.ID != int64(i+1) {
						t.Fatalf("row %d: got task %d, want %d", i, row.ID, i+1)
					}
				}
			})
		})
	}
}

func TestPageThatFailsForGoodFailsTheList(t *testing.T) {
	t.Parallel()
	s := listOf(500)
	client := newClient(t, play(func(r *http.Request) (*http.Response, error) {
		if r.URL.Query().Get("pageNow") == "7" {
			return respond(500, "")(r)
		}
		return s.step(r)
	}), pageSize(10))
	list, err := client.Tasks(t.Context(), TaskQuery{ProductID: testProduct}, 0)
	if failureOf(t, err).HTTPStatus != 500 || list.Rows != nil {
		t.Errorf("got %d rows, %v, want HTTP 500", len(list.Rows), err)
	}
}
