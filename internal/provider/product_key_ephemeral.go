package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ ephemeral.EphemeralResourceWithConfigure = (*productKeyEphemeral)(nil)

func newProductKeyEphemeral() ephemeral.EphemeralResource { return &productKeyEphemeral{} }

// productKeyEphemeral reads the MasterKey of a product. Terraform stores it nowhere.
type productKeyEphemeral struct{ connection }

func (e *productKeyEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_product_key"
}

func (e *productKeyEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The MasterKey of a product, for `master_keys` of another provider block. " +
			"Terraform stores it neither in the state nor in a plan. " +
			"The console shows it under 产品概况, with the name Master-APIkey. " +
			"Needs Terraform 1.10 or OpenTofu 1.11. " + subscribed("产品管理", "aep_product_management"),
		Attributes: map[string]schema.Attribute{
			"product_id": schema.Int64Attribute{
				Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
				MarkdownDescription: "Product whose MasterKey to read (`productId`).",
			},
			"master_key": schema.StringAttribute{
				Computed: true, Sensitive: true,
				MarkdownDescription: "MasterKey of the product (`apiKey`).",
			},
		},
	}
}

func (e *productKeyEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.use(req.ProviderData, &resp.Diagnostics)
}

// Open reads the key. A plan whose provider configuration is not known yet gets an unknown key, and the apply opens
// the resource again.
func (e *productKeyEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model productKeyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	model.MasterKey = types.StringUnknown()
	if !model.ProductID.IsUnknown() && (e.session == nil || e.ready()) {
		if e.open(&resp.Diagnostics) == nil {
			return
		}
		key, err := e.session.catalog.ProductKey(ctx, model.ProductID.ValueInt64())
		if err != nil {
			resp.Diagnostics.Append(unmatchedOr(err, unable("read", "product key", err)))
			return
		}
		model.MasterKey = types.StringValue(key)
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, model)...)
}
