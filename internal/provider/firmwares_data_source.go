package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*firmwaresDataSource)(nil)

func newFirmwaresDataSource() datasource.DataSource { return &firmwaresDataSource{} }

// firmwaresDataSource lists the firmware of a product.
type firmwaresDataSource struct{ configuredDataSource }

func (d *firmwaresDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_firmwares"
}

func (d *firmwaresDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The firmware of a product. " + firmwareText + subscribed("固件管理", "aep_firmware_management"),
		Attributes: map[string]schema.Attribute{
			"product_id": productIDAttribute(),
			"search": filterAttribute("Name of the firmware, as the platform searches it (`searchValue`). " + fuzzyText +
				" Defaults to any firmware."),
			"max_results": maxResultsAttribute(),
			"firmwares":   firmwareColumns.tableAttribute("The firmware, in the platform's order."),
			"by_version": schema.MapAttribute{
				ElementType: types.Int64Type, Computed: true,
				MarkdownDescription: "Firmware id by version, without regard to `max_results`. " +
					"A version that several of the firmware have is left out.",
			},
			"total":     totalAttribute("firmware"),
			"truncated": truncatedAttribute(),
		},
	}
}

func (d *firmwaresDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var state firmwaresModel
	catalog := d.lookUp(ctx, req.Config, &state, &resp.Diagnostics)
	if catalog == nil {
		return
	}
	list, err := catalog.Firmwares(ctx, state.ProductID.ValueInt64(), state.Search.ValueString())
	if err != nil {
		resp.Diagnostics.Append(unable("list", "firmware", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state.read(list.Rows))...)
}
