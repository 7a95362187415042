package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var _ datasource.DataSourceWithConfigure = (*productsDataSource)(nil)

func newProductsDataSource() datasource.DataSource { return &productsDataSource{} }

// productsDataSource lists products.
type productsDataSource struct{ configuredDataSource }

func (d *productsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_products"
}

func (d *productsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Products of the account. The console shows each under 产品概况. " + subscribed("产品管理", "aep_product_management"),
		Attributes: map[string]schema.Attribute{
			"search": filterAttribute("Number or name of the product, as the platform searches it (`searchValue`). " + fuzzyText +
				" Defaults to any product."),
			"protocol": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{
					stringvalidator.RegexMatches(protocolName, "must be lwm2m, t_link or other_<n>"),
				},
				MarkdownDescription: "Protocol of the products to return: " + protocolsText + " " +
					"The platform cannot filter by protocol, so every product is read. Defaults to any.",
			},
			"max_results": maxResultsAttribute(),
			"products":    productColumns.tableAttribute("The products, in the platform's order."),
			"total":       totalAttribute("products"),
			"truncated":   truncatedAttribute(),
		},
	}
}

func (d *productsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var state productsModel
	catalog := d.lookUp(ctx, req.Config, &state, &resp.Diagnostics)
	if catalog == nil {
		return
	}
	if err := state.list(ctx, catalog); err != nil {
		resp.Diagnostics.Append(unable("list", "products", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
