// Package provider implements the Terraform provider: schemas, plans and state for the firmware campaigns
// that package campaign runs.
package provider

import (
	"context"
	"os"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ provider.Provider                       = (*aepProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*aepProvider)(nil)
	_ provider.ProviderWithFunctions          = (*aepProvider)(nil)
	_ provider.ProviderWithActions            = (*aepProvider)(nil)
	_ provider.ProviderWithListResources      = (*aepProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*aepProvider)(nil)
)

// New returns a constructor of the provider. The functions change the client's configuration after everything
// else.
func New(version string, adjust ...func(*aep.Config)) func() provider.Provider {
	return func() provider.Provider { return &aepProvider{version: version, adjust: adjust} }
}

type aepProvider struct {
	version string
	adjust  []func(*aep.Config)
}

func (p *aepProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aep"
	resp.Version = p.version
}

// ValidateConfig checks only the block. A validate may run in another environment than the plan.
func (p *aepProvider) ValidateConfig(_ context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	s, diags := resolveSettings(blockOf(req.Config.Raw), func(string) string { return "" })
	resp.Diagnostics.Append(diags...)
	if s.client.Endpoint != "" {
		// The environment may permit plain http.
		if _, problem := aep.ParseEndpoint(s.client.Endpoint); problem != "" {
			resp.Diagnostics.Append(atArgument("endpoint", failure("Invalid provider configuration", "The argument endpoint %s.", problem)))
		}
	}
}

func (p *aepProvider) Configure(_ context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	s, diags := resolveSettings(blockOf(req.Config.Raw), os.Getenv)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	s.client.UserAgent = "terraform-provider-aep/" + p.version + " terraform/" + req.TerraformVersion
	if len(s.unknown) > 0 && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
	configured := &session{settings: s, adjust: p.adjust}
	if len(s.unknown) == 0 {
		// Invalid values are reported here, at the provider block. Missing values are an error at first use.
		if _, err := configured.open(); err != nil {
			resp.Diagnostics.Append(configErrors(s, err, true)...)
		} else if fields := s.missing(); fields != nil {
			resp.Diagnostics.Append(credentialsMissing(fields))
		}
	}
	resp.ResourceData = configured
	resp.DataSourceData = configured
	resp.ActionData = configured
	resp.ListResourceData = configured
	resp.EphemeralResourceData = configured
}

func (p *aepProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newUpgradeTaskResource, newUpgradeDevicesResource, newUpgradeRolloutResource}
}

func (p *aepProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newUpgradeTaskDataSource,
		newUpgradeTasksDataSource,
		newUpgradeSubtasksDataSource,
		newUpgradeDevicesDataSource,
		newProductDataSource,
		newProductsDataSource,
		newFirmwareDataSource,
		newFirmwaresDataSource,
		newDeviceGroupDataSource,
		newDeviceGroupsDataSource,
		newDevicesDataSource,
	}
}

func (p *aepProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newProductKeyEphemeral}
}

func (p *aepProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newUpgradeStartAction, newUpgradeCancelAction, newUpgradeRetryAction, newUpgradeWaitAction}
}

func (p *aepProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newUpgradeTaskList}
}

func (p *aepProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newParseTaskIDFunction, newTaskIDFunction, newSubtaskPhaseFunction, newSplitWavesFunction}
}

// blockOf returns the arguments of a block by name.
func blockOf(raw tftypes.Value) map[string]tftypes.Value {
	arguments := map[string]tftypes.Value{}
	if raw.IsKnown() && !raw.IsNull() {
		_ = raw.As(&arguments) // a block is always an object
	}
	return arguments
}
