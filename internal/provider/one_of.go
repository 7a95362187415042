package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// oneArgument requires exactly one of several arguments.
type oneArgument struct {
	arguments []string
	advice    string // sentences about the choice, "" if the names say enough
}

func (v oneArgument) Description(context.Context) string {
	return "exactly one of " + alternatives(v.arguments)
}

func (v oneArgument) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v oneArgument) ValidateResource(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	resp.Diagnostics.Append(v.check(ctx, req.Config)...)
}

func (v oneArgument) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest,
	resp *datasource.ValidateConfigResponse,
) {
	resp.Diagnostics.Append(v.check(ctx, req.Config)...)
}

func (v oneArgument) ValidateAction(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	resp.Diagnostics.Append(v.check(ctx, req.Config)...)
}

// check returns an error if no argument is set, or more than one. An unknown value may turn out to be null, so it
// counts as neither.
func (v oneArgument) check(ctx context.Context, config tfsdk.Config) (diags diag.Diagnostics) {
	var set []string
	unknown := false
	for _, argument := range v.arguments {
		var value attr.Value
		if diags.Append(config.GetAttribute(ctx, path.Root(argument), &value)...); diags.HasError() {
			return diags
		}
		switch {
		case value.IsUnknown():
			unknown = true
		case !value.IsNull():
			set = append(set, argument)
		}
	}
	switch {
	case len(set) > 1:
		diags.Append(atArgument(set[1], failure("Superfluous argument", "%s",
			strings.TrimSpace(strings.Join(set, " and ")+" exclude each other. "+v.advice))))
	case len(set) == 0 && !unknown:
		diags.Append(failure("Missing argument", "%s",
			strings.TrimSpace("Set "+alternatives(v.arguments)+". "+v.advice)))
	}
	return diags
}
