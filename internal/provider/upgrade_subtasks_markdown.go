package provider

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// largestMarkdown is the largest size of a report in bytes. GitHub takes comments of 65,536 characters.
const largestMarkdown = 60_000

// phasesByUrgency lists every phase: first those whose devices need attention.
var phasesByUrgency = []progress.Phase{
	progress.Failed, progress.Unknown, progress.Cancelled, progress.InProgress, progress.Waiting, progress.Succeeded,
}

// largestCountTable is the largest number of lines in a table of counts.
const largestCountTable = 20

// subtasksReport is a report on subtasks for people, in GitHub's Markdown.
type subtasksReport struct {
	task  aep.Task
	found campaign.FoundSubtasks
}

// markdown returns a summary and a table of the rows in the order of phasesByUrgency. The table ends before
// largestMarkdown.
func (r subtasksReport) markdown() string {
	var text strings.Builder
	text.WriteString(r.summary())
	if len(r.found.Rows) == 0 {
		return text.String()
	}
	text.WriteString("\n" + markdownHead("Device", "Name", "Phase", "Result", "Version", "Finished (UTC+8)"))
	left := make(map[progress.Phase]int64)
	for _, subtask := range r.found.Rows {
		left[r.found.Phase(subtask.Code)]++
	}
	for subtask := range r.byUrgency {
		row, rest := r.row(subtask), restLine(left)
		if text.Len()+len(row)+len(rest) > largestMarkdown {
			text.WriteString(rest)
			break
		}
		text.WriteString(row)
		left[r.found.Phase(subtask.Code)]--
	}
	return text.String()
}

// byUrgency yields the rows in the order of phasesByUrgency. Rows of one phase keep the platform's order.
func (r subtasksReport) byUrgency(yield func(aep.Subtask) bool) {
	for _, phase := range phasesByUrgency {
		for _, subtask := range r.found.Rows {
			if r.found.Phase(subtask.Code) == phase && !yield(subtask) {
				return
			}
		}
	}
}

// restLine returns the Markdown for rows without a line in the table, which are counted by phase.
func restLine(left map[progress.Phase]int64) string {
	var total int64
	var parts []string
	for _, phase := range phasesByUrgency {
		if n := left[phase]; n > 0 {
			total += n
			parts = append(parts, grouped(n)+" "+phaseInWords(phase))
		}
	}
	return fmt.Sprintf("\n%s in the attribute `csv`: %s.\n", counted(total, "more row is", "more rows are"), strings.Join(parts, ", "))
}

// summary returns the Markdown before the table: the task, and its devices by phase, result code and version.
func (r subtasksReport) summary() string {
	var text strings.Builder
	object := capitalized(r.task.Key().Object())
	fmt.Fprintf(&text, "### %s\n\n%s: status %s", cmp.Or(markdownText(r.task.Name), object), object, r.task.Status)
	if version := markdownCode(r.task.FirmwareVersion); version != "" {
		text.WriteString(", firmware version " + version)
	}
	fmt.Fprintf(&text, ", %s.\n", countedDevices(r.found.Histogram.Total, ""))
	if r.found.Histogram.Total > 0 {
		text.WriteString("\n" + markdownHead("Phase, of the whole task", "Devices"))
	}
	for _, phase := range progress.Phases {
		if n := r.found.Histogram.Of(phase); n > 0 {
			text.WriteString(markdownRow(phaseInWords(phase), grouped(n)))
		}
	}
	if len(r.found.Rows) == 0 {
		text.WriteString("\nNo subtask is listed: the task has none, or none matches the filters.\n")
		return text.String()
	}
	return text.String() + r.rowCounts() + r.remarks()
}

// rowCounts returns the tables that count the rows.
func (r subtasksReport) rowCounts() string {
	var text string
	if codes := countsByResultCode(r.found.Rows); len(codes) > 0 {
		text += "\n" + markdownHead("Result code, of the returned subtasks", "Subtasks") + countLines(codes, r.resultOfRows)
	}
	return text + "\n" + markdownHead("Firmware version, of the returned subtasks", "Subtasks") +
		countLines(countsByVersion(r.found.Rows, r.found.Phase), markdownCode)
}

// remarks returns what a reader must know of the rows.
func (r subtasksReport) remarks() string {
	var text string
	if slices.ContainsFunc(r.found.Rows, func(s aep.Subtask) bool {
		return s.ResultCode != progress.NoResult && r.meaning(s.ResultCode, r.succeeded(s)) != ""
	}) {
		text += "\nThe words for result codes are those of the LwM2M standard (Update Result). The platform documents none.\n"
	}
	if r.found.Truncated {
		text += fmt.Sprintf("\nTruncated by `max_results`: %s of %s that match.\n",
			counted(len(r.found.Rows), "row", "rows"), grouped(r.found.Total))
	}
	return text
}

// row returns the line of a subtask in the table.
func (r subtasksReport) row(s aep.Subtask) string {
	version := markdownCode(s.VersionBefore)
	if s.VersionAfter != "" {
		version = strings.TrimSpace(version + " → " + markdownCode(s.VersionAfter))
	}
	var finished string
	if !s.FinishedAt.IsZero() {
		finished = s.FinishedAt.In(aep.ChinaTime).Format("2006-01-02 15:04:05")
	}
	return markdownRow(markdownCode(s.DeviceID), markdownText(s.DeviceName), r.phaseOf(s),
		r.result(s.ResultCode, r.succeeded(s)), version, finished)
}

// result returns a result code with its meaning, if one is known.
func (r subtasksReport) result(code string, succeeded bool) string {
	return strings.TrimSpace(markdownCode(code) + " " + r.meaning(code, succeeded))
}

// meaning returns the meaning of a result code, "" if none is known. The standard's meaning of 0, "not updated yet",
// contradicts a success.
func (r subtasksReport) meaning(code string, succeeded bool) string {
	if succeeded && code == "0" {
		return ""
	}
	return progress.ResultInWords(r.task.Protocol(), code)
}

// resultOfRows is result for all rows with a code.
func (r subtasksReport) resultOfRows(code string) string {
	return r.result(code, slices.ContainsFunc(r.found.Rows, func(s aep.Subtask) bool { return s.ResultCode == code && r.succeeded(s) }))
}

func (r subtasksReport) succeeded(s aep.Subtask) bool {
	return r.found.Phase(s.Code) == progress.Succeeded
}

func (r subtasksReport) phaseOf(s aep.Subtask) string { return phaseInWords(r.found.Phase(s.Code)) }

func phaseInWords(phase progress.Phase) string { return strings.ReplaceAll(string(phase), "_", " ") }

// countLines returns the lines of a table of counts, the largest count first. label returns the Markdown of a
// name.
func countLines(counts map[string]int64, label func(string) string) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	var text strings.Builder
	shown := names[:min(len(names), largestCountTable)]
	for _, name := range shown {
		text.WriteString(markdownRow(label(name), grouped(counts[name])))
	}
	if more := len(names) - len(shown); more > 0 {
		var rest int64
		for _, name := range names[len(shown):] {
			rest += counts[name]
		}
		text.WriteString(markdownRow(fmt.Sprintf("%s others", grouped(more)), grouped(rest)))
	}
	return text.String()
}
