package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func TestPages(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name       string
		paging     Paging
		now, size  string
		serials    string // first and last on the page
		shownSize  int
		total, row int
	}{
		{"defaults", Paging{}, "", "", "1-20", 20, 100, 20},
		{"second", Paging{}, "2", "30", "31-60", 30, 100, 30},
		{"last", Paging{}, "4", "30", "91-100", 30, 100, 10},
		{"past the end", Paging{}, "5", "30", "", 30, 100, 0},
		{"far past the end", Paging{}, "2147483647", "2147483647", "", 1<<31 - 1, 100, 0},
		{"all", Paging{}, "1", "1000", "1-100", 1000, 100, 100},
		{"capped", Paging{MaxPageSize: 40}, "2", "1000", "41-80", 40, 100, 40},
		{"capped in secret", Paging{MaxPageSize: 40, ReportRequested: true}, "2", "1000", "41-80", 1000, 100, 40},
		{"below the cap", Paging{MaxPageSize: 40}, "1", "10", "1-10", 10, 100, 10},
		{"deaf to pageNow", Paging{IgnorePageNow: true}, "3", "10", "1-10", 10, 100, 10},
		{"lies about the total", Paging{TotalOffset: 7}, "1", "10", "1-10", 10, 107, 10},
		{"repeats a row", Paging{RepeatRow: true}, "2", "10", "10-20", 10, 100, 11},
		{"repeats none on page 1", Paging{RepeatRow: true}, "1", "10", "1-10", 10, 100, 10},
		{"skips a row", Paging{SkipRow: true}, "2", "10", "12-20", 10, 100, 9},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{Paging: tc.paging}, func(t *testing.T, p *Platform, c *caller) {
				job := startable(t, p, LwM2MProduct, p.DeviceIDs(LwM2MProduct)...)
				page := []string{"pageNow", tc.now, "pageSize", tc.size}
				lists := map[string]listed{
					"joined":   c.list(OpDevices, ofTask(LwM2MProduct, job, append(page, "isSelectDevice", "1")...)),
					"subtasks": c.list(OpSubtasks, ofTask(LwM2MProduct, job, page...)),
				}
				must(t, p.DeleteTask(job))
				lists["candidates"] = c.list(OpDevices, map[string]string{
					"productId": "10005977", "isSelectDevice": "2", "pageNow": tc.now, "pageSize": tc.size,
				})
				for name, got := range lists {
					serials := ""
					if len(got.List) > 0 {
						serials = serialOf(got.List[0]) + "-" + serialOf(got.List[len(got.List)-1])
					}
					if serials != tc.serials || len(got.List) != tc.row || got.Total != tc.total || got.PageSize != tc.shownSize {
						t.Errorf("%s: %s, %d rows, total %d, size %d", name, serials, len(got.List), got.Total, got.PageSize)
					}
				}
			})
		})
	}
}

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
		if got.Total != 25 || len(got.List) != 5 || got.List[0]["jobName"] != "任务-4" || got.List[4]["jobId"] != 3456.0 {
			t.Errorf("%v", got)
		}
		got = c.list(OpTasks, map[string]string{"productId": "10005977", "searchValue": "务-1"})
		if got.Total != 11 || got.List[0]["jobName"] != "任务-19" || got.List[10]["jobName"] != "任务-1" {
			t.Errorf("%v", got)
		}
		if got.List[0]["takeTime"] != "" || got.List[0]["productName"] != "复用lw二进制 远程升级" {
			t.Errorf("%v", got.List[0])
		}
	})
}

func TestNullList(t *testing.T) {
	t.Parallel()
	for on, want := range map[bool]string{false: `"list":[]`, true: `"list":null`} {
		inBubble(t, Options{Paging: Paging{NullList: on}}, func(t *testing.T, _ *Platform, c *caller) {
			if got := string(c.ok(OpTasks, map[string]string{"productId": "10005977"}, "").Result); !strings.Contains(got, want) {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestSearches(t *testing.T) {
	t.Parallel()
	seeded := []DeviceSeed{
		{ID: "aaaa", Name: "同名", IMEI: "860000000000000", GroupID: "7", FirmwareVersion: "3"},
		{ID: "bbbb", Name: "同名", IMEI: "123456789012345", GroupID: "7"},
		{ID: "cccc", Name: "独名", SN: "sn1", GroupID: "8"},
	}
	cases := []struct {
		name    string
		tLink   bool
		details bool
		params  []string
		want    string // device ids or, of made devices, serials
	}{
		{"id", false, false, []string{"deviceIdSearch", "bbbb"}, "bbbb"},
		{"part of an id", false, false, []string{"deviceIdSearch", "bbb"}, ""},
		{"name of two", false, false, []string{"deviceNameSearch", "同名"}, "aaaa bbbb"},
		{"name and IMEI", false, false, []string{"deviceNameSearch", "同名", "imeiSearch", "123456789012345"}, "bbbb"},
		{"name and another's id", false, false, []string{"deviceNameSearch", "同名", "deviceIdSearch", "cccc"}, ""},
		{"made name", false, false, []string{"deviceNameSearch", "设备-0000002"}, "2"},
		{"made IMEI", false, false, []string{"imeiSearch", "860000000000003"}, "3"},
		{"a name is no IMEI", false, false, []string{"imeiSearch", "同名"}, ""},
		{"group", false, false, []string{"deviceGroupIdSearch", "7"}, "aaaa bbbb"},
		{"group and id", false, false, []string{"deviceGroupIdSearch", "7", "deviceIdSearch", "bbbb"}, "bbbb"},
		{"group and a stranger's id", false, false, []string{"deviceGroupIdSearch", "8", "deviceIdSearch", "bbbb"}, ""},
		{"unknown group", false, false, []string{"deviceGroupIdSearch", "9"}, ""},
		{"number", true, false, []string{"deviceNoSearch", "sn1"}, "cccc"},
		{"made number", true, false, []string{"deviceNoSearch", "0000002"}, "2"},
		{"fuzzy id", false, true, []string{"searchValue", "bb"}, "bbbb"},
		{"fuzzy name", false, true, []string{"searchValue", "名"}, "aaaa bbbb cccc"},
		{"fuzzy IMEI", false, true, []string{"searchValue", "3456789"}, "bbbb"},
		{"fuzzy number", true, true, []string{"searchValue", "n1", "taskStatus", "1"}, "cccc"},
		{"fuzzy made name", false, true, []string{"searchValue", "-000000"}, "1 2 3"},
		{"whole made id", true, true, []string{"searchValue", "100059860000002", "taskStatus", "1"}, "2"},
		{"whole made id in another state", true, true, []string{"searchValue", "100059860000002", "taskStatus", "2"}, ""},
		{"longer than any", false, true, []string{"searchValue", strings.Repeat("a", 40)}, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			products := DefaultProducts(3)
			products[0].Devices, products[1].Devices = seeded, seeded
			inBubble(t, Options{Products: products}, func(t *testing.T, p *Platform, c *caller) {
				product := LwM2MProduct
				if tc.tLink {
					product = TLinkProduct
				}
				job := startable(t, p, product)
				find := func(scope string) string {
					if tc.details {
						return deviceKeys(c.list(OpSubtasks, ofTask(product, job, tc.params...)))
					}
					return deviceKeys(c.list(OpDevices, ofTask(product, job, append([]string{"isSelectDevice", scope}, tc.params...)...)))
				}
				if got := find("2"); !tc.details && got != tc.want {
					t.Errorf("candidates %q, want %q", got, tc.want)
				}
				must(t, p.Join(job, p.DeviceIDs(product)...))
				if got := find("1"); got != tc.want {
					t.Errorf("joined %q, want %q", got, tc.want)
				}
				if got := find("2"); !tc.details && got != "" {
					t.Errorf("joined devices are candidates: %q", got)
				}
			})
		})
	}
}

func deviceKeys(l listed) string {
	var keys []string
	for _, row := range l.List {
		key, _ := row["deviceId"].(string)
		if name, _ := row["deviceName"].(string); strings.HasPrefix(name, namePrefix) {
			key = serialOf(row)
		}
		keys = append(keys, key)
	}
	return strings.Join(keys, " ")
}

func TestDeviceRows(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		id := p.DeviceIDs(TLinkProduct)[9]
		job := startable(t, p, TLinkProduct)
		find := func(scope string) map[string]any {
			t.Helper()
			return c.list(OpDevices, ofTask(TLinkProduct, job, "isSelectDevice", scope, "deviceIdSearch", id)).List[0]
		}
		common := map[string]any{
			"deviceId": "100059860000010", "deviceSn": "0000010", "imei": "", "createTime": 1557995303000.0,
			"firmwareVersion": "1.0.0", "netStatus": nil, "onlineAt": nil, "deviceGroupId": "",
		}
		candidate := find("2")
		wantMembers(t, candidate, common)
		wantMembers(t, candidate, map[string]any{"taskId": "", "taskState": "", "resultCode": ""})
		must(t, p.Join(job, id))
		joined := find("1")
		wantMembers(t, joined, common)
		wantMembers(t, joined, map[string]any{"taskId": 59.0, "taskState": "1", "resultCode": "-1"})
		must(t, p.SetDeviceGroup(TLinkProduct, "g", id))
		for scope, total := range map[string]int{"1": 1, "2": 0} {
			if got := c.list(OpDevices, ofTask(TLinkProduct, job, "isSelectDevice", scope, "deviceGroupIdSearch", "g")); got.Total != total {
				t.Errorf("scope %s: %d devices of the group", scope, got.Total)
			}
		}
	})
}

func TestIndexSetAgainstAPlainSet(t *testing.T) {
	t.Parallel()
	var set indexSet
	plain := map[int]bool{}
	seed := uint32(1)
	random := func(n int) int {
		seed = seed*1664525 + 1013904223
		return int(seed>>8) % n
	}
	const domain = 40_000
	for range 60_000 {
		i := random(domain)
		if random(3) == 0 {
			set.remove(i)
			delete(plain, i)
		} else {
			set.add(i)
			plain[i] = true
		}
	}
	var members []int
	for i := range domain {
		if plain[i] {
			members = append(members, i)
		}
	}
	if set.count != len(members) || len(members) < domain/4 {
		t.Fatalf("%d members, want %d", set.count, len(members))
	}
	for _, offset := range []int{0, 1, 63, 64, 5000, 9999, set.count - 1, set.count} {
		for _, n := range []int{0, 1, 100, 1000} {
			want := members[offset:min(offset+n, len(members))]
			if got := set.page(offset, n); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("page(%d, %d) begins %v, want %v", offset, n, got[:min(3, len(got))], want[:min(3, len(want))])
			}
		}
	}
	var even indexSet
	for i := 0; i < domain; i += 2 {
		even.add(i)
	}
	for _, i := range set.and(&even).page(0, domain) {
		if !plain[i] || i%2 != 0 {
			t.Fatalf("%d is not in both", i)
		}
	}
	if both, rest := set.and(&even).count, 0; true {
		for i := range plain {
			rest += 1 - i%2
		}
		if both != rest {
			t.Errorf("%d in both, want %d", both, rest)
		}
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{JournalLimit: 3}, func(t *testing.T, p *Platform, c *caller) {
		c.masterKey = LwM2MMasterKey
		job := c.lwm2mTask()
		for range 10 {
			c.ok(OpQueryTask, ofTask(LwM2MProduct, job), "")
		}
		requests := p.Requests()
		if len(requests) != 3 || requests[2].Index != 10 || p.Count(OpQueryTask) != 10 {
			t.Fatalf("%d requests, last %d", len(requests), requests[len(requests)-1].Index)
		}
		last := requests[2]
		if last.JobID != job || last.ProductID != LwM2MProduct || last.Write || !last.Succeeded || last.HTTPStatus != 200 ||
			last.Path != "/aep_upgrade_management/task" || last.Query.Get("id") != strconv.FormatInt(job, 10) ||
			last.Header.Get("MasterKey") != LwM2MMasterKey {
			t.Errorf("journal %+v", last)
		}
		p.ResetJournal()
		c.lwm2mTask()
		if w := p.Writes(); len(w) != 1 || w[0].Index != 0 || string(w[0].Body) != lwm2mBody || w[0].ProductID != LwM2MProduct {
			t.Errorf("writes %+v", w)
		}
	})
}
