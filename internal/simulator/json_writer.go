package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// row appends one JSON object. Pages of a thousand rows are the hot path of
// the simulator, and reflection would be most of it.
type row struct {
	b    []byte
	omit []string // members that number, text and null leave out
}

func (r *row) key(name string) {
	switch r.b[len(r.b)-1] {
	case '{':
	default:
		r.b = append(r.b, ',')
	}
	r.b = append(r.b, '"')
	r.b = append(r.b, name...)
	r.b = append(r.b, '"', ':')
}

func (r *row) number(name string, value int64) {
	if slices.Contains(r.omit, name) {
		return
	}
	r.key(name)
	r.b = strconv.AppendInt(r.b, value, 10)
}

func (r *row) text(name, value string) {
	if slices.Contains(r.omit, name) {
		return
	}
	r.key(name)
	r.b = appendText(r.b, value)
}

func (r *row) null(name string) {
	if slices.Contains(r.omit, name) {
		return
	}
	r.key(name)
	r.b = append(r.b, "null"...)
}

// millis writes a time as the number of milliseconds, or null.
func (r *row) millis(name string, t time.Time) {
	if t.IsZero() {
		r.null(name)
		return
	}
	r.number(name, t.UnixMilli())
}

// scalar writes a text, or as a number what reads like one.
func (r *row) scalar(name, value string, asNumber bool) {
	if number, err := strconv.ParseInt(value, 10, 64); asNumber && err == nil {
		r.number(name, number)
		return
	}
	r.text(name, value)
}

func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			return appendEscaped(b, text)
		}
	}
	if !utf8.ValidString(text) {
		return appendEscaped(b, text)
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

func appendEscaped(b []byte, text string) []byte {
	escaped, err := json.Marshal(text)
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, escaped...)
}

// chinaTime is the zone of every time that the platform writes as text.
var chinaTime = time.FixedZone("CST", 8*60*60)

func textTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(chinaTime).Format(time.DateTime)
}
