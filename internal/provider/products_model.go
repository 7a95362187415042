package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/catalog"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// productsModel is the state of data source aep_products.
type productsModel struct {
	Search     types.String `tfsdk:"search"`
	Protocol   types.String `tfsdk:"protocol"`
	MaxResults types.Int64  `tfsdk:"max_results"`
	Products   types.List   `tfsdk:"products"`
	Total      types.Int64  `tfsdk:"total"`
	Truncated  types.Bool   `tfsdk:"truncated"`
}

// filter returns the filter that the platform does not have, nil if it is not set.
func (m productsModel) filter() func(aep.Product) bool {
	if m.Protocol.IsNull() {
		return nil
	}
	return func(p aep.Product) bool { return protocolOf(p).Equal(m.Protocol) }
}

// list reads the products.
func (m *productsModel) list(ctx context.Context, from *catalog.Catalog) error {
	found, err := from.Products(ctx, m.Search.ValueString(), m.filter(), maxResults(m.MaxResults))
	m.Products = productColumns.list(found.Rows)
	m.Total = types.Int64Value(found.Total)
	m.Truncated = types.BoolValue(found.Truncated)
	return err
}
