package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// begin decodes the configuration of a data source and returns the runner.
func (c *configuredDataSource) begin(ctx context.Context, config tfsdk.Config, model any, diags *diag.Diagnostics) *campaign.Runner {
	if diags.Append(config.Get(ctx, model)...); diags.HasError() {
		return nil
	}
	return c.start(diags)
}

// start returns the runner for a read, or nil after adding the reason as an error. A
// Terraform that can defer a read has deferred it before.
func (c *configuredDataSource) start(diags *diag.Diagnostics) *campaign.Runner {
	if c.session == nil || c.ready() {
		return c.open(diags)
	}
	diags.Append(failure("Provider configuration not known yet",
		"A data source is read when planning. The value of %s in the provider block is decided during apply.\n\n"+
			"Let the data source depend on the resource that decides it (depends_on), or apply that resource first (-target).",
		c.session.settings.unknownNames()))
	return nil
}
