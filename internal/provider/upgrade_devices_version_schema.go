package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setVersions returns the arguments that select devices by version.
func setVersions() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"from_versions": schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			Validators: []validator.List{
				listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(),
				listvalidator.ValueStringsAre(nameValidator{}),
			},
			MarkdownDescription: "Firmware versions to upgrade from. A listed device joins the task only if it reports one of them, " +
				"letter for letter. " +
				"The set decides once for each device, at the moment when it would join, and remembers the devices that it leaves out. " +
				"So it cancels no device whose version changes later, and joins none. `skipped_count` has their number. " +
				"Devices that the task already has are kept. " +
				"If this argument changes, devices that were left out stay out. " +
				"If it is removed, and `skip_current` too, they join. Defaults to all versions." + inPlaceNoCall,
		},
		"skip_current": flagAttribute("Whether to leave out devices that report the firmware version of the task. " +
			"The set decides once for each device, and remembers it, as with `from_versions`. Defaults to `false`." +
			inPlaceNoCall),
		"unknown_versions": choiceAttribute("Treatment of devices that report no version, while `from_versions` or `skip_current` is set. "+
			"`join` attaches them, `skip` leaves them out. "+
			"It does not affect a device whose version can't be read: such a device counts in `missing_count`, and the next apply tries it again. "+
			"Defaults to `join`."+inPlaceNoCall,
			unknownJoin, unknownSkip),
	}
}
