package provider

import (
	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// unable returns the error for a call that failed. Its summary is "Unable to", verb and noun. Its detail is
// the platform's text. A hint follows if hintFor has one.
func unable(verb, noun string, err error) diag.Diagnostic {
	detail := sentence(err)
	if hint := hintFor(err); hint != "" {
		detail += "\n\n" + hint
	}
	return diag.NewErrorDiagnostic("Unable to "+verb+" "+noun, detail)
}

// unableToRead returns the error for a read of a data source. If the task does not exist, the error is about
// task_id.
func unableToRead(noun string, err error) diag.Diagnostic {
	if isGone(err) {
		return atArgument("task_id", diag.NewErrorDiagnostic("Unable to read "+noun, sentence(err)+
			" Check product_id and task_id in the platform's console. A task is found only under its own product."))
	}
	return unable("read", noun, err)
}

// notImported returns the error for an import of a task that does not exist.
func notImported(noun string, gone error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Unable to import "+noun, sentence(gone)+
		" Check both ids in the platform's console. The import id has the form "+taskIDForm+".")
}

// unknownPhases returns a warning if subtasks are in states that can't be read. It names the setting that
// decides them.
func unknownPhases(key aep.TaskKey, h progress.Histogram) (diags diag.Diagnostics) {
	if h.Unknown == 0 {
		return nil
	}
	reason := "The numbering in use does not have these states. None of them counts as final."
	if h.Undecided {
		reason = "The platform has two numberings of states, and some of these codes have another meaning in each. " +
			"The data does not decide which numbering is in use. " + statusCodesHint
	}
	diags.Append(warning("Subtasks of unknown phase", "%s: %s. %s", capitalized(key.Object()), h, reason))
	return diags
}
