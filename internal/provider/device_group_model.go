package provider

import (
	"context"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/catalog"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const groupLevelText = "Level of the group: 0 for devices of one product, 1 for devices of several products (`groupLevel`)."

// groupColumns are the attributes of a device group.
//
// Deliberately absent: tenantId and updateTime.
var groupColumns = columns[aep.DeviceGroup]{
	countColumn("group_id", "Id of the group (`deviceGroupId`).", func(g aep.DeviceGroup) int64 { return g.ID }),
	numberColumn("product_id", "Product of the group (`productId`). Null for a group over several products.",
		func(g aep.DeviceGroup) int64 { return g.ProductID }),
	textColumn("name", "Name of the group (`deviceGroupName`).", func(g aep.DeviceGroup) string { return g.Name }),
	textColumn("description", "Description of the group, null if it has none (`description`).",
		func(g aep.DeviceGroup) string { return g.Description }),
	countColumn("level", groupLevelText, func(g aep.DeviceGroup) int64 { return int64(g.Level) }),
	timeColumn("created_at", "Time of creation, RFC 3339 in China's time zone (`createTime`).",
		func(g aep.DeviceGroup) time.Time { return g.CreatedAt }),
}

// deviceGroupConfig is the configuration of data source aep_device_group. The other attributes are those of
// groupColumns, and the members.
type deviceGroupConfig struct {
	productID, groupID types.Int64
	name               types.String
}

// find returns the group that the configuration names.
func (c deviceGroupConfig) find(ctx context.Context, from *catalog.Catalog) (aep.DeviceGroup, error) {
	if c.name.IsNull() {
		return from.DeviceGroup(ctx, c.productID.ValueInt64(), c.groupID.ValueInt64())
	}
	return from.DeviceGroupNamed(ctx, c.productID.ValueInt64(), c.name.ValueString())
}

// state returns the state of the data source. Members that are not known are null.
func (c deviceGroupConfig) state(g aep.DeviceGroup, members []aep.GroupDevice, known bool) types.Object {
	values := groupColumns.values(g)
	values["product_id"] = c.productID
	values["member_count"], values["device_ids_text"] = types.Int64Null(), types.StringNull()
	if known {
		values["member_count"] = types.Int64Value(int64(len(members)))
		values["device_ids_text"] = types.StringValue(lines(members, func(d aep.GroupDevice) string { return d.ID }))
	}
	return objectOf(values)
}

// deviceGroupsModel is the state of data source aep_device_groups.
type deviceGroupsModel struct {
	ProductID  types.Int64 `tfsdk:"product_id"`
	Level      types.Int64 `tfsdk:"level"`
	MaxResults types.Int64 `tfsdk:"max_results"`
	Groups     types.List  `tfsdk:"groups"`
	Total      types.Int64 `tfsdk:"total"`
	Truncated  types.Bool  `tfsdk:"truncated"`
}

// level returns the level of the groups to list, nil for any.
func (m deviceGroupsModel) level() *aep.GroupLevel {
	if m.Level.IsNull() {
		return nil
	}
	level := aep.GroupLevel(m.Level.ValueInt64())
	return &level
}

// list reads the groups.
func (m *deviceGroupsModel) list(ctx context.Context, from *catalog.Catalog) error {
	found, err := from.DeviceGroups(ctx, m.ProductID.ValueInt64(), m.level(), maxResults(m.MaxResults))
	m.Groups = groupColumns.list(found.Rows)
	m.Total = types.Int64Value(found.Total)
	m.Truncated = types.BoolValue(found.Truncated)
	return err
}
