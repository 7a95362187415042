package simulator

import (
	"strings"
	"testing"
	"time"
)

var (
	meterRow = []string{
		`"deviceId":"` + firstMeter + `"`, `"deviceName":"设备-0000001"`, `"tenantId":"10007905"`, `"productId":10005977`,
		`"imei":"860000000000001"`, `"imsi":null`, `"firmwareVersion":"1.0.0"`, `"deviceStatus":1`,
		`"createTime":1557995303000`, `"autoObserver":0`, `"createBy":"huangliang"`, `"updateTime":null`, `"updateBy":null`,
		`"netStatus":1`, `"onlineAt":1557995312831`, `"offlineAt":1557995308207`,
	}
	lampRow = []string{
		`"deviceSn":"0000001"`, `"deviceId":"100059860000001"`, `"deviceName":"设备-0000001"`, `"tenantId":"10007905"`,
		`"productId":10005986`, `"firmwareVersion":"1.0.0"`, `"deviceStatus":1`,
		`"createTime":1557995303000`, `"updateTime":1557995303000`, `"activeTime":1557995303000`, `"logoutTime":null`,
		`"netStatus":1`, `"onlineAt":1557995312831`, `"offlineAt":1557995308207`, `"productProtocol":1`,
	}
	namedMeterRow = []string{
		`"productId":10005977`, `"tenantId":"10007905"`, `"deviceId":"` + firstMeter + `"`, `"deviceSn":null`,
		`"deviceName":"设备-0000001"`, `"imei":"860000000000001"`, `"imsi":null`, `"firmwareVersion":"1.0.0"`,
		`"deviceStatus":1`, `"createTime":1557995303000`, `"createBy":null`, `"updateTime":null`, `"updateBy":null`,
		`"netStatus":1`, `"onlineAt":1557995312831`, `"offlineAt":1557995308207`, `"activeTime":1557995303000`, `"logoutTime":null`,
	}
	firmwareRow = []string{
		`"firmwareId":3298`, `"firmwareName":"Water meter 1.4000"`, `"tenantId":"10007905"`, `"productId":10005977`,
		`"firmwareUrl":"/upload?tenantId=10007905&productId=10005977&fileName=3298.bin&fileType=package&token=` + FirmwareToken + `"`,
		`"firmwareVersion":"1.4000"`, `"upgradeId":0`, `"upgradeType":1`, `"firmwareSignature":0`, `"firmwareDesc":""`,
		`"createTime":1558515957951`, `"updateTime":1558515957951`, `"createBy":"huangliang"`, `"updateBy":null`,
		`"fileName":"3298.bin"`, `"md5":"fa84632d742f2729dc32ce8cb5d49733"`, `"upgradeUploadType":1`,
		`"moduleType":1001`, `"moduleName":""`, `"upgradePlan":1`,
	}
	productRow = []string{
		`"productId":10005977`, `"productName":"Water meters"`, `"tenantId":"10007905"`, `"productDesc":"Water meters over NB-IoT"`,
		`"productType":1`, `"productTypeValue":"智慧城市"`, `"secondaryType":2`, `"secondaryTypeValue":"公共事业"`,
		`"thirdType":3`, `"thirdTypeValue":"Water meters"`, `"productProtocol":3`, `"authType":1`, `"payloadFormat":1`,
		`"networkType":2`, `"endpointFormat":1`, `"powerModel":2`, `"apiKey":"0123456789abcdef0123456789abcdef"`,
		`"deviceCount":100`, `"onlineDeviceCount":90`, `"createTime":1557991703000`, `"updateTime":1557991703000`,
		`"createBy":"huangliang"`, `"updateBy":null`, `"rootCert":0`, `"accessType":1`, `"nodeType":1`, `"tupIsThrough":0`,
		`"dataEncryption":0`, `"encryptionType":0`, `"lwm2mEdrxTime":null`, `"tupDeviceModel":""`, `"tupDeviceType":""`,
		`"categoryId":null`, `"categoryName":null`, `"msgParserMode":null`,
	}
	groupRow = []string{
		`"deviceGroupId":21001`, `"tenantId":"10007905"`, `"productId":10005977`, `"deviceGroupName":"north"`,
		`"description":"Devices in the north"`, `"groupLevel":0`, `"createTime":1557995303000`, `"updateTime":1557995312831`,
	}
	pilotRow = []string{
		`"deviceGroupId":21005`, `"tenantId":"10007905"`, `"productId":null`, `"deviceGroupName":"pilot"`,
		`"description":"Devices that are upgraded first"`, `"groupLevel":1`, `"createTime":1557995303000`, `"updateTime":1557995312831`,
	}
	oldGroupRow = []string{
		`"deviceGroupId":21001`, `"tenantId":"10007905"`, `"productId":10005977`, `"deviceGroupName":"north"`,
		`"deviceCount":33`, `"activeCount":33`, `"description":"Devices in the north"`,
		`"createTime":1557995303000`, `"updateTime":1557995312831`,
	}
	memberRow = []string{
		`"deviceName":"设备-0000002"`, `"deviceId":"` + secondMeter + `"`, `"imei":"860000000000002"`, `"deviceSn":null`,
		`"deviceStatus":1`, `"productId":10005977`, `"productProtocol":3`, `"productName":"Water meters"`, `"nodeType":1`,
	}
	lampMemberRow = []string{
		`"deviceName":"设备-0000002"`, `"deviceId":"100059860000002"`, `"imei":null`, `"deviceSn":"0000002"`,
		`"deviceStatus":1`, `"productId":10005986`, `"productProtocol":1`, `"productName":"Street lamps"`, `"nodeType":1`,
	}
)

func TestLookUpRows(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, _ *Platform, c *caller) {
		one := func(op string) []byte { return c.ok(op, accepted[op], acceptedBody(op)).Result }
		wantRow(t, "firmware list", c.firstRow(OpFirmwareList, accepted[OpFirmwareList]), firmwareRow...)
		wantRow(t, "firmware", c.ok(OpFirmware, pairs("productId", "10005977", "id", "3298"), "").Result, firmwareRow...)
		wantRow(t, "product list", c.firstRow(OpProductList, nil), productRow...)
		wantRow(t, "product", one(OpProduct), productRow...)
		wantRow(t, "groups", c.firstRow(OpGroupList, accepted[OpGroupList]), groupRow...)
		wantRow(t, "groups of 2019", c.firstRow(oldGroupList, accepted[oldGroupList]), oldGroupRow...)
		wantRow(t, "group over several products",
			c.firstRow(OpGroupList, pairs("pageNow", "1", "pageSize", "1", "groupLevel", "1")), pilotRow...)
		wantRow(t, "group of a device", one(OpGroupOfDevice), append(groupRow[:8:8], `"maxDevNum":0`)...)
		wantRow(t, "device of a group", c.firstRow(OpGroupDevices, accepted[OpGroupDevices]), memberRow...)
		wantRow(t, "product of an IMEI", one(OpProductByIMEI), `"productId":10005977`, `"productName":"Water meters"`)
		c.meters()
		wantRow(t, "device list", c.firstRow(OpProductDevices, accepted[OpProductDevices]), meterRow...)
		wantRow(t, "device", one(OpProductDevice), meterRow...)
		wantEqual(t, "devices by id", string(one(OpDevicesByID)), "[{"+strings.Join(namedMeterRow, ",")+"}]")
		c.masterKey = TLinkMasterKey
		wantRow(t, "T-Link device list", c.firstRow(OpProductDevices, pairs("productId", "10005986")), lampRow...)
		wantRow(t, "T-Link device", c.ok(OpProductDevice, pairs("productId", "10005986", "deviceId", "100059860000001"), "").Result, lampRow...)
		wantRow(t, "T-Link device of a group", c.firstRow(OpGroupDevices,
			pairs("pageNow", "1", "pageSize", "20", "productId", "10005986", "deviceGroupId", "21003")), lampMemberRow...)
		lamp := c.object(OpProduct, pairs("productId", "10005986"))
		wantMembers(t, lamp, map[string]any{"rootCert": "0", "powerModel": 1.0, "apiKey": TLinkMasterKey, "productProtocol": 1.0})
	})
}

// TestSeededRows reads what seeds say of firmware and products.
func TestSeededRows(t *testing.T) {
	t.Parallel()
	created, updated := time.UnixMilli(1700000000000), time.UnixMilli(1710000000000)
	seed := ProductSeed{
		ID: 7, Name: "valves", Protocol: 2, Description: "d", PowerModel: 3, NetworkType: 1, CreatedAt: created, UpdatedAt: updated,
		Firmware: []FirmwareSeed{{
			ID: 9, Name: "f", Version: "2", Description: "e", FileName: "f.hex", MD5: "0123456789abcdef", ModuleName: "m",
			UpgradePlan: 2, CreatedAt: created, UpdatedAt: updated,
		}},
		Devices: []DeviceSeed{{ID: "x", Net: NetOffline}, {ID: "y", Net: NetNever}, {ID: "z", Net: NetOnline}},
	}
	inBubble(t, Options{Products: []ProductSeed{seed}}, func(t *testing.T, p *Platform, c *caller) {
		wantMembers(t, c.object(OpProduct, pairs("productId", "7")), map[string]any{
			"productDesc": "d", "powerModel": 3.0, "networkType": 1.0, "createTime": 1.7e12, "updateTime": 1.71e12,
			"deviceCount": 3.0, "onlineDeviceCount": 1.0, "productProtocol": 2.0,
		})
		wantMembers(t, c.object(OpFirmware, pairs("productId", "7", "id", "9")), map[string]any{
			"firmwareDesc": "e", "fileName": "f.hex", "md5": "0123456789abcdef", "moduleName": "m", "moduleType": 1003.0,
			"upgradePlan": 2.0, "createTime": 1.7e12, "updateTime": 1.71e12,
		})
		_, err := p.CreateTask(TaskDraft{ProductID: 7, FirmwareID: 9, Name: "n"})
		must(t, err)
		wantMembers(t, c.list(OpTasks, pairs("productId", "7")).List[0], map[string]any{"fileName": "f.hex", "upgradePlan": 2.0})
		for id, want := range map[string]map[string]any{
			"x": {"netStatus": 2.0, "onlineAt": 1557995312831.0, "offlineAt": 1557995314321.0},
			"y": {"netStatus": nil, "onlineAt": nil, "offlineAt": nil},
			"z": {"netStatus": 1.0, "onlineAt": 1557995312831.0, "offlineAt": 1557995308207.0},
		} {
			wantMembers(t, c.list(OpDevices, pairs("productId", "7", "isSelectDevice", "2", "deviceIdSearch", id)).List[0], want)
		}
	})
}

// TestConnectionsOfBothServices compares a part of the rows of devices that
// are online, offline and never online.
func TestConnectionsOfBothServices(t *testing.T) {
	t.Parallel()
	seeds := DefaultProducts(10)
	seeds[0].OfflineEvery = 4
	inBubble(t, Options{Products: seeds}, func(t *testing.T, p *Platform, c *caller) {
		for serial, want := range map[int]string{
			1:  `"netStatus":1,"onlineAt":1557995312831,"offlineAt":1557995308207,`,
			4:  `"netStatus":2,"onlineAt":1557995312831,"offlineAt":1557995314321,`,
			10: `"netStatus":null,"onlineAt":null,"offlineAt":null,`,
		} {
			id := p.DeviceIDs(LwM2MProduct)[serial-1]
			rows := map[string]string{
				"/devices":        string(c.firstRow(OpDevices, pairs("productId", "10005977", "isSelectDevice", "2", "deviceIdSearch", id))),
				"QueryDeviceList": string(c.meters().firstRow(OpProductDevices, pairs("productId", "10005977", "searchValue", id))) + ",",
				"ListDeviceInfo":  string(c.ok(OpDevicesByID, nil, idBody(LwM2MProduct, id)).Result),
			}
			for list, row := range rows {
				if !strings.Contains(strings.ReplaceAll(row, "}", ","), want) {
					t.Errorf("device %d in %s: got %s, want %s in it", serial, list, row, want)
				}
			}
		}
	})
}
