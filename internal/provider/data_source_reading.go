package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// start returns the runner for a read, or nil after adding the reason as an
// error. Where Terraform can wait for a provider configuration, the framework
// has deferred the read already.
func (c *configuredDataSource) start(diags *diag.Diagnostics) *campaign.Runner {
	if c.session == nil || c.ready() {
		return c.open(diags)
	}
	diags.AddError("Provider configuration not known yet", "A data source is read when planning, but the value of "+
		strings.Join(c.session.settings.unknown, ", ")+" in the provider block is decided during apply. Let the data source depend on the resource "+
		"that decides it (depends_on), so that it is read after it, or apply that resource by itself first (-target).")
	return nil
}

// unreadable says why something of a task could not be read, at the argument
// that names the task if there is no such task.
func unreadable(noun string, err error) diag.Diagnostic {
	if _, ok := errors.AsType[*campaign.GoneError](err); ok {
		return diag.NewAttributeErrorDiagnostic(path.Root("task_id"), "Unable to read "+noun, capitalized(err.Error())+
			". Check product_id and task_id in the platform's console; a task is found only under its own product.")
	}
	return unable("read", noun, err)
}

// unknownPhases names the states that could not be read, and which setting decides them.
func unknownPhases(key aep.TaskKey, h progress.Histogram) diag.Diagnostics {
	var diags diag.Diagnostics
	if h.Unknown == 0 {
		return diags
	}
	detail := fmt.Sprintf("Of task %d of product %d: %s.", key.TaskID, key.ProductID, h)
	if h.Undecided {
		detail += " The platform has two numberings of states, which read some of these codes differently, and nothing in the data decides which one is in use. " + statusCodesHint
	} else {
		detail += " The numbering in use does not have these states; none of them is counted as final."
	}
	diags.AddWarning("Subtasks of unknown phase", detail)
	return diags
}

// lines joins the texts of rows with newlines, in time linear to their length.
func lines[T any](rows []T, text func(T) string) string {
	var b strings.Builder
	for i, row := range rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(text(row))
	}
	return b.String()
}
