package provider

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// unable turns a failure into a diagnostic: what was being done, what the
// platform said, and, where the kind of failure is known, what to do next.
func unable(verb, noun string, err error) diag.Diagnostic {
	detail := capitalized(err.Error()) + "."
	if hint := hintFor(err); hint != "" {
		detail += "\n\n" + hint
	}
	return diag.NewErrorDiagnostic("Unable to "+verb+" "+noun, detail)
}

// hintFor says what a practitioner can do about a failure of a known kind.
func hintFor(err error) string {
	if e, ok := errors.AsType[*campaign.ExistingTaskError](err); ok {
		return existingTaskHint(e)
	}
	if e, ok := errors.AsType[*campaign.ProtocolError](err); ok {
		if e.Product == aep.TLink {
			return "T-Link products take timeout_hours instead of retry_times."
		}
		return "LwM2M products take retry_times instead of timeout_hours."
	}
	if _, ok := errors.AsType[*campaign.UnprovenError](err); ok {
		return "The state is kept, so that no second task is made beside it. Look for the task in the platform's console. " +
			"If it is gone, forget it with a removed block."
	}
	if _, ok := errors.AsType[*campaign.ActiveDevicesError](err); ok {
		return "Wait until they are done, cancel them (action aep_upgrade_cancel), or set force_destroy = true: " +
			"the provider cancels them, waits until none is active, and deletes the task. Before a destroy, apply that first. " +
			"If the resource is tainted, terraform untaint keeps the task."
	}
	if hint := cmp.Or(hintForCampaign(err), hintForDevices(err)); hint != "" {
		return hint
	}
	switch {
	case aep.IsUnreachable(err):
		return "Nothing has answered there in this run. Check the provider's endpoint (AEP_ENDPOINT): newer accounts have https://<tenant>.api.ctwing.cn. " +
			"Check the proxy too (HTTPS_PROXY, NO_PROXY) and the network of this machine."
	case aep.IsReadOnly(err):
		return "The provider block or AEP_READ_ONLY sets read_only. Unset it to let this change through."
	case aep.IsUnauthorized(err):
		return "Check app_secret, the MasterKey of the product (master_key, master_keys), and the clock of this machine. If they are right, " +
			"check that the application has subscribed to this API."
	case aep.IsUnknownApplication(err):
		return "The platform's gateway answers so when it does not know the app key, or when the endpoint is not the one of your account " +
			"(newer accounts have https://<tenant>.api.ctwing.cn). It does not mean that the task is gone."
	case aep.IsThrottled(err):
		return "Lower requests_per_second or max_concurrent_requests, or raise retry_budget, and apply again."
	case aep.IsUnreliable(err):
		return "Nothing was changed because of what the list lacks. Try again when the platform answers properly."
	case aep.IsCanceled(err):
		if timeout, ok := errors.AsType[*timeoutError](err); ok {
			return "Apply again to go on where this run ended, or raise timeouts." + timeout.argument + "."
		}
		return "Apply again to go on where this run ended."
	case aep.Ambiguous(err):
		return "The platform may or may not have carried this out. The next plan reads what is there; apply again."
	case aep.IsTransient(err):
		return "Apply again when the platform answers; what was done so far is kept."
	}
	return ""
}

func existingTaskHint(e *campaign.ExistingTaskError) string {
	var b strings.Builder
	b.WriteString("An earlier run may have made it without living to record it, or someone else has. Creating another would leave two. ")
	if len(e.Keys) == 1 {
		b.WriteString("Import it, with the address of this resource:\n\n")
	} else {
		b.WriteString("Look at them in the console, delete those that are not wanted, or import one, with the address of this resource:\n\n")
	}
	for _, key := range e.Keys[:min(len(e.Keys), 10)] {
		fmt.Fprintf(&b, "  import {\n    to = aep_upgrade_task.NAME\n    id = %q\n  }\n\n", key)
	}
	if len(e.Keys) == 1 {
		b.WriteString("or set adopt_existing = true to take it over. ")
	}
	b.WriteString("If it is in the state already, of another resource or as a deposed object, give this task another name.")
	return strings.TrimSpace(b.String())
}

func capitalized(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	// The API's own names keep their spelling; they begin with a capital anyway.
	return string(unicode.ToUpper(first)) + text[size:]
}

// quoted writes the values of a list for a description or an error.
func quoted[T ~string](values []T) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = "`" + string(v) + "`"
	}
	return strings.Join(list, ", ")
}
