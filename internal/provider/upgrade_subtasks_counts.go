package provider

import (
	"cmp"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// unknownVersion counts the devices whose firmware version is not reported.
const unknownVersion = "unknown"

// countsByResultCode returns the number of rows by result code. Rows without a code are left out.
func countsByResultCode(rows []aep.Subtask) map[string]int64 {
	counts := map[string]int64{}
	for _, row := range rows {
		if row.ResultCode != "" {
			counts[row.ResultCode]++
		}
	}
	return counts
}

// countsByVersion returns the number of rows by the firmware version that the device runs. This is the version
// after a success, and otherwise the version before the upgrade.
func countsByVersion(rows []aep.Subtask, phase func(aep.SubtaskCode) progress.Phase) map[string]int64 {
	counts := map[string]int64{}
	for _, row := range rows {
		version := row.VersionBefore
		if phase(row.Code) == progress.Succeeded {
			version = row.VersionAfter
		}
		counts[cmp.Or(version, unknownVersion)]++
	}
	return counts
}

// mapOfCounts returns counts as a map of numbers.
func mapOfCounts(counts map[string]int64) types.Map {
	values := make(map[string]attr.Value, len(counts))
	for name, n := range counts {
		values[name] = types.Int64Value(n)
	}
	return types.MapValueMust(types.Int64Type, values)
}
