package provider

import "github.com/hashicorp/terraform-plugin-framework/types"

// productKeyModel is the result of ephemeral resource aep_product_key.
type productKeyModel struct {
	ProductID types.Int64  `tfsdk:"product_id"`
	MasterKey types.String `tfsdk:"master_key"`
}
