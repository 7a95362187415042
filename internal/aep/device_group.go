package aep

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	queryGroups = looksUp(groupService, false, "QueryDeviceGroupList", "/deviceGroups", "20230218035819",
		"pageNow", "pageSize", "productId", "deviceGroupId", "deviceGroupName", "groupLevel")
	queryGroupDevices = looksUp(groupService, true, "QueryGroupDeviceList", "/groupDeviceList", "20190615001540",
		"productId", "searchValue", "pageNow", "pageSize", "deviceGroupId")
)

// GroupLevel is groupLevel: how many products the devices of a group may belong to.
type GroupLevel int64

// The levels in the API document.
const (
	GroupOfProduct  GroupLevel = 0
	GroupOfProducts GroupLevel = 1
)

// DeviceGroup is a group of devices.
type DeviceGroup struct {
	ID          int64
	ProductID   int64 // 0 if the platform gave none, as for a group over several products
	Name        string
	Description string
	Level       GroupLevel
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

type wireDeviceGroup struct {
	DeviceGroupID   integer  `json:"deviceGroupId"`
	ProductID       integer  `json:"productId"`
	DeviceGroupName text     `json:"deviceGroupName"`
	Description     text     `json:"description"`
	GroupLevel      integer  `json:"groupLevel"`
	CreateTime      wireTime `json:"createTime"`
	UpdateTime      wireTime `json:"updateTime"`
}

func (w *wireDeviceGroup) group() (DeviceGroup, error) {
	if w.DeviceGroupID.value <= 0 {
		return DeviceGroup{}, errors.New("a group in it has no deviceGroupId")
	}
	return DeviceGroup{
		ID: w.DeviceGroupID.value, ProductID: w.ProductID.value, Name: string(w.DeviceGroupName), Description: string(w.Description),
		Level: GroupLevel(w.GroupLevel.value), CreatedAt: w.CreateTime.Time, UpdatedAt: w.UpdateTime.Time,
	}, nil
}

// DeviceGroupQuery selects groups of devices. A field that is zero selects all groups.
type DeviceGroupQuery struct {
	ProductID int64
	ID        int64
	Name      string // the platform may also list groups whose names only resemble it
	Level     *GroupLevel
}

// DeviceGroups lists groups of devices, at most limit of them (0: all).
//
// API: QueryDeviceGroupList, GET /deviceGroups of aep_device_group_management.
func (c *Client) DeviceGroups(ctx context.Context, q DeviceGroupQuery, limit int) (Listing[DeviceGroup], error) {
	m := message{endpoint: queryGroups, productID: q.ProductID, query: make(map[string]string)}
	name := "device groups"
	if q.ProductID != 0 {
		m.query["productId"] = decimal(q.ProductID)
		name = fmt.Sprintf("device groups of product %d", q.ProductID)
	}
	if q.ID != 0 {
		m.query["deviceGroupId"] = decimal(q.ID)
	}
	if q.Level != nil {
		m.query["groupLevel"] = decimal(int64(*q.Level))
	}
	setIfAny(m.query, "deviceGroupName", q.Name)
	list := source[DeviceGroup, int64]{
		pages: newPages(c, name, m, (*wireDeviceGroup).group), key: func(g DeviceGroup) int64 { return g.ID },
	}
	return list.scan(ctx, limit)
}

// GroupDevice is a device of a group.
type GroupDevice struct {
	ID        string
	Name      string
	SN        string
	IMEI      string
	ProductID int64 // 0 if the platform gave none
	Status    int64
}

type wireGroupDevice struct {
	DeviceID     text    `json:"deviceId"`
	DeviceName   text    `json:"deviceName"`
	DeviceSN     text    `json:"deviceSn"`
	IMEI         text    `json:"imei"`
	ProductID    integer `json:"productId"`
	DeviceStatus integer `json:"deviceStatus"`
}

func (w *wireGroupDevice) device() (GroupDevice, error) {
	if w.DeviceID == "" {
		return GroupDevice{}, errNoDeviceID
	}
	return GroupDevice{
		ID: string(w.DeviceID), Name: string(w.DeviceName), SN: string(w.DeviceSN), IMEI: string(w.IMEI),
		ProductID: w.ProductID.value, Status: w.DeviceStatus.value,
	}, nil
}

// GroupDevices lists the devices of a group, at most limit of them (0: all). Without a group id the platform
// would list the devices of the product in no group, so an id that is not positive is refused.
//
// API: QueryGroupDeviceList, GET /groupDeviceList of aep_device_group_management.
func (c *Client) GroupDevices(ctx context.Context, productID, groupID int64, limit int) (Listing[GroupDevice], error) {
	m := message{endpoint: queryGroupDevices, productID: productID, query: map[string]string{
		"productId": decimal(productID), "deviceGroupId": decimal(groupID),
	}}
	if productID <= 0 || groupID <= 0 {
		return Listing[GroupDevice]{}, m.fail(kindInvalid, fmt.Errorf(
			"not sent: the group id %d and the product id %d must be positive", groupID, productID))
	}
	list := source[GroupDevice, string]{
		pages: newPages(c, fmt.Sprintf("devices of group %d of product %d", groupID, productID), m, (*wireGroupDevice).device),
		key:   func(d GroupDevice) string { return d.ID },
	}
	return list.scan(ctx, limit)
}
