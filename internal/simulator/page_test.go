package simulator

import (
	"fmt"
	"strings"
	"testing"
)

var pageCases = []struct {
	name        string
	paging      Paging
	now, size   string
	serials     string // first and last on the page
	shownSize   int
	total, rows int
}{
	{"defaults", Paging{}, "", "", "1-20", 20, 100, 20},
	{"second", Paging{}, "2", "30", "31-60", 30, 100, 30},
	{"last", Paging{}, "4", "30", "91-100", 30, 100, 10},
	{"past the end", Paging{}, "5", "30", "", 30, 100, 0},
	{"far past the end", Paging{}, "2147483647", "2147483647", "", 1<<31 - 1, 100, 0},
	{"all", Paging{}, "1", "1000", "1-100", 1000, 100, 100},
	{"limited", Paging{MaxPageSize: 40}, "2", "1000", "41-80", 40, 100, 40},
	{"limited, requested size shown", Paging{MaxPageSize: 40, ReportRequested: true}, "2", "1000", "41-80", 1000, 100, 40},
	{"below the limit", Paging{MaxPageSize: 40}, "1", "10", "1-10", 10, 100, 10},
	{"limited, offset by the requested size", Paging{MaxPageSize: 40, OffsetByRequested: true}, "2", "50", "51-90", 40, 100, 40},
	{"limited, offset past the end", Paging{MaxPageSize: 40, OffsetByRequested: true}, "2", "1000", "", 40, 100, 0},
	{"limited, offset by the served size", Paging{MaxPageSize: 40, OffsetByRequested: true}, "2", "40", "41-80", 40, 100, 40},
	{"defaults, above a limit", Paging{MaxPageSize: 15, TooLarge: PageTooLargeRefused}, "", "", "1-15", 15, 100, 15},
	{"refused above no limit", Paging{TooLarge: PageTooLargeRefused}, "1", "1000", "1-100", 1000, 100, 100},
	{"pageNow ignored", Paging{IgnorePageNow: true}, "3", "10", "1-10", 10, 100, 10},
	{"wrong total", Paging{TotalOffset: 7}, "1", "10", "1-10", 10, 107, 10},
	{"a row repeated", Paging{RepeatRow: true}, "2", "10", "10-20", 10, 100, 11},
	{"none repeated on page 1", Paging{RepeatRow: true}, "1", "10", "1-10", 10, 100, 10},
	{"a row skipped", Paging{SkipRow: true}, "2", "10", "12-20", 10, 100, 9},
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, tc := range pageCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{Paging: tc.paging}, func(t *testing.T, p *Platform, c *caller) {
				job := startable(t, p, LwM2MProduct, p.DeviceIDs(LwM2MProduct)...)
				page := []string{"pageNow", tc.now, "pageSize", tc.size}
				joined := append(page, "isSelectDevice", "1")
				candidates := append(page, "isSelectDevice", "2")
				lists := map[string]listed{
					"joined":   c.list(OpDevices, ofTask(LwM2MProduct, job, joined...)),
					"subtasks": c.list(OpSubtasks, ofTask(LwM2MProduct, job, page...)),
				}
				must(t, p.DeleteTask(job))
				lists["candidates"] = c.list(OpDevices, ofTask(LwM2MProduct, job, candidates...))
				for name, got := range lists {
					serials := ""
					if len(got.List) > 0 {
						serials = serialOf(got.List[0]) + "-" + serialOf(got.List[len(got.List)-1])
					}
					wantEqual(t, name+": serials", serials, tc.serials)
					wantEqual(t, name+": rows", len(got.List), tc.rows)
					wantEqual(t, name+": total", got.Total, tc.total)
					wantEqual(t, name+": pageSize", got.PageSize, tc.shownSize)
				}
			})
		})
	}
}

// serialOf returns the serial number in the name of a generated device.
func serialOf(row map[string]any) string {
	name, _ := row["deviceName"].(string)
	return strings.TrimLeft(strings.TrimPrefix(name, namePrefix), "0")
}

func TestTasksAreNewestFirst(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		for i := range 25 {
			_, err := p.CreateTask(TaskDraft{ProductID: LwM2MProduct, FirmwareID: LwM2MFirmware, Name: fmt.Sprintf("任务-%d", i)})
			must(t, err)
		}
		startable(t, p, TLinkProduct)
		got := c.list(OpTasks, map[string]string{"productId": "10005977", "pageNow": "2"})
		wantEqual(t, "total", got.Total, 25)
		wantEqual(t, "names on page 2", namesOf(got), "任务-4 任务-3 任务-2 任务-1 任务-0")
		wantMembers(t, got.List[4], map[string]any{"jobId": 3456.0})
		got = c.list(OpTasks, map[string]string{"productId": "10005977", "searchValue": "务-1"})
		want := "任务-19 任务-18 任务-17 任务-16 任务-15 任务-14 任务-13 任务-12 任务-11 任务-10 任务-1"
		wantEqual(t, "names with 务-1", namesOf(got), want)
		wantMembers(t, got.List[0], map[string]any{"takeTime": "", "productName": LwM2MProductName})
	})
}

// namesOf returns the task names of a list.
func namesOf(l listed) string {
	var names []string
	for _, row := range l.List {
		names = append(names, fmt.Sprint(row["jobName"]))
	}
	return strings.Join(names, " ")
}

func TestNullList(t *testing.T) {
	t.Parallel()
	for on, want := range map[bool]string{false: `"list":[]`, true: `"list":null`} {
		inBubble(t, Options{Paging: Paging{NullList: on}}, func(t *testing.T, _ *Platform, c *caller) {
			result := c.ok(OpTasks, map[string]string{"productId": "10005977"}, "").Result
			wantEqual(t, fmt.Sprintf("list with the switch %t", on), string(result), `{"pageNum":1,"pageSize":20,"total":0,`+want+"}")
		})
	}
}
