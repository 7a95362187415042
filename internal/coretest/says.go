package coretest

import "strings"

// Says reports whether a text contains another. A number at an end of part is
// whole: "2 devices" is no part of "12 devices" or "1,002 devices".
func Says(text, part string) bool {
	if part == "" {
		return true
	}
	for at := 0; ; at++ {
		next := strings.Index(text[at:], part)
		if next < 0 {
			return false
		}
		at += next
		before, after := text[:at], text[at+len(part):]
		if !(isDigit(part[0]) && endsInNumber(before)) && !(isDigit(part[len(part)-1]) && beginsWithNumber(after)) {
			return true
		}
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// endsInNumber reports whether a text ends in digits, or in digits and a separator.
func endsInNumber(text string) bool {
	if n := len(text); n > 1 && (text[n-1] == ',' || text[n-1] == '.') {
		text = text[:n-1]
	}
	return text != "" && isDigit(text[len(text)-1])
}

// beginsWithNumber reports whether a text begins with digits, or with a separator and digits.
func beginsWithNumber(text string) bool {
	if len(text) > 1 && (text[0] == ',' || text[0] == '.') {
		text = text[1:]
	}
	return text != "" && isDigit(text[0])
}
