package provider

import (
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// decideAgain says how a set decides about devices again that it has left out.
func decideAgain(m upgradeDevicesModel) string {
	way := "take them off the list, apply, and list them again"
	if !m.DeviceGroupID.IsNull() {
		way = "set on_remove = \"keep\" and apply, remove the resource block and apply, and add it back: devices that have joined stay members"
	}
	return "To decide again, " + way + ". To attach all of them, remove from_versions and skip_current."
}

// decidedByVersion returns the warnings about the devices that a change has left out, and about devices that it has
// attached without a known version.
func decidedByVersion(m upgradeDevicesModel, out campaign.LeftOut, current string) (diags diag.Diagnostics) {
	if len(out.All()) > 0 {
		diags.Append(leftOutByVersion(m, out, current))
	}
	if n := len(out.Unchecked); n > 0 {
		diags.Append(warning("Devices attached without a known version",
			"%s: %s joined %s although the firmware version is not known, as unknown_versions = \"join\" asks: %s.\n\n"+
				"If they must not be upgraded, take them off the list, or cancel them with the action aep_upgrade_cancel.",
			m.named(), countedDevices(n, ""), m.taskName(), someIDs(out.Unchecked)))
	}
	return diags
}

// leftOutByVersion warns of the devices that a change has left out.
func leftOutByVersion(m upgradeDevicesModel, out campaign.LeftOut, current string) diag.Diagnostic {
	var text strings.Builder
	for _, one := range []struct {
		ids deviceset.Set
		why string
	}{
		{out.Other, "a version that from_versions does not name"},
		{out.Current, fmt.Sprintf("the version of the task, %q", current)},
		{out.NoVersion, "no version"},
	} {
		if len(one.ids) > 0 {
			fmt.Fprintf(&text, "\n  - %s %s: %s", counted(len(one.ids), "device reports", "devices report"), one.why, someIDs(one.ids))
		}
	}
	return warning("Devices left out by version",
		"%s leaves %s out of %s:%s\n\n"+
			"skipped_count has their number. The set remembers them: they stay out, whatever they report later. "+decideAgain(m),
		m.named(), countedDevices(len(out.All()), ""), m.taskName(), text.String())
}

func staysLeftOut(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Devices stay left out by version",
		"%s: from_versions, skip_current or unknown_versions changes. %s out of %s by the earlier values, and %s: %s.\n\n"+decideAgain(m),
		m.named(), counted(len(ids), "device was left", "devices were left"), m.taskName(),
		map[bool]string{true: "stays out", false: "stay out"}[len(ids) == 1], someIDs(ids))
}

func mayNoLongerBeLeftOut(m upgradeDevicesModel, ids deviceset.Set) diag.Diagnostic {
	return warning("Devices may no longer be left out",
		"%s: from_versions or skip_current is not known yet. If the set turns out to select no versions, %s, although left out before: %s.",
		m.named(), counted(len(ids), "device joins "+m.taskName(), "devices join "+m.taskName()), someIDs(ids))
}

// idleUnknownVersions warns of unknown_versions in a configuration that selects by no version.
func idleUnknownVersions(config upgradeDevicesModel) (diags diag.Diagnostics) {
	selects := !config.FromVersions.IsNull() || config.SkipCurrent.IsUnknown() || config.SkipCurrent.ValueBool()
	if !selects && config.UnknownVersions.ValueString() == unknownSkip {
		diags.Append(atArgument("unknown_versions", warning("Argument without effect",
			"unknown_versions = %q has no effect without from_versions or skip_current: devices that report no version join.", unknownSkip)))
	}
	return diags
}
