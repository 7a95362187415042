package provider

import (
	"cmp"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// countsByResultCode returns the number of rows by result code. Rows without a code are left out.
func countsByResultCode(rows []aep.Subtask) map[string]int64 {
	counts := countBy(rows, func(row aep.Subtask) string { return row.ResultCode })
	delete(counts, "")
	return counts
}

// countsByVersion returns the number of rows by the firmware version that the device runs. This is the version
// after a success, and otherwise the version before the upgrade.
func countsByVersion(rows []aep.Subtask, phase func(aep.SubtaskCode) progress.Phase) map[string]int64 {
	return countBy(rows, func(row aep.Subtask) string {
		if phase(row.Code) == progress.Succeeded {
			return cmp.Or(row.VersionAfter, unknownVersion)
		}
		return cmp.Or(row.VersionBefore, unknownVersion)
	})
}
