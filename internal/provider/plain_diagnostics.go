package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// warning returns a warning.
func warning(summary, format string, args ...any) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summary, fmt.Sprintf(format, args...))
}

// failure returns an error.
func failure(summary, format string, args ...any) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, fmt.Sprintf(format, args...))
}

// atArgument adds the argument to a diagnostic that it is about.
func atArgument(argument string, d diag.Diagnostic) diag.Diagnostic {
	return diag.WithPath(path.Root(argument), d)
}
