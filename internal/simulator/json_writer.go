package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// objectWriter appends the members of one JSON object. It does not use
// reflection, because large pages spend most of their time here.
type objectWriter struct {
	b    []byte
	omit []string // the names of members to leave out
	// textNumbers writes numbers as texts, and emptyNulls writes null as "".
	textNumbers, emptyNulls bool
}

// key writes the name of a member, unless the member is to be left out. It
// reports whether the value must follow.
func (r *objectWriter) key(name string) bool {
	if slices.Contains(r.omit, name) {
		return false
	}
	if r.b[len(r.b)-1] != '{' {
		r.b = append(r.b, ',')
	}
	r.b = append(r.b, '"')
	r.b = append(r.b, name...)
	r.b = append(r.b, '"', ':')
	return true
}

func (r *objectWriter) number(name string, value int64) {
	switch {
	case !r.key(name):
	case r.textNumbers:
		r.b = appendText(r.b, strconv.FormatInt(value, 10))
	default:
		r.b = strconv.AppendInt(r.b, value, 10)
	}
}

func (r *objectWriter) text(name, value string) {
	if r.key(name) {
		r.b = appendText(r.b, value)
	}
}

func (r *objectWriter) null(name string) {
	switch {
	case !r.key(name):
	case r.emptyNulls:
		r.b = append(r.b, `""`...)
	default:
		r.b = append(r.b, "null"...)
	}
}

// textOrNull writes a text, or null if it is empty.
func (r *objectWriter) textOrNull(name, value string) {
	if value == "" {
		r.null(name)
		return
	}
	r.text(name, value)
}

// millis writes a time in milliseconds since 1970, or null.
func (r *objectWriter) millis(name string, t time.Time) {
	if t.IsZero() {
		r.null(name)
		return
	}
	r.number(name, t.UnixMilli())
}

// scalar writes a text, or a number if asNumber is set and the text is one.
func (r *objectWriter) scalar(name, value string, asNumber bool) {
	if number, err := strconv.ParseInt(value, 10, 64); asNumber && err == nil {
		r.number(name, number)
		return
	}
	r.text(name, value)
}

// appendText appends a JSON string. Only a text that needs it is escaped.
func appendText(b []byte, text string) []byte {
	special := func(c rune) bool { return c < ' ' || c == '"' || c == '\\' || c == 0x7f }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, special) {
		escaped, _ := json.Marshal(text) // A string has no error.
		return append(b, escaped...)
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

// chinaTime is the zone of all times that the platform writes as text.
var chinaTime = time.FixedZone("CST", 8*60*60)

func textTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(chinaTime).Format(time.DateTime)
}
