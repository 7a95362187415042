package coretest

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Config is a block of configuration by argument. Missing arguments are null.
type Config = map[string]any

// Unknown is a value that Terraform does not know yet.
type Unknown struct{}

// Diagnostics are the diagnostics of one or more calls.
type Diagnostics []*tfprotov6.Diagnostic

func (d Diagnostics) of(severity tfprotov6.DiagnosticSeverity) string {
	var texts []string
	for _, one := range d {
		if one.Severity == severity {
			texts = append(texts, one.Summary+": "+one.Detail)
		}
	}
	return strings.Join(texts, "\n")
}

// Errors returns the errors as text, "" if there are none.
func (d Diagnostics) Errors() string { return d.of(tfprotov6.DiagnosticSeverityError) }

// Warnings returns the warnings as text, "" if there are none.
func (d Diagnostics) Warnings() string { return d.of(tfprotov6.DiagnosticSeverityWarning) }

// Fields returns the attributes of an object by name, nil if it is null.
func Fields(value tftypes.Value) map[string]tftypes.Value {
	var members map[string]tftypes.Value
	if value.IsNull() || !value.IsKnown() || value.As(&members) != nil {
		return nil
	}
	return members
}

// Text returns a value as text: a number or text as it is, "null", or "unknown".
func Text(value tftypes.Value) string {
	var (
		s string
		n big.Float
		b bool
		l []tftypes.Value
	)
	switch {
	case !value.IsKnown():
		return "unknown"
	case value.IsNull():
		return "null"
	case value.Type().Is(tftypes.String) && value.As(&s) == nil:
		return s
	case value.Type().Is(tftypes.Number) && value.As(&n) == nil:
		return n.Text('f', -1)
	case value.Type().Is(tftypes.Bool) && value.As(&b) == nil:
		return fmt.Sprint(b)
	case value.As(&l) == nil:
		parts := make([]string, len(l))
		for i := range l {
			parts[i] = Text(l[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return value.String()
}

// Text64 returns a number as text.
func Text64(n int64) string { return fmt.Sprint(n) }
