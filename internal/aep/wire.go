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

// The API document is loose about types: the same member may be a number, a text, null or "". The types of
// this file accept all of these forms, and reject other values. encoding/json then names the member.

// integer is a whole number in any of these forms. set is false for null and "".
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

// or returns the number, or fallback if the platform gave none.
func (n integer) or(fallback int64) int64 {
	if n.set {
		return n.value
	}
	return fallback
}

// pointer returns the number, or nil if the platform gave none.
func (n integer) pointer() *int64 {
	if n.set {
		return &n.value
	}
	return nil
}

// text is a string that may be a number on the wire. null is "".
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

// unquote returns the value of a JSON string, and any other literal unchanged. It avoids the parser for most
// strings, because a long list has many.
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

// wireTime is a time: Unix milliseconds, or "YYYY-MM-DD HH:MM:SS" in China's time. It is zero for any other
// text and for null.
type wireTime struct{ time.Time }

// ChinaTime is the zone of the platform's times, which are written without one.
var ChinaTime = time.FixedZone("UTC+8", 8*60*60)

func (w *wireTime) UnmarshalJSON(data []byte) error {
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	if t == "" {
		return nil
	}
	if ms, err := strconv.ParseInt(string(t), 10, 64); err == nil && ms > 0 {
		w.Time = time.UnixMilli(ms).In(ChinaTime)
		return nil
	}
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04:05.999", time.RFC3339} {
		if at, err := time.ParseInLocation(layout, strings.TrimSpace(string(t)), ChinaTime); err == nil {
			w.Time = at.In(ChinaTime)
			return nil
		}
	}
	return nil
}

// typeError returns the error for a literal of another type than want.
func typeError(value string, want reflect.Type) error {
	if len(value) > 40 {
		value = value[:40] + "…"
	}
	return &json.UnmarshalTypeError{Value: strconv.Quote(value), Type: want}
}

// decodeCause returns why a result could not be decoded, in the words of the API document. It contains the value only
// if quote is true.
func decodeCause(err error, quote bool) string {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err.Error()
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
	text := "want " + want
	if kind := jsonKinds[wrong.Value]; kind != "" || quote {
		text = fmt.Sprintf("got %s, want %s", cmp.Or(kind, wrong.Value), want)
	}
	if wrong.Field != "" {
		text = wrong.Field + ": " + text
	}
	return text
}

// jsonKinds translates the words of encoding/json for a value.
var jsonKinds = map[string]string{
	"object": "an object", "array": "a list", "string": "a text", "number": "a number", "bool": "true or false",
}

// isEmpty reports whether a result is missing, null, {}, [] or "".
func isEmpty(result json.RawMessage) bool {
	switch string(bytes.TrimSpace(result)) {
	case "", "null", "{}", "[]", `""`:
		return true
	}
	return false
}
