package provider

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/catalog"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const netOnline = 1 // netStatus

// devicesModel is the state of data source aep_devices.
//
// Deliberately absent from the rows: tenantId, productId and productProtocol, which are the same in each; imsi.
type devicesModel struct {
	ProductID        types.Int64    `tfsdk:"product_id"`
	Search           types.String   `tfsdk:"search"`
	FirmwareVersions []types.String `tfsdk:"firmware_versions"`
	Online           types.Bool     `tfsdk:"online"`
	MaxResults       types.Int64    `tfsdk:"max_results"`
	Devices          types.List     `tfsdk:"devices"`
	CountsByVersion  types.Map      `tfsdk:"counts_by_version"`
	Total            types.Int64    `tfsdk:"total"`
	Truncated        types.Bool     `tfsdk:"truncated"`
	DeviceIDsText    types.String   `tfsdk:"device_ids_text"`
}

// productDeviceColumns are the attributes of a device of a product.
var productDeviceColumns = columns[aep.ProductDevice]{
	valueColumn("device_id", "Id of the device (`deviceId`).", func(d aep.ProductDevice) attr.Value { return types.StringValue(d.ID) }),
	textColumn("name", "Name of the device (`deviceName`).", func(d aep.ProductDevice) string { return d.Name }),
	textColumn("sn", "Device number, null for LwM2M (`deviceSn`).", func(d aep.ProductDevice) string { return d.SN }),
	textColumn("imei", "IMEI of the device, for LwM2M (`imei`).", func(d aep.ProductDevice) string { return d.IMEI }),
	textColumn("firmware_version", "Firmware version that the device runs, null if it reports none (`firmwareVersion`).",
		func(d aep.ProductDevice) string { return d.FirmwareVersion }),
	countColumn("status", "State of the device (`deviceStatus`): 0 registered, 1 activated, 2 deregistered.",
		func(d aep.ProductDevice) int64 { return d.Status }),
	numberColumn("net_status", "State of its connection (`netStatus`): 1 online, 2 offline. Null if the device has never connected.",
		func(d aep.ProductDevice) int64 { return d.NetStatus }),
	timeColumn("created_at", "Time of creation, RFC 3339 in China's time zone (`createTime`).",
		func(d aep.ProductDevice) time.Time { return d.CreatedAt }),
	timeColumn("activated_at", "Time of activation, RFC 3339 in China's time zone (`activeTime`).",
		func(d aep.ProductDevice) time.Time { return d.ActivatedAt }),
	timeColumn("online_at", "Time at which the device last came online, RFC 3339 in China's time zone (`onlineAt`).",
		func(d aep.ProductDevice) time.Time { return d.OnlineAt }),
	timeColumn("offline_at", "Time at which the device last went offline, RFC 3339 in China's time zone (`offlineAt`).",
		func(d aep.ProductDevice) time.Time { return d.OfflineAt }),
}

// filter returns the filters that the platform does not have, nil if none is set.
func (m devicesModel) filter() func(aep.ProductDevice) bool {
	if m.FirmwareVersions == nil && m.Online.IsNull() {
		return nil
	}
	return func(d aep.ProductDevice) bool {
		hasVersion := func(v types.String) bool {
			return strings.TrimSpace(v.ValueString()) == strings.TrimSpace(d.FirmwareVersion)
		}
		return (m.FirmwareVersions == nil || slices.ContainsFunc(m.FirmwareVersions, hasVersion)) &&
			(m.Online.IsNull() || m.Online.ValueBool() == (d.NetStatus == netOnline))
	}
}

// list reads the devices.
func (m *devicesModel) list(ctx context.Context, from *catalog.Catalog) error {
	found, err := from.Devices(ctx, m.ProductID.ValueInt64(), m.Search.ValueString(), m.filter(), maxResults(m.MaxResults))
	m.Devices = productDeviceColumns.list(found.Rows)
	m.CountsByVersion = mapOfCounts(countBy(found.Rows, func(d aep.ProductDevice) string {
		return cmp.Or(d.FirmwareVersion, unknownVersion)
	}))
	m.Total = types.Int64Value(found.Total)
	m.Truncated = types.BoolValue(found.Truncated)
	m.DeviceIDsText = types.StringValue(lines(found.Rows, func(d aep.ProductDevice) string { return d.ID }))
	return err
}
