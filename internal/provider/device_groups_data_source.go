package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var _ datasource.DataSourceWithConfigure = (*deviceGroupsDataSource)(nil)

func newDeviceGroupsDataSource() datasource.DataSource { return &deviceGroupsDataSource{} }

// deviceGroupsDataSource lists device groups.
type deviceGroupsDataSource struct{ configuredDataSource }

func (d *deviceGroupsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_device_groups"
}

func (d *deviceGroupsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Device groups. The console shows them under 分组管理. " + subscribed("分组管理", "aep_device_group_management"),
		Attributes: map[string]schema.Attribute{
			"product_id": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
				MarkdownDescription: "Product of the groups (`productId`). The platform may leave out groups over several products then. " +
					"Defaults to any product.",
			},
			"level": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.OneOf(0, 1)},
				MarkdownDescription: groupLevelText + " Defaults to both.",
			},
			"max_results": maxResultsAttribute(),
			"groups":      groupColumns.tableAttribute("The groups, in the platform's order."),
			"total":       totalAttribute("groups"),
			"truncated":   truncatedAttribute(),
		},
	}
}

func (d *deviceGroupsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var state deviceGroupsModel
	catalog := d.lookUp(ctx, req.Config, &state, &resp.Diagnostics)
	if catalog == nil {
		return
	}
	if err := state.list(ctx, catalog); err != nil {
		resp.Diagnostics.Append(unable("list", "device groups", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
