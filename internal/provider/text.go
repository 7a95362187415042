package provider

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// capitalized returns text with a capital first letter.
func capitalized(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// sentence returns an error as a sentence of a message.
func sentence(err error) string { return capitalized(err.Error()) + "." }

// grouped returns a count with its thousands separated, such as 1,234.
func grouped[T ~int | ~int64](n T) string { return progress.Grouped(n) }

// counted returns a count with its noun, such as "1 device" and "1,234 devices".
func counted[T ~int | ~int64](n T, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// countedDevices returns a number of devices, such as "1 active device". The adjective may be empty.
func countedDevices[T ~int | ~int64](n T, adjective string) string {
	if adjective != "" {
		adjective += " "
	}
	return counted(n, adjective+"device", adjective+"devices")
}

// shortened joins at most shown texts with commas, and says how many more there are.
func shortened(texts []string, shown int) string {
	if len(texts) <= shown {
		return strings.Join(texts, ", ")
	}
	return fmt.Sprintf("%s, and %s more", strings.Join(texts[:shown], ", "), grouped(len(texts)-shown))
}

// someIDs returns the first device ids of a list for a message.
func someIDs(ids []string) string { return shortened(ids, 20) }

// namedDevices returns a number of devices with the first of their ids.
func namedDevices(ids deviceset.Set) string {
	if len(ids) == 1 {
		return "device " + ids[0]
	}
	return fmt.Sprintf("%s (%s)", countedDevices(len(ids), ""), someIDs(ids))
}

// failureLines lists failures by the reason that the platform gave, each with its first devices. The text
// begins with a newline.
func failureLines(failures []campaign.DeviceFailure) string {
	type reason struct{ code, message string }
	byReason := make(map[reason][]string)
	var order []reason
	for _, f := range failures {
		why := reason{f.Code, f.Message}
		if byReason[why] == nil {
			order = append(order, why)
		}
		byReason[why] = append(byReason[why], f.DeviceID)
	}
	const shown = 5
	var text strings.Builder
	for _, why := range order[:min(len(order), shown)] {
		said := why.message
		if why.code != "" {
			said = "code " + why.code + ": " + said
		}
		fmt.Fprintf(&text, "\n  - %s\n    %s", said, someIDs(byReason[why]))
	}
	if len(order) > shown {
		fmt.Fprintf(&text, "\n  - and %s", counted(len(order)-shown, "other reason", "other reasons"))
	}
	return text.String()
}

// lines returns the texts of rows, each with a newline at its end, in time linear to their length.
func lines[T any](rows []T, text func(T) string) string {
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(text(row))
		b.WriteByte('\n')
	}
	return b.String()
}

// alternatives lists values for a sentence, such as "a, b or c".
func alternatives(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// quoted lists values in backticks, for a description or an error.
func quoted[T ~string](values []T) string {
	return "`" + strings.Join(namesOf(values), "`, `") + "`"
}

// namesOf returns the values of a list as plain texts.
func namesOf[T ~string](values []T) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return names
}

// gerund returns the first word of a sentence about the end of an object: verb is "destroy", "replace" or
// "detach".
func gerund(verb string) string {
	return capitalized(strings.TrimSuffix(verb, "e")) + "ing"
}
