package provider

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// nameValidator accepts names that the platform gives back as they were written.
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

// noSlashValidator keeps names apart from the ids that they become part of.
type noSlashValidator struct{}

func (noSlashValidator) Description(context.Context) string { return "no /" }

func (v noSlashValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (noSlashValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if strings.Contains(req.ConfigValue.ValueString(), "/") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid name", req.Path.String()+" must not contain a slash: it becomes part of the id.")
	}
}

// countText writes a small constant for a description.
func countText(n int) string { return strconv.Itoa(n) }

// durationValidator accepts durations that are long enough.
type durationValidator struct{ least time.Duration }

func (v durationValidator) Description(context.Context) string {
	return "a duration of at least " + v.least.String()
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	// What is no duration at all is for the attribute's type to report.
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err == nil && d < v.least {
		resp.Diagnostics.AddAttributeError(req.Path, "Duration too short", req.Path.String()+" must be "+v.Description(ctx)+", not "+req.ConfigValue.ValueString()+".")
	}
}
