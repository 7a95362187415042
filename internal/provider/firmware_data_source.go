package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

var (
	_ datasource.DataSourceWithConfigure        = (*firmwareDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*firmwareDataSource)(nil)
)

func newFirmwareDataSource() datasource.DataSource { return &firmwareDataSource{} }

// firmwareDataSource reads one firmware of a product, found by its id, version or name.
type firmwareDataSource struct{ configuredDataSource }

const (
	oneOfFirmware = " Exactly one of `firmware_id`, `version` and `name` is set."
	firmwareText  = "The console shows firmware under 固件管理. " +
		"It must have passed 测试 (test) and 审核 (approval) there before a task may use it. " +
		"Whether the platform lists firmware before that is not documented. "
)

func (d *firmwareDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_firmware"
}

func (d *firmwareDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := firmwareColumns.attributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"product_id":  productIDAttribute(),
		"firmware_id": soughtIDAttribute("Id of the firmware (`firmwareId`)." + oneOfFirmware),
		"version": soughtTextAttribute("Version of the firmware (`firmwareVersion`), exactly as the console shows it: `1.0` is not `1.0.0`. " +
			"No firmware of this version, or several, is an error." + oneOfFirmware),
		"name": soughtTextAttribute("Full name of the firmware (`firmwareName`). No firmware of this name, or several, is an error." +
			oneOfFirmware),
		"most_recent": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to take the firmware that was created last if several match. " +
				"If their times of creation do not decide it, that is an error. Defaults to `false`.",
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "A firmware of a product, found by its id, version or name. " + firmwareText +
			subscribed("固件管理", "aep_firmware_management") + "\n\n" +
			"~> A campaign needs a version that only one firmware has, or `firmware_id`. With `most_recent`, a later upload changes " +
			"`firmware_id`, and a changed `firmware_id` replaces the task.",
		Attributes: attributes,
	}
}

func (d *firmwareDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		oneArgument{[]string{"firmware_id", "version", "name"}, ""},
		datasourcevalidator.Conflicting(path.MatchRoot("firmware_id"), path.MatchRoot("most_recent")),
	}
}

func (d *firmwareDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config firmwareConfig
	catalog := d.lookUpBy(ctx, req.Config, config.targets(), &resp.Diagnostics)
	if catalog == nil {
		return
	}
	firmware, err := config.find(ctx, catalog)
	if err != nil {
		resp.Diagnostics.Append(unmatchedOr(err, unable("read", "firmware", err)))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config.state(firmware))...)
}
