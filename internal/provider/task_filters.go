package provider

import (
	"regexp"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The descriptions of the filters of tasks, in a data source and in a list resource.
const (
	nameContainsText = "Part of the task's name, as the platform searches it (`searchValue`). Defaults to any name."
	statusesText     = "Statuses to return: `pending`, `running`, `finished`, `unknown_<n>` (`jobStatus`). " +
		"The platform cannot filter by status, so every task is read. Defaults to all."
)

var statusName = regexp.MustCompile(`^(pending|running|finished|unknown_-?[0-9]+)$`)

func statusesValidators() []validator.List {
	return []validator.List{
		listvalidator.SizeAtLeast(1), listvalidator.UniqueValues(),
		listvalidator.ValueStringsAre(stringvalidator.RegexMatches(statusName, "must be pending, running, finished or unknown_<n>")),
	}
}

// hasStatus reports whether a task has one of the statuses. An empty list means any.
func hasStatus(t aep.Task, statuses []types.String) bool {
	return len(statuses) == 0 || slices.Contains(statuses, types.StringValue(t.Status.String()))
}
