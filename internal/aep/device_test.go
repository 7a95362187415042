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

// joinedPages returns a step that serves rows of joined devices in pages of two. A
// row is "<device id> <subtask id>". The subtask id may be missing.
func joinedPages(total int, rows ...string) step {
	return func(r *http.Request) (*http.Response, error) {
		number, _ := strconv.Atoi(r.URL.Query().Get("pageNow"))
		var page []string
		for i := (number - 1) * 2; i < min(number*2, len(rows)); i++ {
			device, subtask, _ := strings.Cut(rows[i], " ")
			page = append(page, fmt.Sprintf(`{"deviceId":%q,"taskId":%q,"taskState":"10"}`, device, subtask))
		}
		return ok(fmt.Sprintf(`{"total":%d,"list":[%s]}`, total, strings.Join(page, ",")))(r)
	}
}

func TestDeviceThatIsListedTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		total int
		rows  []string
		want  []JoinedDevice // nil: the list is unreliable
		calls int
	}{
		"with two subtasks": {
			4,
			[]string{"a 1", "b 2", "a 3", "c 4"},
			[]JoinedDevice{{"a", 1, 10}, {"a", 3, 10}, {"b", 2, 10}, {"c", 4, 10}},
			2,
		},
		"without their subtasks": {
			4,
			[]string{"a", "b", "a", "c"},
			[]JoinedDevice{{"a", 0, 10}, {"b", 0, 10}, {"c", 0, 10}},
			2 * 3,
		},
		"and hides another":                     {5, []string{"a", "b", "a", "c"}, nil, scanTries * 4},
		"because the page number means nothing": {4, []string{"a", "b", "a", "b"}, nil, scanTries * 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				platform := play(joinedPages(c.total, c.rows...))
				got, err := newClient(t, platform, pageSize(2)).JoinedDevices(t.Context(), testKey, "")
				slices.SortFunc(got, func(a, b JoinedDevice) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
				if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) || err != nil && !IsUnreliable(err) {
					t.Errorf("got %v, %v, want %v", got, err, c.want)
				}
				if calls := len(platform.sent()); calls > c.calls {
					t.Errorf("got %d calls, want at most %d", calls, c.calls)
				}
				list, err := newClient(t, platform, pageSize(2)).Devices(t.Context(), DeviceQuery{Key: testKey, Scope: Joined}, 0)
				if len(list.Rows) != len(c.want) || (err == nil) != (c.want != nil) {
					t.Errorf("whole rows: got %v, %v, want %v", list.Rows, err, c.want)
				}
			})
		})
	}
}
