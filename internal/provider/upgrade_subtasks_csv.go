package provider

import (
	"encoding/csv"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// formulaCharacters are the first characters of a cell that spreadsheets take for a formula. The last four are
// the full-width forms, which some take for the same.
const formulaCharacters = "=+-@\t\r\n＝＋－＠"

// usualCSVRow is how many bytes most rows take.
const usualCSVRow = 240

var oneLineBreak = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// subtasksCSV returns subtasks as RFC 4180, with a header row. A result code that means no result is an empty
// cell.
func subtasksCSV(columns columns[aep.Subtask], rows []aep.Subtask) string {
	var text strings.Builder
	text.Grow(usualCSVRow * (1 + len(rows)))
	// A strings.Builder returns no error.
	writer := csv.NewWriter(&text)
	writer.UseCRLF = true
	cells := make([]string, len(columns))
	for i, column := range columns {
		cells[i] = column.name
	}
	_ = writer.Write(cells)
	for _, row := range rows {
		if row.ResultCode == progress.NoResult {
			row.ResultCode = ""
		}
		for i, column := range columns {
			cells[i] = csvCell(column.value(row))
		}
		_ = writer.Write(cells)
	}
	writer.Flush()
	return text.String()
}

// csvCell returns the text of a value, "" for null. A text that a spreadsheet may take for a formula begins
// with an apostrophe.
func csvCell(value attr.Value) string {
	var cell string
	switch v := value.(type) {
	case types.Int64:
		if !v.IsNull() {
			cell = strconv.FormatInt(v.ValueInt64(), 10)
		}
	case types.String:
		cell = v.ValueString()
	}
	if strings.Contains(cell, "\r") { // The replacer copies every text.
		cell = oneLineBreak.Replace(cell)
	}
	cell = strings.Map(printable, cell)
	for _, text := range []string{cell, strings.TrimLeftFunc(cell, invisible)} {
		if first, size := utf8.DecodeRuneInString(text); size > 0 && strings.ContainsRune(formulaCharacters, first) {
			return "'" + cell
		}
	}
	return cell
}

// printable returns a character, or -1 for a control character, which a terminal may act on.
func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

// invisible reports whether a spreadsheet may skip a character before a formula.
func invisible(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }
