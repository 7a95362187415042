package deviceset

import (
	"fmt"
	"strconv"
	"unicode"
)

// idProblem returns why id can't be a device id, "" if it can. The API joins ids with
// commas, so an id can't contain one.
func idProblem(id string) string {
	switch {
	case id == "":
		return "is empty"
	case len(id) > maxIDLength:
		return fmt.Sprintf("is longer than %d bytes", maxIDLength)
	}
	if plain(id) {
		return ""
	}
	for _, r := range id {
		switch {
		case r == ',':
			return "contains a comma"
		case r == unicode.ReplacementChar:
			return "is not valid UTF-8"
		case unicode.IsSpace(r):
			return "contains white space"
		case unicode.IsControl(r):
			return "contains a control character"
		case !unicode.IsGraphic(r):
			return fmt.Sprintf("contains the invisible character %U", r)
		}
	}
	return ""
}

// plain reports whether an id consists of visible ASCII without commas, as nearly
// every id does.
func plain(id string) bool {
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == ',' {
			return false
		}
	}
	return true
}

// quoted returns an id in quotes, shortened if it is very long.
func quoted(id string) string {
	const shown = 80
	if len(id) <= shown {
		return strconv.Quote(id)
	}
	return strconv.Quote(id[:shown]) + "…"
}

// maxIDLength exceeds the ids that the platform assigns (32 characters).
const maxIDLength = 256
