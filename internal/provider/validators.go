package provider

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// nameValidator accepts names that the platform returns as they were written.
type nameValidator struct{}

func (nameValidator) Description(context.Context) string {
	return "at least one character, no white space around it"
}

func (v nameValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (nameValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := nameProblem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid name", req.Path.String()+" "+problem+".")
	}
}

// noSlashValidator refuses a slash, which separates the parts of an id.
type noSlashValidator struct{}

func (noSlashValidator) Description(context.Context) string { return "no /" }

func (v noSlashValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (noSlashValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if strings.Contains(req.ConfigValue.ValueString(), "/") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid name", req.Path.String()+" must not contain a slash: it becomes part of the id.")
	}
}

// durationValidator refuses durations below least.
type durationValidator struct{ least time.Duration }

func (v durationValidator) Description(context.Context) string {
	return "a duration of at least " + v.least.String()
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	// The attribute's type reports a text that is no duration.
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err == nil && d < v.least {
		resp.Diagnostics.AddAttributeError(req.Path, "Duration too short",
			req.Path.String()+" must be "+v.Description(ctx)+", not "+req.ConfigValue.ValueString()+".")
	}
}
