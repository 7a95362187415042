package aep

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The document is loose about types: the same member comes as a number, as
// text, as null or as "". The types of this file accept every form, and refuse
// what is not a value of the kind at all; encoding/json then names the member.

// integer is a whole number in any of these forms; set is false for null and "".
type integer struct {
	value int64
	set   bool
}

func (n *integer) UnmarshalJSON(data []byte) error {
	literal, err := unquote(data)
	if err != nil {
		return err
	}
	if literal = strings.TrimSpace(literal); literal == "" || literal == "null" {
		return nil
	}
	value, err := strconv.ParseInt(literal, 10, 64)
	if err != nil {
		return typeError(literal, reflect.TypeFor[int64]())
	}
	*n = integer{value: value, set: true}
	return nil
}

// or returns the number, or fallback where the platform gave none.
func (n integer) or(fallback int64) int64 {
	if n.set {
		return n.value
	}
	return fallback
}

// pointer returns the number, or nil where the platform gave none.
func (n integer) pointer() *int64 {
	if n.set {
		return &n.value
	}
	return nil
}

// text is a string that may come as a number; null is "".
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case 'n':
		return nil
	case '{', '[':
		kind := map[byte]string{'{': "object", '[': "array"}[data[0]]
		return &json.UnmarshalTypeError{Value: kind, Type: reflect.TypeFor[string]()}
	}
	s, err := unquote(data)
	*t = text(s)
	return err
}

// unquote returns the string that a JSON literal stands for, or else the
// literal itself. Few strings need the whole parser, and a long list has many.
func unquote(data []byte) (string, error) {
	if data[0] != '"' {
		return string(data), nil
	}
	if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), nil
	}
	var s string
	err := json.Unmarshal(data, &s)
	return s, err
}

// stamp is a moment: epoch milliseconds or "YYYY-MM-DD HH:MM:SS" in China's
// time, zero where the platform gave none or something else.
type stamp struct{ time.Time }

// ChinaTime is the zone of the times that the platform writes without one.
var ChinaTime = time.FixedZone("UTC+8", 8*60*60)

func (s *stamp) UnmarshalJSON(data []byte) error {
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	if t == "" {
		return nil
	}
	if ms, err := strconv.ParseInt(string(t), 10, 64); err == nil && ms > 0 {
		s.Time = time.UnixMilli(ms).In(ChinaTime)
		return nil
	}
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04:05.999", time.RFC3339} {
		if at, err := time.ParseInLocation(layout, strings.TrimSpace(string(t)), ChinaTime); err == nil {
			s.Time = at.In(ChinaTime)
			return nil
		}
	}
	return nil
}

// page is the result of the listing operations.
type page[T any] struct {
	Total integer `json:"total"`
	List  []T     `json:"list"`
}

func typeError(value string, want reflect.Type) error {
	if len(value) > 40 {
		value = value[:40] + "…"
	}
	return &json.UnmarshalTypeError{Value: strconv.Quote(value), Type: want}
}

// decodeCause says what is wrong with an answer's result in the words of the
// API, not of Go.
func decodeCause(err error) string {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err.Error()
	}
	where := cmp.Or(wrong.Field, "the result")
	is := wrong.Value
	if name, ok := jsonKinds[is]; ok {
		is = name
	}
	want := "an object"
	switch wrong.Type.Kind() {
	case reflect.Int64:
		want = "a whole number"
	case reflect.String:
		want = "a text"
	case reflect.Slice:
		want = "a list"
	}
	return fmt.Sprintf("%s is %s where %s is due", where, is, want)
}

// jsonKinds are the words of encoding/json for what it found.
var jsonKinds = map[string]string{
	"object": "an object", "array": "a list", "string": "a text", "number": "a number", "bool": "true or false",
}

// isEmpty reports whether a result says that there is nothing: null, absent,
// {}, [] or "".
func isEmpty(result json.RawMessage) bool {
	switch string(bytes.TrimSpace(result)) {
	case "", "null", "{}", "[]", `""`:
		return true
	}
	return false
}
