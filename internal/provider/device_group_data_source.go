package provider

import (
	"context"
	"maps"

	"github.com/ctwing/terraform-provider-aep/internal/catalog"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var (
	_ datasource.DataSourceWithConfigure        = (*deviceGroupDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*deviceGroupDataSource)(nil)
)

func newDeviceGroupDataSource() datasource.DataSource { return &deviceGroupDataSource{} }

// deviceGroupDataSource reads one device group and its members, found by its id or its name.
type deviceGroupDataSource struct{ configuredDataSource }

func (d *deviceGroupDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_device_group"
}

func (d *deviceGroupDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := groupColumns.attributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"product_id": productIDAttribute(),
		"group_id":   soughtIDAttribute("Id of the group (`deviceGroupId`). Exactly one of `group_id` and `name` is set."),
		"name": soughtTextAttribute("Full name of the group (`deviceGroupName`). No group of this name, or several, is an error. " +
			"A group of the product takes precedence over a group over several products. Exactly one of `group_id` and `name` is set."),
		"member_count": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of devices of the product in the group. " +
			"Null if the platform does not say which devices belong to the product."},
		"device_ids_text": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "Device ids of the product in the group, one a line, in the platform's order, with a newline at the end. " +
				"`\"\"` if there are none. Null if the platform does not say which devices belong to the product.",
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "A device group and its members, found by its id or its name. The console shows it under 分组管理. " +
			"The group has devices of the product, or of several products. Of the latter, only the devices of the product are returned. " +
			subscribed("分组管理", "aep_device_group_management"),
		Attributes: attributes,
	}
}

func (d *deviceGroupDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{oneArgument{[]string{"group_id", "name"}, ""}}
}

func (d *deviceGroupDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config deviceGroupConfig
	from := d.lookUpBy(ctx, req.Config, map[string]any{
		"product_id": &config.productID, "group_id": &config.groupID, "name": &config.name,
	}, &resp.Diagnostics)
	if from == nil {
		return
	}
	group, err := config.find(ctx, from)
	if err != nil {
		resp.Diagnostics.Append(unmatchedOr(err, unable("read", "device group", err)))
		return
	}
	members, err := from.GroupDevices(ctx, config.productID.ValueInt64(), group)
	unknown := isA[*catalog.UnknownProductError](err)
	switch {
	case unknown:
		resp.Diagnostics.AddWarning("Members of device group unknown", sentence(err)+
			"\n\nmember_count and device_ids_text are null. If you need them, use a group of one product.")
	case err != nil:
		resp.Diagnostics.Append(unable("list", "devices of device group", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config.state(group, members.Rows, !unknown))...)
}
