package provider

import (
	"context"
	"fmt"
	"math"
	"slices"
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

// Texts about a duration, also for texts that are none.
const (
	invalidDuration = "Invalid duration"
	mustBeDuration  = "must be a duration such as 30s, 5m or 1h30m"
)

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

// percentValidator refuses numbers that are no percentage. It warns of numbers that look like a fraction of 1.
type percentValidator struct{}

func (percentValidator) Description(context.Context) string { return "a number from 0 to 100" }

func (v percentValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v percentValidator) ValidateFloat64(ctx context.Context, req validator.Float64Request, resp *validator.Float64Response) {
	if p := req.ConfigValue.ValueFloat64(); p < 0 || p > 100 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid percentage",
			fmt.Sprintf("%s must be %s, not %v.", req.Path, v.Description(ctx), p))
	} else if p > 0 && p < 1 {
		resp.Diagnostics.AddAttributeWarning(req.Path, "Percentage below 1",
			fmt.Sprintf("%s is %v %%. If it is meant as a fraction, write %v.", req.Path, p, math.Round(p*1e6)/1e4))
	}
}

// choiceValidator refuses texts other than its own.
type choiceValidator []string

// oneOf returns a validator that accepts these values.
func oneOf[T ~string](values ...T) choiceValidator { return namesOf(values) }

func (v choiceValidator) Description(context.Context) string { return alternatives(v) }

func (v choiceValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v choiceValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	value := req.ConfigValue
	if !value.IsNull() && !value.IsUnknown() && !slices.Contains(v, value.ValueString()) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value",
			fmt.Sprintf("%s must be %s, not %q.", req.Path, v.Description(ctx), value.ValueString()))
	}
}

// onlyTrueValidator refuses false, which would mean the same as no value.
type onlyTrueValidator struct{}

func (onlyTrueValidator) Description(context.Context) string { return "true, or not set" }

func (v onlyTrueValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v onlyTrueValidator) ValidateBool(ctx context.Context, req validator.BoolRequest, resp *validator.BoolResponse) {
	if value := req.ConfigValue; !value.IsNull() && !value.IsUnknown() && !value.ValueBool() {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value",
			req.Path.String()+" must be "+v.Description(ctx)+
				". To choose devices, remove it and name them in device_ids, device_ids_file or subtask_ids.")
	}
}
