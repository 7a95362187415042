package examples_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// unit is a part of a page that a translation has too: a heading, a paragraph, a list
// item, a row of a table, a fenced block, a line of HTML, or a note.
type unit struct {
	kind string
	line int
	text string
}

var (
	headingStart = regexp.MustCompile(`^#+ `)
	itemStart    = regexp.MustCompile(`^ *(?:-|\d+\.) `)
	tableRule    = regexp.MustCompile(`^[|: -]+$`)
)

// unitsOf returns the units of a page from its first heading on. A unit may have several lines.
func unitsOf(page string) []unit {
	var (
		units  []unit
		fence  bool
		joined bool
		front  = strings.HasPrefix(page, "---\n")
		number int
	)
	for line := range strings.Lines(page) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if front {
			front = number == 1 || line != "---"
			continue
		}
		kind := kindOf(line)
		switch {
		case strings.HasPrefix(line, "```"):
			if fence = !fence; fence {
				units = append(units, unit{kind: "block " + line[3:], line: number})
			}
			joined = false
		case fence:
			units[len(units)-1].text += line + "\n"
		case kind == "":
			joined = false
		case kind == "paragraph" && joined:
			units[len(units)-1].text += "\n" + strings.TrimSpace(line)
		default:
			units = append(units, unit{kind: kind, line: number, text: strings.TrimSpace(line)})
			joined = kind == "paragraph" || kind == "item"
		}
	}
	return units
}

// kindOf returns the kind of unit that a line outside a block begins, or "" between units.
func kindOf(line string) string {
	switch {
	case line == "" || tableRule.MatchString(line):
		return ""
	case headingStart.MatchString(line):
		return "heading " + line[:strings.Index(line, " ")]
	case noteComment.MatchString(line):
		return "note"
	case strings.HasPrefix(line, "|"):
		return "row"
	case strings.HasPrefix(strings.TrimSpace(line), "<"):
		return "html"
	case itemStart.MatchString(line):
		return "item"
	}
	return "paragraph"
}

var (
	codeSpan = regexp.MustCompile("`[^`]+`")
	link     = regexp.MustCompile(`\[([^\]]*)\]\(([^)]+)\)`)
	figure   = regexp.MustCompile(`\b\d(?:[\d,.]*\d)?\b`)
	strong   = regexp.MustCompile(`\*+[A-Z0-9a-z_][^*]*\*+`)
	remark   = regexp.MustCompile(`(?m)(^| )# .*$`)
	// A Chinese text marks commands as code that are words of an English sentence.
	terraformWord = regexp.MustCompile("^`(?:plan|apply|destroy|import|query)`$")
	placeholder   = regexp.MustCompile(`<[^>]+>`)
	naming        = regexp.MustCompile(`\b(name|description)( *= *)"[^"$]*"`)
)

// facts returns what a translation of u keeps: code, targets of links, numbers, and with emphasis also the
// emphasized words. A block keeps everything but its comments, and with names also its names.
func (u unit) facts(emphasis, names bool, target func(string) string) []string {
	if strings.HasPrefix(u.kind, "block") {
		text := u.text
		if !strings.HasSuffix(u.kind, " text") {
			text = withoutRemarks(text)
		}
		if names {
			text = naming.ReplaceAllString(text, `$1$2"..."`)
		}
		return []string{text}
	}
	if u.kind == "note" {
		return []string{u.text}
	}
	facts := slices.DeleteFunc(codeSpan.FindAllString(u.text, -1), terraformWord.MatchString)
	for i := range facts {
		facts[i] = placeholder.ReplaceAllString(facts[i], "<>")
	}
	text := codeSpan.ReplaceAllString(u.text, "")
	for _, match := range link.FindAllStringSubmatch(text, -1) {
		facts = append(facts, "link to "+target(match[2]))
	}
	if text = link.ReplaceAllString(text, ""); !strings.HasPrefix(u.kind, "heading") {
		facts = append(facts, figure.FindAllString(text, -1)...)
	}
	if emphasis {
		facts = append(facts, strong.FindAllString(text, -1)...)
	}
	return unique(facts)
}

// withoutRemarks returns code without comments, except the file name in the first line. Lines keep no space at their ends.
func withoutRemarks(code string) string {
	first, rest, _ := strings.Cut(code, "\n")
	if !fileComment.MatchString(first) {
		first, rest = "", code
	}
	lines := strings.Split(remark.ReplaceAllString(rest, ""), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return first + "\n" + strings.Join(lines, "\n")
}

// unlike returns the first differences of a page and its translation that are not words. The first
// unit that only one of them has ends the comparison, because all later units follow it.
// With more, the translation may have facts of its own.
func unlike(english, chinese []unit, more bool, facts func(unit) []string) []string {
	var found []string
	for i := range max(len(english), len(chinese)) {
		if i >= len(english) || i >= len(chinese) || english[i].kind != chinese[i].kind {
			return append(found, "units:\n  "+at(english, i)+"\n  "+at(chinese, i))
		}
		a, b := facts(english[i]), facts(chinese[i])
		if a, b = without(a, b), without(b, a); len(a) > 0 || len(b) > 0 && !more {
			if len(found) == 3 {
				return found
			}
			found = append(found, "facts:\n  "+at(english, i)+"\n  "+at(chinese, i)+
				"\n  only English: "+strings.Join(a, " ")+"\n  only Chinese: "+strings.Join(b, " "))
		}
	}
	return found
}

func at(units []unit, i int) string {
	if i >= len(units) {
		return "end of the page"
	}
	return fmt.Sprintf("line %d, %s: %s", units[i].line, units[i].kind, units[i].text)
}

func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

var slugless = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// anchor returns the anchor of a heading, or "" for other units.
func (u unit) anchor() string {
	if !strings.HasPrefix(u.kind, "heading") {
		return ""
	}
	_, heading, _ := strings.Cut(u.text, " ")
	return strings.ReplaceAll(slugless.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
