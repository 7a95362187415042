package provider

import (
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// stringOrNull returns a text, null for "".
func stringOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// int64OrNull returns a number, null for 0.
func int64OrNull(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}

// keptIfEmpty returns the platform's text. If a response leaves it out, the known value is returned.
func keptIfEmpty(known types.String, text string) types.String {
	if text == "" && !known.IsUnknown() {
		return known
	}
	return stringOrNull(text)
}

// setIfNull sets an argument that an import leaves null.
func setIfNull(argument *types.String, value string) {
	if argument.IsNull() {
		*argument = types.StringValue(value)
	}
}

// falseIfNull returns a flag, false for null.
func falseIfNull(b types.Bool) types.Bool { return types.BoolValue(b.ValueBool()) }

// trueIfNull returns a flag whose default is true.
func trueIfNull(b types.Bool) bool { return b.IsNull() || b.ValueBool() }

// timeOrNull returns a time as RFC 3339 in China's time zone, null for the zero time.
func timeOrNull(at time.Time) types.String {
	if at.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(at.In(aep.ChinaTime).Format(time.RFC3339))
}

// stateCodeOrNull returns the state code of a subtask, null if there is none.
func stateCodeOrNull(code aep.SubtaskCode) types.Int64 {
	if code == aep.NoSubtaskCode {
		return types.Int64Null()
	}
	return types.Int64Value(int64(code))
}

// taskKey returns the task that two arguments name.
func taskKey(productID, taskID types.Int64) aep.TaskKey {
	return aep.TaskKey{ProductID: productID.ValueInt64(), TaskID: taskID.ValueInt64()}
}

// stringList returns texts as a list.
func stringList(texts []string) types.List {
	values := make([]attr.Value, len(texts))
	for i, text := range texts {
		values[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, values)
}

// firstIDs returns at most campaign.MaxListed device ids as a list.
func firstIDs(ids []string) types.List { return stringList(ids[:min(len(ids), campaign.MaxListed)]) }

// stringsOf returns the texts of a list of strings, sorted.
func stringsOf(list types.List) []string {
	texts := make([]string, 0, len(list.Elements()))
	for _, element := range list.Elements() {
		if text, ok := element.(types.String); ok {
			texts = append(texts, text.ValueString())
		}
	}
	slices.Sort(texts)
	return texts
}

// sameElements reports whether two known lists of ids have the same elements, in any order.
func sameElements(a, b types.List) bool {
	if a.IsNull() || b.IsNull() || a.IsUnknown() || b.IsUnknown() {
		return false
	}
	return slices.Equal(stringsOf(a), stringsOf(b))
}
