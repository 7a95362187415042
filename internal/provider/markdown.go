package provider

import (
	"slices"
	"strings"
	"unicode"
)

// largestMarkdownCell is the largest number of characters of a text from outside. Longer texts are cut.
const largestMarkdownCell = 100

// markdownEscapes keeps texts from having a meaning in GitHub's Markdown. GitHub looks for mentions and
// references after it has decoded entities, so a space without width follows those characters.
var markdownEscapes = strings.NewReplacer(
	"\\", "&#92;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "~", "&#126;", "$", "&#36;", "|", "&#124;",
	"[", "&#91;", "]", "&#93;", "<", "&lt;", ">", "&gt;", "&", "&amp;",
	":", "&#58;", "www.", "www&#46;", "WWW.", "WWW&#46;", // links
	"@", "&#64;&#8203;", "#", "&#35;&#8203;",
	"GH-", "GH&#45;&#8203;", "gh-", "gh&#45;&#8203;", "Gh-", "Gh&#45;&#8203;", "gH-", "gH&#45;&#8203;",
)

// markdownText returns a text from outside on one line, without any meaning in Markdown. Control characters
// become spaces, and characters that turn the direction of writing become U+FFFD.
func markdownText(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > largestMarkdownCell {
		text = string(runes[:largestMarkdownCell-1]) + "…"
	}
	return markdownEscapes.Replace(text)
}

// markdownCode returns an id or a version from outside as code if it has ordinary characters only, otherwise
// as markdownText. It returns "" for "".
func markdownCode(text string) string {
	unusual := func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || strings.ContainsRune("._-", r))
	}
	if text == "" || len(text) > largestMarkdownCell || strings.ContainsFunc(text, unusual) {
		return markdownText(text)
	}
	return "`" + text + "`"
}

// markdownRow returns a line of a table.
func markdownRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// markdownHead returns the first two lines of a table, whose columns are aligned to the left.
func markdownHead(columns ...string) string {
	return markdownRow(columns...) + markdownRow(slices.Repeat([]string{"---"}, len(columns))...)
}
