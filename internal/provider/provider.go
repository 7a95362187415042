// Package provider speaks Terraform: schemas, plans and state for the firmware
// campaigns that package campaign runs.
package provider

import (
	"context"
	"errors"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ provider.Provider                   = (*aepProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*aepProvider)(nil)
	_ provider.ProviderWithFunctions      = (*aepProvider)(nil)
	_ provider.ProviderWithActions        = (*aepProvider)(nil)
	_ provider.ProviderWithListResources  = (*aepProvider)(nil)
)

// New returns a constructor of the provider. The functions adjust the client's
// configuration last of all.
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

func (p *aepProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Firmware campaigns on China Telecom's CTWing AEP platform: upgrade tasks, the devices attached to them, and their progress.",
		Attributes: map[string]schema.Attribute{
			"app_key": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "App Key of the application that calls the platform (`application`). Environment: `AEP_APP_KEY`. Needed at first use.",
			},
			"app_secret": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "App Secret that belongs to `app_key`; it signs every request and is never sent. Environment: `AEP_APP_SECRET`. Needed at first use.",
			},
			"master_key": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "MasterKey for every product that has none in `master_keys`. Environment: `AEP_MASTER_KEY`.",
			},
			"master_keys": schema.MapAttribute{
				ElementType: types.StringType, Optional: true, Sensitive: true,
				MarkdownDescription: "MasterKeys by product id; they win over `master_key`. Environment: `AEP_MASTER_KEYS`, as a JSON object.",
			},
			"endpoint": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Scheme and host of the platform. Newer accounts have `https://<tenant>.api.ctwing.cn`. Environment: `AEP_ENDPOINT`. Defaults to `" + aep.DefaultEndpoint + "`.",
			},
			"allow_http": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Permit plain http to a host other than this machine, although the MasterKey travels in a header. Environment: `AEP_ALLOW_HTTP`. Defaults to `false`.",
			},
			"operator": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name that the platform records with every change (`createBy`, `updateBy`). Environment: `AEP_OPERATOR`. Defaults to `" + aep.DefaultOperator + "`.",
			},
			"request_timeout": schema.StringAttribute{
				CustomType: timetypes.GoDurationType{}, Optional: true,
				MarkdownDescription: "How long one attempt of a request may take, such as `60s`. Environment: `AEP_REQUEST_TIMEOUT`. Defaults to `60s`.",
			},
			"retry_budget": schema.StringAttribute{
				CustomType: timetypes.GoDurationType{}, Optional: true,
				MarkdownDescription: "How long one request may be repeated, with all its attempts, while the platform is busy or out of reach, such as `5m`; `0s` for one attempt. The resource's `timeouts` bound it too. Environment: `AEP_RETRY_BUDGET`. Defaults to `5m`.",
			},
			"requests_per_second": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: "Most requests a second, shared by everything that uses this provider block; `0` for no limit. Environment: `AEP_REQUESTS_PER_SECOND`. Defaults to `10`.",
			},
			"max_concurrent_requests": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Most requests under way at once, from 1 to 64; writes to one task follow each other in any case. Environment: `AEP_MAX_CONCURRENT_REQUESTS`. Defaults to `4`.",
			},
			"page_size": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Rows asked for in a page of a list, from 1 to 1000; the platform may send fewer. Environment: `AEP_PAGE_SIZE`. Defaults to `100`.",
			},
			"max_devices_per_run": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Most devices that one plan or apply may join to tasks, start or retry, at least 0; each of the three is counted separately. `0` freezes campaigns. Checked when planning as far as the numbers are known, and again before each call. Environment: `AEP_MAX_DEVICES_PER_RUN`. Defaults to no limit.",
			},
			"read_only": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Refuse every write before it is sent: for drift checks with production keys. Environment: `AEP_READ_ONLY`. Defaults to `false`.",
			},
			"lwm2m_status_codes": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Which of the platform's two numberings LwM2M subtask states follow: `2019`, `2022`, or `auto` to let the data decide. Until they do, `auto` reports only what both numberings read alike: the codes 1, 3, 4 and 5 are `unknown`, and nothing acts on them. A success needs a row that shows the firmware version it brought. Environment: `AEP_LWM2M_STATUS_CODES`. Defaults to `auto`.",
			},
		},
	}
}

// ValidateConfig checks the block alone: the environment of a validate may not
// be that of the plan.
func (p *aepProvider) ValidateConfig(_ context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	s, diags := resolveSettings(blockOf(req.Config.Raw), func(string) string { return "" })
	resp.Diagnostics.Append(diags...)
	if s.client.Endpoint != "" {
		// Whether plain http is allowed may be for the environment to say.
		if _, problem := aep.ParseEndpoint(s.client.Endpoint); problem != "" {
			resp.Diagnostics.AddAttributeError(path.Root("endpoint"), "Invalid provider configuration", "The argument endpoint "+problem+".")
		}
	}
}

func (p *aepProvider) Configure(_ context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	s, diags := resolveSettings(blockOf(req.Config.Raw), environment)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	s.client.UserAgent = "terraform-provider-aep/" + p.version + " terraform/" + req.TerraformVersion
	if len(s.unknown) > 0 && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
	open := &session{settings: s, adjust: p.adjust}
	if len(s.unknown) == 0 && s.missing() == nil {
		// What is wrong with the values, but not that some are missing, can be
		// said right here, at the provider block.
		if _, err := open.open(); err != nil {
			for _, one := range joined(err) {
				if e, ok := errors.AsType[*aep.ConfigError](one); ok {
					resp.Diagnostics.AddAttributeError(path.Root(argumentOf(e.Field)), "Invalid provider configuration", configProblem(e))
				}
			}
		}
	}
	resp.ResourceData = open
	resp.DataSourceData = open
	resp.ActionData = open
	resp.ListResourceData = open
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
	}
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

func joined(err error) []error {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		return list.Unwrap()
	}
	return []error{err}
}
