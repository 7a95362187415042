package aep

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	queryFirmware     = looksUp(firmwareService, true, "QueryFirmware", "/firmware", "20190618151645", "id", "productId")
	queryFirmwareList = looksUp(firmwareService, true, "QueryFirmwareList", "/firmwares", "20190615001608",
		"productId", "searchValue", "pageNow", "pageSize")
)

// Firmware is a firmware of a product. Its link is left out, because it has a token.
type Firmware struct {
	ID          int64
	ProductID   int64
	Name        string
	Version     string
	Description string
	FileName    string
	MD5         string // 16 or 32 hexadecimal digits
	ModuleName  string
	UpgradePlan int64 // 1 or 2, not explained; 0 if the platform gave none
	ModuleType  int64 // such as 1001, not explained; 0 if the platform gave none
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

type wireFirmware struct {
	FirmwareID      integer  `json:"firmwareId"`
	ProductID       integer  `json:"productId"`
	FirmwareName    text     `json:"firmwareName"`
	FirmwareVersion text     `json:"firmwareVersion"`
	FirmwareDesc    text     `json:"firmwareDesc"`
	FileName        text     `json:"fileName"`
	MD5             text     `json:"md5"`
	ModuleName      text     `json:"moduleName"`
	UpgradePlan     integer  `json:"upgradePlan"`
	ModuleType      integer  `json:"moduleType"`
	CreateTime      wireTime `json:"createTime"`
	UpdateTime      wireTime `json:"updateTime"`
}

// firmware returns a firmware of the product. A firmware of another product is an error: a task must never
// get it.
func (w *wireFirmware) firmware(productID int64) (Firmware, error) {
	if w.FirmwareID.value <= 0 {
		return Firmware{}, errors.New("a firmware in it has no firmwareId")
	}
	if err := w.ProductID.describes(fmt.Sprintf("firmware %d of product", w.FirmwareID.value), productID); err != nil {
		return Firmware{}, err
	}
	return Firmware{
		ID: w.FirmwareID.value, ProductID: productID, Name: string(w.FirmwareName), Version: string(w.FirmwareVersion),
		Description: string(w.FirmwareDesc), FileName: string(w.FileName), MD5: string(w.MD5), ModuleName: string(w.ModuleName),
		UpgradePlan: w.UpgradePlan.value, ModuleType: w.ModuleType.value,
		CreatedAt: w.CreateTime.Time, UpdatedAt: w.UpdateTime.Time,
	}, nil
}

// Firmware reads one firmware. The response for a missing firmware is not documented; see [MaybeGone].
//
// API: QueryFirmware, GET /firmware of aep_firmware_management.
func (c *Client) Firmware(ctx context.Context, productID, firmwareID int64) (Firmware, error) {
	m := message{endpoint: queryFirmware, productID: productID, query: map[string]string{
		"id": decimal(firmwareID), "productId": decimal(productID),
	}}
	return call(ctx, c, m, func(w *wireFirmware) (Firmware, error) {
		if w == nil || w.FirmwareID.value <= 0 {
			return Firmware{}, errEmpty
		}
		if err := w.FirmwareID.describes("firmware", firmwareID); err != nil {
			return Firmware{}, err
		}
		return w.firmware(productID)
	})
}

// FirmwareQuery selects firmware of one product.
type FirmwareQuery struct {
	ProductID    int64
	NameContains string // "" for all
}

// Firmwares lists the firmware of a product, at most limit of them (0: all).
//
// API: QueryFirmwareList, GET /firmwares of aep_firmware_management.
func (c *Client) Firmwares(ctx context.Context, q FirmwareQuery, limit int) (Listing[Firmware], error) {
	m := message{endpoint: queryFirmwareList, productID: q.ProductID, query: map[string]string{"productId": decimal(q.ProductID)}}
	setIfAny(m.query, "searchValue", q.NameContains)
	row := func(w *wireFirmware) (Firmware, error) { return w.firmware(q.ProductID) }
	list := source[Firmware, int64]{
		pages: newPages(c, fmt.Sprintf("firmware of product %d", q.ProductID), m, row),
		key:   func(f Firmware) int64 { return f.ID },
	}
	return list.scan(ctx, limit)
}
