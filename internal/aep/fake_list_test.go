package aep

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeList is a platform with one list of tasks. Its rows may change, and its totals
// and pages may be wrong.
type fakeList struct {
	mu    sync.Mutex
	ids   []int64
	pages []int                        // page numbers of the requests, in order
	size  int                          // largest page size; 0: any
	total func(rows int) string        // nil: the number of ids
	page  func(asked int) int          // number of the page to serve; nil: as asked
	list  func(asked int) string       // nil or "": the rows
	after func(asked int, s *fakeList) // called after a page is served
}

func listOf(n int) *fakeList {
	s := &fakeList{}
	for i := range n {
		s.ids = append(s.ids, int64(i+1))
	}
	return s
}

func (s *fakeList) step(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked, _ := strconv.Atoi(r.URL.Query().Get("pageNow"))
	size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
	s.pages = append(s.pages, asked)
	if s.size > 0 {
		size = min(size, s.size)
	}
	number := asked
	if s.page != nil {
		number = s.page(asked)
	}
	from := min((number-1)*size, len(s.ids))
	rows := make([]string, 0, size)
	for _, id := range s.ids[from:min(from+size, len(s.ids))] {
		rows = append(rows, fmt.Sprintf(`{"jobId":%d,"jobName":"task %d","jobStatus":1,"firmwareId":1}`, id, id))
	}
	total := strconv.Itoa(len(s.ids))
	if s.total != nil {
		total = s.total(len(s.ids))
	}
	list := "[" + strings.Join(rows, ",") + "]"
	if s.list != nil {
		if instead := s.list(asked); instead != "" {
			list = instead
		}
	}
	if s.after != nil {
		s.after(asked, s)
	}
	return ok(`{"pageNum":1,"pageSize":20,"total":` + total + `,"list":` + list + `}`)(r)
}

func (s *fakeList) read(t *testing.T, limit int, adjust ...func(*Config)) (Listing[Task], error) {
	t.Helper()
	client := newClient(t, play(s.step), adjust...)
	return client.Tasks(t.Context(), TaskQuery{ProductID: testProduct}, limit)
}

func idsOf(tasks []Task) []int64 {
	var ids []int64
	for _, task := range tasks {
		ids = append(ids, task.ID)
	}
	slices.Sort(ids)
	return ids
}

func pageSize(n int) func(*Config) { return func(c *Config) { c.PageSize = n } }

// oneAtATime makes the order of the requests certain.
func oneAtATime(c *Config) { c.MaxConcurrentRequests = 1 }

func total(text string) func(int) string { return func(int) string { return text } }

// once returns a hook that changes the list after a page is served for the first time.
func once(page int, change func(*fakeList)) func(int, *fakeList) {
	done := false
	return func(asked int, s *fakeList) {
		if asked == page && !done {
			done = true
			change(s)
		}
	}
}
