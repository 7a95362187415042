package provider

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// wording is a text of a library about a wrong value, and how this provider says the same.
type wording struct {
	detail  *regexp.Regexp // of the library; its group is the value
	summary string
	problem string // predicate of the sentence about the value
}

// wordings lists texts that the framework and its modules have for a value that can't be converted. A validator runs
// too late to replace them: the value has no type before.
var wordings = []wording{
	{regexp.MustCompile(`big\.Float=([^)]*)\) is not an integer`), "Whole number needed", "has the value %s, which is not a whole number"},
	{regexp.MustCompile(`(?s)valid Go Time Duration string format.*Given Value: (.*?)\nError`), invalidDuration, mustBeDuration + ", not %s"},
	{regexp.MustCompile(`^"(.*?)" must be a string containing a sequence of decimal numbers`), invalidDuration, mustBeDuration + ", not %s"},
}

// reworded returns diagnostics in which the texts of wordings are replaced. An argument is named once.
func reworded(diags []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	named := map[string]bool{}
	for _, d := range diags {
		if _, _, found := wordingOf(d.Detail); !found && d.Severity == tfprotov6.DiagnosticSeverityError {
			named[argumentName(d.Attribute)] = true
		}
	}
	var kept []*tfprotov6.Diagnostic
	for _, d := range diags {
		if w, value, found := wordingOf(d.Detail); found {
			argument := argumentName(d.Attribute)
			if named[argument] {
				continue
			}
			named[argument] = true
			d.Summary, d.Detail = w.summary, argument+" "+fmt.Sprintf(w.problem, value)+"."
		}
		kept = append(kept, d)
	}
	return kept
}

// rewordedFunction is reworded for the error of a function. Terraform names the parameter.
func rewordedFunction(e *tfprotov6.FunctionError) *tfprotov6.FunctionError {
	if e == nil {
		return nil
	}
	if w, value, found := wordingOf(e.Text); found {
		e.Text = fmt.Sprintf(w.problem, value)
	}
	return e
}

func wordingOf(detail string) (w wording, value string, found bool) {
	for _, w := range wordings {
		if groups := w.detail.FindStringSubmatch(detail); groups != nil {
			if value = groups[1]; w.summary == invalidDuration {
				value = strconv.Quote(value)
			}
			return w, value, true
		}
	}
	return wording{}, "", false
}

// argumentName returns a path as a configuration writes it, such as wave.weights[1].
func argumentName(at *tftypes.AttributePath) string {
	if at == nil {
		return "The value"
	}
	var b strings.Builder
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&b, "[%d]", int64(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&b, "[%q]", string(step))
		}
	}
	return b.String()
}
