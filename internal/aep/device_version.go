package aep

import "context"

// DeviceVersion is a device with the firmware version that it reports. It has few members, like JoinedDevice.
type DeviceVersion struct {
	ID      string
	Version string // "" if the device reports none

	subtaskID int64
}

func (d DeviceVersion) row() deviceRow { return deviceRow{d.ID, d.subtaskID} }

type wireDeviceVersion struct {
	DeviceID        text    `json:"deviceId"`
	TaskID          integer `json:"taskId"`
	FirmwareVersion text    `json:"firmwareVersion"`
}

func (w *wireDeviceVersion) device() (DeviceVersion, error) {
	if w.DeviceID == "" {
		return DeviceVersion{}, errNoDeviceID
	}
	return DeviceVersion{ID: string(w.DeviceID), Version: string(w.FirmwareVersion), subtaskID: w.TaskID.value}, nil
}

// DeviceVersions lists devices if they fill at most maxPages pages; otherwise it returns those of the first page.
// The list is read once, also if it changes meanwhile. Truncated is set unless every row is certain to be there.
//
// API: QueryRemoteUpradeDeviceList, GET /devices.
func (c *Client) DeviceVersions(ctx context.Context, q DeviceQuery, maxPages int) (Listing[DeviceVersion], error) {
	s := c.deviceVersions(q)
	first, size, err := s.first(ctx, 0)
	if err != nil {
		return Listing[DeviceVersion]{}, err
	}
	list := Listing[DeviceVersion]{Rows: first.List, Total: first.Total.value, Truncated: true, Stated: first.Total.set}
	if rows := int64(len(first.List)); rows > 0 && (first.Total.value-1)/rows >= int64(maxPages) {
		return list, nil
	}
	r, err := s.readFrom(ctx, first, size, 0)
	if err != nil {
		return Listing[DeviceVersion]{}, err
	}
	list.Rows, list.Truncated = r.rows, !r.whole()
	return list, nil
}

// DeviceVersion returns the rows of the device that q names, usually one. A list without rows must be proven.
//
// API: QueryRemoteUpradeDeviceList, GET /devices.
func (c *Client) DeviceVersion(ctx context.Context, q DeviceQuery) (Listing[DeviceVersion], error) {
	return c.deviceVersions(q).scan(ctx, 0)
}

func (c *Client) deviceVersions(q DeviceQuery) source[DeviceVersion, deviceRow] {
	return deviceSource(c, q, (*wireDeviceVersion).device, DeviceVersion.row)
}
