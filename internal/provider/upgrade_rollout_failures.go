package provider

import (
	"errors"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// startFailure says why a task was not started.
func startFailure(err error) diag.Diagnostic {
	if _, ok := errors.AsType[*campaign.DeviceCountError](err); ok {
		return diag.WithPath(path.Root("expected_device_count"), unable("start", "upgrade task", err))
	}
	return unable("start", "upgrade task", err)
}

// watchFailure says why a task did not come as far as it should.
func watchFailure(err error) diag.Diagnostic {
	gate, ok := errors.AsType[*campaign.GateError](err)
	if !ok {
		return unable("watch", "upgrade task", err)
	}
	summary, at := "Upgrade task has not succeeded", path.Root("minimum_success_percent")
	if gate.Aborted {
		summary, at = "Upgrade task aborted", path.Root("abort_failure_percent")
	}
	return diag.WithPath(at, diag.NewErrorDiagnostic(summary, capitalized(gate.Error())+".\n\n"+gateHint(gate)))
}

// gateHint says what can be done about a task that did not live up to its gates.
func gateHint(e *campaign.GateError) string {
	if doubt := doubtHint(e.Observation); doubt != "" {
		return doubt
	}
	if e.Aborted && e.Cancel == nil && e.Gates.OnAbort == progress.AbortCancels {
		return "Compare the failed devices with those that were cancelled before the start. If the others do well, remove " +
			"abort_failure_percent to wait for the end. If they fail, the action aep_upgrade_cancel cancels the rest."
	}
	if e.Aborted {
		return "Find out why devices fail before you go on. Those that were cancelled need a new task; the action aep_upgrade_retry tries " +
			"failed LwM2M devices again."
	}
	return "Find out why devices fail. The action aep_upgrade_retry tries failed LwM2M devices again, and the next apply judges the task " +
		"anew; " +
		"to accept the result as it is, lower minimum_success_percent."
}

// doubtHint says which setting would tell what unclear states mean, "" if none.
func doubtHint(o progress.Observation) string {
	doubt := o.Doubt()
	if doubt == "" {
		return ""
	}
	return capitalized(doubt) + ". " + statusCodesHint
}

// statusCodesHint says which setting decides the numbering.
const statusCodesHint = "Set the provider's lwm2m_status_codes (or AEP_LWM2M_STATUS_CODES) to the numbering of your platform, " +
	"\"2019\" or \"2022\"; " +
	"the console shows the state of such a device in plain words."

// hintForCampaign says what can be done about the failures of starting, watching
// and retrying, "" if err is none of them.
func hintForCampaign(err error) string {
	if e, ok := errors.AsType[*campaign.NoDevicesError](err); ok {
		if e.Histogram.Total > 0 {
			return "Devices in a final state take no part in a start. Create a new task for them."
		}
		return "Attach devices with aep_upgrade_devices first, and let this depend on it. In a rollout that has nothing to start, set expected_device_count = 0."
	}
	if _, ok := errors.AsType[*campaign.DeviceCountError](err); ok {
		return "Nothing was started. See missing_count and failures of the device set for what did not join, and heal it with another apply; " +
			"if the number of devices is right as it is, correct expected_device_count."
	}
	if _, ok := errors.AsType[*campaign.UnknownStatusError](err); ok {
		return "Look at the task in the platform's console. If it is to be upgraded, start it there; the rollout then only watches it."
	}
	if _, ok := errors.AsType[*campaign.UndecidedError](err); ok {
		return statusCodesHint
	}
	if e, ok := errors.AsType[*campaign.LimitError](err); ok {
		return fmt.Sprintf("The provider block or AEP_MAX_DEVICES_PER_RUN sets max_devices_per_run = %d. Nothing was sent beyond it. "+
			"Raise it, or use fewer devices in one run, such as one wave at a time.", e.Limit)
	}
	if errors.Is(err, campaign.ErrTLinkRetry) {
		return "Attach the devices to a new task."
	}
	e, ok := errors.AsType[*campaign.WatchError](err)
	if !ok {
		return ""
	}
	if _, gone := errors.AsType[*campaign.GoneError](err); gone {
		return "Somebody deleted the task while it was being watched. What became of its devices is not known; compare their firmware " +
			"versions in the platform's console."
	}
	if e.Last != nil {
		return doubtHint(*e.Last)
	}
	return ""
}
