package simulator

import (
	"testing"
	"time"
)

// TestUnapprovedFirmware lists unapproved firmware, and makes a task with it.
func TestUnapprovedFirmware(t *testing.T) {
	t.Parallel()
	for hidden, want := range map[bool]string{false: "4000 3298 3297 3296", true: "3298 3297 3296"} {
		inBubble(t, Options{LookUps: LookUps{HideUnapproved: hidden}}, func(t *testing.T, p *Platform, c *caller) {
			must(t, p.AddFirmware(LwM2MProduct, FirmwareSeed{ID: 4000, Version: "2", Unapproved: true}))
			wantEqual(t, "firmware", c.list(OpFirmwareList, accepted[OpFirmwareList]).column("firmwareId"), want)
			wantMembers(t, c.object(OpFirmware, pairs("productId", "10005977", "id", "4000")), map[string]any{"firmwareVersion": "2"})
			c.refused(CodeUnapproved, OpCreate, nil, `{"jobName":"a","firmwareId":4000,"productId":10005977,"retryTimes":1}`)
			wantEqual(t, "tasks", len(p.Tasks(LwM2MProduct)), 0)
		})
	}
}

// TestFirmwareComesAndGoes adds firmware of an equal version and name, and
// deletes firmware that a task has.
func TestFirmwareComesAndGoes(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		newest := time.UnixMilli(1700000000000)
		job := c.lwm2mTask()
		must(t, p.AddFirmware(LwM2MProduct,
			FirmwareSeed{ID: 5000, Name: "Water meter 1.3251", Version: "1.3251", CreatedAt: newest},
			FirmwareSeed{ID: 5001, Name: "Water meter 1.3251", Version: "1.3251", CreatedAt: newest},
		))
		same := c.list(OpFirmwareList, pairs("productId", "10005977", "searchValue", "Water meter 1.3251"))
		wantEqual(t, "firmware of one name", same.column("firmwareId"), "5001 5000 3297")
		wantEqual(t, "versions", same.column("firmwareVersion"), "1.3251 1.3251 1.3251")
		p.DeleteFirmware(3297, 1)
		wantEqual(t, "firmware", c.list(OpFirmwareList, accepted[OpFirmwareList]).column("firmwareId"), "5001 5000 3298 3296")
		c.refused(CodeFirmwareMissing, OpFirmware, accepted[OpFirmware], "")
		wantMembers(t, c.object(OpQueryTask, ofTask(LwM2MProduct, job)), map[string]any{"firmwareId": 3297.0, "firmwareVersion": "1.3251"})
		wantEqual(t, "error for an unknown product", p.AddFirmware(1, FirmwareSeed{ID: 6}) != nil, true)
	})
}

func TestProductSwitches(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{LookUps: LookUps{NoOnlineCount: true}}, func(t *testing.T, p *Platform, c *caller) {
		wantAbsent(t, c.list(OpProductList, nil).List[0], "onlineDeviceCount")
		wantMembers(t, c.object(OpProduct, accepted[OpProduct]), map[string]any{"onlineDeviceCount": 90.0})
		must(t, p.RenameProduct(LwM2MProduct, "Street lamps"))
		wantEqual(t, "products", c.list(OpProductList, pairs("searchValue", "Street lamps")).column("productId"), "10005977 10005986")
	})
}
