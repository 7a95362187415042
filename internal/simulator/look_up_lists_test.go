package simulator

import (
	"encoding/json"
	"testing"
)

// TestLookUpSearches has the rows that fuzzy and exact searches find.
func TestLookUpSearches(t *testing.T) {
	t.Parallel()
	page := func(more ...string) map[string]string {
		return pairs(append([]string{"pageNow", "1", "pageSize", "100"}, more...)...)
	}
	for _, tc := range []struct {
		name, op     string
		params       map[string]string
		column       string
		fuzzy, exact string
	}{
		{"product, part", OpProductList, pairs("searchValue", "met"), "productId", "10005977", ""},
		{"product, name", OpProductList, pairs("searchValue", "Water meters"), "productId", "10005977", "10005977"},
		{"product, case", OpProductList, pairs("searchValue", "water meters"), "productId", "", ""},
		{"product, id", OpProductList, pairs("searchValue", "10005986"), "productName", "Street lamps", "Street lamps"},
		{"product, part of id", OpProductList, pairs("searchValue", "100059"), "productId", "10005977 10005986", ""},
		{"product, all", OpProductList, nil, "productId", "10005977 10005986", "10005977 10005986"},
		{"firmware, part", OpFirmwareList, page("productId", "10005977", "searchValue", "1.3"), "firmwareId", "3297 3296", ""},
		{
			"firmware, name", OpFirmwareList, page("productId", "10005977", "searchValue", "Water meter 1.3251"),
			"firmwareId", "3297", "3297",
		},
		{"firmware, version", OpFirmwareList, page("productId", "10005986", "searchValue", "10.3"), "firmwareId", "3275", ""},
		{"firmware, all", OpFirmwareList, page("productId", "10005986"), "firmwareVersion", "10.4 10.3 10.2", "10.4 10.3 10.2"},
		{"groups, part", OpGroupList, page("deviceGroupName", "ort"), "deviceGroupId", "21001 21003", ""},
		{"groups, name", OpGroupList, page("deviceGroupName", "south"), "deviceGroupId", "21002 21004", "21002 21004"},
		{"groups, id", OpGroupList, page("deviceGroupId", "21003"), "deviceGroupName", "north", "north"},
		{"groups, part of id", OpGroupList, page("deviceGroupId", "2100"), "deviceGroupId", "", ""},
		{"groups, product", OpGroupList, page("productId", "10005986"), "deviceGroupId", "21003 21004", "21003 21004"},
		{"groups, level 0", OpGroupList, page("groupLevel", "0"), "deviceGroupId", "21001 21002 21003 21004", "21001 21002 21003 21004"},
		{"groups, level 1", OpGroupList, page("groupLevel", "1"), "deviceGroupId", "21005", "21005"},
		{"groups, other level", OpGroupList, page("groupLevel", "0", "deviceGroupId", "21005"), "deviceGroupId", "", ""},
		{"old groups, part", oldGroupList, page("productId", "10005977", "searchValue", "th"), "deviceGroupId", "21001 21002", ""},
		{"old groups, id", oldGroupList, page("productId", "10005977", "searchValue", "21002"), "deviceGroupName", "south", "south"},
		{"old groups, several products", oldGroupList, page("productId", "10005977", "searchValue", "pilot"), "deviceGroupId", "", ""},
		{"meters, id", OpProductDevices, page("productId", "10005977", "searchValue", secondMeter), "deviceId", secondMeter, secondMeter},
		{"meters, part of id", OpProductDevices, page("productId", "10005977", "searchValue", secondMeter[3:]), "deviceId", secondMeter, ""},
		{
			"meters, IMEI", OpProductDevices, page("productId", "10005977", "searchValue", "860000000000002"),
			"deviceId", secondMeter, secondMeter,
		},
		{"meters, name", OpProductDevices, page("productId", "10005977", "searchValue", "设备-0000002"), "deviceId", secondMeter, secondMeter},
		{"lamps, number", OpProductDevices, page("productId", "10005986", "searchValue", "0000002"), "deviceSn", "0000002", "0000002"},
		{"lamps, part", OpProductDevices, page("productId", "10005986", "searchValue", "00010"), "deviceSn", "0000010 0000100", ""},
		{
			"members, name", OpGroupDevices, page("productId", "10005977", "deviceGroupId", "21001", "searchValue", "设备-0000002"),
			"deviceId", secondMeter, secondMeter,
		},
		{
			"members of the other group", OpGroupDevices,
			page("productId", "10005977", "deviceGroupId", "21002", "searchValue", "设备-0000002"), "deviceId", "", "",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for exact, want := range map[bool]string{false: tc.fuzzy, true: tc.exact} {
				options := Options{LookUps: LookUps{
					ExactProducts: exact, ExactFirmware: exact, ExactGroups: exact, ExactDevices: exact, None: NonePage,
				}}
				inBubble(t, options, func(t *testing.T, _ *Platform, c *caller) {
					c.masterKey = map[string]string{"10005977": LwM2MMasterKey, "10005986": TLinkMasterKey}[tc.params["productId"]]
					got := c.list(tc.op, tc.params)
					wantEqual(t, tc.column, got.column(tc.column), want)
					wantEqual(t, "total", got.Total, len(got.List))
				})
			}
		})
	}
}

// searchNothing has parameters of each list that find no row.
var searchNothing = map[string]map[string]string{
	OpFirmwareList:   pairs("productId", "10005977", "searchValue", "x"),
	OpProductList:    pairs("searchValue", "x"),
	OpProductDevices: pairs("productId", "10005977", "searchValue", "x"),
	OpGroupList:      pairs("pageNow", "1", "pageSize", "20", "deviceGroupName", "x"),
	oldGroupList:     pairs("pageNow", "1", "pageSize", "20", "productId", "10005977", "searchValue", "x"),
	OpGroupDevices:   pairs("pageNow", "1", "pageSize", "20", "productId", "10005977", "deviceGroupId", "9"),
}

func TestListsWithoutRows(t *testing.T) {
	t.Parallel()
	const empty = `{"pageNum":1,"pageSize":20,"total":0,"list":[]}`
	const nullList = `{"pageNum":1,"pageSize":20,"total":0,"list":null}`
	ofGroups := map[string]bool{OpGroupList: true, oldGroupList: true, OpGroupDevices: true}
	for op, params := range searchNothing {
		documented := empty
		if ofGroups[op] {
			documented = "null"
		}
		for want, l := range map[string][]LookUps{
			documented: {{}}, empty: {{None: NonePage}}, "null": {{None: NoneNull}, {None: NoneNull, Paging: Paging{NullList: true}}},
			nullList: {{None: NonePage, Paging: Paging{NullList: true}}},
		} {
			for _, switches := range l {
				inBubble(t, Options{LookUps: switches}, func(t *testing.T, _ *Platform, c *caller) {
					wantEqual(t, op, string(c.meters().ok(op, params, "").Result), want)
				})
			}
		}
	}
	inBubble(t, Options{}, func(t *testing.T, _ *Platform, c *caller) {
		params := pairs("pageNow", "9", "pageSize", "20")
		wantEqual(t, "a page after the last", string(c.ok(OpGroupList, params, "").Result), `{"pageNum":9,"pageSize":20,"total":5,"list":[]}`)
	})
	inBubble(t, Options{LookUps: LookUps{None: NoneNull}}, func(t *testing.T, _ *Platform, c *caller) {
		wantEqual(t, "devices by id", string(c.meters().ok(OpDevicesByID, nil, idBody(LwM2MProduct, "x")).Result), "null")
	})
}

// TestPagesOfLookUps limits the pages of one list and of all lists.
func TestPagesOfLookUps(t *testing.T) {
	t.Parallel()
	own := func(op string, paging Paging) LookUps { return LookUps{ListPaging: map[string]Paging{op: paging}} }
	const refused = PageTooLargeRefused
	both := own(OpGroupList, Paging{MaxPageSize: 3})
	both.Paging.MaxPageSize = 1
	for name, tc := range map[string]struct {
		switches LookUps
		op, size string
		rows     int
		status   int
		code     int
	}{
		"default size":            {LookUps{}, OpProductDevices, "", 20, 200, 0},
		"documented limit":        {LookUps{}, OpProductDevices, "100", 100, 200, 0},
		"above it":                {LookUps{}, OpProductDevices, "101", 0, 200, CodeParameter},
		"above it, all capped":    {LookUps{Paging: Paging{MaxPageSize: 200}}, OpProductDevices, "101", 0, 200, CodeParameter},
		"above it, bad request":   {LookUps{Paging: Paging{TooLarge: PageTooLargeBadRequest}}, OpProductDevices, "101", 0, 400, 0},
		"above it, capped":        {own(OpProductDevices, Paging{MaxPageSize: 100}), OpProductDevices, "101", 100, 200, 0},
		"smaller limit":           {LookUps{Paging: Paging{MaxPageSize: 40}}, OpProductDevices, "100", 40, 200, 0},
		"no limit of groups":      {LookUps{}, OpGroupList, "1000", 5, 200, 0},
		"limit of all, groups":    {LookUps{Paging: Paging{MaxPageSize: 2}}, OpGroupList, "1000", 2, 200, 0},
		"limit of another list":   {own(OpProductList, Paging{MaxPageSize: 1}), OpGroupList, "9", 5, 200, 0},
		"own limit precedes":      {both, OpGroupList, "9", 3, 200, 0},
		"own limit, refused":      {own(OpFirmwareList, Paging{MaxPageSize: 2, TooLarge: refused}), OpFirmwareList, "3", 0, 200, CodeParameter},
		"products, limit refused": {LookUps{Paging: Paging{MaxPageSize: 1, TooLarge: PageTooLargeBadRequest}}, OpProductList, "2", 0, 400, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{Paging: Paging{MaxPageSize: 1}, LookUps: tc.switches}, func(t *testing.T, _ *Platform, c *caller) {
				params := pairs("pageNow", "1", "pageSize", tc.size)
				if tc.op == OpProductDevices || tc.op == OpFirmwareList {
					params["productId"] = "10005977"
				}
				a := c.meters().call(tc.op, params, "")
				wantEqual(t, "HTTP status", a.status, tc.status)
				wantEqual(t, "code", a.Code, tc.code)
				var page listed
				_ = json.Unmarshal(a.Result, &page)
				wantEqual(t, "rows", len(page.List), tc.rows)
			})
		})
	}
	inBubble(t, Options{LookUps: LookUps{Paging: Paging{MaxPageSize: 1}}}, func(t *testing.T, _ *Platform, c *caller) {
		c.lwm2mTask()
		c.lwm2mTask()
		wantEqual(t, "rows of the campaign's list", len(c.list(OpTasks, pairs("productId", "10005977", "pageSize", "2")).List), 2)
	})
}

// TestNumbersAsText shows all numbers of rows and pages as texts.
func TestNumbersAsText(t *testing.T) {
	t.Parallel()
	options := Options{LookUps: LookUps{NumbersAsText: true, EmptyForNull: true}}
	inBubble(t, options, func(t *testing.T, _ *Platform, c *caller) {
		for op := range lookUpDocument {
			var result any
			must(t, json.Unmarshal(c.meters().ok(op, accepted[op], acceptedBody(op)).Result, &result))
			wantOnlyTexts(t, op, result)
		}
	})
}

// wantOnlyTexts reports numbers and nulls in a result.
func wantOnlyTexts(t *testing.T, what string, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			wantOnlyTexts(t, what+"."+name, member)
		}
	case []any:
		for _, element := range v {
			wantOnlyTexts(t, what, element)
		}
	case string:
	default:
		t.Errorf("%s: got %v, want a text", what, v)
	}
}
