package provider

import (
	"context"
	"maps"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSourceWithConfigure        = (*productDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*productDataSource)(nil)
)

func newProductDataSource() datasource.DataSource { return &productDataSource{} }

// productDataSource reads one product, found by its id or by its name.
type productDataSource struct{ configuredDataSource }

func (d *productDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_product"
}

func (d *productDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := productColumns.attributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"product_id": soughtIDAttribute("Id of the product (`productId`). Exactly one of `product_id` and `name` is set."),
		"name": soughtTextAttribute("Full name of the product (`productName`). No product of this name, or several, is an error. " +
			"Exactly one of `product_id` and `name` is set."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "A product, found by its id or its name. The console shows it under 产品概况. " +
			"It has no MasterKey: that comes from the ephemeral resource `aep_product_key`. " + subscribed("产品管理", "aep_product_management"),
		Attributes: attributes,
	}
}

func (d *productDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{oneArgument{[]string{"product_id", "name"}, ""}}
}

func (d *productDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var id types.Int64
	var name types.String
	catalog := d.lookUpBy(ctx, req.Config, map[string]any{"product_id": &id, "name": &name}, &resp.Diagnostics)
	if catalog == nil {
		return
	}
	var product aep.Product
	var err error
	if name.IsNull() {
		product, err = catalog.Product(ctx, id.ValueInt64())
	} else {
		product, err = catalog.ProductNamed(ctx, name.ValueString())
	}
	if err != nil {
		resp.Diagnostics.Append(unmatchedOr(err, unable("read", "product", err)))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, productColumns.object(product))...)
}
