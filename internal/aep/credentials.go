package aep

import (
	"fmt"
	"strings"
	"unicode"
)

// byteOrderMark is what some editors write at the beginning of a text file.
const byteOrderMark = '\ufeff'

const quotationMarks = "\"'`“”‘’"

// credentialProblem returns the problem with a credential, as the predicate of a sentence, "" if there is
// none. It contains no part of the credential but an invisible character.
func credentialProblem(value string, required bool) string {
	if value == "" && required {
		return "is missing"
	}
	if value == "" {
		return ""
	}
	at := strings.IndexFunc(value, invisible)
	switch {
	case strings.HasPrefix(value, string(byteOrderMark)):
		return "begins with a byte order mark (U+FEFF), which is invisible; save the file that it comes from without one"
	case strings.TrimRight(value, "\r\n") != value:
		return "has white space around it: it ends with a line break"
	case strings.TrimSpace(value) != value:
		return "has white space around it"
	case at >= 0 && (value[at] < ' ' || value[at] == 0x7f):
		return "contains a control character"
	case at >= 0:
		for _, r := range value[at:] {
			return fmt.Sprintf("contains an invisible character (%U); type it again, or copy it from the console", r)
		}
	case strings.TrimLeft(value, quotationMarks) != value:
		return "begins with a quotation mark, which is not part of it"
	}
	return ""
}

// invisible reports whether a person does not see a character: a control or format character, or a space other than
// the usual one.
func invisible(r rune) bool {
	return r != ' ' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Z)
}
