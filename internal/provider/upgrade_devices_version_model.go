package provider

import (
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// selectsVersions reports whether the set is known to select devices by version.
func (m upgradeDevicesModel) selectsVersions() bool {
	return !m.FromVersions.IsNull() && !m.FromVersions.IsUnknown() || m.SkipCurrent.ValueBool()
}

// versionsOpen reports whether it is not known yet if the set selects devices by version.
func (m upgradeDevicesModel) versionsOpen() bool {
	return !m.selectsVersions() && (m.FromVersions.IsUnknown() || m.SkipCurrent.IsUnknown())
}

// mayLeaveOut reports whether the set may leave out devices by version.
func (m upgradeDevicesModel) mayLeaveOut() bool { return m.selectsVersions() || m.versionsOpen() }

// selectsLike reports whether both sets select devices by version in the same way.
func (m upgradeDevicesModel) selectsLike(other upgradeDevicesModel) bool {
	return (m.FromVersions.Equal(other.FromVersions) || sameElements(m.FromVersions, other.FromVersions)) &&
		m.SkipCurrent.Equal(other.SkipCurrent) && m.UnknownVersions.Equal(other.UnknownVersions)
}

// versionFilter returns the selection by version. current is the firmware version of the task. While it is not known
// whether the set selects by version, the filter does.
func (m upgradeDevicesModel) versionFilter(current string) campaign.VersionFilter {
	return campaign.VersionFilter{
		From: stringsOf(m.FromVersions), SkipCurrent: m.SkipCurrent.ValueBool() || m.versionsOpen(), Current: current,
		SkipUnknown: m.UnknownVersions.ValueString() == unknownSkip,
	}
}

// withChange returns m with the planned change, and the number of devices that it leads to. Of a set that selects by
// version, these numbers are the most that there may be.
func (m upgradeDevicesModel) withChange(add, remove int) upgradeDevicesModel {
	if m.versionsOpen() && add > 0 { // the text must not change when the apply plans again
		m.PlannedChange = types.StringUnknown()
		return m
	}
	most := ""
	if m.selectsVersions() && add > 0 {
		most = ", or fewer by version"
	}
	m.PlannedChange = types.StringValue(fmt.Sprintf("+%d −%d, to %d devices%s", add, remove, m.DeviceCount.ValueInt64(), most))
	return m
}
