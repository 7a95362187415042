package provider

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/catalog"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// connection is embedded by every type that calls the platform. Its session is nil until the provider is
// configured.
type connection struct{ session *session }

// use takes the session from the provider's data.
func (c *connection) use(data any, diags *diag.Diagnostics) {
	if data == nil {
		return
	}
	s, ok := data.(*session)
	if !ok {
		diags.Append(failure("Unexpected provider data", "This is a bug in the provider: its data is a %T.", data))
		return
	}
	c.session = s
}

// open returns the runner, or nil after adding the reason as an error.
func (c *connection) open(diags *diag.Diagnostics) *campaign.Runner {
	if c.session == nil {
		diags.Append(failure("Provider not configured", "This is a bug in the provider or in Terraform: a call came before the configuration."))
		return nil
	}
	if fields := c.session.settings.missing(); fields != nil && c.ready() {
		diags.Append(failure("Provider not ready", "%s", missingText(fields)))
		return nil
	}
	return c.openRunner(diags)
}

// openRunner is open without the check that there are credentials. Without them, every call fails.
func (c *connection) openRunner(diags *diag.Diagnostics) *campaign.Runner {
	runner, err := c.session.open()
	if err != nil {
		diags.Append(configErrors(c.session.settings, err, false)...)
		return nil
	}
	return runner
}

// openIfKnown returns the runner, or nil if the provider configuration is not known yet. A plan can be made
// without it, and a plan that makes no call needs no credentials.
func (c *connection) openIfKnown(diags *diag.Diagnostics) *campaign.Runner {
	if !c.ready() {
		return nil
	}
	return c.openRunner(diags)
}

// checkMasterKey returns a warning if a plan is for a product without a MasterKey, once for each product and walk. The
// second planning of a replacement has no use for it: Terraform shows no warnings of that planning.
func (c *connection) checkMasterKey(productID types.Int64) (diags diag.Diagnostics) {
	if c.session == nil || productID.ValueInt64() == 0 || c.session.settings.missing() != nil ||
		c.session.settings.hasMasterKey(productID.ValueInt64()) {
		return nil
	}
	if _, warned := c.session.keyless.LoadOrStore(productID.ValueInt64(), true); !warned {
		diags.Append(masterKeyMissing(productID.ValueInt64()))
	}
	return diags
}

// ready reports whether calls can be made: the provider is configured, and its configuration is known.
func (c *connection) ready() bool {
	return c.session != nil && len(c.session.settings.unknown) == 0
}

// notReady reports whether the provider configuration is not known yet, and then adds a warning. A read keeps
// the state: an error would end the plan.
func (c *connection) notReady(diags *diag.Diagnostics) bool {
	if c.session == nil || c.ready() {
		return false
	}
	diags.Append(warning("Not refreshed", "The provider configuration is not known yet: the value of %s is decided during apply. "+
		"The plan uses the last known state.", c.session.settings.unknownNames()))
	return true
}

// configErrors returns the errors of a provider configuration that can't be used. In the provider block each
// is at its argument.
func configErrors(s settings, err error, inBlock bool) (diags diag.Diagnostics) {
	var list interface{ Unwrap() []error }
	if errors.As(err, &list) {
		for _, one := range list.Unwrap() {
			diags.Append(configErrors(s, one, inBlock)...)
		}
		return diags
	}
	e, ok := errors.AsType[*aep.ConfigError](err)
	if !ok {
		diags.Append(failure("Provider not ready", "%s", sentence(err)))
		return diags
	}
	invalid := failure("Invalid provider configuration", "%s", s.configProblem(e))
	if inBlock {
		invalid = atArgument(settingOf(e.Field).argument, invalid)
	}
	diags.Append(invalid)
	return diags
}

// configuredResource is embedded by resources.
type configuredResource struct{ connection }

func (c *configuredResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	c.use(req.ProviderData, &resp.Diagnostics)
}

// configuredDataSource is embedded by data sources.
type configuredDataSource struct{ connection }

func (c *configuredDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	c.use(req.ProviderData, &resp.Diagnostics)
}

// configuredAction is embedded by actions.
type configuredAction struct{ connection }

func (c *configuredAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	c.use(req.ProviderData, &resp.Diagnostics)
}

// begin decodes the configuration of a data source and returns the runner.
func (c *configuredDataSource) begin(ctx context.Context, config tfsdk.Config, model any, diags *diag.Diagnostics) *campaign.Runner {
	if diags.Append(config.Get(ctx, model)...); diags.HasError() {
		return nil
	}
	return c.start(diags)
}

// lookUp is begin for a data source that needs the catalog.
func (c *configuredDataSource) lookUp(ctx context.Context, config tfsdk.Config, model any, diags *diag.Diagnostics) *catalog.Catalog {
	if c.begin(ctx, config, model, diags) == nil {
		return nil
	}
	return c.session.catalog
}

// lookUpBy is lookUp for a data source that decodes only some arguments, each into its target.
func (c *configuredDataSource) lookUpBy(ctx context.Context, config tfsdk.Config, targets map[string]any, diags *diag.Diagnostics,
) *catalog.Catalog {
	for argument, target := range targets {
		diags.Append(config.GetAttribute(ctx, path.Root(argument), target)...)
	}
	if diags.HasError() || c.start(diags) == nil {
		return nil
	}
	return c.session.catalog
}

// start returns the runner for a read, or nil after adding the reason as an error. A Terraform that can defer
// a read has deferred it before.
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
