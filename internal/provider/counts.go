package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// unknownVersion counts the devices whose firmware version is not reported.
const unknownVersion = "unknown"

// countBy returns the number of rows by a text.
func countBy[T any](rows []T, text func(T) string) map[string]int64 {
	counts := map[string]int64{}
	for _, row := range rows {
		counts[text(row)]++
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
