package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*devicesDataSource)(nil)

func newDevicesDataSource() datasource.DataSource { return &devicesDataSource{} }

// devicesDataSource lists the devices of a product.
type devicesDataSource struct{ configuredDataSource }

func (d *devicesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_devices"
}

func (d *devicesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	const readInFull = "The platform cannot filter by this, so the whole list is read: one request for 100 devices. "
	resp.Schema = schema.Schema{
		MarkdownDescription: "Devices of a product, with their firmware versions. The console shows them under 设备管理. " +
			subscribed("设备管理", "aep_device_management") + " It needs the product's MasterKey.\n\n" +
			"~> A list that is filtered by version loses each device that is upgraded, and a device set that uses it cancels the device. " +
			"To select devices by version, use `from_versions` of resource `aep_upgrade_devices` instead.",
		Attributes: map[string]schema.Attribute{
			"product_id": productIDAttribute(),
			"search": filterAttribute("Name, device id or number (IMEI for LwM2M), as the platform searches it (`searchValue`). " + fuzzyText +
				" Defaults to any device."),
			"firmware_versions": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.UniqueValues(),
					listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
				MarkdownDescription: "Firmware versions of the devices to return, exactly as the platform shows them. " + readInFull +
					"Defaults to any.",
			},
			"online": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to return devices that are online (`true`), or all others (`false`). " + readInFull +
					"Defaults to both.",
			},
			"max_results": maxResultsAttribute(),
			"devices":     productDeviceColumns.tableAttribute("The devices, in the platform's order."),
			"counts_by_version": schema.MapAttribute{
				ElementType: types.Int64Type, Computed: true,
				MarkdownDescription: "Number of returned devices by firmware version. " +
					"Devices that report none have the key `" + unknownVersion + "`.",
			},
			"total":           totalAttribute("devices"),
			"truncated":       truncatedAttribute(),
			"device_ids_text": deviceIDsTextAttribute("devices"),
		},
	}
}

func (d *devicesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var state devicesModel
	catalog := d.lookUp(ctx, req.Config, &state, &resp.Diagnostics)
	if catalog == nil {
		return
	}
	if err := state.list(ctx, catalog); err != nil {
		resp.Diagnostics.Append(unable("list", "devices of product", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
