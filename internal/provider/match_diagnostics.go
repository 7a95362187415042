package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/catalog"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// unmatchedOr returns the error for a look-up with no match or several, at the argument that was looked for. For
// any other failure it returns otherwise.
func unmatchedOr(err error, otherwise diag.Diagnostic) diag.Diagnostic {
	e, ok := errors.AsType[*catalog.MatchError](err)
	if !ok {
		return otherwise
	}
	argument := matchArgument(e, e.By)
	var summary, next string
	switch {
	case e.OtherProduct != 0:
		summary = "is of another product"
		next = fmt.Sprintf("Correct product_id or %s.", argument)
	case e.Matches > 0:
		summary = "is not unique"
		next = "They are:" + candidateLines(e.Rows) + fmt.Sprintf("\n\nSet %s to one of these ids instead of %s.",
			matchArgument(e, catalog.ByID), argument)
		if e.Kind == catalog.KindFirmware && !e.Undated {
			next += " Or set most_recent = true for the firmware that was created last."
		}
	default:
		summary, next = "not found", notFoundHint(e, argument)
	}
	detail := sentence(e) + "\n\n" + next
	return diag.WithPath(path.Root(argument), diag.NewErrorDiagnostic(capitalized(e.Kind)+" "+summary, detail))
}

// matchArgument returns the argument for an attribute of the object that was looked for.
func matchArgument(e *catalog.MatchError, by string) string {
	if by != catalog.ByID {
		return by
	}
	return map[string]string{
		catalog.KindProduct: "product_id", catalog.KindFirmware: "firmware_id", catalog.KindGroup: "group_id",
	}[e.Kind]
}

// notFoundHint returns what there is instead of the object that was looked for.
func notFoundHint(e *catalog.MatchError, argument string) string {
	if len(e.Rows) == 0 {
		return map[string]string{
			catalog.KindProduct: "The platform lists no product at all. Check that app_key belongs to an application of the account.",
			catalog.KindFirmware: "The platform lists no firmware of this product. Look for it under 固件管理 in the console. " +
				"It may be listed only after 测试 (test) and 审核 (approval).",
			catalog.KindGroup: "The platform lists no group of this product. Look for it under 分组管理 in the console.",
		}[e.Kind]
	}
	there := "There are:"
	switch {
	case !e.Whole:
		there = "Most alike:"
	case e.Total > int64(len(e.Rows)):
		there = fmt.Sprintf("%d of %s, those most alike first:", len(e.Rows), grouped(e.Total))
	}
	text := there + candidateLines(e.Rows) + "\n\nSet " + argument + " to one of these."
	if e.By != catalog.ByID {
		text += " The comparison is exact: case and spaces count."
	}
	if e.Kind == catalog.KindFirmware {
		text += " A firmware may be listed only after 测试 (test) and 审核 (approval) under 固件管理 in the console."
	}
	return text
}

// candidateLines lists objects, one a line. The text begins with a newline.
func candidateLines(rows []catalog.Candidate) string {
	var text strings.Builder
	text.WriteByte('\n')
	for _, one := range rows {
		fmt.Fprintf(&text, "\n  - %d: %q", one.ID, one.Name)
		if one.Version != "" {
			fmt.Fprintf(&text, ", version %q", one.Version)
		}
		if at := timeOrNull(one.CreatedAt); !at.IsNull() {
			fmt.Fprintf(&text, ", created %s", at.ValueString())
		}
	}
	return text.String()
}
