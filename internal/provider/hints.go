package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// hintFor returns a text that says what a practitioner can do about a failure, "" if there is nothing to say.
func hintFor(err error) string {
	for _, hint := range []func(error) string{taskHint, startHint, watchHint, devicesHint, serviceHint, credentialsHint, connectionHint} {
		if text := hint(err); text != "" {
			return text
		}
	}
	return ""
}

// taskHint returns the hint for a failure to create or delete a task.
func taskHint(err error) string {
	if e, ok := errors.AsType[*campaign.ExistingTaskError](err); ok {
		return existingTaskHint(e)
	}
	if e, ok := errors.AsType[*campaign.ProtocolError](err); ok {
		if e.Product == aep.TLink {
			return "T-Link products take timeout_hours instead of retry_times."
		}
		return "LwM2M products take retry_times instead of timeout_hours."
	}
	switch {
	case isA[*campaign.UnprovenError](err):
		return "The state is kept, so that no second task is created beside it. Look for the task in the platform's console. " +
			"If it is gone, remove it from the state with a removed block."
	case isA[*campaign.ActiveDevicesError](err):
		return "Wait until the devices are final, cancel them (action aep_upgrade_cancel), or set force_destroy = true. " +
			"Then the provider cancels them, waits until none is active, and deletes the task. Before a destroy, apply that first. " +
			"If the resource is tainted, terraform untaint keeps the task."
	}
	return ""
}

// existingTaskHint returns the hint for a create beside a task of the same name. It contains the import
// blocks.
func existingTaskHint(e *campaign.ExistingTaskError) string {
	var b strings.Builder
	b.WriteString("It may be left over from an interrupted run, or someone else created it. " +
		"A second task would upgrade the devices twice. ")
	if len(e.Keys) == 1 {
		b.WriteString("Import it, with the address of this resource:\n\n")
	} else {
		b.WriteString("Look at the tasks in the console. Delete the tasks that are not wanted, " +
			"or import one, with the address of this resource:\n\n")
	}
	for _, key := range e.Keys[:min(len(e.Keys), 10)] {
		fmt.Fprintf(&b, "  import {\n    to = aep_upgrade_task.NAME\n    id = %q\n  }\n\n", key)
	}
	if len(e.Keys) == 1 {
		b.WriteString("Or set adopt_existing = true to adopt it. ")
	}
	b.WriteString("If the state already has it, in another resource or as a deposed object, give this task another name.")
	return b.String()
}

// startHint returns the hint for a failure to start or retry a task.
func startHint(err error) string {
	if e, ok := errors.AsType[*campaign.LimitError](err); ok {
		return fmt.Sprintf("The provider block or AEP_MAX_DEVICES_PER_RUN sets max_devices_per_run = %d. No devices beyond it were sent. "+
			"Raise it, or use fewer devices in one run, such as one wave at a time.", e.Limit)
	}
	if e, ok := errors.AsType[*campaign.NoDevicesError](err); ok {
		if e.Histogram.Total > 0 {
			return "Devices in a final state take no part in a start. Create a new task for them."
		}
		return "Attach devices with aep_upgrade_devices first, and let this depend on it. " +
			"In a rollout that has nothing to start, set expected_device_count = 0."
	}
	switch {
	case isA[*campaign.DeviceCountError](err):
		return "Nothing was started. missing_count and failures of the device set say which devices did not join. " +
			"Apply again to attach them. " +
			"If the number of devices is right as it is, correct expected_device_count."
	case isA[*campaign.UnknownStatusError](err):
		return "Check the task in the platform's console. If it is to be upgraded, start it there. The rollout then only watches it."
	case isA[*campaign.UndecidedError](err):
		return statusCodesHint
	case errors.Is(err, campaign.ErrTLinkRetry):
		return "Attach the devices to a new task."
	}
	return ""
}

// watchHint returns the hint for a watch that failed.
func watchHint(err error) string {
	e, ok := errors.AsType[*campaign.WatchError](err)
	switch {
	case !ok:
		return ""
	case isGone(err):
		return "The task was deleted while it was watched. The results of its devices are not known. " +
			"Compare their firmware versions in the platform's console."
	case e.Last != nil:
		return doubtHint(*e.Last)
	}
	return ""
}

// statusCodesHint names the setting that decides the numbering of states.
const statusCodesHint = "Set the provider's lwm2m_status_codes (or AEP_LWM2M_STATUS_CODES) to the numbering of your platform, " +
	"\"2019\" or \"2022\". To find out which it is, check one of these devices in the console."

// doubtHint names the setting that decides undecided states. It returns "" if every state is decided.
func doubtHint(o progress.Observation) string {
	doubt := o.Doubt()
	if doubt == "" {
		return ""
	}
	return capitalized(doubt) + ". " + statusCodesHint
}

// gateHint returns the hint for a task that did not meet its gates.
func gateHint(e *campaign.GateError) string {
	doubt := doubtHint(e.Observation)
	switch {
	case doubt != "":
		return doubt
	case e.Aborted && e.Cancel == nil && e.Gates.OnAbort == progress.AbortCancels:
		return "Compare the failed devices with the devices that were cancelled before the start. If the others succeed, remove " +
			"abort_failure_percent to wait for the end. If they fail, the action aep_upgrade_cancel cancels the rest."
	case e.Aborted:
		return "Find out why devices fail before you continue. Cancelled devices need a new task. " +
			"The action aep_upgrade_retry tries failed LwM2M devices again."
	}
	return "Find out why devices fail. The action aep_upgrade_retry tries failed LwM2M devices again, " +
		"and the next apply judges the task again. To accept the result as it is, lower minimum_success_percent."
}

// devicesHint returns the hint for a failure to change a device set.
func devicesHint(err error) string {
	if e, ok := errors.AsType[*campaign.UnlistedAtStartError](err); ok {
		named := ""
		if len(e.Devices) > 0 {
			named = "They are: " + someIDs(e.Devices) + ". "
		}
		return "Nothing was started. " + named + "List the devices in a set. " +
			"To cancel them, use the action aep_upgrade_cancel or a set with exclusive = true. " +
			"cancelled_count and missing_count of the sets say which devices do not take part. " +
			"To destroy everything, run terraform destroy -refresh=false."
	}
	if e, ok := errors.AsType[*campaign.UnlistedError](err); ok {
		return "Nothing was joined. They are: " + someIDs(e.Devices) + ". If another set of the configuration lists them, apply again. " +
			"Otherwise list them in a set, cancel them (action aep_upgrade_cancel), " +
			"or set adopt_existing = false and create a task of another name."
	}
	switch {
	case isA[*campaign.UnannouncedError](err):
		return "Nothing was changed. Plan again: the new plan counts the devices that it cancels."
	case isA[*campaign.SpellingError](err):
		return "Write the id as the platform does. No device was sent again."
	case isA[*campaign.NoFirmwareVersionError](err):
		return "Nothing was joined. Set skip_current = false, and name the versions to upgrade from in from_versions."
	case isA[*campaign.NullCandidatesError](err):
		return "Null may mean that no device can be upgraded, or that the platform is disturbed. No version is known, so nothing was joined. " +
			"Apply again. If it stays so, check in the console whether the devices are in another task that has not finished."
	case isGone(err):
		return "Check task_id. If the task was deleted, remove the blocks that name it from the configuration, or let them name another task."
	case isA[*campaign.StillInGroupError](err):
		return "Nothing was changed. Plan again when the platform lists the group in full."
	}
	return ""
}

// serviceNames are the names of the look-up services in the platform's console.
var serviceNames = map[string]string{
	"aep_product_management":      "产品管理",
	"aep_firmware_management":     "固件管理",
	"aep_device_group_management": "分组管理",
	"aep_device_management":       "设备管理",
}

// serviceHint returns the hint for a look-up that failed. The application may lack the service.
func serviceHint(err error) string {
	service, ok := aep.LookUpService(err)
	if !ok {
		return ""
	}
	check := ""
	keys, productID := aep.KeysOf(err)
	switch {
	case aep.LacksMasterKey(err) && productID != 0:
		check = setMasterKey(productID) + " "
	case aep.IsForbidden(err) && aep.TakesMasterKey(err) && keys.MasterKey != "":
		check = fmt.Sprintf("If other calls fail too, check the MasterKey of product %d%s, and app_secret%s. ",
			productID, from(keys.MasterKey), from(keys.AppSecret))
	case aep.IsUnauthorized(err) && aep.TakesMasterKey(err):
		check = fmt.Sprintf("If other calls fail too, check app_secret%s, the MasterKey of product %d%s, and the clock of this machine. ",
			from(keys.AppSecret), productID, from(keys.MasterKey))
	case aep.IsUnauthorized(err):
		check = "If other calls fail too, check app_secret" + from(keys.AppSecret) + " and the clock of this machine. "
	case aep.IsUnknownApplication(err):
		check = "If other calls fail too, check app_key" + from(keys.AppKey) + " and endpoint. "
	case aep.IsProductMissing(err):
		check = "The product may not exist: check product_id. "
	case aep.IsRefused(err):
	case !aep.IsBadRequest(err):
		return ""
	}
	return fmt.Sprintf("%sThe call belongs to the service %s (%s). The application may not have subscribed to it: "+
		"check this under 应用管理 in the platform's console. Everything else in this provider works without the service.",
		check, serviceNames[service], service)
}

// connectionHint returns the hint for a call that failed. The first kind of failure that applies decides.
func connectionHint(err error) string {
	for _, hint := range connectionHints {
		if hint.applies(err) {
			return hint.text
		}
	}
	switch timeout, ok := errors.AsType[*timeoutError](err); {
	case ok:
		return "Apply again to continue, or raise timeouts." + timeout.argument + "."
	case aep.IsCanceled(err):
		return "Apply again to continue."
	case aep.Ambiguous(err):
		return "The platform may or may not have carried this out. The next plan reads the platform. Apply again."
	case aep.IsTransient(err):
		return "Apply again when the platform responds. What was done so far is kept."
	}
	return ""
}

var connectionHints = []struct {
	applies func(error) bool
	text    string
}{
	{aep.IsUnreachable, "No request of this run got a response. Check the provider's endpoint (AEP_ENDPOINT): newer accounts have " +
		"https://<tenant>.api.ctwing.cn. Check the proxy too (HTTPS_PROXY, NO_PROXY), and the network of this machine."},
	{aep.IsReadOnly, "The provider block or AEP_READ_ONLY sets read_only. Unset it to permit this change."},
	{aep.IsThrottled, "Lower requests_per_second or max_concurrent_requests, or raise retry_budget, and apply again."},
	{aep.IsUnreliable, "The list was incomplete, so no changes were made from it. Try again when it is stable."},
}

// isA reports whether err is, or wraps, an error of type E.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// isGone reports whether err proves that a task does not exist.
func isGone(err error) bool { return isA[*campaign.GoneError](err) }
