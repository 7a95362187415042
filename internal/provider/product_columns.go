package provider

import (
	"fmt"
	"regexp"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const protocolsText = "Protocol of the product (`productProtocol`): `lwm2m`, `t_link`, or `other_<n>` for another number " +
	"of the platform, such as `other_2` for MQTT."

// protocolName matches the names of protocolOf.
var protocolName = regexp.MustCompile(`^(lwm2m|t_link|other_[0-9]+)$`)

// productColumns are the attributes of a product.
//
// Deliberately absent: apiKey, which is the MasterKey.
var productColumns = columns[aep.Product]{
	countColumn("product_id", "Id of the product (`productId`).", func(p aep.Product) int64 { return p.ID }),
	textColumn("name", "Name of the product (`productName`).", func(p aep.Product) string { return p.Name }),
	valueColumn("protocol", protocolsText, protocolOf),
	textColumn("description", "Description of the product, null if it has none (`productDesc`).",
		func(p aep.Product) string { return p.Description }),
	textColumn("tenant_id", "Tenant that the product belongs to (`tenantId`).", func(p aep.Product) string { return p.TenantID }),
	valueColumn("device_count", "Number of devices of the product (`deviceCount`). Null if the platform gives none.",
		func(p aep.Product) types.Int64 { return types.Int64PointerValue(p.DeviceCount) }),
	valueColumn("online_device_count", "Number of devices that are online (`onlineDeviceCount`). Null if the platform gives none.",
		func(p aep.Product) types.Int64 { return types.Int64PointerValue(p.OnlineDeviceCount) }),
	valueColumn("power_model", "How devices save power: `psm`, `drx`, `edrx`, or `other_<n>` (`powerModel`). "+
		"A device with `psm` is offline most of the time. Null if the platform gives none.", powerModelOf),
	timeColumn("created_at", "Time of creation, RFC 3339 in China's time zone (`createTime`).",
		func(p aep.Product) time.Time { return p.CreatedAt }),
	timeColumn("updated_at", "Time of the last change, RFC 3339 in China's time zone (`updateTime`).",
		func(p aep.Product) time.Time { return p.UpdatedAt }),
}

// protocolOf returns the protocol of a product, null if the platform gave none.
func protocolOf(p aep.Product) types.String {
	switch p.Protocol {
	case 0:
		return types.StringNull()
	case aep.LwM2M, aep.TLink:
		return types.StringValue(p.Protocol.String())
	}
	return types.StringValue(fmt.Sprintf("other_%d", int64(p.Protocol)))
}

// powerModelOf returns the power model of a product, null if the platform gave none.
func powerModelOf(p aep.Product) types.String {
	names := map[int64]string{1: "psm", 2: "drx", 3: "edrx"}
	switch name, known := names[p.PowerModel]; {
	case known:
		return types.StringValue(name)
	case p.PowerModel == 0:
		return types.StringNull()
	}
	return types.StringValue(fmt.Sprintf("other_%d", p.PowerModel))
}
