package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/catalog"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// firmwareConfig is the configuration of data source aep_firmware. The other attributes are those of
// firmwareColumns.
type firmwareConfig struct {
	productID, firmwareID types.Int64
	version, name         types.String
	mostRecent            types.Bool
}

// targets returns where each argument is decoded to.
func (c *firmwareConfig) targets() map[string]any {
	return map[string]any{
		"product_id": &c.productID, "firmware_id": &c.firmwareID, "version": &c.version, "name": &c.name, "most_recent": &c.mostRecent,
	}
}

// find returns the firmware that the configuration names.
func (c firmwareConfig) find(ctx context.Context, from *catalog.Catalog) (aep.Firmware, error) {
	product := c.productID.ValueInt64()
	switch {
	case !c.version.IsNull():
		return from.FirmwareOfVersion(ctx, product, c.version.ValueString(), c.mostRecent.ValueBool())
	case !c.name.IsNull():
		return from.FirmwareNamed(ctx, product, c.name.ValueString(), c.mostRecent.ValueBool())
	}
	return from.Firmware(ctx, product, c.firmwareID.ValueInt64())
}

// state returns the state of the data source.
func (c firmwareConfig) state(f aep.Firmware) types.Object {
	values := firmwareColumns.values(f)
	values["product_id"], values["most_recent"] = c.productID, c.mostRecent
	return objectOf(values)
}

// firmwaresModel is the state of data source aep_firmwares.
type firmwaresModel struct {
	ProductID  types.Int64  `tfsdk:"product_id"`
	Search     types.String `tfsdk:"search"`
	MaxResults types.Int64  `tfsdk:"max_results"`
	Firmwares  types.List   `tfsdk:"firmwares"`
	ByVersion  types.Map    `tfsdk:"by_version"`
	Total      types.Int64  `tfsdk:"total"`
	Truncated  types.Bool   `tfsdk:"truncated"`
}

// read returns m with the firmware that was found.
func (m firmwaresModel) read(found []aep.Firmware) firmwaresModel {
	limit := min(len(found), maxResults(m.MaxResults))
	m.Firmwares = firmwareColumns.list(found[:limit])
	m.ByVersion = idsByVersion(found)
	m.Total = types.Int64Value(int64(len(found)))
	m.Truncated = types.BoolValue(limit < len(found))
	return m
}

// idsByVersion returns the id of each version that only one firmware has.
func idsByVersion(all []aep.Firmware) types.Map {
	counts := map[string]int{}
	for _, f := range all {
		counts[f.Version]++
	}
	ids := map[string]attr.Value{}
	for _, f := range all {
		if f.Version != "" && counts[f.Version] == 1 {
			ids[f.Version] = types.Int64Value(f.ID)
		}
	}
	return types.MapValueMust(types.Int64Type, ids)
}
