package aep

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

var (
	queryProductDevices = looksUp(deviceService, true, "QueryDeviceList", "/devices", "20190507012134",
		"productId", "searchValue", "pageNow", "pageSize")
	listDeviceInfo = &endpoint{
		service: deviceService, operation: "ListDeviceInfo", method: http.MethodPost, path: "/listByDeviceIds", version: "20210828062945",
		masterKey: true, idempotent: true,
	}
)

// ProductDevice is a device of a product.
type ProductDevice struct {
	ID              string
	Name            string
	SN              string
	IMEI            string
	FirmwareVersion string // "" if the platform gave none
	ProductID       int64
	Status          int64
	NetStatus       int64     // 1 online, 2 offline, 0 unknown
	CreatedAt       time.Time // this time and the others are zero if the platform gave none
	ActivatedAt     time.Time
	OnlineAt        time.Time
	OfflineAt       time.Time
}

type wireProductDevice struct {
	DeviceID        text     `json:"deviceId"`
	DeviceName      text     `json:"deviceName"`
	DeviceSN        text     `json:"deviceSn"`
	IMEI            text     `json:"imei"`
	FirmwareVersion text     `json:"firmwareVersion"`
	ProductID       integer  `json:"productId"`
	DeviceStatus    integer  `json:"deviceStatus"`
	NetStatus       integer  `json:"netStatus"`
	CreateTime      wireTime `json:"createTime"`
	ActiveTime      wireTime `json:"activeTime"`
	OnlineAt        wireTime `json:"onlineAt"`
	OfflineAt       wireTime `json:"offlineAt"`
}

func (w *wireProductDevice) device(productID int64) (ProductDevice, error) {
	if w.DeviceID == "" {
		return ProductDevice{}, errNoDeviceID
	}
	return ProductDevice{
		ID: string(w.DeviceID), Name: string(w.DeviceName), SN: string(w.DeviceSN), IMEI: string(w.IMEI),
		FirmwareVersion: string(w.FirmwareVersion), ProductID: w.ProductID.or(productID),
		Status: w.DeviceStatus.value, NetStatus: w.NetStatus.value,
		CreatedAt: w.CreateTime.Time, ActivatedAt: w.ActiveTime.Time, OnlineAt: w.OnlineAt.Time, OfflineAt: w.OfflineAt.Time,
	}, nil
}

func (d ProductDevice) id() string { return d.ID }

// ProductDeviceQuery selects devices of one product.
type ProductDeviceQuery struct {
	ProductID int64
	Search    string // id, name, number or IMEI, or a part of it; "" for all
}

// ProductDevices lists the devices of a product, at most limit of them (0: all). A page has 100 rows.
//
// API: QueryDeviceList, GET /devices of aep_device_management.
func (c *Client) ProductDevices(ctx context.Context, q ProductDeviceQuery, limit int) (Listing[ProductDevice], error) {
	m := message{endpoint: queryProductDevices, productID: q.ProductID, query: map[string]string{"productId": decimal(q.ProductID)}}
	setIfAny(m.query, "searchValue", q.Search)
	row := func(w *wireProductDevice) (ProductDevice, error) { return w.device(q.ProductID) }
	list := source[ProductDevice, string]{
		pages: newPages(c, fmt.Sprintf("devices of product %d", q.ProductID), m, row), key: ProductDevice.id,
	}
	return list.scan(ctx, limit)
}

// DevicesByID reads devices of a product in one call. It returns the devices of the product that the platform knows,
// each once, in no certain order. The platform's limit of ids is not documented. A failed call is not repeated: other
// lists have the devices too.
//
// API: ListDeviceInfo, POST /listByDeviceIds of aep_device_management.
func (c *Client) DevicesByID(ctx context.Context, productID int64, ids []string) ([]ProductDevice, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	asked := make(map[string]bool, len(ids))
	for _, id := range ids {
		asked[id] = true
	}
	m := message{endpoint: listDeviceInfo, productID: productID, once: true, body: encodeBody(struct {
		ProductID    int64    `json:"productId"`
		DeviceIDList []string `json:"deviceIdList"`
	}{productID, ids})}
	decode := func(w *deviceRows) ([]ProductDevice, error) {
		if w == nil || *w == nil {
			return nil, errEmpty
		}
		found := newCollection(ProductDevice.id)
		for i := range *w {
			d, err := (*w)[i].device(productID)
			if err != nil {
				return nil, err
			}
			if asked[d.ID] && d.ProductID == productID {
				found.put(d)
			}
		}
		return found.rows, nil
	}
	devices, err := call(ctx, c, m, decode)
	if isKind(err, kindEmpty) { // as for a list, null counts as no rows if the platform repeats it
		devices, err = call(ctx, c, m, decode)
	}
	if isKind(err, kindEmpty) {
		return nil, nil
	}
	return devices, err
}

// deviceRows is a list of devices, or an object with one. The API document does not say which.
type deviceRows []wireProductDevice

func (l *deviceRows) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return json.Unmarshal(data, (*[]wireProductDevice)(l))
	}
	var object page[wireProductDevice]
	err := json.Unmarshal(data, &object)
	*l = object.List
	return err
}
