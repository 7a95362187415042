package aep

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// versionPages serves rows such as "a 1.0", two a page.
func versionPages(total int, rows ...string) step {
	return func(r *http.Request) (*http.Response, error) {
		number, _ := strconv.Atoi(r.URL.Query().Get("pageNow"))
		var page []string
		for _, row := range rows[min(2*(number-1), len(rows)):min(2*number, len(rows))] {
			device, version, _ := strings.Cut(row, " ")
			page = append(page, fmt.Sprintf(`{"deviceId":%q,"taskId":null,"firmwareVersion":%q}`, device, version))
		}
		return ok(fmt.Sprintf(`{"total":%d,"list":[%s]}`, total, strings.Join(page, ",")))(r)
	}
}

// A list of versions is read once. Truncated says that rows may be missing.
func TestDeviceVersions(t *testing.T) {
	t.Parallel()
	rows := []string{"a 1", "b ", "c 2", "d 1", "e 3"}
	for name, c := range map[string]struct {
		total, pages int
		rows         []string
		want         int
		truncated    bool
		calls        int
	}{
		"an empty list":           {0, 1, nil, 0, false, 1},
		"a list of one page":      {2, 1, rows[:2], 2, false, 1},
		"as many pages":           {5, 3, rows, 5, false, 3},
		"a page too many":         {5, 2, rows, 2, true, 1},
		"a row is missing":        {6, 3, rows, 5, true, 4},
		"the list lacks its rows": {5, 3, nil, 0, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				platform := play(versionPages(c.total, c.rows...))
				q := DeviceQuery{Key: TaskKey{ProductID: testProduct}, Scope: Candidates}
				list, err := newClient(t, platform, pageSize(2)).DeviceVersions(t.Context(), q, c.pages)
				if err != nil || len(list.Rows) != c.want || list.Truncated != c.truncated || list.Total != int64(c.total) || !list.Stated {
					t.Errorf("got %+v, %v, want %d rows, truncated: %t", list, err, c.want, c.truncated)
				}
				for i, d := range list.Rows {
					if got := d.ID + " " + d.Version; got != rows[i] {
						t.Errorf("row %d is %q, want %q", i, got, rows[i])
					}
				}
				if calls := len(platform.sent()); calls != c.calls {
					t.Errorf("got %d calls, want %d", calls, c.calls)
				}
			})
		})
	}
}

// The look-up of one device proves that a device is not there.
func TestDeviceVersion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		total int
		rows  []string
		fails bool
	}{
		"found":         {1, []string{"a 1"}, false},
		"not found":     {0, nil, false},
		"contradictory": {1, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := DeviceQuery{Key: TaskKey{ProductID: testProduct}, Scope: Candidates, DeviceID: "a"}
				list, err := newClient(t, play(versionPages(c.total, c.rows...)), pageSize(2)).DeviceVersion(t.Context(), q)
				if IsUnreliable(err) != c.fails || !c.fails && (err != nil || len(list.Rows) != c.total || !list.Stated) {
					t.Errorf("got %+v, %v", list, err)
				}
				if !c.fails && c.total == 1 && !slices.Equal(list.Rows, []DeviceVersion{{ID: "a", Version: "1"}}) {
					t.Errorf("got %+v", list.Rows)
				}
			})
		})
	}
}
