package simulator

import (
	"strings"
	"testing"
	"time"
)

// versionsSeen returns the version of a device in every list and row.
func versionsSeen(t *testing.T, c *caller, product, id string) []any {
	t.Helper()
	c.masterKey = map[string]string{"10005977": LwM2MMasterKey, "10005986": TLinkMasterKey}[product]
	named := c.ok(OpDevicesByID, nil, `{"productId":`+product+`,"deviceIdList":["`+id+`"]}`).Result
	return []any{
		c.list(OpDevices, pairs("productId", product, "isSelectDevice", "2", "deviceIdSearch", id)).List[0]["firmwareVersion"],
		c.list(OpProductDevices, pairs("productId", product, "searchValue", id)).List[0]["firmwareVersion"],
		c.object(OpProductDevice, pairs("productId", product, "deviceId", id))["firmwareVersion"],
		object(t, named[1:len(named)-1])["firmwareVersion"],
	}
}

// wantVersions reports a version that differs. The first is that of
// UpgradeService.
func wantVersions(t *testing.T, what string, got []any, upgrade, others any) {
	t.Helper()
	for i, version := range got {
		want := others
		if i == 0 {
			want = upgrade
		}
		wantEqual(t, what+", list "+[]string{"/devices", "QueryDeviceList", "QueryDevice", "ListDeviceInfo"}[i], version, want)
	}
}

func TestVersionChangesWithTheUpgrade(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Upgrade: Upgrade{UpgradeTime: time.Hour}}, func(t *testing.T, p *Platform, c *caller) {
		wantVersions(t, "before", versionsSeen(t, c, "10005977", firstMeter), "1.0.0", "1.0.0")
		job := startable(t, p, LwM2MProduct)
		must(t, p.Join(job, firstMeter))
		must(t, p.Start(job))
		time.Sleep(time.Minute)
		wantEqual(t, "version during the upgrade", c.object(OpProductDevice, accepted[OpProductDevice])["firmwareVersion"], any("1.0.0"))
		time.Sleep(time.Hour)
		wantVersions(t, "after", versionsSeen(t, c, "10005977", firstMeter), "1.3251", "1.3251")
		must(t, p.SetDeviceVersion(LwM2MProduct, "1.1", firstMeter, "unknown"))
		wantVersions(t, "set", versionsSeen(t, c, "10005977", firstMeter), "1.1", "1.1")
		must(t, p.SetDeviceVersion(LwM2MProduct, NoVersion, firstMeter))
		wantVersions(t, "removed", versionsSeen(t, c, "10005977", firstMeter), "", nil)
		wantEqual(t, "error for an unknown product", p.SetDeviceVersion(1, "1") != nil, true)
	})
}

func TestSeededVersions(t *testing.T) {
	t.Parallel()
	seed := ProductSeed{
		ID: 7, Protocol: ProtocolTLink, MasterKey: "k", DeviceCount: 7, Versions: []string{"a", NoVersion, "b"}, OfflineEvery: 3,
		Devices: []DeviceSeed{{FirmwareVersion: NoVersion}, {FirmwareVersion: "c"}, {}},
	}
	inBubble(t, Options{Products: []ProductSeed{seed}}, func(t *testing.T, _ *Platform, c *caller) {
		c.masterKey = "k"
		got := c.list(OpProductDevices, pairs("productId", "7"))
		wantEqual(t, "versions", strings.ReplaceAll(got.column("firmwareVersion"), "  ", " - "), "a - b a - b a - c 1.0.0")
		wantEqual(t, "states", got.column("netStatus"), "1 1 2 1 1 2 1 1 2 null")
		wantMembers(t, c.object(OpProduct, pairs("productId", "7")), map[string]any{"deviceCount": 10.0, "onlineDeviceCount": 6.0})
	})
}

// TestMissingVersions hides versions in each service, and shows missing ones
// in each way.
func TestMissingVersions(t *testing.T) {
	t.Parallel()
	const lamp = "100059860000001"
	among := Among(firstMeter, lamp)
	for name, tc := range map[string]struct {
		quirks                     Quirks
		lookUps                    LookUps
		upgrade, meters, lampsSeen any
	}{
		"none":           {Quirks{}, LookUps{}, "1.0.0", "1.0.0", "1.0.0"},
		"in the upgrade": {Quirks{HideVersions: among}, LookUps{}, "", "1.0.0", "1.0.0"},
		"in look-ups":    {Quirks{}, LookUps{HideVersions: among}, "1.0.0", nil, ""},
		"as text":        {Quirks{}, LookUps{HideVersions: among, MissingVersion: VersionEmpty}, "1.0.0", "", ""},
		"as null":        {Quirks{}, LookUps{HideVersions: among, MissingVersion: VersionNull}, "1.0.0", nil, nil},
		"everywhere":     {Quirks{HideVersions: Percent(100)}, LookUps{HideVersions: Percent(100)}, "", nil, ""},
		"of no device":   {Quirks{HideVersions: Percent(0)}, LookUps{HideVersions: Percent(0)}, "1.0.0", "1.0.0", "1.0.0"},
	} {
		inBubble(t, Options{Quirks: tc.quirks, LookUps: tc.lookUps}, func(t *testing.T, _ *Platform, c *caller) {
			wantVersions(t, name, versionsSeen(t, c, "10005977", firstMeter), tc.upgrade, tc.meters)
			wantVersions(t, name, versionsSeen(t, c, "10005986", lamp), tc.upgrade, tc.lampsSeen)
			c.meters()
			second := c.object(OpProductDevice, pairs("productId", "10005977", "deviceId", secondMeter))
			wantEqual(t, name+": another device has a version", second["firmwareVersion"] == any("1.0.0"), name != "everywhere")
		})
	}
	inBubble(t, Options{LookUps: LookUps{HideVersions: Percent(30)}}, func(t *testing.T, _ *Platform, c *caller) {
		hidden := strings.Count(c.meters().list(OpProductDevices, accepted[OpProductDevices]).column("firmwareVersion"), "null")
		if hidden < 20 || hidden > 40 {
			t.Errorf("devices without a version: got %d of 100, want about 30", hidden)
		}
	})
}

func TestDevicesByID(t *testing.T) {
	t.Parallel()
	ids := func(a received) string {
		var l listed
		for _, part := range strings.Split(string(a.Result), `"deviceId":"`)[1:] {
			l.List = append(l.List, map[string]any{"id": part[:4]})
		}
		return l.column("id")
	}
	first, second := firstMeter[:4], secondMeter[:4]
	body := idBody(LwM2MProduct, secondMeter, "unknown", firstMeter, secondMeter)
	for _, tc := range []struct {
		most   int
		effect TooManyIDs
		status int
		code   int
		want   string
	}{
		{0, 0, 200, 0, second + " " + first},
		{4, TooManyIDsRefused, 200, 0, second + " " + first},
		{3, TooManyIDsRefused, 200, CodeTooManyIDs, ""},
		{3, TooManyIDsReported, 200, CodeTooManyIDs, ""},
		{2, TooManyIDsTruncated, 200, 0, second},
		{3, TooManyIDsBadRequest, 400, 0, ""},
		{3, TooManyIDsTimeout, 504, 0, ""},
	} {
		options := Options{LookUps: LookUps{MaxIDs: tc.most, TooManyIDs: tc.effect}, Quirks: Quirks{MaxOperationalIDs: 1}}
		inBubble(t, options, func(t *testing.T, _ *Platform, c *caller) {
			a := c.meters().call(OpDevicesByID, nil, body)
			wantEqual(t, "HTTP status", a.status, tc.status)
			wantEqual(t, "code", a.Code, tc.code)
			wantEqual(t, "devices", ids(a), tc.want)
		})
	}
}

// TestPercent counts the devices that each share selects and fails.
func TestPercent(t *testing.T) {
	t.Parallel()
	for percent, want := range map[int][2]int{0: {0, 0}, 30: {250, 350}, 100: {1000, 1000}} {
		selected, fails := Percent(percent), FailPercent(percent, "8")
		count := 0
		for serial := range 1000 {
			id := (&product{id: LwM2MProduct, protocol: ProtocolLwM2M}).deviceID(serial)
			if selected(id) {
				count++
			}
			wantEqual(t, "failure of a selected device", fails(id, 2) == "8", selected(id))
		}
		if count < want[0] || count > want[1] {
			t.Errorf("devices of %d %%: got %d, want %d to %d", percent, count, want[0], want[1])
		}
	}
}
