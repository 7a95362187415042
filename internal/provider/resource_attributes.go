package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// referenceAttribute returns the schema of a required id. A change replaces the resource.
func referenceAttribute(description string) schema.Attribute {
	return schema.Int64Attribute{
		Required: true, PlanModifiers: []planmodifier.Int64{replacesIfKnown()},
		Validators: []validator.Int64{int64validator.AtLeast(1)}, MarkdownDescription: description,
	}
}

// flagAttribute returns the schema of an optional flag. It defaults to false.
func flagAttribute(description string) schema.Attribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true, Default: booldefault.StaticBool(false), MarkdownDescription: description,
	}
}

// choiceAttribute returns the schema of an optional text with few values. Messages name the default first.
func choiceAttribute(description, defaultValue string, others ...string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, Computed: true, Default: stringdefault.StaticString(defaultValue), MarkdownDescription: description,
		Validators: []validator.String{oneOf(append([]string{defaultValue}, others...)...)},
	}
}

// replacesIfKnown returns a plan modifier that replaces the resource if the value changes. A value that is
// not known yet may turn out to be the same, and replaces nothing.
func replacesIfKnown() planmodifier.Int64 {
	const text = "Terraform will destroy and recreate the resource if the value changes and is known."
	return int64planmodifier.RequiresReplaceIf(
		func(_ context.Context, req planmodifier.Int64Request, resp *int64planmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = !req.PlanValue.IsUnknown()
		}, text, text)
}

// inPlaceNoCall says what a change of an argument does that only the provider uses.
const inPlaceNoCall = " Changed in place, without a call."

// timeoutsBlock returns the schema of the timeouts block, with the description of each limit.
func timeoutsBlock(ctx context.Context, create, read, update, destroy string) map[string]schema.Block {
	return map[string]schema.Block{"timeouts": timeouts.Block(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: create + inPlaceNoCall, ReadDescription: read + inPlaceNoCall,
		UpdateDescription: update + inPlaceNoCall, DeleteDescription: destroy + inPlaceNoCall,
	})}
}
