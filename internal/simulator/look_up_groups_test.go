package simulator

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// groupPage returns parameters of OpGroupDevices with one page for all.
func groupPage(more ...string) map[string]string {
	return pairs(append([]string{"pageNow", "1", "pageSize", "1000"}, more...)...)
}

// TestGroupsOfBothServices compares the members of a group in both services.
func TestGroupsOfBothServices(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		for group, tc := range map[int64]struct {
			product int64
			from    int
		}{
			LwM2MNorthGroup: {LwM2MProduct, 2}, LwM2MSouthGroup: {LwM2MProduct, 3},
			TLinkNorthGroup: {TLinkProduct, 2}, TLinkSouthGroup: {TLinkProduct, 3},
		} {
			product, id := strconv.FormatInt(tc.product, 10), strconv.FormatInt(group, 10)
			want := everyThird(p.DeviceIDs(tc.product), tc.from)
			got := c.list(OpGroupDevices, groupPage("productId", product, "deviceGroupId", id))
			wantEqual(t, "members of "+id, got.column("deviceId"), want)
			candidates := c.list(OpDevices, pairs("productId", product, "isSelectDevice", "2", "deviceGroupIdSearch", id, "pageSize", "1000"))
			wantEqual(t, "candidates of "+id, candidates.column("deviceId"), want)
		}
		must(t, p.SetDeviceGroup(LwM2MProduct, "21002", secondMeter))
		found := c.list(OpGroupDevices, groupPage("productId", "10005977", "deviceGroupId", "21002", "searchValue", secondMeter))
		wantEqual(t, "new member", found.Total, 1)
		wantMembers(t, c.object(OpGroupOfDevice, accepted[OpGroupOfDevice]), map[string]any{"deviceGroupId": 21002.0})
		must(t, p.SetDeviceGroup(LwM2MProduct, "", secondMeter))
		wantEqual(t, "group of a device without one", string(c.ok(OpGroupOfDevice, accepted[OpGroupOfDevice], "").Result), "null")
	})
}

func everyThird(ids []string, from int) string {
	var l listed
	for i := from - 1; i < len(ids); i += 3 {
		l.List = append(l.List, map[string]any{"id": ids[i]})
	}
	return l.column("id")
}

// TestEmptyGroupIDMeansNoGroup sends deviceGroupId empty, and leaves it out.
func TestEmptyGroupIDMeansNoGroup(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		var want listed
		for i, id := range p.DeviceIDs(LwM2MProduct) {
			if serial := i + 1; serial%3 == 1 && serial%10 != 5 {
				want.List = append(want.List, map[string]any{"id": id})
			}
		}
		wantEqual(t, "devices in no group", len(want.List), 31)
		for _, params := range []map[string]string{
			groupPage("productId", "10005977"), groupPage("productId", "10005977", "deviceGroupId", ""),
		} {
			wantEqual(t, "devices in no group", c.list(OpGroupDevices, params).column("deviceId"), want.column("id"))
		}
		c.refused(CodeParameter, OpGroupDevices, groupPage("deviceGroupId", ""), "")
		c.refused(CodeParameter, OpGroupDevices, groupPage("deviceGroupId", "21001"), "")
		c.refused(CodeProductMissing, OpGroupDevices, groupPage("productId", "1", "deviceGroupId", "21001"), "")
		other := c.ok(OpGroupDevices, groupPage("productId", "10005986", "deviceGroupId", "21001"), "")
		wantEqual(t, "group of another product", string(other.Result), "null")
	})
}

// TestGroupOverSeveralProducts reads the group pilot under its switches.
func TestGroupOverSeveralProducts(t *testing.T) {
	t.Parallel()
	products := func(l listed) string {
		return strings.Join(slices.Compact(strings.Fields(l.column("productId"))), " ")
	}
	inBubble(t, Options{}, func(t *testing.T, _ *Platform, c *caller) {
		for _, params := range []map[string]string{
			groupPage("deviceGroupId", "21005"), groupPage("deviceGroupId", "21005", "productId", "10005986"),
		} {
			got := c.list(OpGroupDevices, params)
			wantEqual(t, "members", got.Total, 20)
			wantEqual(t, "products", products(got), "10005977 10005986")
		}
		wantEqual(t, "second page", c.list(OpGroupDevices, pairs("deviceGroupId", "21005", "pageNow", "2", "pageSize", "15")).column("deviceSn"),
			"0000055 0000065 0000075 0000085 0000095")
		c.refused(CodeParameter, OpGroupDevices, groupPage("deviceGroupId", "21005", "searchValue", secondMeter), "")
		c.refused(CodeProductMissing, OpGroupDevices, groupPage("deviceGroupId", "21005", "productId", "1"), "")
		got := c.list(OpGroupList, groupPage("productId", "10005977"))
		wantEqual(t, "groups of a product", got.column("deviceGroupId"), "21001 21002")
		byID := c.ok(OpGroupList, groupPage("productId", "10005977", "deviceGroupId", "21005"), "")
		wantEqual(t, "group by id and product", string(byID.Result), "null")
	})
	switches := LookUps{ProductShowsSeveral: true, ProductSelectsMembers: true, OldMemberRows: true}
	inBubble(t, Options{LookUps: switches}, func(t *testing.T, p *Platform, c *caller) {
		wantEqual(t, "groups of a product", c.list(OpGroupList, groupPage("productId", "10005977")).column("deviceGroupId"), "21001 21002 21005")
		got := c.list(OpGroupDevices, groupPage("deviceGroupId", "21005", "productId", "10005986"))
		wantEqual(t, "members of one product", got.column("deviceSn"),
			"0000005 0000015 0000025 0000035 0000045 0000055 0000065 0000075 0000085 0000095")
		wantAbsent(t, got.List[0], "productId", "productProtocol", "productName", "nodeType")
		wantEqual(t, "members of all", c.list(OpGroupDevices, groupPage("deviceGroupId", "21005")).Total, 20)
		in := func(i int) map[string]any {
			return c.object(OpGroupOfDevice, pairs("productId", "10005977", "deviceId", p.DeviceIDs(LwM2MProduct)[i]))
		}
		wantMembers(t, in(24), map[string]any{"deviceGroupId": 21005.0, "groupLevel": 1.0, "maxDevNum": 0.0, "productId": nil})
		wantMembers(t, in(4), map[string]any{"deviceGroupId": 21001.0, "groupLevel": 0.0})
	})
}

// TestAddGroups adds groups with named devices to a running platform.
func TestAddGroups(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		must(t, p.AddGroups(LwM2MProduct, GroupSeed{ID: 5, Name: "north", Devices: []string{secondMeter, "unknown"}}))
		must(t, p.AddGroups(TLinkProduct, GroupSeed{ID: 21005, Level: 1, Devices: []string{"100059860000001"}}))
		wantEqual(t, "groups north", c.list(OpGroupList, groupPage("deviceGroupName", "north")).column("deviceGroupId"), "5 21001 21003")
		members := c.list(OpGroupDevices, groupPage("deviceGroupId", "5", "productId", "10005977"))
		wantEqual(t, "members", members.column("deviceId"), secondMeter)
		d, _ := p.Device(LwM2MProduct, secondMeter)
		wantEqual(t, "group of the device", d.GroupID, "5")
		pilot := c.list(OpGroupDevices, groupPage("deviceGroupId", "21005"))
		wantEqual(t, "members of pilot", pilot.Total, 21)
		wantEqual(t, "error for an unknown product", p.AddGroups(1) != nil, true)
	})
}
