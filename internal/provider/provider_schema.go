package provider

import (
	"context"
	"maps"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (p *aepProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	attributes := credentialArguments()
	maps.Copy(attributes, requestArguments())
	maps.Copy(attributes, safetyArguments())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Firmware campaigns on China Telecom's CTWing AEP platform: " +
			"upgrade tasks, the devices attached to them, and their progress.",
		Attributes: attributes,
	}
}

func credentialArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"app_key": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "App Key of the application that calls the platform (`application`). Needed at first use. " +
				"Environment: `AEP_APP_KEY`.",
		},
		"app_secret": schema.StringAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "App Secret that belongs to `app_key`. It signs every request and is never sent. Needed at first use. " +
				"Environment: `AEP_APP_SECRET`.",
		},
		"master_key": schema.StringAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "MasterKey of every product that `master_keys` does not list. Environment: `AEP_MASTER_KEY`.",
		},
		"master_keys": schema.MapAttribute{
			ElementType: types.StringType, Optional: true, Sensitive: true,
			MarkdownDescription: "MasterKeys by product id. They take precedence over `master_key`. " +
				"Environment: `AEP_MASTER_KEYS`, as a JSON object.",
		},
		"endpoint": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Scheme and host of the platform. Newer accounts have `https://<tenant>.api.ctwing.cn`. " +
				"Environment: `AEP_ENDPOINT`. Defaults to `" + aep.DefaultEndpoint + "`.",
		},
		"allow_http": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Permission for plain http to other hosts than this machine. The MasterKey travels in a header. " +
				"Environment: `AEP_ALLOW_HTTP`. Defaults to `false`.",
		},
		"operator": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Name that the platform records with every change (`createBy`, `updateBy`). " +
				"Environment: `AEP_OPERATOR`. Defaults to `" + aep.DefaultOperator + "`.",
		},
	}
}

func requestArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"request_timeout": schema.StringAttribute{
			CustomType: timetypes.GoDurationType{}, Optional: true,
			MarkdownDescription: "Time limit of one attempt of a request, such as `60s`. " +
				"Environment: `AEP_REQUEST_TIMEOUT`. Defaults to `60s`.",
		},
		"retry_budget": schema.StringAttribute{
			CustomType: timetypes.GoDurationType{}, Optional: true,
			MarkdownDescription: "Time limit of one request with all its attempts, such as `5m`. " +
				"A request is repeated while the platform is busy or out of reach; `0s` permits one attempt. " +
				"The `timeouts` of a resource limit it too. Environment: `AEP_RETRY_BUDGET`. Defaults to `5m`.",
		},
		"requests_per_second": schema.NumberAttribute{
			Optional: true,
			MarkdownDescription: "Largest number of requests a second, for everything that uses this provider block; `0` for no limit. " +
				"After a pause, the requests of one second may be sent at once; the average stays the same. " +
				"Environment: `AEP_REQUESTS_PER_SECOND`. Defaults to `10`.",
		},
		"max_concurrent_requests": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Largest number of requests at the same time, 1 to 64. Writes to one task always follow each other. " +
				"Environment: `AEP_MAX_CONCURRENT_REQUESTS`. Defaults to `4`.",
		},
		"page_size": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Rows to ask for in a page of a list, 1 to 1000. The platform may send fewer. " +
				"The look-up services are asked for at most 100 rows; a larger value counts as not set there. " +
				"Environment: `AEP_PAGE_SIZE`. Learned by default: 1,000, and 100 if the platform refuses such a page.",
		},
	}
}

func safetyArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"max_devices_per_run": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Largest number of devices that one plan or apply may join to tasks, start, or retry. " +
				"Each of the three is counted separately; `0` permits none. " +
				"Plans check the numbers that are known, and an apply checks again before each call. " +
				"Environment: `AEP_MAX_DEVICES_PER_RUN`. Defaults to no limit.",
		},
		"read_only": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Refusal of every write before it is sent, for drift checks with production keys. " +
				"Environment: `AEP_READ_ONLY`. Defaults to `false`.",
		},
		"lwm2m_status_codes": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Numbering of the states of LwM2M subtasks: `2019`, `2022`, or `auto` to decide by the data. " +
				"Until the data decides, `auto` reports only codes that mean the same in both. " +
				"The codes 1, 3, 4 and 5 are `unknown` then, and no change is made because of them. " +
				"A success needs a row that shows the firmware version after the upgrade. " +
				"Environment: `AEP_LWM2M_STATUS_CODES`. Defaults to `auto`.",
		},
	}
}
