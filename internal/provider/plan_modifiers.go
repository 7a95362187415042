package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// replacesIfKnown returns a plan modifier that replaces the resource if the value
// changes. A value that is not known yet may turn out to be the same, and replaces nothing.
func replacesIfKnown() planmodifier.Int64 {
	const text = "Terraform will destroy and recreate the resource if the value changes and is known."
	return int64planmodifier.RequiresReplaceIf(
		func(_ context.Context, req planmodifier.Int64Request, resp *int64planmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = !req.PlanValue.IsUnknown()
		}, text, text)
}
